"""The marker structure of a JPEG, read without decoding it (ITU-T T.81, annex B)."""

import random
import re
from dataclasses import dataclass

from catalog.decode.unfit import Unfit

END = b"\xff\xd9"
MAX_SCANS, MAX_SEGMENTS, MAX_FILL = 100, 1_500, 64
_START, _END, _SCAN = 0xD8, 0xD9, 0xDA
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_ALONE = frozenset(range(0xD0, 0xD8)) | {0x00, 0x01}  # a stray data byte, restarts and TEM: without a length
_FILL = re.compile(rb"\xff+")
# Inside a scan FF 00 is a data byte and FF D0…D7 a restart; anything else, or too much fill, ends it.
_SCAN_END = re.compile(rb"\xff(?:[^\x00\xff\xd0-\xd7]|\xff{%d})" % (MAX_FILL + 1))


@dataclass(frozen=True)
class Structure:
    """What the markers say; positions are offsets into the file."""

    segments: tuple[int, ...]  # marker codes in their order, with START and END
    width: int
    height: int
    first_scan_end: int
    complete: bool  # the END marker is there


def read_structure(data: bytes) -> Structure:
    """Walk the markers to the first END. Raises Unfit where a decoder would be kept busy on purpose."""
    segments = [_START]
    width = height = first_scan_end = 0
    at = 2
    while (found := _FILL.search(data, at)) and found.end() < len(data):
        if len(found[0]) > MAX_FILL + 1:
            raise Unfit("damaged")
        marker, at = data[found.end()], found.end() + 1
        segments.append(marker)
        if len(segments) > MAX_SEGMENTS or segments.count(_SCAN) > MAX_SCANS:
            raise Unfit("too_complex")
        if marker == _END:
            return Structure(tuple(segments), width, height, first_scan_end, complete=True)
        if marker in _ALONE:
            continue
        length = int.from_bytes(data[at : at + 2])
        if marker in _FRAMES and not width:
            height, width = int.from_bytes(data[at + 3 : at + 5]), int.from_bytes(data[at + 5 : at + 7])
        at += length
        if marker == _SCAN:
            end = _SCAN_END.search(data, at)
            at = end.start() if end else len(data)
            first_scan_end = first_scan_end or at
    return Structure(tuple(segments), width, height, first_scan_end, complete=False)


def cut_short(data: bytes, structure: Structure) -> bool:
    """Whether a file without its end was padded: decoders paint the padding and say nothing."""
    return not structure.complete and len(data) - len(data.rstrip(data[-1:])) >= 16


def with_other_filler(data: bytes, structure: Structure) -> bytes:
    """The same file with other bytes behind the first scan's data.

    Where a scan ends too early, libjpeg paints the rest in mid-grey and reports nothing. Bytes that follow a whole scan
    are never looked at, so the two files decode to the same picture exactly if no row was missing.
    """
    filler = random.Random(0).randbytes(4096).replace(b"\xff", b"\x5a")  # noqa: S311 - any bytes will do
    return data[: structure.first_scan_end] + filler + data[structure.first_scan_end :]


def is_plain(data: bytes, width: int, height: int) -> bool:
    """Whether this is a JPEG as we write it: one scan, no segment that could carry anything but the picture."""
    if not data.startswith(b"\xff\xd8\xff\xe0\0\x10JFIF\0"):
        return False
    try:
        found = read_structure(data)
    except Unfit:
        return False
    tables = {0xDB, 0xC4, 0xC0}  # quantisation, Huffman, one sequential frame
    return (
        found.complete
        and found.first_scan_end == len(data) - 2
        and found.segments[:2] == (_START, 0xE0)
        and found.segments[-2:] == (_SCAN, _END)
        and set(found.segments[2:-2]) == tables
        and (found.width, found.height) == (width, height)
    )
