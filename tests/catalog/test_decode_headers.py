"""What a file is, and whether its headers alone show that it must not be decoded."""

import io

import pytest
from PIL import Image

from catalog.decode import headers, jpeg, png
from catalog.decode.kinds import kind_of
from catalog.decode.unfit import Unfit
from tests import hostile_files as hostile
from tests.photos import paint


def refusal(kind: str, data: bytes) -> str | None:
    try:
        headers.check(kind, data)
    except Unfit as unfit:
        return unfit.code
    return None


@pytest.mark.parametrize("kind", hostile.KINDS)
def test_a_photo_is_known_by_its_first_bytes(kind: str) -> None:
    assert kind_of(hostile.photo(kind)) == kind


@pytest.mark.parametrize(("data", "looks_like"), hostile.NOT_PHOTOS.items(), ids=hostile.NOT_PHOTOS.values())
def test_what_is_no_photo_is_named(data: bytes, looks_like: str) -> None:
    assert kind_of(data) == looks_like


@pytest.mark.parametrize(
    ("brands", "kind"),
    [
        (b"avif\0\0\0\0mif1", "AVIF"),
        (b"mif1\0\0\0\0mif1avif", "AVIF"),
        (b"mif1\0\0\0\0mif1heic", "HEIF"),
        (b"heix\0\0\0\0mif1", "HEIF"),
        (b"crx \0\0\0\1crx isom", "a camera's raw file"),
        (b"qt  \0\0\0\0qt  ", "a video"),
    ],
)
def test_a_container_is_known_by_its_brands(brands: bytes, kind: str) -> None:
    assert kind_of((len(brands) + 8).to_bytes(4) + b"ftyp" + brands) == kind


@pytest.mark.parametrize("kind", hostile.KINDS)
def test_a_good_photo_passes(kind: str) -> None:
    assert refusal(kind, hostile.photo(kind)) is None


@pytest.mark.parametrize("kind", hostile.KINDS)
@pytest.mark.parametrize(("width", "height"), [(8_000, 8_000), (20_100, 64)])
def test_a_claim_of_too_many_pixels_is_refused_unseen(kind: str, width: int, height: int) -> None:
    if kind == "WEBP" and width > 16_383:
        width = 16_383  # the format's own limit
        height = 3_000
    assert refusal(kind, hostile.claiming(kind, width, height)) == "too_many_pixels"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP"])
def test_a_picture_of_a_few_pixels_is_refused(kind: str) -> None:
    assert refusal(kind, hostile.claiming(kind, 15, 300)) == "too_small"


def test_a_jpeg_with_hundreds_of_scans_is_refused() -> None:
    assert refusal("JPEG", hostile.scan_bomb(80)) is None
    assert refusal("JPEG", hostile.scan_bomb(100)) == "too_complex"


def test_a_jpeg_with_thousands_of_segments_is_refused() -> None:
    assert refusal("JPEG", hostile.segment_bomb(1_400)) is None
    assert refusal("JPEG", hostile.segment_bomb(1_500)) == "too_complex"


def test_a_jpeg_with_a_long_run_of_fill_bytes_is_refused() -> None:
    assert refusal("JPEG", hostile.filled(64)) is None
    assert refusal("JPEG", hostile.filled(65)) == "damaged"


def test_fill_bytes_inside_a_segment_or_behind_the_end_are_no_matter() -> None:
    assert refusal("JPEG", hostile.encoded(paint(), comment=b"\xff" * 5_000) + b"\xff" * 5_000) is None


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "AVIF", "HEIF"])
def test_a_file_that_was_cut_and_padded_is_incomplete(kind: str) -> None:
    assert refusal(kind, hostile.zero_tail(kind)) == "incomplete"


@pytest.mark.parametrize("colour", ["black", "white", "gray"])
@pytest.mark.parametrize("kind", hostile.KINDS)
def test_a_flat_picture_is_not_taken_for_a_padded_one(kind: str, colour: str) -> None:
    assert refusal(kind, hostile.encoded(Image.new("RGB", (700, 700), colour), kind)) is None


@pytest.mark.parametrize("interlaced", [False, True])
def test_the_rows_of_a_png_are_counted(interlaced: bool) -> None:
    assert png.is_whole(hostile.black_png(interlaced=interlaced))
    assert not png.is_whole(hostile.black_png(0.999, interlaced=interlaced))


def test_the_rows_of_a_png_are_counted_in_every_mode() -> None:
    for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"):
        assert png.is_whole(hostile.encoded(Image.new(mode, (37, 23)), "PNG")), mode


def test_only_a_jpeg_as_we_write_it_is_plain() -> None:
    ours = hostile.photo()
    assert jpeg.is_plain(ours, 320, 240)
    assert not jpeg.is_plain(ours, 240, 320)
    assert not jpeg.is_plain(ours + b"<script>", 320, 240)
    assert not jpeg.is_plain(hostile.telling(picture=paint()), 320, 240)
    assert not jpeg.is_plain(hostile.encoded(paint(), progressive=True), 320, 240)
    assert not jpeg.is_plain(hostile.photo("PNG"), 320, 240)
    assert not jpeg.is_plain(b"<html>", 320, 240)


def test_the_structure_of_a_jpeg_is_read() -> None:
    found = jpeg.read_structure(hostile.photo("JPEG", (320, 240)) + b"anything behind it")
    assert (found.width, found.height, found.complete) == (320, 240, True)
    assert found.segments.count(0xDA) == 1
    with Image.open(io.BytesIO(hostile.photo())) as picture:
        assert picture.size == (found.width, found.height)
