"""Painted in the studio: still lifes and portraits."""

import random

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from catalog.sample.paint import SIDE, Paint, lighter, tone


def _shaded_ball(
    image: Image.Image, x: float, y: float, rx: float, ry: float, colour: Paint, dusk: float = 0.22
) -> None:
    """A rounded thing lit from one side, laid on the picture."""
    w, h = max(2, int(2 * rx)), max(2, int(2 * ry))
    v, u = np.mgrid[-1 : 1 : h * 1j, -1 : 1 : w * 1j]
    z = np.sqrt(np.clip(1 - u * u - v * v, 0, 1))
    light = np.clip(-u * 0.55 - v * 0.5 + z * 0.6, 0, 1)
    shade = (
        np.array(colour) * (dusk + (1.07 - dusk) * light[..., None]) + 150 * np.clip(light[..., None] - 0.93, 0, 1) * 5
    )
    mask = Image.fromarray(((u * u + v * v <= 1) * 255).astype(np.uint8))
    image.paste(Image.fromarray(np.clip(shade, 0, 255).astype(np.uint8)), (int(x - rx), int(y - ry)), mask)


def still_life(image: Image.Image, die: random.Random) -> None:
    draw = ImageDraw.Draw(image)
    wall, cloth = (
        tone(die.random(), 0.25, die.uniform(0.12, 0.5)),
        tone(die.choice([0.07, 0.09, 0.6, 0.0]), 0.3, die.uniform(0.3, 0.8)),
    )
    edge = SIDE * die.uniform(0.6, 0.7)
    draw.rectangle((0, 0, SIDE, edge), fill=wall)
    draw.rectangle((0, edge, SIDE, SIDE), fill=cloth)
    for k in range(10):
        draw.line(
            (0, edge + k * 26 + die.uniform(-6, 6), SIDE, edge + k * 26 + die.uniform(-20, 20)),
            fill=tuple(int(c * 0.86) for c in cloth),
            width=5,
        )
    x = SIDE * die.uniform(0.3, 0.65)
    pot = tone(die.random(), 0.4, 0.6)
    for share, wide in ((0.0, 0.15), (-0.14, 0.1), (-0.2, 0.07)):
        _shaded_ball(image, x, edge + 0.02 * SIDE + share * SIDE, wide * SIDE, 0.12 * SIDE, pot)
    if die.random() < 0.75:
        for _ in range(die.randint(14, 34)):
            fx, fy = x + die.gauss(0, 0.13) * SIDE, edge - 0.36 * SIDE + die.gauss(0, 0.09) * SIDE
            draw.line((fx, fy, x, edge - 0.2 * SIDE), fill=tone(0.3, 0.5, 0.25), width=3)
            _shaded_ball(
                image,
                fx,
                fy,
                die.uniform(10, 34),
                die.uniform(10, 30),
                tone(die.choice([0.0, 0.95, 0.12, 0.1, 0.75, 0.55]), die.uniform(0.2, 0.8), 0.9),
            )
    for _ in range(die.randint(3, 8)):
        r = SIDE * die.uniform(0.045, 0.08)
        fx, fy = SIDE * die.uniform(0.1, 0.9), edge + SIDE * die.uniform(0.06, 0.26)
        draw.ellipse((fx - r * 0.8, fy + r * 0.5, fx + r * 1.7, fy + r * 1.1), fill=tuple(int(c * 0.55) for c in cloth))
        _shaded_ball(
            image, fx, fy, r, r * die.uniform(0.85, 1.1), tone(die.choice([0.02, 0.07, 0.13, 0.24, 0.95]), 0.75, 0.85)
        )


def portrait(image: Image.Image, die: random.Random) -> None:
    ground = tone(die.choice([0.07, 0.1, 0.3, 0.58]), 0.35, die.uniform(0.14, 0.4))
    image.paste(ground, (0, 0, SIDE, SIDE))
    _shaded_ball(image, SIDE * 0.35, SIDE * 0.3, SIDE * 0.6, SIDE * 0.6, lighter(ground))
    image.paste(image.filter(ImageFilter.GaussianBlur(40)))
    skin, hair = (
        tone(die.uniform(0.05, 0.075), die.uniform(0.3, 0.5), die.uniform(0.55, 0.88)),
        tone(die.uniform(0.03, 0.1), 0.6, die.uniform(0.1, 0.5)),
    )
    coat = tone(die.random(), die.uniform(0.2, 0.7), die.uniform(0.15, 0.5))
    x, y, turn = SIDE * die.uniform(0.46, 0.54), SIDE * 0.4, die.choice([-1, 1])
    draw = ImageDraw.Draw(image)
    _shaded_ball(image, x, SIDE * 0.98, SIDE * 0.36, SIDE * 0.32, coat, 0.4)
    _shaded_ball(image, x, y + SIDE * 0.02, SIDE * 0.165, SIDE * 0.2, hair)
    if die.random() < 0.5:
        _shaded_ball(image, x, y + SIDE * 0.16, SIDE * 0.17, SIDE * 0.2, hair)
    draw.polygon(
        [
            (x - SIDE * 0.06, y + SIDE * 0.12),
            (x + SIDE * 0.06, y + SIDE * 0.12),
            (x + SIDE * 0.09, y + SIDE * 0.32),
            (x - SIDE * 0.09, y + SIDE * 0.32),
        ],
        fill=tuple(int(c * 0.75) for c in skin),
    )
    draw.polygon(
        [
            (x - SIDE * 0.14, y + SIDE * 0.3),
            (x, y + SIDE * 0.44),
            (x + SIDE * 0.14, y + SIDE * 0.3),
            (x, y + SIDE * 0.33),
        ],
        fill=tone(0.1, 0.06, 0.85),
    )
    _shaded_ball(image, x, y + SIDE * 0.035, SIDE * 0.125, SIDE * 0.168, skin, 0.62)
    fx = x + turn * SIDE * 0.02
    for side in (-1, 1):
        ex, ey = fx + side * SIDE * 0.047, y + SIDE * 0.015
        draw.ellipse((ex - 11, ey - 4, ex + 11, ey + 5), fill=tuple(int(c * 0.9) for c in tone(0.08, 0.12, 0.78)))
        draw.ellipse((ex - 5, ey - 5, ex + 5, ey + 5), fill=(44, 34, 28))
        draw.arc((ex - 18, ey - 22, ex + 18, ey + 8), 200, 340, fill=hair, width=5)
    draw.line(
        [(fx, y + SIDE * 0.02), (fx + turn * 12, y + SIDE * 0.085), (fx - turn * 4, y + SIDE * 0.09)],
        fill=tuple(int(c * 0.68) for c in skin),
        width=5,
    )
    draw.arc((fx - 24, y + SIDE * 0.09, fx + 24, y + SIDE * 0.13), 20, 160, fill=tone(0.0, 0.5, 0.5), width=6)
    top = Image.new("L", image.size, 0)
    ImageDraw.Draw(top).chord(
        (x - SIDE * 0.135, y - SIDE * 0.14, x + SIDE * 0.135, y + SIDE * 0.12), 185, 355, fill=235
    )
    image.paste(hair, (0, 0), top.filter(ImageFilter.GaussianBlur(4)))
    image.paste(image.filter(ImageFilter.GaussianBlur(1.5)))
