"""Going back to an earlier build: at once, without missing a photo, and for good."""

import io
import os
from datetime import timedelta

import pytest
from django.conf import settings as site
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from search.heads import serving as heads
from search.index.directory import builds, current
from search.index.lock import rebuild_lock
from search.ingest import embed_pending, embed_photo
from search.live import forget, live, query_encoder
from search.models import Feature, IndexBuild, Network, Standing, TrainedHead
from search.rebuild import rebuild_due, rebuild_index
from tests.photos import paint
from tests.search.learned import learned_head
from tests.search.shelf import rebuilt, shelve, shelve_embedded, shelve_indexed

NEWER = "tests.search.test_ingest:Newer"
COLOURS = ("red", "green", "blue")


def go_back(build: str = "") -> list[str]:
    said = io.StringIO()
    call_command("rollback_index", *([build] if build else []), stdout=said)
    return said.getvalue().splitlines()


def refused(build: str = "") -> str:
    with pytest.raises(CommandError) as refusal:
        go_back(build)
    return str(refusal.value)


def serving() -> str:
    """The build that a process uses which has just been started; pointer and row must agree with it."""
    forget()
    view = live().view()
    assert view.build
    assert view.note == ""
    build_id = view.build.manifest.build_id
    assert build_id == current(site.INDEX_DIR) == IndexBuild.objects.get(is_current=True).build_id
    return build_id


def found(colour: str) -> int:
    (seen,) = query_encoder().encode([paint(colour, (96, 64), seed=99)])
    return live().search(seen, 1)[0].photo_id


def long_ago() -> None:
    """As if the last build were hours old."""
    IndexBuild.objects.update(finished_at=timezone.now() - timedelta(hours=5))


@pytest.mark.django_db
def test_the_build_before_serves_again_and_what_came_since_is_found() -> None:
    shelve_indexed("red", "green", "blue")
    old = rebuilt().build_id
    (late,) = shelve_embedded("orange")
    new = rebuilt().build_id

    said = go_back()

    row = IndexBuild.objects.get(build_id=old)
    assert said == [
        f"Build {old} serves: 3 photos, toy-mean-colour, {row.head}.",
        "1 photo embedded since are searched beside it.",
        f"Withdrawn: {new}. To have one back: manage.py rollback_index {new}",
    ]
    assert serving() == old
    assert live().view().size == 4
    assert found("orange") == late.pk


@pytest.mark.slow
@pytest.mark.django_db
def test_what_was_withdrawn_can_be_had_back() -> None:
    shelve_indexed("red", "green")
    first = serving()
    second, third = rebuilt().build_id, rebuilt().build_id

    assert go_back(first)[-1] == f"Withdrawn: {third}, {second}. To have one back: manage.py rollback_index {third}"
    assert serving() == first
    go_back(third)

    assert serving() == third
    assert IndexBuild.objects.filter(withdrawn_at=None).count() == 2
    assert go_back()[-1].startswith(f"Withdrawn: {third}")  # the second is withdrawn still: the one before is the first
    assert serving() == first


@pytest.mark.django_db
def test_there_must_be_a_sound_earlier_build() -> None:
    assert refused() == "There is no earlier build to go back to."
    shelve_indexed("red", "green")
    only = serving()
    assert refused() == "There is no earlier build to go back to."
    assert refused(only) == f"Build {only} serves already."
    assert refused("yesterday") == "There is no good build yesterday. The builds: manage.py index_status"

    new = rebuilt().build_id
    with (site.INDEX_DIR / only / "vectors.f32").open("r+b") as file:
        file.write(b"spoilt")
    assert refused() == f"Build {only} can't serve: refused: vectors.f32 does not match its checksum."
    assert serving() == new
    assert (site.INDEX_DIR / only).is_dir()
    IndexBuild.objects.filter(build_id=only).update(manifest={"digest": "of another database"})
    assert refused() == f"Build {only} can't serve: its manifest is another's."


@pytest.mark.django_db(transaction=True)
def test_nobody_goes_back_while_a_rebuild_runs() -> None:
    shelve_indexed("red", "green")
    rebuilt()

    with rebuild_lock(site.INDEX_DIR) as held:
        assert held
        assert refused().startswith("A rebuild is running.")


@pytest.mark.slow
@pytest.mark.django_db
def test_after_a_new_head_the_old_one_serves_again_and_for_good() -> None:
    shelve_indexed("red", "green", "blue", "teal")
    whitened = serving()
    trained = promoted_head()
    assert rebuild_due() == f"The head {trained} was promoted."
    assert live().view().build.manifest.build_id == whitened  # type: ignore[union-attr]
    with_head = rebuilt().build_id
    assert serving() == with_head
    assert live().view().head.name == trained  # type: ignore[union-attr]

    said = go_back()

    row = IndexBuild.objects.get(build_id=whitened)
    assert f"The head {trained} is out of service: the next builds are made with {row.head}." in said
    assert heads.serving_head("toy-mean-colour") is None
    assert rebuild_due() == ""
    shelve_embedded("orange")
    long_ago()
    assert rebuild_due().startswith("1 photos were embedded")
    next_one = rebuilt().build_id
    assert IndexBuild.objects.get(build_id=next_one).head == row.head

    go_back(with_head)  # and forward again: the trained head serves, for good
    assert TrainedHead.objects.get(name=trained).standing == Standing.SERVING
    assert IndexBuild.objects.get(build_id=rebuilt().build_id).head == trained


def promoted_head() -> str:
    head = learned_head(width=6, dim=4)
    row = heads.keep(head, TrainedHead(encoder="toy-mean-colour"))
    return heads.promote(row.name).name


@pytest.fixture
def moved_on(settings: Settings) -> tuple[str, str]:
    """A house that has changed its network: the build before, the build after."""
    shelve_indexed("red", "green", "blue")
    before = serving()
    settings.ENCODER = NEWER
    embed_pending()
    return before, rebuilt().build_id


@pytest.mark.slow
@pytest.mark.django_db
def test_photos_that_came_after_a_new_network_are_embedded_with_the_old_one_first(moved_on: tuple[str, str]) -> None:
    late = [shelve("orange"), shelve("purple")]
    embed_pending()
    waiting = shelve("yellow")
    assert Feature.objects.filter(encoder="toy-mean-colour").count() == 3

    said = go_back()

    assert said[0] == "2 photos came while another network served; toy-mean-colour sees them first."
    assert said[2] == "3 photos embedded since are searched beside it."
    assert serving() == moved_on[0]
    assert query_encoder().name == "toy-mean-colour"
    assert [found("orange"), found("purple"), found("yellow")] == [*(photo.pk for photo in late), waiting.pk]


@pytest.mark.slow
@pytest.mark.django_db
def test_a_network_that_was_withdrawn_does_not_come_back_by_itself(moved_on: tuple[str, str]) -> None:
    said = go_back()
    assert said[-2] == (
        "New photos are embedded with toy-mean-colour. toy-newer, which the settings name, is held back until you say: "
        "manage.py rebuild_index --wanted"
    )

    late = shelve("orange")
    embed_photo(late.pk)
    long_ago()

    assert rebuild_due().startswith("1 photos were embedded")
    assert rebuild_index().message == (
        "4 photos are in the new index. It was made with toy-mean-colour: the house went back from toy-newer."
    )
    serving()
    assert live().view().encoder == "toy-mean-colour"
    assert rebuild_due() == ""


@pytest.mark.slow
@pytest.mark.django_db
def test_a_withdrawn_network_takes_over_when_somebody_says_so(moved_on: tuple[str, str]) -> None:
    go_back()
    late = shelve("orange")
    embed_photo(late.pk)

    said = io.StringIO()
    call_command("rebuild_index", "--wanted", stdout=said)
    assert said.getvalue() == (
        "4 photos are in the new index. It was made with toy-mean-colour: 1 photos are yet to be embedded with "
        "toy-newer.\n"
    )
    embed_pending()
    assert rebuild_due() == "Every photo is embedded with toy-newer now."
    rebuilt()

    serving()
    assert live().view().encoder == "toy-newer"
    assert found("orange") == late.pk


@pytest.mark.slow
@pytest.mark.django_db
def test_a_photo_that_can_not_be_embedded_any_more_is_told_of(moved_on: tuple[str, str]) -> None:
    late = shelve("orange")
    embed_pending()
    late.file.storage.delete(str(late.file.name))

    said = go_back()

    assert said[:2] == [
        "1 photo came while another network served; toy-mean-colour sees them first.",
        "1 photo could not be embedded with it and can't be found until they are.",
    ]
    assert serving() == moved_on[0]


@pytest.mark.slow
@pytest.mark.django_db
def test_without_its_network_a_build_can_not_serve(moved_on: tuple[str, str]) -> None:
    row = IndexBuild.objects.get(build_id=moved_on[0])
    row.manifest["encoder_setting"] = "tests.search.test_rollback:not_there"
    row.save()

    assert refused() == (
        f"Build {row.build_id} was made with toy-mean-colour, and that network can't be had any more: set "
        "ENCODER=tests.search.test_rollback:not_there and its ENCODER_WEIGHTS as they were."
    )
    assert serving() == moved_on[1]


@pytest.mark.slow
@pytest.mark.django_db
def test_going_back_takes_a_fine_tuned_network_out_of_service(moved_on: tuple[str, str]) -> None:
    network = Network.objects.create(name="toy-newer", base="x", file="x", sha256="x", standing=Standing.SERVING)
    IndexBuild.objects.filter(build_id=moved_on[1]).update(encoder="toy-newer")
    site.ENCODER = "tests.toy_encoder:ToyEncoder"

    go_back()

    network.refresh_from_db()
    assert network.standing == Standing.CANDIDATE
    assert serving() == moved_on[0]


@pytest.mark.slow
@pytest.mark.django_db
def test_withdrawn_builds_are_the_first_to_go() -> None:
    """The last three good ones stay: what serves, what served before, and only then what was withdrawn."""
    shelve_indexed("red", "green")
    first = serving()
    withdrawn = [rebuilt().build_id, rebuilt().build_id]
    go_back(first)
    long = timezone.now() - timedelta(hours=2)

    rebuilt(), rebuilt()
    age_all(long.timestamp())
    last = rebuilt().build_id

    assert last in builds(site.INDEX_DIR)
    assert not set(withdrawn) & set(builds(site.INDEX_DIR))
    assert set(IndexBuild.objects.filter(state="retired").values_list("build_id", flat=True)) == {first, *withdrawn}


def age_all(moment: float) -> None:
    for name in builds(site.INDEX_DIR):
        os.utime(site.INDEX_DIR / name, (moment, moment))
