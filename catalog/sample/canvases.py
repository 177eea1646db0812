"""Pictures as painted or printed: a subject, in the hand of its medium, signed."""

import random
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from catalog.sample.abstracts import abstract, geometric
from catalog.sample.columns import Floats
from catalog.sample.landscapes import landscape, seascape
from catalog.sample.noise import cloud
from catalog.sample.paint import SIDE, tone
from catalog.sample.sitters import portrait, still_life
from catalog.sample.substances import picture_colours

SUBJECTS: dict[str, Callable[[Image.Image, random.Random], None]] = {
    "landscape": landscape, "seascape": seascape, "abstract": abstract, "print": geometric,
        "still life": still_life, "portrait": portrait,
}  # fmt: skip


def painted(subject: str, medium: str, maker: str, model: str, hue: str) -> Floats:
    """The picture (SIDE, SIDE, 3) in linear light; it is stretched to its frame."""
    die = random.Random(f"{model}{hue}")
    image = Image.new("RGB", (SIDE, SIDE), tone(die.random(), 0.1, 0.85))
    SUBJECTS[subject](image, die)
    pixels = _handled(np.asarray(np.asarray(image) / 255, np.float32), medium, die, calm=subject == "portrait")
    depth = die.uniform(1.0, 1.7) if medium.startswith("oil") else 1.0  # old varnish darkens and warms
    pixels = np.clip(pixels, 0, 1) ** depth * np.array([1.0, 1 - 0.05 * (depth - 1), 1 - 0.3 * (depth - 1)], np.float32)
    signed = Image.fromarray((np.clip(pixels, 0, 1) * 255).astype(np.uint8))
    if not maker.startswith(("uns", "Cont")):
        ink = tone(die.random(), 0.6, 0.2 if np.asarray(signed)[-60:, -200:].mean() > 110 else 0.8)
        place = (SIDE - 20, SIDE - 16) if die.random() < 0.7 else (120, SIDE - 16)
        ImageDraw.Draw(signed).text(place, maker.split()[-1], fill=ink, anchor="rs", font_size=20)
    return picture_colours(np.asarray(signed))


def _handled(pixels: Floats, medium: str, die: random.Random, calm: bool) -> Floats:
    """Brush strokes for oil, blooms and paper for watercolour, flat inks with grain for prints."""
    seed = die.randrange(10**6)
    if medium.startswith("oil"):
        reach = 1.6 if calm else 4.5
        dx, dy = cloud(SIDE, SIDE, seed, 40, 2) * reach, cloud(SIDE, SIDE, seed + 1, 30, 2) * reach
        y, x = np.mgrid[0:SIDE, 0:SIDE]
        moved = pixels[np.clip(y + dy.astype(int), 0, SIDE - 1), np.clip(x + dx.astype(int), 0, SIDE - 1)]
        strokes = (
            cloud(SIDE, SIDE, seed + 2, 60, 2)[..., None] * 0.035 + cloud(SIDE, SIDE, seed + 3, 12, 2)[..., None] * 0.03
        )
        return np.asarray(
            moved * (1 + strokes)
            + cloud(SIDE, SIDE, seed + 4, 24, 2)[..., None] * np.array([0.02, 0.0, -0.02], np.float32),
            np.float32,
        )
    if medium in ("watercolour", "gouache"):
        wash = cloud(SIDE, SIDE, seed, 8, 4)[..., None]
        soft = (
            np.asarray(
                Image.fromarray((np.clip(pixels, 0, 1) * 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(1.6)),
                np.float32,
            )
            / 255
        )
        thin = 0.78 if medium == "watercolour" else 0.95
        paper = np.array([0.95, 0.93, 0.88], np.float32)
        return np.asarray(paper + (soft - paper) * np.clip(thin + 0.12 * wash, 0.3, 1.05), np.float32)
    levels = 5 if medium == "woodcut" else 9
    flat = np.round(pixels * levels) / levels
    grain = cloud(SIDE, SIDE, seed, 140 if medium == "lithograph" else 90, 1)[..., None]
    return np.asarray(flat + 0.035 * grain, np.float32)
