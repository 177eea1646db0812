"""Painted out of doors: hills, rivers, cottages, coasts and boats."""

import random

import numpy as np
from PIL import Image, ImageDraw

from catalog.sample.noise import cloud
from catalog.sample.paint import SIDE, Paint, tone


def _ridge(die: random.Random, base: float, height: float, rough: float = 1.0) -> list[tuple[float, float]]:
    waves = [(die.uniform(0.5, 9) * rough, die.uniform(0, 6.3), die.random()) for _ in range(7)]
    xs = np.arange(0, SIDE + 6, 6)
    line = sum(a / (1 + k * 0.3) * np.sin(k * xs / SIDE * 6.3 + p) for k, p, a in waves)
    return [(float(x), float(base - height * y)) for x, y in zip(xs, np.asarray(line), strict=True)]


def _fill(draw: ImageDraw.ImageDraw, line: list[tuple[float, float]], colour: Paint) -> None:
    draw.polygon([*line, (SIDE, SIDE), (0, SIDE)], fill=colour)


def _sky(image: Image.Image, die: random.Random, horizon: float) -> float:
    """Sky with clouds; returns its hue."""
    hue = die.choice([0.56, 0.58, 0.6, 0.09, 0.07, 0.95, 0.53])
    top, low = (
        np.array(tone(hue, die.uniform(0.25, 0.6), die.uniform(0.5, 0.85))),
        np.array(tone(die.choice([hue, 0.1, 0.12]), 0.25, 0.95)),
    )
    t = np.linspace(0, 1, SIDE)[:, None, None]
    sky = (top * (1 - t) + low * t) * np.ones((1, SIDE, 1))
    seed = die.randrange(10**6)
    puffs = np.clip(
        cloud(SIDE, SIDE, seed, 3, 5) * np.linspace(1.2, 0.4, SIDE)[:, None] - die.uniform(-0.2, 0.7), 0, 1
    )[..., None]
    lit = np.clip(cloud(SIDE, SIDE, seed + 1, 5, 3), -1, 1)[..., None] * 18
    sky = sky * (1 - 0.8 * puffs) + (np.array([240, 236, 228]) + lit) * 0.8 * puffs
    image.paste(Image.fromarray(np.clip(sky, 0, 255).astype(np.uint8)))
    del horizon
    return hue


def landscape(image: Image.Image, die: random.Random) -> None:
    horizon = SIDE * die.uniform(0.4, 0.62)
    hue = _sky(image, die, horizon)
    draw = ImageDraw.Draw(image)
    green = die.choice([0.22, 0.26, 0.3, 0.13, 0.1, 0.08])
    layers = die.randint(3, 5)
    for k in range(layers):
        near = k / (layers - 1)
        shade = tone(
            hue * (1 - near) + green * near if near > 0.2 else hue,
            0.2 + 0.35 * near,
            0.66 - 0.3 * near + die.uniform(-0.05, 0.05),
        )
        _fill(
            draw, _ridge(die, horizon + (SIDE - horizon) * near * 0.7, SIDE * (0.09 - 0.05 * near), 0.6 + near), shade
        )
    if die.random() < 0.4:
        _river(draw, die, horizon, hue)
    if die.random() < 0.5:
        for _ in range(die.randint(1, 4)):
            _cottage(
                draw, die.uniform(0.1, 0.9) * SIDE, horizon + die.uniform(0.05, 0.2) * SIDE, die.uniform(24, 60), die
            )
    for _ in range(die.randint(2, 16)):
        y = horizon + die.random() ** 1.5 * (SIDE - horizon) * 0.75
        size = SIDE * (0.05 + 0.5 * (y - horizon) / SIDE) * die.uniform(0.7, 1.5)
        _tree(draw, die.uniform(0, SIDE), y, size, green, die)
    _specks(draw, die, horizon, green)


def _river(draw: ImageDraw.ImageDraw, die: random.Random, horizon: float, hue: float) -> None:
    x, left, right = SIDE * die.uniform(0.3, 0.7), [], []
    for k in range(30):
        t = k / 29
        y, half = horizon + SIDE * 0.04 + (SIDE - horizon) * t, 4 + 120 * t**1.8
        mid = x + SIDE * 0.18 * np.sin(4 * t + x) * (1 - 0.4 * t)
        left.append((mid - half, y))
        right.append((mid + half, y))
    draw.polygon(left + right[::-1], fill=tone(hue, 0.22, 0.8))


def _tree(draw: ImageDraw.ImageDraw, x: float, y: float, size: float, hue: float, die: random.Random) -> None:
    draw.line(
        (x, y, x + die.uniform(-0.05, 0.05) * size, y - size * 0.6),
        fill=tone(0.07, 0.5, 0.22),
        width=max(2, int(size * 0.06)),
    )
    slim = die.choice([0.14, 0.26, 0.3])
    for k in range(70):
        px, py = x + die.gauss(0, slim * 0.6) * size, y - size * (0.62 + die.gauss(0, 0.16))
        r = size * die.uniform(0.03, 0.09)
        light = 0.2 + 0.32 * (k / 70) + 0.12 * ((x - px) / size + (y - 0.6 * size - py) / size)
        draw.ellipse(
            (px - r, py - r * 0.8, px + r, py + r * 0.8), fill=tone(hue + die.uniform(-0.03, 0.03), 0.55, light)
        )


def _cottage(draw: ImageDraw.ImageDraw, x: float, y: float, w: float, die: random.Random) -> None:
    h = w * 0.55
    draw.rectangle((x, y - h, x + w, y), fill=tone(0.1, 0.12, die.uniform(0.75, 0.95)))
    draw.rectangle((x + w, y - h, x + w * 1.35, y), fill=tone(0.08, 0.2, 0.55))
    draw.polygon(
        [(x - 3, y - h), (x + w * 0.2, y - h * 1.7), (x + w * 1.2, y - h * 1.7), (x + w * 1.38, y - h)],
        fill=tone(die.choice([0.02, 0.06, 0.6]), 0.5, 0.42),
    )
    draw.rectangle((x + w * 0.4, y - h * 0.6, x + w * 0.55, y), fill=tone(0.07, 0.5, 0.2))


def _specks(draw: ImageDraw.ImageDraw, die: random.Random, horizon: float, green: float) -> None:
    """Grass, flowers, figures: the small strokes that fill a foreground."""
    accent = die.choice([0.0, 0.12, 0.9, 0.6])
    for _ in range(700):
        y = horizon + (die.random() ** 0.6) * (SIDE - horizon)
        near = (y - horizon) / (SIDE - horizon)
        x, length = die.uniform(0, SIDE), 3 + 14 * near
        colour = (
            tone(green + die.uniform(-0.05, 0.05), 0.5, die.uniform(0.25, 0.7))
            if die.random() < 0.93
            else tone(accent, 0.7, 0.85)
        )
        draw.line(
            (x, y, x + die.uniform(-3, 6), y - length * die.uniform(0.2, 1)), fill=colour, width=1 + int(2.5 * near)
        )


def seascape(image: Image.Image, die: random.Random) -> None:
    horizon = SIDE * die.uniform(0.38, 0.6)
    hue = _sky(image, die, horizon)
    draw = ImageDraw.Draw(image)
    sea = die.choice([0.52, 0.55, 0.58, 0.47])
    for y in range(int(horizon), SIDE, 2):
        t = (y - horizon) / (SIDE - horizon)
        draw.line(
            (0, y, SIDE, y),
            fill=tone(sea * 0.8 + 0.2 * hue, 0.35 + 0.25 * t, 0.72 - 0.3 * t + die.uniform(-0.02, 0.02)),
            width=2,
        )
    for _ in range(420):
        t = die.random() ** 0.7
        x, y, w = die.uniform(-20, SIDE), horizon + t * (SIDE - horizon), 8 + 50 * t
        draw.arc(
            (x, y, x + w, y + w * 0.25),
            180,
            360,
            fill=tone(sea, 0.2 + 0.3 * die.random(), die.uniform(0.45, 0.95)),
            width=1 + int(3 * t),
        )
    if die.random() < 0.6:
        _fill_cliff(draw, die, horizon)
    for _ in range(die.randint(1, 4)):
        _boat(draw, die.uniform(0.1, 0.85) * SIDE, horizon + die.uniform(0.01, 0.3) * SIDE, die)


def _fill_cliff(draw: ImageDraw.ImageDraw, die: random.Random, horizon: float) -> None:
    side, reach = die.choice([0, 1]), die.uniform(0.25, 0.55) * SIDE
    rise = die.uniform(0.06, 0.2) * SIDE
    for k in range(3):
        pts = [
            (x, horizon + 6 * k - rise * (1 - x / reach) ** 0.6 * (1 - 0.25 * k) + die.uniform(-5, 5))
            for x in np.linspace(0, reach, 26)
        ]
        shape = [
            (x if side == 0 else SIDE - x, y)
            for x, y in [(0.0, horizon + 14 * k + 10), *pts, (reach, horizon + 14 * k + 10)]
        ]
        draw.polygon(shape, fill=tone(die.choice([0.08, 0.1, 0.25]), 0.35, 0.42 + 0.1 * k))


def _boat(draw: ImageDraw.ImageDraw, x: float, y: float, die: random.Random) -> None:
    s = 14 + (y / SIDE) ** 3 * 150
    draw.polygon(
        [(x, y), (x + s, y), (x + s * 0.85, y + s * 0.22), (x + s * 0.12, y + s * 0.22)],
        fill=tone(die.random(), 0.5, 0.3),
    )
    draw.line((x + s * 0.45, y, x + s * 0.45, y - s * 1.3), fill=tone(0.07, 0.5, 0.2), width=max(1, int(s / 20)))
    sail = die.choice([tone(0.1, 0.1, 0.93), tone(0.03, 0.6, 0.6), tone(0.11, 0.5, 0.75)])
    draw.polygon([(x + s * 0.48, y - s * 0.1), (x + s * 0.48, y - s * 1.25), (x + s * 1.0, y - s * 0.15)], fill=sail)
    draw.polygon([(x + s * 0.42, y - s * 0.1), (x + s * 0.42, y - s * 1.1), (x + s * 0.05, y - s * 0.12)], fill=sail)
    draw.line((x, y + s * 0.3, x + s, y + s * 0.3), fill=tone(0.55, 0.3, 0.4), width=2)
