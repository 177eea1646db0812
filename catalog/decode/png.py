"""Whether a PNG holds every row it claims: decoders leave the missing ones blank and say nothing."""

import zlib
from collections.abc import Iterator

_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by colour type
# Adam7: first column, first row, column step, row step of each pass (PNG specification, section 8.2)
_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
_PIECE = 1 << 20


def is_whole(data: bytes) -> bool:
    """Inflate the picture data of a PNG, keeping none of it, and count its bytes against what the header claims."""
    width, height = int.from_bytes(data[16:20]), int.from_bytes(data[20:24])
    depth, colour, interlaced = data[24], data[25], data[28]
    bits = depth * _CHANNELS.get(colour, 0)
    if interlaced:
        passes = [(-(-(width - x) // dx), -(-(height - y) // dy)) for x, y, dx, dy in _PASSES]
        expected = sum(rows * (1 + (columns * bits + 7) // 8) for columns, rows in passes if columns > 0 < rows)
    else:
        expected = height * (1 + (width * bits + 7) // 8)
    inflate = zlib.decompressobj()
    for chunk in _picture_data(data):
        while chunk and expected > 0:
            expected -= len(inflate.decompress(chunk, _PIECE))
            chunk = inflate.unconsumed_tail
        if expected <= 0:
            return True
    return expected - len(inflate.flush()) <= 0


def _picture_data(data: bytes) -> Iterator[bytes]:
    at = 8
    while at + 8 <= len(data):
        size = int.from_bytes(data[at : at + 4])
        if data[at + 4 : at + 8] == b"IDAT":
            yield data[at + 8 : at + 8 + size]
        at += 12 + size
