"""What seats are covered with: velvet, leather, rush, cane, damask and needlework."""

import random
from dataclasses import replace

import numpy as np
from PIL import Image, ImageDraw

from catalog.sample.columns import Floats
from catalog.sample.design import Design
from catalog.sample.material import Material
from catalog.sample.noise import cloud
from catalog.sample.substances import BODIES, HUE_COLOURS, linear, shifted, substance


def cover(design: Design, die: random.Random) -> Material:
    word = design.pattern
    if word == "rush":
        return Material(texture=_rush(die), colour=linear(255, 255, 255), rough=0.8, gloss=0.3, repeat=(2.0, 2.0))
    if word == "cane":
        return Material(texture=_cane(die), colour=(1, 1, 1), rough=0.6, gloss=0.5, repeat=(3.0, 3.0))
    if word == "blue damask":
        return Material(texture=_damask(die), colour=(1, 1, 1), rough=0.8, gloss=0.2, sheen=0.8, repeat=(4.0, 4.0))
    if word == "needlework":
        return Material(texture=_needlework(die), colour=(1, 1, 1), rough=0.95, gloss=0.0, repeat=(1.0, 1.0))
    if word in BODIES:
        cloth = substance(word, die, design.wear * 0.6)
        return replace(cloth, colour=shifted(cloth.colour, die))
    return substance("linen", die, design.wear)


def _rush(die: random.Random) -> Floats:
    x = np.linspace(0, 1, 256, endpoint=False)
    cords = 0.75 + 0.25 * np.abs(np.sin(np.pi * 24 * x))[None, :, None]
    tone = np.array(linear(190, 160, 100), np.float32) * (
        1 + 0.14 * cloud(256, 256, die.randrange(10**6), 24, 3)[..., None]
    )
    return np.asarray(np.clip(tone * cords, 0.01, 1), np.float32)


def _cane(die: random.Random) -> Floats:
    image = Image.new("RGB", (192, 192), (38, 28, 20))
    draw = ImageDraw.Draw(image)
    for k in range(0, 192, 24):
        for line in (((k, 0), (k, 192)), ((0, k), (192, k))):
            draw.line(line, fill=(198, 164, 110), width=7)
        draw.line(((k, 0), (k + 192, 192)), fill=(180, 146, 96), width=4)
        draw.line(((k - 192, 0), (k, 192)), fill=(180, 146, 96), width=4)
        draw.line(((k, 0), (k - 192, 192)), fill=(188, 152, 100), width=4)
        draw.line(((k + 192, 0), (k, 192)), fill=(188, 152, 100), width=4)
    return np.asarray(np.array(image, np.float32) / 255, np.float32) ** 2.2


def _damask(die: random.Random) -> Floats:
    y, x = np.mgrid[0:256, 0:256].astype(np.float32) / 256 * 2 * np.pi
    a, b = die.choice([2, 3]), die.choice([1, 2])
    figure = (
        np.cos(a * x) * np.cos(b * y)
        + 0.6 * np.cos(2 * a * x + np.cos(2 * y)) * np.cos(2 * b * y)
        + 0.4 * np.cos(3 * b * y)
    )
    share = np.clip(figure * 3, 0, 1)[..., None]
    ground, light = (
        np.array(linear(*c), np.float32)
        for c in die.choice([((46, 66, 104), (98, 122, 158)), ((40, 58, 88), (170, 160, 130))])
    )
    return np.asarray(ground * (1 - share) + light * share, np.float32)


def _needlework(die: random.Random) -> Floats:
    """Flowers in coarse stitches."""
    ground = die.choice([(36, 30, 30), (70, 24, 28), (206, 190, 150), (38, 52, 44)])
    image = Image.new("RGB", (96, 96), ground)
    draw = ImageDraw.Draw(image)
    tones = [tuple(int(255 * c**0.45) for c in colour) for colour in HUE_COLOURS.values()] + [
        (220, 190, 150),
        (200, 120, 120),
    ]
    for _ in range(26):
        x, y, r = die.gauss(48, 20), die.gauss(48, 20), die.uniform(3, 9)
        draw.line((x, y, 48, 60), fill=(70, 96, 58), width=2)
        for k in range(5):
            a = 2 * np.pi * k / 5
            draw.ellipse(
                (
                    x + r * np.cos(a) - r * 0.6,
                    y + r * np.sin(a) - r * 0.6,
                    x + r * np.cos(a) + r * 0.6,
                    y + r * np.sin(a) + r * 0.6,
                ),
                fill=die.choice(tones),
            )
        draw.ellipse((x - 2, y - 2, x + 2, y + 2), fill=(230, 200, 120))
    big = np.asarray(image.resize((384, 384), Image.Resampling.NEAREST), np.float32) / 255
    stitch = 0.86 + 0.14 * np.abs(np.sin(np.arange(384) * np.pi / 4))
    return np.asarray(big**2.2 * (stitch[:, None] * stitch[None])[..., None], np.float32)
