"""What a photo's headers claim, checked in plain Python before any decoder sees a byte."""

from collections.abc import Iterator

from catalog.decode import jpeg
from catalog.decode.kinds import AVIF, GIF, JPEG, PNG, WEBP
from catalog.decode.unfit import Unfit

MIN_SIDE, MAX_SIDE = 16, 20_000
MAX_PIXELS = 50_000_000
# These decoders need more bytes a pixel than the others (measured with transparency: 19 and 12, the rest at most 9.5):
# with these limits a child stays within 512 MB.
MAX_PIXELS_OF = {WEBP: 24_000_000, AVIF: 38_000_000}


def check(kind: str, data: bytes) -> None:
    """Raise Unfit where the headers alone show that the file is a bomb, too small or cut short."""
    if kind == JPEG:
        structure = jpeg.read_structure(data)
        if not structure.width:
            raise Unfit("damaged" if data.endswith(jpeg.END) else "incomplete")
        if jpeg.cut_short(data, structure):
            raise Unfit("incomplete")
        check_size(kind, structure.width, structure.height)
    elif kind == PNG:
        if data[12:16] == b"IHDR":
            check_size(kind, int.from_bytes(data[16:20]), int.from_bytes(data[20:24]))
    elif kind == GIF:
        check_size(kind, int.from_bytes(data[6:8], "little"), int.from_bytes(data[8:10], "little"))
    elif kind == WEBP:
        _check_webp(data)
    else:
        _check_boxes(kind, data)


def check_size(kind: str, width: int, height: int) -> None:
    """Raise Unfit for a picture with too many pixels, too long or too short a side."""
    if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS_OF.get(kind, MAX_PIXELS):
        raise Unfit("too_many_pixels", width, height)
    if min(width, height) < MIN_SIDE:
        raise Unfit("too_small", width, height)


def _check_padding(payload: bytes, pixels: int) -> None:
    """A file that was cut and padded to its old length ends in zeros, which these decoders paint without a word.

    Flat pictures end in zeros too: at most a byte for each 10,000 pixels (WebP; AVIF and HEIF had three), measured
    with Pillow 13 and pillow-heif 1.8 on one-coloured and half-empty pictures up to 12 Mpx.
    """
    if len(payload) - len(payload.rstrip(b"\0")) > 64 + pixels // 4_000:
        raise Unfit("incomplete")


def _check_webp(data: bytes) -> None:
    """RIFF chunks: "VP8 ", "VP8L" or "VP8X" comes first and holds the canvas' size."""
    if int.from_bytes(data[4:8], "little") + 8 > len(data):
        raise Unfit("incomplete")
    width, height = _webp_size(data)
    check_size(WEBP, width, height)
    at = 12
    while at + 8 <= len(data) and at < 100_000_000:
        name, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        if name in (b"VP8 ", b"VP8L"):
            _check_padding(data[at + 8 : at + 8 + size], width * height)
            return
        at += 8 + size + size % 2


def _webp_size(data: bytes) -> tuple[int, int]:
    chunk = data[12:16]
    if chunk == b"VP8X":
        return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
    if chunk == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return int.from_bytes(data[26:28], "little") & 0x3FFF, int.from_bytes(data[28:30], "little") & 0x3FFF


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The top-level boxes of an ISO base media file (ISO/IEC 14496-12), name and content."""
    at = 0
    while at + 8 <= len(data):
        size, name, head = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8], 8
        if size == 1:
            size, head = int.from_bytes(data[at + 8 : at + 16]), 16
        elif size == 0:
            size = len(data) - at
        if size < head:
            return
        if at + size > len(data):
            raise Unfit("incomplete")
        yield name, data[at + head : at + size]
        at += size


def _check_boxes(kind: str, data: bytes) -> None:
    pixels = 0
    payloads = []
    for name, content in _boxes(data):
        if name == b"meta":
            pixels = max(pixels, _check_claims(kind, content))
        elif name == b"mdat":
            payloads.append(content)
    for payload in payloads:
        _check_padding(payload, pixels)


def _check_claims(kind: str, meta: bytes) -> int:
    """Each `ispe` property claims the size of a picture or of one of its tiles; the largest claim, in pixels."""
    largest = 0
    at = meta.find(b"ispe")
    while at >= 0:
        width, height = int.from_bytes(meta[at + 8 : at + 12]), int.from_bytes(meta[at + 12 : at + 16])
        # A tile or a thumbnail may be small; Pillow's answer for the whole picture is checked again.
        check_size(kind, max(width, MIN_SIDE), max(height, MIN_SIDE))
        largest = max(largest, width * height)
        at = meta.find(b"ispe", at + 4)
    return largest
