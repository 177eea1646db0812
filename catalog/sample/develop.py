"""The camera's darkroom: exposure, bloom, white balance, film curve, softness, vignette, sensor noise."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from catalog.sample.columns import Floats

SHEET = 720
WHITE, TONES = 40.0, 16_384  # the brightest light that the curve tells from white, and its steps


@dataclass(frozen=True, slots=True)
class Film:
    """How one camera and its owner treat a photo."""

    exposure: float = 1.0
    warmth: float = 0.0
    contrast: float = 1.0
    saturation: float = 1.0
    vignette: float = 0.25
    noise: float = 0.008
    softness: float = 0.4


def developed(light: Floats, film: Film, meter: float, seed: int) -> Image.Image:
    """A photo from scene light (3, h, w); `meter` is the light that should come out as a middle tone."""
    height, width = light.shape[1:]
    gain = film.exposure * 0.32 / max(meter, 1e-6)
    balance = np.array([1 + film.warmth, 1.0, 1 - film.warmth], np.float32)
    picture = light * (np.float32(gain) * balance)[:, None, None]
    picture += _bloom(picture)
    y, x = (np.linspace(-1, 1, side, dtype=np.float32) ** 2 for side in (height, width))
    picture *= 1 - np.float32(film.vignette * 0.5) * (y[:, None] + x[None])
    grey = (picture[0] + picture[1] + picture[2]) * np.float32((1 - film.saturation) / 3)
    toned = _film_curve(np.maximum(picture * np.float32(film.saturation) + grey, 0), film.contrast)
    pixels = np.ascontiguousarray(np.moveaxis(toned, 0, 2))
    soft = np.asarray(Image.fromarray(pixels).filter(_soft(film.softness)))
    grained = soft + _grain(height, width, seed) * _graininess(film.noise).take(soft)
    return Image.fromarray(np.clip(grained + np.float32(0.5), 0, 255, out=grained).astype(np.uint8))


def _soft(sigma: float) -> ImageFilter.BoxBlur:
    """A blur over three pixels each way with the spread of a Gaussian of `sigma` pixels, under 0.8, in one pass."""
    return ImageFilter.BoxBlur(sigma**2 / (2 * (1 - sigma**2)))


def _graininess(noise: float) -> Floats:
    """How far the grain moves each of the 256 tones, in tones: most in the middle ones."""
    tone = np.arange(256) / 255
    return (255 * noise * (0.4 + 1.2 * np.sqrt(tone) * (1 - 0.6 * tone))).astype(np.float32)


@lru_cache(maxsize=1)
def _sheet() -> Floats:
    """Sensor noise (SHEET, SHEET, 3), mostly brightness, some colour; each photo cuts its piece from it."""
    grain = np.random.default_rng(83_117).standard_normal((SHEET, SHEET, 3), np.float32)
    return np.asarray(0.6 * grain + 0.8 * grain[:, :, 1:2], np.float32)


def _grain(height: int, width: int, seed: int) -> Floats:
    top, left = (int(place) for place in np.random.default_rng(seed).integers(0, SHEET, 2))
    sheet = _sheet()
    rows, columns = (np.arange(start, start + side) % SHEET for start, side in ((top, height), (left, width)))
    return sheet.take(rows, axis=0).take(columns, axis=1)


def _bloom(picture: Floats) -> Floats:
    """Light scattered in the lens, (3, h, w): a wide blur made at an eighth of the size."""
    height, width = picture.shape[1:]
    small = (max(1, width // 8), max(1, height // 8))
    bright = np.clip(np.moveaxis(picture, 0, 2)[::2, ::2] * np.float32(42), 0, 252).astype(np.uint8)
    blur = ImageFilter.GaussianBlur(max(width, height) / 8 / 28)
    wide = Image.fromarray(bright).resize(small, Image.Resampling.BOX).filter(blur)
    spread = np.moveaxis(np.asarray(wide.resize((width, height), Image.Resampling.BILINEAR)), 2, 0)
    return np.ascontiguousarray(spread) * np.float32(0.06 / 42)


def _film_curve(picture: Floats, contrast: float) -> NDArray[np.uint8]:
    """Scene light to display values 0..255: Narkowicz' fit of the ACES film curve, then sRGB's own.

    Both come out of one table over the square root of the light: powers of a million pixels take longer than tracing.
    """
    x = np.linspace(0, np.sqrt(WHITE), TONES) ** 2 * 0.85
    curve = np.clip(x * (2.51 * x + 0.03) / (x * (2.43 * x + 0.59) + 0.14), 0, 1)
    display = np.where(curve <= 0.0031308, 12.92 * curve, 1.055 * curve ** (1 / 2.4) - 0.055)
    table = (np.clip(0.5 + (display - 0.5) * contrast, 0, 1) * 255 + 0.5).astype(np.uint8)
    place = np.sqrt(np.minimum(picture, np.float32(WHITE))) * np.float32((TONES - 1) / np.sqrt(WHITE))
    return table.take(place.astype(np.int32))
