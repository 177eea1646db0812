"""Odd, broken and hostile files of every kind that the door must know, painted and bent here: none is stored."""

import functools
import io
import resource
import struct
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pillow_heif
from PIL import Image, ImageCms, PngImagePlugin

from tests.photos import paint

pillow_heif.register_heif_opener()

END = b"\xff\xd9"
KINDS = ("JPEG", "PNG", "WEBP", "GIF", "AVIF", "HEIF")


def encoded(picture: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def view(size: tuple[int, int] = (320, 240)) -> Image.Image:
    """A picture whose corners all differ: no turn or mirror image of it looks the same."""
    width, height = size
    x = np.linspace(0, 1, width, dtype=np.float32)[np.newaxis, :]
    y = np.linspace(0, 1, height, dtype=np.float32)[:, np.newaxis]
    rgb = np.empty((height, width, 3), np.uint8)
    rgb[..., 0], rgb[..., 1], rgb[..., 2] = 255 * x, 255 * y, 255 * (1 - x) * (1 - y)
    return Image.fromarray(rgb)


def photo(kind: str = "JPEG", size: tuple[int, int] = (320, 240)) -> bytes:
    return encoded(paint("red", size), kind)


# --- Bombs ------------------------------------------------------------------------------------------------------------
def claiming(kind: str, width: int, height: int) -> bytes:
    """A few bytes whose header claims a huge picture."""
    if kind == "PNG":
        return _png(width, height, b"")
    if kind == "GIF":
        data = bytearray(photo("GIF"))
        data[6:10] = struct.pack("<HH", width, height)
        return bytes(data)
    if kind == "WEBP":  # lossless: 14 bits each for width - 1 and height - 1
        bits = struct.pack("<I", (width - 1) | (height - 1) << 14)
        return b"RIFF" + struct.pack("<I", 26) + b"WEBPVP8L" + struct.pack("<I", 13) + b"\x2f" + bits + bytes(9)
    data = bytearray(photo("JPEG" if kind == "JPEG" else kind, (64, 64)))
    if kind == "JPEG":
        frame = data.index(b"\xff\xc0")
        data[frame + 5 : frame + 9] = struct.pack(">HH", height, width)
    else:
        claim = data.index(b"ispe")
        data[claim + 8 : claim + 16] = struct.pack(">II", width, height)
    return bytes(data)


def scan_bomb(scans: int = 400) -> bytes:
    """A progressive JPEG that repeats one of its scans: a few bytes each, a pass over the whole picture each."""
    data = encoded(paint("red", (640, 480)), progressive=True)
    start = data.rindex(b"\xff\xda")
    return data[:-2] + data[start:-2] * scans + END


def segment_bomb(segments: int = 2_000) -> bytes:
    data = photo()
    return data[:2] + b"\xff\xfe\0\2" * segments + data[2:]


def filled(fill: int = 1_000_000) -> bytes:
    """A JPEG with a run of fill bytes, which Pillow reads one by one."""
    data = photo()
    return data[:2] + b"\xff" * fill + data[2:]


def endless_frames(kind: str) -> bytes:
    frames = [Image.new("P", (64, 64), colour) for colour in range(200)]
    return encoded(frames[0], kind, save_all=True, append_images=frames[1:])


# --- Broken -----------------------------------------------------------------------------------------------------------
def truncated(kind: str, share: float = 0.6) -> bytes:
    data = _busy(kind)
    return data[: int(len(data) * share)]


def zero_tail(kind: str, share: float = 0.6) -> bytes:
    """Cut, then padded to the old length, as a broken copy or a failing card leaves it."""
    data = _busy(kind)
    return data[: int(len(data) * share)].ljust(len(data), b"\0")


def ended_early(**options: Any) -> bytes:
    """A JPEG whose lower part is missing, with a proper end behind it: decoders paint the rest grey."""
    data = _busy("JPEG", **options)
    return data[: len(data) // 2] + END


def black_png(share: float = 1.0, *, interlaced: bool = False) -> bytes:
    """A black PNG of 64 × 64 pixels with only this share of the data that its header claims, otherwise in order."""
    rows = [(8, 8)] * 2 + [(16, 8), (16, 16), (32, 16), (32, 32), (64, 32)] if interlaced else [(64, 64)]
    whole = sum(count * (1 + 3 * columns) for columns, count in rows)
    return _png(64, 64, bytes(int(whole * share)), interlaced=interlaced)


@functools.cache
def _busy(kind: str, **options: Any) -> bytes:
    """A picture with something in every row, so that every part of its file matters."""
    noise = np.random.default_rng(1).integers(0, 256, (240, 320, 3), dtype=np.uint8)
    return encoded(Image.fromarray(noise), kind, **options)


def _png(width: int, height: int, rows: bytes, *, interlaced: bool = False) -> bytes:
    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, interlaced)
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


# --- Metadata ---------------------------------------------------------------------------------------------------------
def exif(orientation: object = 1) -> bytes:
    """Exif with a place, an owner and a serial number; `orientation` may be anything, sense or nonsense."""
    tags = Image.Exif()
    tags[0x0112] = orientation
    tags[0x013B] = "Erika Mustermann"
    tags.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 18.0)})
    tags.get_ifd(0x8769).update({0xA430: "Erika Mustermann", 0xA431: "SN-4711"})
    return tags.tobytes()


def odd_orientation(kind: int, count: int, value: bytes) -> bytes:
    """Exif whose orientation has this field type, count and value (or offset), written by hand."""
    return b"Exif\0\0MM\0*\0\0\0\x08\0\1" + struct.pack(">HHI", 0x0112, kind, count) + value + bytes(4)


def telling(kind: str = "JPEG", orientation: object = 1, picture: Image.Image | None = None) -> bytes:
    """A photo that tells who took it where: Exif and XMP, and in a JPEG a comment."""
    packet = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><GPSLatitude>52,31N</GPSLatitude></x:xmpmeta>'
    more: dict[str, Any] = {"comment": b"Erika Mustermann"} if kind == "JPEG" else {}
    if kind == "PNG":
        texts = PngImagePlugin.PngInfo()
        texts.add_text("Author", "Erika Mustermann")
        more["pnginfo"] = texts
    else:
        more["xmp"] = packet
    return encoded(picture or view(), kind, exif=exif(orientation), **more)


def red_means_green() -> bytes:
    """An ICC profile in which the red and green primaries have changed places."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    places = {}
    for at in range(132, 132 + 12 * struct.unpack_from(">I", profile, 128)[0], 12):
        places[bytes(profile[at : at + 4])] = at
    red, green = places[b"rXYZ"], places[b"gXYZ"]
    profile[red : red + 4], profile[green : green + 4] = b"gXYZ", b"rXYZ"
    return bytes(profile)


# --- Not only, or not at all, a photo ---------------------------------------------------------------------------------
ZIP = b"PK\3\4" + bytes(26) + b"evil.txt" + b"PK\5\6" + bytes(18)
POLYGLOTS: dict[str, Callable[[], bytes]] = {
    "JPEG and ZIP": lambda: photo() + ZIP,
    "GIF and ZIP": lambda: photo("GIF") + ZIP,
    "JPEG with a page in its comment": lambda: encoded(paint(), comment=b"<script>alert(1)</script>"),
    "JPEG and PHP": lambda: photo() + b"<?php system($_GET['c']); ?>",
    "JPEG with a PDF in its comment": lambda: encoded(paint(), comment=b"%PDF-1.4 1 0 obj"),
    "PNG with a page behind it": lambda: photo("PNG") + b"<html><script>alert(1)</script>",
}
NOT_PHOTOS = {
    b"%PDF-1.4\n1 0 obj": "a PDF",
    b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>': "an SVG drawing",
    b"<!doctype html><script>alert(1)</script>": "a web page",
    b"<?php system($_GET['c']);": "a script",
    b"#!/bin/sh\nrm -rf /": "a script",
    b"%!PS-Adobe-3.0 EPSF-3.0": "a PostScript drawing",
    b"\x7fELF" + bytes(100): "a program",
    ZIP: "a ZIP archive or an Office document",
    b"II*\0\x08\0\0\0": "a TIFF picture or a camera's raw file",
    b"BM" + bytes(60): "a BMP picture",
    b"8BPS\0\1": "a Photoshop document",
    b"\0\0\0\x18ftypisom\0\0\2\0isommp41": "a video",
    b"RIFF\x10\0\0\0WAVEfmt ": "a sound or video file",
    b"Lot 12; vase; 200": "a text file",
    b"\x80\x04\x95\x10\0\0\0\0\0\0\0": "an unknown kind of file",
    b"\0": "an unknown kind of file",
}


@functools.cache
def odd_modes() -> dict[str, tuple[bytes, Image.Image]]:
    """Files in every mode that the accepted kinds have, each with what people should see (RGB)."""
    seen = view()
    grey = seen.convert("L")
    half = Image.linear_gradient("L").resize(seen.size)
    glass = seen.copy()
    glass.putalpha(half)
    on_paper = Image.composite(seen, Image.new("RGB", seen.size, "white"), half)
    palette = seen.quantize(64)
    hole = palette.info | {"transparency": 0}
    holed = palette.convert("RGB")
    holed.paste("white", mask=palette.point(lambda index: 255 if index == 0 else 0, "L"))
    deep = Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)
    grey_glass = grey.copy().convert("LA")
    grey_glass.putalpha(half)
    grey_on_paper = Image.composite(grey, Image.new("L", grey.size, 255), half)
    return {
        "1": (encoded(grey.convert("1"), "PNG"), grey.convert("1").convert("RGB")),
        "L": (encoded(grey), grey.convert("RGB")),
        "LA": (encoded(grey_glass, "PNG"), grey_on_paper.convert("RGB")),
        "I;16": (encoded(deep, "PNG"), grey.convert("RGB")),
        "P": (encoded(palette, "PNG"), palette.convert("RGB")),
        "P with a transparent colour": (encoded(palette, "PNG", transparency=hole["transparency"]), holed),
        "RGBA PNG": (encoded(glass, "PNG"), on_paper),
        "RGBA WebP": (encoded(glass, "WEBP", lossless=True), on_paper),
        "RGBA AVIF": (encoded(glass, "AVIF", quality=95), on_paper),
        "CMYK": (encoded(seen.convert("CMYK"), quality=95), seen.convert("CMYK").convert("RGB")),
        "another colour space": (
            encoded(seen, "PNG", icc_profile=red_means_green()),
            Image.merge("RGB", [seen.getchannel(channel) for channel in ("G", "R", "B")]),
        ),
    }


# --- Around the files -------------------------------------------------------------------------------------------------
@contextmanager
def full_disk() -> Iterator[None]:
    """No file may grow beyond a hundred bytes: the kernel answers as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
