"""Painted decoration for pots: drawn flat, with the unevenness of a brush, and wrapped round the body."""

import math
import random
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from catalog.sample.columns import Floats
from catalog.sample.material import Colour
from catalog.sample.noise import cloud
from catalog.sample.substances import HUE_COLOURS

WIDE, HIGH = 1024, 512


def decorated(pattern: str, hue: str, ground: Colour, die: random.Random, gilt: bool = False) -> Floats | None:
    """A texture (HIGH, WIDE, 3) in linear light, or None for an undecorated body."""
    if pattern not in PAINTERS:
        return None
    mask = Image.new("L", (WIDE, HIGH), 0)
    second = Image.new("L", (WIDE, HIGH), 0)
    PAINTERS[pattern](ImageDraw.Draw(mask), ImageDraw.Draw(second), die)
    _borders(ImageDraw.Draw(mask), die)
    wash = cloud(HIGH, WIDE, die.randrange(10**6), 10, 4)
    canvas = np.broadcast_to(np.array(ground, np.float32), (HIGH, WIDE, 3)) * (
        1 + 0.02 * cloud(HIGH, WIDE, die.randrange(10**6), 4)[..., None]
    )
    layers = ((second, HUE_COLOURS[die.choice([*HUE_COLOURS])], 0.9), (mask, HUE_COLOURS[hue], 1.0))
    for layer, colour, strength in layers:
        soft = np.asarray(layer.filter(ImageFilter.GaussianBlur(0.9)), np.float32) / 255
        share = (np.clip(soft * (0.86 + 0.16 * wash), 0, 1) * strength)[..., None]
        canvas = canvas * (1 - share) + np.array(colour, np.float32) * (0.9 + 0.12 * wash[..., None]) * share
    if gilt:
        canvas[: HIGH // 40] = (0.5, 0.33, 0.1)
    return np.asarray(np.clip(canvas, 0.002, 1), np.float32)


def _borders(draw: ImageDraw.ImageDraw, die: random.Random) -> None:
    for edge in (0, 1):
        if die.random() < 0.25:
            continue
        top = die.randint(6, 22) if edge == 0 else HIGH - die.randint(20, 50)
        draw.rectangle((0, top, WIDE, top + die.randint(2, 7)), fill=230)
        if die.random() < 0.5:
            step = WIDE // die.choice([24, 32, 48, 64])
            for x in range(0, WIDE, step):
                draw.ellipse((x, top + 10, x + step * 0.5, top + 10 + step * 0.5), fill=190)
        draw.line((0, top + 30, WIDE, top + 30), fill=220, width=2)


def _bands(draw: ImageDraw.ImageDraw, second: ImageDraw.ImageDraw, die: random.Random) -> None:
    y = die.randint(10, 60)
    while y < HIGH - 20:
        thick = die.choice([3, 5, 12, 26, 44])
        (draw if die.random() < 0.7 else second).rectangle((0, y, WIDE, y + thick), fill=die.randint(170, 250))
        if thick > 20 and die.random() < 0.6:
            step = WIDE // die.choice([32, 48])
            for x in range(0, WIDE, step):
                draw.polygon([(x, y + thick), (x + step // 2, y), (x + step, y + thick)], fill=90)
        y += thick + die.choice([8, 16, 40, 70])


def _petals(
    draw: ImageDraw.ImageDraw, second: ImageDraw.ImageDraw, x: float, y: float, size: float, die: random.Random
) -> None:
    count, turn = die.choice([5, 5, 6, 8]), die.random()
    for k in range(count):
        a = 2 * math.pi * (k / count + turn)
        px, py, r = x + math.cos(a) * size * 0.62, y + math.sin(a) * size * 0.62, size * 0.46
        draw.ellipse((px - r, py - r, px + r, py + r), fill=150 + 14 * (k % 3), outline=240)
    r = size * 0.3
    second.ellipse((x - r, y - r, x + r, y + r), fill=240)
    draw.ellipse((x - r, y - r, x + r, y + r), fill=0, outline=200)


def _leaf(draw: ImageDraw.ImageDraw, x: float, y: float, angle: float, length: float, shade: int) -> None:
    points = [(t, 0.26 * math.sin(math.pi * t**0.8)) for t in (0, 0.2, 0.45, 0.7, 1.0)]
    outline = points + [(t, -w) for t, w in reversed(points)]
    c, s = math.cos(angle), math.sin(angle)
    draw.polygon([(x + length * (t * c - w * s), y + length * (t * s + w * c)) for t, w in outline], fill=shade)


def _branches(draw: ImageDraw.ImageDraw, second: ImageDraw.ImageDraw, die: random.Random, flowers: bool) -> None:
    for start in range(die.choice([3, 4, 5])):
        x, y = WIDE * (start + die.uniform(0, 0.5)) / 4, HIGH * die.uniform(0.8, 0.95)
        angle = -math.pi / 2 + die.uniform(-0.5, 0.5)
        for _ in range(die.randint(12, 18)):
            nx, ny = x + 26 * math.cos(angle), y + 26 * math.sin(angle)
            for wrap in (-WIDE, 0, WIDE):
                draw.line((x + wrap, y, nx + wrap, ny), fill=225, width=4)
                side = angle + die.choice([-1, 1]) * die.uniform(0.5, 1.1)
                _leaf(second if flowers else draw, nx + wrap, ny, side, die.uniform(26, 52), die.randint(150, 230))
            if flowers and die.random() < 0.5:
                size = die.uniform(14, 34)
                for wrap in (-WIDE, 0, WIDE):
                    _petals(draw, second, nx + wrap + die.uniform(-20, 20), ny, size, die)
            x, y, angle = nx, ny, angle + die.uniform(-0.45, 0.45)
            if y < HIGH * 0.12:
                angle = die.uniform(-0.6, 0.6)


def _blossom(draw: ImageDraw.ImageDraw, second: ImageDraw.ImageDraw, die: random.Random) -> None:
    _branches(draw, second, die, flowers=True)


def _leaves(draw: ImageDraw.ImageDraw, second: ImageDraw.ImageDraw, die: random.Random) -> None:
    _branches(draw, second, die, flowers=False)


def _landscape(draw: ImageDraw.ImageDraw, second: ImageDraw.ImageDraw, die: random.Random) -> None:
    for layer in range(3):
        base, height = HIGH * (0.45 + 0.16 * layer), HIGH * die.uniform(0.1, 0.3)
        waves = [(die.randint(1, 7), die.uniform(0, 6.3), die.uniform(0.2, 1)) for _ in range(5)]
        line = [
            (x, base - height * abs(sum(a * math.sin(2 * math.pi * k * x / WIDE + p) for k, p, a in waves)) / 2)
            for x in range(0, WIDE + 8, 8)
        ]
        draw.polygon([*line, (WIDE, HIGH * 0.92), (0, HIGH * 0.92)], fill=50 + 34 * layer)
        draw.line(line, fill=120 + 50 * layer, width=2)
    for _ in range(die.randint(4, 8)):
        _tree(draw, die.uniform(0, WIDE), HIGH * die.uniform(0.62, 0.88), die.uniform(50, 110), die)
    for _ in range(die.randint(1, 3)):
        x, y, w = die.uniform(60, WIDE - 160), HIGH * die.uniform(0.55, 0.8), die.uniform(50, 90)
        draw.rectangle((x, y, x + w, y + w * 0.5), fill=20, outline=240, width=2)
        draw.polygon([(x - 8, y), (x + w / 2, y - w * 0.4), (x + w + 8, y)], fill=220)
        draw.rectangle((x + w * 0.4, y + w * 0.2, x + w * 0.55, y + w * 0.5), fill=220)
    for _ in range(6):
        x, y = die.uniform(0, WIDE), HIGH * die.uniform(0.1, 0.3)
        draw.arc((x, y, x + 16, y + 10), 180, 340, fill=220, width=2)
        draw.arc((x + 14, y, x + 30, y + 10), 200, 360, fill=220, width=2)


def _tree(draw: ImageDraw.ImageDraw, x: float, y: float, size: float, die: random.Random) -> None:
    draw.line((x, y, x + size * 0.1, y - size * 0.6), fill=230, width=5)
    for _ in range(26):
        px, py, r = x + die.gauss(0.1, 0.22) * size, y - size * (0.65 + die.gauss(0, 0.16)), die.uniform(4, 11)
        draw.ellipse((px - r, py - r * 0.6, px + r, py + r * 0.6), fill=die.randint(130, 240))


def _scrolls(draw: ImageDraw.ImageDraw, second: ImageDraw.ImageDraw, die: random.Random) -> None:
    count, rows = die.choice([6, 8, 10]), die.choice([2, 3])
    step, high = WIDE / count, HIGH * 0.72 / rows
    for row in range(rows):
        for k in range(count):
            x, y, flip = (k + 0.5) * step, HIGH * 0.16 + (row + 0.5) * high, 1 if (k + row) % 2 else -1
            curve = [
                (x + flip * step * 0.45 * (1 - t) * math.cos(9 * t), y + high * 0.45 * (1 - t) * math.sin(9 * t))
                for t in (i / 60 for i in range(60))
            ]
            draw.line(curve, fill=225, width=5, joint="curve")
            for i in (8, 16, 26):
                _leaf(draw, *curve[i], 9 * i / 60 + 1.2 * flip, step * 0.22, 190)
            second.ellipse((x - 7, y - 7, x + 7, y + 7), fill=220)


def _lattice(draw: ImageDraw.ImageDraw, second: ImageDraw.ImageDraw, die: random.Random) -> None:
    step = WIDE // die.choice([16, 24, 32])
    top, low = int(HIGH * die.uniform(0.1, 0.35)), int(HIGH * die.uniform(0.65, 0.9))
    for x in range(-HIGH, WIDE + HIGH, step):
        draw.line((x + top, top, x + low, low), fill=210, width=4)
        draw.line((x - top, top, x - low, low), fill=210, width=4)
    for k in range(2 * WIDE // step):
        for row in range((low - top) // step + 1):
            across, down = k * step / 2, top + row * step + (k % 2) * step / 2
            if down < low - 6:
                second.ellipse((across - 6, down - 6, across + 6, down + 6), fill=210)
    draw.rectangle((0, top - 5, WIDE, top + 2), fill=240)
    draw.rectangle((0, low - 2, WIDE, low + 5), fill=240)


PAINTERS: dict[str, Callable[[ImageDraw.ImageDraw, ImageDraw.ImageDraw, random.Random], None]] = {
    "bands": _bands, "blossom": _blossom, "leaves": _leaves, "landscape": _landscape, "scrolls": _scrolls,
        "lattice": _lattice,
}  # fmt: skip


def mark(words: str, hue: str, ground: Colour, die: random.Random) -> Floats:
    """A maker's mark (256, 256, 3) as painted or stamped on a base: a device over a line of letters."""
    image = Image.new("L", (256, 256), 0)
    draw = ImageDraw.Draw(image)
    kind = die.choice(["ring", "shield", "strokes"])
    if kind == "ring":
        draw.ellipse((88, 70, 168, 150), outline=230, width=5)
        draw.line((128, 80, 128, 140), fill=230, width=5)
    elif kind == "shield":
        draw.polygon([(92, 72), (164, 72), (160, 120), (128, 150), (96, 120)], outline=230, width=5)
        draw.line((96, 108, 160, 84), fill=230, width=5)
    else:
        for k in range(6):
            x = 92 + 14 * k
            draw.line(
                (x, 80 + die.randint(0, 30), x + die.randint(-10, 16), 110 + die.randint(0, 36)), fill=230, width=6
            )
    letters = "".join(word[0] for word in words.replace("&", "").split())[:4] or "N"
    draw.text((128, 176), f"{letters}  {die.randint(11, 989)}", fill=225, anchor="mm", font_size=26)
    share = np.asarray(image.filter(ImageFilter.GaussianBlur(1.2)), np.float32)[..., None] / 255
    share = share * (0.8 + 0.2 * cloud(256, 256, die.randrange(10**6), 8)[..., None]).clip(0, 1)
    base = np.broadcast_to(np.array(ground, np.float32), (256, 256, 3)) * (
        1 + 0.05 * cloud(256, 256, die.randrange(10**6), 5)[..., None]
    )
    return np.asarray(base * (1 - share) + np.array(HUE_COLOURS[hue], np.float32) * share, np.float32)
