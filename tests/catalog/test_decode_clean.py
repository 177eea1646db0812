"""What the decode child makes of a photo: upright, whole, in sRGB, without anything but the picture."""

import io
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageOps

from catalog.decode import pool
from catalog.decode.unfit import Unfit
from tests import hostile_files as hostile
from tests.photos import paint

TELLTALES = (b"Exif", b"GPS", b"XMP", b"xmp", b"ICC", b"Mustermann", b"4711", b"<script", b"<?php", b"PK\3\4", b"%PDF")


@pytest.fixture(scope="module")
def door() -> Any:
    children = pool.Pool(2, 5)
    yield children
    children.close()


def pixels(picture: Image.Image | bytes) -> NDArray[np.int16]:
    opened = Image.open(io.BytesIO(picture)) if isinstance(picture, bytes) else picture
    return np.asarray(opened.convert("RGB")).astype(np.int16)


def difference(one: Image.Image | bytes, other: Image.Image | bytes) -> float:
    """Mean absolute difference in steps of 255."""
    return float(np.abs(pixels(one) - pixels(other)).mean())


def refusal(door: pool.Pool, data: bytes) -> str | None:
    try:
        door.decode(data)
    except Unfit as unfit:
        return unfit.code
    return None


@pytest.mark.parametrize("kind", hostile.KINDS)
def test_each_kind_of_photo_becomes_a_jpeg(door: pool.Pool, kind: str) -> None:
    made = door.decode(hostile.encoded(hostile.view(), kind))
    assert Image.open(io.BytesIO(made.jpeg)).format == "JPEG"
    assert (made.width, made.height) == (320, 240)
    assert difference(made.jpeg, hostile.view()) < (5 if kind == "GIF" else 3)  # a GIF has 256 colours


@pytest.mark.parametrize("orientation", range(10))
def test_a_photo_is_turned_upright(door: pool.Pool, orientation: int) -> None:
    data = hostile.telling(orientation=orientation)
    with Image.open(io.BytesIO(data)) as opened:
        upright = ImageOps.exif_transpose(opened)
    made = door.decode(data)
    assert (made.width, made.height) == upright.size
    assert difference(made.jpeg, upright) < 1


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "AVIF", "HEIF"])
def test_other_kinds_are_turned_upright_too(door: pool.Pool, kind: str) -> None:
    made = door.decode(hostile.telling(kind, orientation=6))
    assert difference(made.jpeg, hostile.view().transpose(Image.Transpose.ROTATE_270)) < 3


@pytest.mark.parametrize(
    ("kind", "count", "value"),
    [
        (2, 4, b"six\0"),
        (3, 2**32 - 1, b"\0\6\0\0"),
        (3, 1, b"\xff\xff\0\0"),
        (5, 1, b"\0\0\0\x08"),
    ],
)
def test_an_orientation_without_sense_is_ignored(door: pool.Pool, kind: int, count: int, value: bytes) -> None:
    made = door.decode(hostile.encoded(hostile.view(), exif=hostile.odd_orientation(kind, count, value)))
    assert (made.width, made.height) == (320, 240)


def test_exif_that_is_garbage_does_not_cost_the_photo(door: pool.Pool) -> None:
    made = door.decode(hostile.encoded(hostile.view(), exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + b"\xff" * 99))
    assert (made.width, made.height) == (320, 240)


@pytest.mark.parametrize(("data", "seen"), hostile.odd_modes().values(), ids=hostile.odd_modes())
def test_odd_modes_look_right(door: pool.Pool, data: bytes, seen: Image.Image) -> None:
    assert difference(door.decode(data).jpeg, seen) < 1.5


def test_16_bits_are_not_clipped_to_white(door: pool.Pool) -> None:
    middle = Image.fromarray(np.full((64, 64), 0x8000, np.uint16))
    assert pixels(door.decode(hostile.encoded(middle, "PNG")).jpeg).max() in (127, 128, 129)


def test_transparency_becomes_white(door: pool.Pool) -> None:
    glass = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    assert pixels(door.decode(hostile.encoded(glass, "PNG")).jpeg).min() == 255


@pytest.mark.parametrize("kind", hostile.KINDS)
def test_nothing_but_the_picture_is_kept(door: pool.Pool, kind: str) -> None:
    data = hostile.telling(kind) if kind != "GIF" else hostile.encoded(hostile.view(), "GIF", comment=b"Mustermann")
    assert any(telltale in data for telltale in TELLTALES)
    made = door.decode(data)
    assert [telltale for telltale in TELLTALES if telltale in made.jpeg] == []
    assert set(Image.open(io.BytesIO(made.jpeg)).info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


@pytest.mark.parametrize("what", hostile.POLYGLOTS)
def test_a_file_that_is_two_things_becomes_only_a_photo(door: pool.Pool, what: str) -> None:
    data = hostile.POLYGLOTS[what]()
    assert any(telltale in data for telltale in TELLTALES)
    assert [telltale for telltale in TELLTALES if telltale in door.decode(data).jpeg] == []


@pytest.mark.parametrize("kind", hostile.KINDS)
@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_a_photo_that_was_cut_short_is_refused(door: pool.Pool, kind: str, share: float) -> None:
    assert refusal(door, hostile.truncated(kind, share)) == "incomplete"


@pytest.mark.parametrize("kind", hostile.KINDS)
def test_a_photo_that_was_cut_and_padded_is_refused(door: pool.Pool, kind: str) -> None:
    assert refusal(door, hostile.zero_tail(kind)) in ("incomplete", "damaged")


def test_a_jpeg_without_its_lower_half_is_refused_though_it_has_an_end(door: pool.Pool) -> None:
    assert refusal(door, hostile.ended_early()) == "incomplete"
    assert refusal(door, hostile.ended_early(restart_marker_rows=4)) == "incomplete"


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"optimize": True}])
def test_a_grey_picture_is_not_taken_for_a_broken_one(door: pool.Pool, options: dict[str, Any]) -> None:
    """libjpeg paints missing rows in exactly this grey."""
    grey = Image.new("RGB", (320, 240), (128, 128, 128))
    assert refusal(door, hostile.encoded(grey, **options) + b"a trailer, as some cameras add") is None


@pytest.mark.parametrize("interlaced", [False, True])
def test_a_png_with_missing_rows_is_refused(door: pool.Pool, interlaced: bool) -> None:
    assert refusal(door, hostile.black_png(interlaced=interlaced)) is None
    assert refusal(door, hostile.black_png(0.5, interlaced=interlaced)) == "incomplete"


def test_a_flipped_bit_that_still_decodes_is_accepted(door: pool.Pool) -> None:
    data = bytearray(hostile.encoded(hostile.view((640, 480)), quality=95))
    data[len(data) // 2] ^= 0x10
    assert door.decode(bytes(data)).width == 640


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_only_the_first_frame_is_read(door: pool.Pool, kind: str) -> None:
    frames = [Image.new("RGB", (64, 64), colour) for colour in ("red", "lime", "blue")]
    made = door.decode(hostile.encoded(frames[0], kind, save_all=True, append_images=frames[1:]))
    assert difference(made.jpeg, frames[0]) < 3


def test_a_multi_picture_jpeg_gives_its_first_picture(door: pool.Pool) -> None:
    second = Image.new("RGB", (64, 64), "lime")
    made = door.decode(hostile.encoded(Image.new("RGB", (64, 64), "red"), "MPO", save_all=True, append_images=[second]))
    assert difference(made.jpeg, Image.new("RGB", (64, 64), "red")) < 3


def test_a_large_photo_is_shrunk_and_keeps_its_shape(door: pool.Pool) -> None:
    wide = door.decode(hostile.encoded(hostile.view((4_032, 3_024))))
    assert 1_843 <= wide.width <= 2_048
    assert wide.width / wide.height == pytest.approx(4 / 3, abs=0.001)
    strip = door.decode(hostile.encoded(hostile.view((9_000, 40)), "PNG"))
    assert (strip.width, strip.height) == (2_048, 9)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "L", "I;16"])
def test_a_large_png_is_shrunk_in_bands_without_seams(door: pool.Pool, mode: str) -> None:
    picture = hostile.view((4_501, 1_203))
    if mode == "I;16":
        data = hostile.encoded(Image.fromarray(np.asarray(picture.convert("L")).astype(np.uint16) * 257), "PNG")
    else:
        data = hostile.encoded(picture.convert(mode), "PNG", compress_level=1)
    made = door.decode(data)
    expected = (picture.convert("L") if mode in ("L", "I;16") else picture).resize((2_048, 547), Image.Resampling.BOX)
    assert (made.width, made.height) == (2_048, 547)
    assert difference(made.jpeg, expected) < (3 if mode == "P" else 1)


def test_a_small_photo_is_not_enlarged(door: pool.Pool) -> None:
    made = door.decode(hostile.encoded(paint("red", (16, 17))))
    assert (made.width, made.height) == (16, 17)


def test_copies_of_a_photo_have_nearly_the_same_hash(door: pool.Pool) -> None:
    def bits(picture: Image.Image, **options: Any) -> int:
        return int(door.decode(hostile.encoded(picture, **options)).phash, 16)

    original = hostile.view((640, 480))
    first = bits(original, quality=95)
    assert (first ^ bits(original.resize((321, 240)), quality=50)).bit_count() <= 4
    assert (first ^ bits(original.transpose(Image.Transpose.FLIP_LEFT_RIGHT))).bit_count() > 16


@pytest.mark.parametrize("kind", hostile.KINDS)
def test_a_bomb_is_refused(door: pool.Pool, kind: str) -> None:
    assert refusal(door, hostile.claiming(kind, 13_300, 13_300)) == "too_many_pixels"


@pytest.mark.slow
def test_frames_are_not_walked() -> None:
    """A file of 5 kB may have thousands of large frames: not even their number is asked for."""
    program = """
import sys; sys.path.append(sys.argv[1])
from PIL import GifImagePlugin, PngImagePlugin, WebPImagePlugin
from catalog.decode import clean

def forbidden(*args):
    raise AssertionError("a frame was looked for")

for kind in (GifImagePlugin.GifImageFile, PngImagePlugin.PngImageFile, WebPImagePlugin.WebPImageFile):
    kind.seek = forbidden
GifImagePlugin.GifImageFile.n_frames = property(forbidden)
clean.prepare_decoders()
print(clean.make_clean(sys.stdin.buffer.read()).width)
"""
    for kind in ("GIF", "PNG", "WEBP"):
        command = [sys.executable, "-c", program, str(Path(__file__).resolve().parents[2])]
        done = subprocess.run(command, input=hostile.endless_frames(kind), capture_output=True, check=True)
        assert done.stdout == b"64\n", kind
