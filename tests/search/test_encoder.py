"""The seam to a network, seen from the rest of the product."""

import io
import subprocess
import sys
import threading
import time
from collections.abc import Sequence

import numpy as np
import pytest
from django.conf import settings
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError
from pytest_django import Settings

from search.encoder import Encoder, EncoderError, load_encoder, open_whole
from tests.photos import paint, photo_file


class SlowToLoad:
    """Counts how often it was made."""

    name, dim, made = "slow", 1, 0

    def __init__(self) -> None:
        time.sleep(0.05)
        SlowToLoad.made += 1

    def encode(self, pictures: Sequence[Image.Image]) -> NDArray[np.float32]:
        return np.ones((len(pictures), 1), np.float32)


def test_the_setting_names_the_encoder_and_the_nearest_colour_comes_first() -> None:
    encoder: Encoder = load_encoder()
    query, red, orange, blue = encoder.encode([paint("crimson"), paint("red"), paint("orange"), paint("blue")])

    distances = [float(np.linalg.norm(query - other)) for other in (red, orange, blue)]

    assert encoder.name == "toy-mean-colour"
    assert distances == sorted(distances)


def test_no_photos_give_no_rows() -> None:
    assert load_encoder().encode([]).shape == (0, load_encoder().dim)


def test_threads_that_ask_at_once_share_one_network() -> None:
    got: list[Encoder] = []
    name = "tests.search.test_encoder:SlowToLoad"
    threads = [threading.Thread(target=lambda: got.append(load_encoder(name))) for _ in range(8)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert SlowToLoad.made == 1
    assert len({id(encoder) for encoder in got}) == 1


@pytest.mark.slow
def test_a_large_photo_is_loaded_small_but_whole() -> None:
    photo = paint("olive", (2000, 1500))
    photo.paste(paint("red", (100, 1500)), (1900, 0))
    jpeg = io.BytesIO()
    photo.save(jpeg, "JPEG", quality=90)

    picture = open_whole(jpeg.getvalue())

    assert picture.size == (1000, 750)
    assert np.abs(np.asarray(picture.resize((100, 75))) - np.asarray(photo.resize((100, 75)), float)).mean() < 2


def test_a_small_photo_is_loaded_as_it_is() -> None:
    assert open_whole(photo_file("red", (320, 240)).getvalue()).size == (320, 240)


@pytest.mark.parametrize("content", [b"", b"no picture", photo_file("red", kind="PNG").getvalue()])
def test_only_our_own_jpegs_are_opened(content: bytes) -> None:
    with pytest.raises(UnidentifiedImageError):
        open_whole(content)


@pytest.mark.parametrize("name", ["no.such.module:thing", "tests.toy_encoder:Nothing", ":", "tests.toy_encoder:"])
def test_an_encoder_that_cannot_be_imported_is_told_in_a_sentence(name: str) -> None:
    with pytest.raises(EncoderError, match="can't be imported"):
        load_encoder(name)


def test_a_thing_that_is_no_encoder_is_refused(settings: Settings) -> None:
    settings.ENCODER = "builtins:object"

    with pytest.raises(EncoderError, match="has no name, dim and encode"):
        load_encoder()


@pytest.mark.slow
def test_asking_for_the_seam_does_not_import_torch() -> None:
    code = (
        "import django, sys; django.setup(); import search.head, search.weights\n"
        "from search.encoder import load_encoder; load_encoder()\n"
        "sys.exit('torch' in sys.modules or 'torchvision' in sys.modules)"
    )

    done = subprocess.run([sys.executable, "-c", code], cwd=settings.BASE_DIR, check=False)

    assert done.returncode == 0
