"""While one network takes over from another, both see what is new: search misses nothing, before or after."""

import shutil
import sys
from collections.abc import Sequence

import numpy as np
import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from numpy.typing import NDArray
from PIL import Image
from pytest_django import Settings

from catalog.models import Photo
from search.encoder import EncoderError
from search.ingest import embed_pending, embed_photo, reconcile
from search.live import forget, live, query_encoder
from search.models import Feature, IndexBuild, QueryPhoto
from search.wanted import encoders_to_embed, held_back, names_to_embed
from tests.search.pages import answer, asked, titles
from tests.search.sellers import upload
from tests.search.shelf import rebuilt, shelve, shelve_indexed
from tests.search.test_ingest import Newer

pytestmark = pytest.mark.django_db
NEWER = "tests.search.test_ingest:Newer"
GONE = "tests.search.test_two_networks:gone"
_gone = False


class Leaving(Newer):
    """A network whose weights may go away."""

    name = "toy-leaving"

    def encode(self, pictures: Sequence[Image.Image]) -> NDArray[np.float32]:
        return super().encode(pictures)


def gone() -> Leaving:
    if _gone:
        raise EncoderError("Its weights are gone.")
    return Leaving()


def seen_by(photo: Photo) -> list[str]:
    return sorted(Feature.objects.filter(photo=photo).values_list("encoder", flat=True))


def test_a_new_photo_is_found_at_once_while_a_new_network_takes_over(settings: Settings) -> None:
    shelve_indexed("red", "green")
    settings.ENCODER = NEWER

    late = shelve("blue")
    embed_photo(late.pk)

    assert seen_by(late) == ["toy-mean-colour", "toy-newer"]
    assert live().view().encoder == "toy-mean-colour"
    assert live().view().size == 3


def test_what_waits_comes_before_what_the_new_network_has_not_seen(settings: Settings) -> None:
    old = shelve_indexed("red", "green")
    settings.ENCODER, settings.ENCODER_BATCH = NEWER, 1
    late = shelve("blue")

    assert embed_pending(limit=1) == 1
    assert seen_by(late) == ["toy-mean-colour"]
    assert embed_pending() == 3
    assert [seen_by(photo) for photo in (*old, late)] == [["toy-mean-colour", "toy-newer"]] * 3


@pytest.mark.slow
def test_when_the_new_network_serves_the_old_one_has_done(settings: Settings) -> None:
    shelve_indexed("red", "green")
    settings.ENCODER = NEWER
    embed_pending()
    rebuilt()

    late = shelve("blue")
    embed_photo(late.pk)

    assert seen_by(late) == ["toy-newer"]


def test_an_index_that_was_lost_while_a_network_takes_over_does_not_stop_the_search(settings: Settings) -> None:
    shelve_indexed("red", "green")
    settings.ENCODER = NEWER
    shutil.rmtree(settings.INDEX_DIR)
    forget()

    assert live().view().build is None
    assert query_encoder().name == live().view().encoder == "toy-mean-colour"


@pytest.mark.slow
def test_a_network_that_the_house_went_back_from_sees_nothing_more(settings: Settings) -> None:
    shelve_indexed("red", "green")
    settings.ENCODER = NEWER
    embed_pending()
    withdrawn = rebuilt().build_id
    IndexBuild.objects.update(is_current=False)
    IndexBuild.objects.filter(build_id=withdrawn).update(withdrawn_at=timezone.now())
    IndexBuild.objects.exclude(build_id=withdrawn).update(is_current=True)

    late = shelve("blue")
    embed_photo(late.pk)

    assert held_back("toy-newer")
    assert names_to_embed("toy-newer") == ["toy-mean-colour"]
    assert seen_by(late) == ["toy-mean-colour"]
    assert reconcile().to_publish == ()


def test_a_network_that_can_not_be_had_any_more_keeps_nobody_waiting(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.ENCODER = GONE
    shelve_indexed("red", "green")
    settings.ENCODER, settings.ENCODER_BATCH = NEWER, 2  # another batch: nothing that was loaded before counts
    monkeypatch.setattr(sys.modules[__name__], "_gone", True)

    late = shelve("blue")
    embed_photo(late.pk)

    assert [encoder.name for encoder in encoders_to_embed()] == ["toy-newer"]
    assert seen_by(late) == ["toy-newer"]
    assert len(reconcile().to_publish) == 2  # the two that the new network has yet to see, and nothing for the lost one


@pytest.mark.slow
def test_pages_go_on_answering_while_a_new_network_takes_over_and_after(
    client: Client, viewer: User, settings: Settings, colours_are_coarse: None
) -> None:
    shelve_indexed("red", "blue")
    client.force_login(viewer)
    before = asked(client)

    settings.ENCODER = NEWER
    meanwhile = asked(client)
    shown = [titles(answer(client, query)) for query in (before, meanwhile)]
    embed_pending()
    rebuilt()
    forget()
    shown += [titles(answer(client, query)) for query in (before, meanwhile, asked(client))]

    assert live().view().encoder == "toy-newer"
    assert shown == [["red", "blue"]] * 5


def test_a_seller_is_answered_while_a_new_network_takes_over(client: Client, settings: Settings) -> None:
    shelve_indexed("red", "blue")
    settings.ENCODER = NEWER

    answered = client.post("/sell/", {"photos": upload("red")}, follow=True)

    assert answered.status_code == 200
    assert QueryPhoto.objects.get().encoder == "toy-mean-colour"
