"""The camera's darkroom: exposure, bloom, white balance, film curve, softness, vignette, sensor noise."""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter

from catalog.sample.mesh import Floats


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
    """A photo from scene light (h, w, 3); `meter` is the light that should come out as a middle tone."""
    rng = np.random.default_rng(seed)
    height, width = light.shape[:2]
    picture = light * np.float32(film.exposure * 0.32 / max(meter, 1e-6))
    picture = picture * np.array([1 + film.warmth, 1.0, 1 - film.warmth], np.float32)
    picture += 0.06 * _bloom(np.minimum(picture, 6.0))
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
    picture *= (1 - film.vignette * 0.5 * (x * x + y * y))[..., None]
    grey = picture.mean(-1, keepdims=True)
    picture = np.maximum(grey + (picture - grey) * film.saturation, 0)
    toned = _film_curve(picture, film.contrast)
    soft = Image.fromarray((toned * 255 + 0.5).astype(np.uint8)).filter(ImageFilter.GaussianBlur(film.softness))
    grain = rng.standard_normal((height, width, 3), np.float32)
    grain = 0.6 * grain + 0.8 * grain[:, :, 1:2]  # mostly brightness, some colour
    pixels = np.asarray(soft, np.float32) / 255
    pixels = pixels + grain * (film.noise * (0.4 + 1.2 * np.sqrt(np.clip(pixels, 0, 1)) * (1 - 0.6 * pixels)))
    return Image.fromarray((np.clip(pixels, 0, 1) * 255 + 0.5).astype(np.uint8))


def _bloom(picture: Floats) -> Floats:
    """Light scattered in the lens, (h, w, 3): a wide blur made at an eighth of the size."""
    height, width = picture.shape[:2]
    small = Image.fromarray(np.clip(picture * 42, 0, 255).astype(np.uint8)).resize(
        (width // 8, height // 8), Image.Resampling.BOX
    )
    wide = small.filter(ImageFilter.GaussianBlur(max(width, height) / 8 / 28)).resize(
        (width, height), Image.Resampling.BILINEAR
    )
    return np.asarray(np.asarray(wide) / np.float32(42), np.float32)


def _film_curve(picture: Floats, contrast: float) -> Floats:
    """Scene light to display values: Narkowicz' fit of the ACES film curve, then sRGB's own."""
    x = picture * 0.85
    curve = np.clip(x * (2.51 * x + 0.03) / (x * (2.43 * x + 0.59) + 0.14), 0, 1)
    steps = np.linspace(0, 1, 8192)  # a table: powers of a million pixels take longer than tracing them
    display = np.where(steps <= 0.0031308, 12.92 * steps, 1.055 * steps ** (1 / 2.4) - 0.055)
    table = np.clip(0.5 + (display - 0.5) * contrast, 0, 1).astype(np.float32)
    return np.asarray(table[(curve * 8191).astype(np.int32)], np.float32)
