"""Photos with some bytes changed by chance go through the door: out comes a clean photo, or a sentence."""

import io
import random

import pytest
from PIL import Image

from catalog.decode.clean import MAX_OUTPUT_SIDE
from catalog.pictures import SENTENCES, Picture, PictureRefused, receive
from tests import hostile_files as bad


def mutated(data: bytes, chance: random.Random) -> bytes:
    """With bytes exchanged, a stretch cut out, doubled, or filled with one byte; mostly near the head."""
    changed = bytearray(data)
    for _ in range(chance.choice([1, 1, 2, 4, 16, 64])):
        reach = len(changed) if chance.random() < 0.4 else min(len(changed), 1_000)
        at, length = chance.randrange(reach), chance.choice([1, 1, 2, 4, 100])
        match chance.randrange(5):
            case 0:
                changed[at] ^= 1 << chance.randrange(8)
            case 1:
                changed[at : at + length] = chance.randbytes(length)
            case 2:
                changed[at : at + length] = chance.choice([b"\0", b"\xff", b"\x7f", b"\x80"]) * length
            case 3:
                del changed[at : at + length]
            case _:
                changed[at:at] = changed[at : at + length]
        changed = changed or bytearray(b"\0")
    return bytes(changed)


def outcome(data: bytes) -> Picture | PictureRefused:
    try:
        return receive(data, max_bytes=40_000_000)
    except PictureRefused as refused:
        return refused


SOME, MANY = pytest.param(60, marks=pytest.mark.slow), pytest.param(4_000, marks=pytest.mark.chaos)


@pytest.mark.parametrize("rounds", [SOME, MANY], ids=str)
def test_a_mutated_photo_is_clean_or_refused(seed: int, rounds: int) -> None:
    chance = random.Random(seed)
    whole = [bad.telling(kind) for kind in bad.KINDS if kind != "GIF"] + [bad.photo("GIF"), bad.endless_frames("WEBP")]
    clean = 0
    for number in range(rounds):
        found = outcome(mutated(chance.choice(whole), chance))
        if isinstance(found, Picture):
            check_clean(found, (seed, number))
            clean += 1
        else:
            assert found.code in SENTENCES, (seed, number)
            assert str(found).endswith("."), (seed, number)
    print(f"seed {seed}: {clean} of {rounds} came out clean")
    assert 0 < clean < rounds  # the dice are neither too tame nor too wild


def check_clean(picture: Picture, where: tuple[int, int]) -> None:
    with Image.open(io.BytesIO(picture.jpeg)) as image:
        image.load()
        assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (picture.width, picture.height)), where
        assert max(image.size) <= MAX_OUTPUT_SIDE, where
        assert not image.getexif(), where
    assert b"Mustermann" not in picture.jpeg, where
    assert b"xmpmeta" not in picture.jpeg, where
