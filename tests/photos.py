"""Pictures in tests are painted, not stored."""

import io
from functools import lru_cache

import numpy as np
from PIL import Image, ImageColor, ImageDraw


def paint(colour: str = "red", size: tuple[int, int] = (320, 240), *, seed: int = 0) -> Image.Image:
    """A photo of one colour with a little noise (so that two seeds are two photos) and a darker disc in its middle."""
    picture = Image.new("RGB", size, colour)
    draw = ImageDraw.Draw(picture)
    width, height = size
    shade = tuple(int(channel * 0.8) for channel in ImageColor.getrgb(colour))
    draw.ellipse((width * 0.3, height * 0.3, width * 0.7, height * 0.7), fill=shade)
    noise = np.random.default_rng(seed).integers(-4, 5, (height, width, 3))
    return Image.fromarray((np.asarray(picture).astype(int) + noise).clip(0, 255).astype(np.uint8))


def photo_file(
    colour: str = "red", size: tuple[int, int] = (320, 240), *, seed: int = 0, kind: str = "JPEG"
) -> io.BytesIO:
    """The painted photo as an uploadable file."""
    file = io.BytesIO(_encoded(colour, size, seed, kind))
    file.name = f"{colour}-{seed}.{kind.lower()}"
    return file


@lru_cache(maxsize=500)  # most tests want the same few
def _encoded(colour: str, size: tuple[int, int], seed: int, kind: str) -> bytes:
    file = io.BytesIO()
    paint(colour, size, seed=seed).save(file, kind, **({"quality": 90} if kind == "JPEG" else {}))
    return file.getvalue()
