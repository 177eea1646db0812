"""Photos that somebody asks with are kept, embedded, cropped and forgotten, all or nothing."""

from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from catalog.derivatives import derivative
from catalog.pictures import Picture
from search.asking import add_photos, ask, features_of, forget, open_query_photo, own_copy, remove_photo, set_crop
from search.encoder import EncoderError
from search.live import query_encoder
from search.models import Query, QueryPhoto
from tests.search.pages import half_red_half_blue, picture
from tests.toy_encoder import ToyEncoder

pytestmark = pytest.mark.django_db


def colour_of(query: Query) -> list[int]:
    """The mean red, green and blue that the toy encoder saw in the first photo."""
    return [round(255 * float(share)) for share in features_of(query, query_encoder())[0][:3]]


def files() -> list[str]:
    folders, _ = default_storage.listdir("queries") if default_storage.exists("queries") else ([], [])
    return [name for folder in folders for name in default_storage.listdir(f"queries/{folder}")[1]]


def staff_asks(owner: User | None = None, *pictures: Picture) -> Query:
    return ask(pictures or [picture()], kind=Query.Kind.STAFF, owner=owner)


def test_a_query_keeps_its_photos_in_order_with_their_features() -> None:
    query = ask([picture("red"), picture("blue")], kind=Query.Kind.STAFF, owner=None, words="a vase")
    first, second = query.photos.all()
    assert (first.position, second.position, query.words) == (0, 1, "a vase")
    assert first.encoder == ToyEncoder.name
    features = features_of(query, query_encoder())
    assert features.shape == (2, ToyEncoder.dim)
    assert features[0][0] > 0.9 > 0.1 > features[1][0]
    assert open_query_photo(first).size == (first.width, first.height) == (320, 240)


def test_files_have_names_of_ours() -> None:
    photo = staff_asks().photos.get()
    assert photo.file.name == f"queries/{str(photo.key)[:2]}/{photo.key}.jpg"


def test_staff_queries_live_for_months_and_sellers_for_a_day(settings: Settings) -> None:
    settings.STAFF_QUERY_RETENTION_DAYS, settings.SELLER_RETENTION_HOURS = 90, 24
    now = timezone.now()
    staff, seller = staff_asks(), ask([picture()], kind=Query.Kind.SELLER, owner=None)
    assert staff.expires_at
    assert seller.expires_at
    assert timedelta(0) <= staff.expires_at - now - timedelta(days=90) < timedelta(minutes=1)
    assert timedelta(0) <= seller.expires_at - now - timedelta(hours=24) < timedelta(minutes=1)


def test_without_a_network_nothing_is_kept(settings: Settings) -> None:
    settings.ENCODER = "tests.no_such_module:Encoder"
    with pytest.raises(EncoderError):
        ask([picture()], kind=Query.Kind.STAFF, owner=None)
    assert not Query.objects.exists()
    assert files() == []


def test_when_a_row_cannot_be_saved_no_file_stays() -> None:
    fine, unfit = picture("red"), picture("blue")
    too_long = Picture(unfit.jpeg, unfit.width, unfit.height, unfit.sha256, unfit.stored_sha256, phash=None)  # type: ignore[arg-type]
    with pytest.raises(Exception, match="phash"):
        ask([fine, too_long], kind=Query.Kind.STAFF, owner=None)
    assert not Query.objects.exists()
    assert files() == []


def test_a_crop_is_what_is_embedded_and_can_be_taken_back() -> None:
    query = staff_asks(None, half_red_half_blue())
    red, _, blue = colour_of(query)
    assert abs(red - blue) < 20

    set_crop(query.photos.get(), (0.5, 0.0, 1.0, 1.0))
    red, _, blue = colour_of(query)
    assert (red < 20, blue > 235) == (True, True)
    assert query.photos.get().crop == [0.5, 0.0, 1.0, 1.0]

    set_crop(query.photos.get(), None)
    red, _, blue = colour_of(query)
    assert abs(red - blue) < 20
    assert query.photos.get().crop is None


@pytest.mark.parametrize(
    "box",
    [
        (0.5, 0.0, 0.5, 1.0),  # no width
        (0.8, 0.0, 0.2, 1.0),  # inside out
        (-0.1, 0.0, 1.0, 1.0),
        (0.0, 0.0, 1.0, 1.1),
        (0.0, float("nan"), 1.0, 1.0),
        (0.0, 0.0, 0.01, 1.0),  # three pixels
    ],
)
def test_a_box_that_is_no_part_of_the_photo_changes_nothing(box: tuple[float, float, float, float]) -> None:
    photo = staff_asks().photos.get()
    with pytest.raises(ValueError, match="part"):
        set_crop(photo, box)
    stored = QueryPhoto.objects.get()
    assert stored.crop is None
    assert bytes(stored.vector) == bytes(photo.vector)


def test_another_network_embeds_the_photos_anew_cropped_as_they_are(settings: Settings) -> None:
    query = staff_asks(None, half_red_half_blue())
    set_crop(query.photos.get(), (0.5, 0.0, 1.0, 1.0))
    settings.ENCODER = "tests.search.test_asking:SwappedEncoder"

    features = features_of(query, query_encoder())

    assert features[0][0] > 0.9  # blue now comes first
    assert query.photos.get().encoder == SwappedEncoder.name
    assert np.array_equal(features_of(query, query_encoder()), features)


class SwappedEncoder(ToyEncoder):
    """Sees colours the other way round."""

    name = "toy-swapped"

    def encode(self, pictures: Any) -> Any:
        return super().encode(pictures)[:, [2, 1, 0, 5, 4, 3]]


def test_photos_are_added_at_the_end_and_taken_out_with_their_files(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    query = staff_asks()
    add_photos(query, [picture("blue")])
    first, second = query.photos.all()
    assert [first.position, second.position] == [0, 1]
    derivative(first.file.name or "", 320)

    with django_capture_on_commit_callbacks(execute=True):
        remove_photo(first)

    assert [photo.position for photo in query.photos.all()] == [1]
    assert files() == [f"{second.key}.jpg"]
    add_photos(query, [picture("green")])
    assert [photo.position for photo in query.photos.all()] == [1, 2]


def test_a_copy_stands_on_its_own(cataloguer: User, viewer: User) -> None:
    original = staff_asks(cataloguer, half_red_half_blue())
    set_crop(original.photos.get(), (0.5, 0.0, 1.0, 1.0))

    copy = own_copy(original, viewer)
    set_crop(copy.photos.get(), (0.0, 0.0, 0.5, 1.0))

    assert copy.owner == viewer
    assert copy.key != original.key
    assert original.photos.get().crop == [0.5, 0.0, 1.0, 1.0]
    assert len(files()) == 2
    red, _, blue = colour_of(copy)
    assert red > 235 > 20 > blue


def test_forgetting_leaves_nothing_of_the_query(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    gone, kept = staff_asks(), staff_asks()
    derivative(gone.photos.get().file.name or "", 320)

    with django_capture_on_commit_callbacks(execute=True):
        assert forget([gone]) == 1

    assert list(Query.objects.all()) == [kept]
    assert files() == [f"{kept.photos.get().key}.jpg"]
