"""Clocks with painted dials, in cases of wood, marble and brass, and the lamps that stood beside them."""

import random

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from catalog.sample.columns import Floats
from catalog.sample.design import Design
from catalog.sample.joinery import board, box, disc, hoop, panel, sweep
from catalog.sample.material import Material
from catalog.sample.mesh import Mesh, joined, revolve, spline
from catalog.sample.noise import cloud
from catalog.sample.stage import Part
from catalog.sample.substances import picture_colours, substance
from catalog.sample.vessels import ball

NUMERALS = {
    "roman": ("XII", "I", "II", "III", "IIII", "V", "VI", "VII", "VIII", "IX", "X", "XI"),
    "arabic": tuple(str(n) for n in (12, *range(1, 12))),
}


def dial(shape: random.Random, die: random.Random, wear: float) -> Floats:
    """A dial (640, 640, 3): chapter ring, numerals, minute track, hands at some hour, age."""
    size = 1280
    ground = shape.choice([(240, 236, 224), (232, 222, 196), (246, 246, 244), (200, 188, 150), (34, 36, 42)])
    ink = (235, 230, 215) if sum(ground) < 300 else shape.choice([(20, 20, 24), (28, 30, 60), (60, 30, 20)])
    image = Image.new("RGB", (size, size), ground)
    draw = ImageDraw.Draw(image)
    middle, reach = size / 2, size * 0.47
    for minute in range(60):
        a = minute * np.pi / 30
        inner = reach * (0.95 if minute % 5 else 0.92)
        draw.line(
            [(middle + r * np.sin(a), middle - r * np.cos(a)) for r in (inner, reach * 0.985)],
            fill=ink,
            width=4 if minute % 5 else 10,
        )
    draw.ellipse((middle - reach, middle - reach, middle + reach, middle + reach), outline=ink, width=5)
    kind = shape.choice(["roman", "roman", "arabic", "batons"])
    for hour in range(12):
        a = hour * np.pi / 6
        x, y = middle + reach * 0.77 * np.sin(a), middle - reach * 0.77 * np.cos(a)
        if kind == "batons":
            draw.line(
                [(middle + r * np.sin(a), middle - r * np.cos(a)) for r in (reach * 0.7, reach * 0.88)],
                fill=ink,
                width=22,
            )
            continue
        letter = Image.new("L", (240, 240), 0)
        ImageDraw.Draw(letter).text(
            (120, 120), NUMERALS[kind][hour], fill=255, anchor="mm", font_size=108, stroke_width=3
        )
        upright = letter if kind == "arabic" else letter.rotate(-30 * hour, Image.Resampling.BICUBIC)
        image.paste(ink, (int(x - 120), int(y - 120)), upright)
    _hands(draw, middle, reach, die.random() * 12, (20, 20, 30) if sum(ground) > 300 else (230, 225, 205))
    small = image.resize((size // 2, size // 2), Image.Resampling.LANCZOS).filter(ImageFilter.GaussianBlur(0.5))
    light = picture_colours(np.asarray(small))
    stain = np.clip(cloud(size // 2, size // 2, die.randrange(10**6), 4)[..., None], 0, 3) * (0.03 + 0.12 * wear)
    return np.asarray(light * (1 - stain * np.array([0.4, 0.7, 1.2], np.float32)), np.float32)


def _hands(draw: ImageDraw.ImageDraw, middle: float, reach: float, hour: float, ink: tuple[int, int, int]) -> None:
    for turn, length, width in ((hour / 12, 0.5, 26), (hour % 1, 0.8, 18)):
        a = 2 * np.pi * turn
        tip = (middle + length * reach * np.sin(a), middle - length * reach * np.cos(a))
        side = (width / 2 * np.cos(a), width / 2 * np.sin(a))
        back = (middle - 0.12 * reach * np.sin(a), middle + 0.12 * reach * np.cos(a))
        draw.polygon([tip, (middle + side[0], middle + side[1]), back, (middle - side[0], middle - side[1])], fill=ink)
    draw.ellipse((middle - 22, middle - 22, middle + 22, middle + 22), fill=ink)


def face(
    radius: float,
    x: float,
    y: float,
    z: float,
    shape: random.Random,
    die: random.Random,
    design: Design,
    bezel: str = "brass",
) -> list[Part]:
    """A dial with its bezel, facing -y."""
    metal = substance(bezel, die, design.wear * 0.5)
    rim = [(-0.02, -0.005), (-0.012, 0.012), (0.0, 0.02), (0.018, 0.018), (0.024, 0.0), (0.024, -0.02)]
    painted = Material(texture=dial(shape, die, design.wear), colour=(1, 1, 1), rough=0.12, gloss=0.8)
    return [Part(disc(radius).moved(x, y, z), painted), Part(hoop(2 * radius, 2 * radius, rim).moved(x, y, z), metal)]


def arch(
    width: float, height: float, rise: float, count: int = 28
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """The outline of a case with a round, pointed or flat top, from the lower left corner; (k, 2)."""
    t = np.linspace(np.pi, 0, count)
    top = np.stack([width / 2 * np.cos(t), height - rise + rise * np.sin(t)], -1)
    left = np.stack([np.full(8, -width / 2), np.linspace(0, height - rise, 8)], -1)
    right = np.stack([np.full(8, width / 2), np.linspace(height - rise, 0, 8)], -1)
    low = np.stack([np.linspace(width / 2, -width / 2, 8), np.zeros(8)], -1)[1:-1]
    return np.concatenate([left[:-1], top, right[1:], low])


def _backplate(width: float, height: float, y: float, z: float, die: random.Random) -> list[Part]:
    """What one sees from behind: a door, and the brass of the movement."""
    door = panel(width, height, 4).turned("z", 180).moved(0, y, z)
    wheel = disc(min(width, height) * 0.3).turned("z", 180).moved(0, y + 0.004, z)
    return [Part(door, substance("brass", die, 0.7)), Part(wheel, substance("brass", die, 0.2))]


def mantel_clock(design: Design, die: random.Random) -> list[Part]:
    shape, case = random.Random(design.model), substance(design.substance, die, design.wear)
    width, depth = shape.uniform(0.6, 0.9), shape.uniform(0.24, 0.32)
    style = shape.choice(["arch", "tambour", "block"])
    if style == "tambour":
        x = np.linspace(-0.62, 0.62, 50)
        hump = 0.1 + 0.5 * np.exp(-((x / 0.27) ** 2)) + 0.02
        outline = np.concatenate([np.stack([x, hump], -1), np.stack([x[::-1], np.zeros(50)], -1)])
        z, radius, body = 0.34, 0.2, board(outline, depth, 0.02)
    elif style == "arch":
        z, radius, body = 0.42, 0.22, board(arch(width * 0.8, 0.72, width * 0.4), depth, 0.015)
    else:
        z, radius, body = 0.34, 0.2, box(width, depth, 0.62, 0.012)
    foot = box(1.3 if style == "tambour" else width * 1.06, depth * 1.2, 0.07, 0.015).moved(z=-0.06)
    parts = [Part(body, case), Part(foot, case)]
    if style == "block":
        parts += [
            Part(box(width * 1.1, depth * 1.2, 0.05, 0.015).moved(z=0.62), case),
            Part(box(width * 0.7, depth * 0.9, 0.08, 0.02).moved(z=0.67), case),
        ]
    return [
        *parts,
        *face(radius, 0, -depth / 2 - 0.006, z, shape, die, design),
        *_backplate(0.32, 0.32, depth / 2 + 0.004, z, die),
    ]


def carriage_clock(design: Design, die: random.Random) -> list[Part]:
    shape, metal = random.Random(design.model), substance(design.substance, die, design.wear)
    w, d, h = 0.56, 0.48, shape.uniform(0.72, 0.84)
    post = revolve(
        np.array([(0.035, 0), (0.035, 0.04), (0.022, 0.06), (0.022, h - 0.06), (0.035, h - 0.04), (0.035, h)])
    )
    posts = [post.moved(x * w / 2, y * d / 2, 0.09) for x in (-1, 1) for y in (-1, 1)]
    loop = sweep(
        spline([(-0.2, 0, h + 0.16), (-0.22, 0, h + 0.3), (0.22, 0, h + 0.3), (0.2, 0, h + 0.16)], 30), 0.018, 10
    )
    shell = joined(
        [box(w + 0.12, d + 0.12, 0.09, 0.02), box(w + 0.1, d + 0.1, 0.07, 0.02).moved(z=h + 0.09), *posts, loop]
    )
    inside = box(w * 0.8, d * 0.8, h, 0.01).moved(z=0.09)
    parts = [
        Part(shell, metal),
        Part(inside, Material(colour=(0.02, 0.02, 0.02), rough=0.3)),
        Part(
            panel(w * 0.86, h * 0.92, 4).moved(0, -d * 0.4 - 0.01, h / 2 + 0.09), substance(design.substance, die, 0.6)
        ),
    ]
    return [
        *parts,
        *face(0.19, 0, -d * 0.4 - 0.02, h * 0.6 + 0.09, shape, die, design, design.substance),
        *_backplate(w * 0.8, h * 0.8, d * 0.4 + 0.01, h / 2 + 0.09, die),
    ]


def bracket_clock(design: Design, die: random.Random) -> list[Part]:
    shape, case = random.Random(design.model), substance(design.substance, die, design.wear)
    w, d, h = shape.uniform(0.52, 0.6), 0.36, 0.78
    body = board(arch(w, h, w * shape.uniform(0.18, 0.5)), d, 0.012)
    brass = substance("brass", die, design.wear * 0.6)
    feet = joined([ball(0.04, 0.035).moved(x * w * 0.45, y * d * 0.42, -0.11) for x in (-1, 1) for y in (-1, 1)])
    top = sweep(
        spline([(-0.1, 0, h + 0.01), (-0.09, 0, h + 0.1), (0.09, 0, h + 0.1), (0.1, 0, h + 0.01)], 24), 0.016, 10
    )
    plate = Part(board(arch(w * 0.82, h * 0.84, w * 0.3), 0.02, 0.004).moved(0, -d / 2 - 0.004, h * 0.07), brass)
    base = [box(w * 1.14, d * 1.14, 0.05, 0.015).moved(z=-0.05), box(w * 1.22, d * 1.22, 0.05, 0.02).moved(z=-0.09)]
    return [
        Part(body, case),
        Part(joined(base), case),
        Part(joined([feet, top]), brass),
        plate,
        *face(w * 0.33, 0, -d / 2 - 0.02, h * 0.46, shape, die, design),
        *_backplate(w * 0.7, h * 0.7, d / 2 + 0.004, h * 0.45, die),
    ]


def wall_clock(design: Design, die: random.Random) -> list[Part]:
    shape, case = random.Random(design.model), substance(design.substance, die, design.wear)
    rim = np.array(
        [
            (0.0, 0.02),
            (0.01, 0.045),
            (0.03, 0.05),
            (0.05, 0.07),
            (0.085, 0.075),
            (0.11, 0.05),
            (0.115, 0.0),
            (0.115, -0.08),
        ]
    )
    z = 0.5
    if shape.random() < 0.4:
        ring: Mesh = board(
            np.array([(0.5 * np.cos(t), z + 0.5 * np.sin(t)) for t in np.arange(8) * np.pi / 4 + np.pi / 8]), 0.12, 0.02
        )
    else:
        ring = hoop(0.76, 0.76, rim).moved(z=z)
    return [Part(ring, case), *face(0.37, 0, -0.066, z, shape, die, design)]


def portico_clock(design: Design, die: random.Random) -> list[Part]:
    shape, case = random.Random(design.model), substance(design.substance, die, design.wear)
    gilt = substance("gilt", die, design.wear)
    w, d = 0.52, 0.24
    column = revolve(np.array([(0.04, 0), (0.04, 0.02), (0.03, 0.035), (0.027, 0.42), (0.034, 0.45), (0.045, 0.47)]))
    places = [(x, y) for x in (-0.19, 0.19) for y in (-0.07, 0.07)]
    columns = joined([column.moved(x, y, 0.12) for x, y in places])
    caps = joined(
        [ball(0.045, 0.6, 0.4).moved(x, y) for x, y in places] + [ball(0.042, 0.13, 0.4).moved(x, y) for x, y in places]
    )
    blocks = joined(
        [
            box(w, d, 0.06, 0.01),
            box(w * 0.92, d * 0.92, 0.06, 0.01).moved(z=0.06),
            box(w * 0.96, d, 0.09, 0.012).moved(z=0.59),
            box(w * 0.86, d * 0.9, 0.03, 0.01).moved(z=0.68),
        ]
    )
    drum = hoop(0.26, 0.26, [(0.0, 0.0), (0.03, 0.01), (0.04, 0.0), (0.04, -0.14), (0.0, -0.14)]).moved(0, -0.07, 0.44)
    bob = joined([disc(0.05).moved(0, -0.02, 0.2), sweep([(0, 0, 0.3), (0, 0, 0.22)], 0.006, 8), ball(0.04, 0.74, 1.2)])
    return [
        Part(blocks, case),
        Part(columns, case),
        Part(joined([caps, drum, bob]), gilt),
        *face(0.13, 0, -0.085, 0.44, shape, die, design, "gilt"),
    ]


def alarm_clock(design: Design, die: random.Random) -> list[Part]:
    shape, case = random.Random(design.model), substance(design.substance, die, design.wear)
    brass = substance("brass", die, design.wear)
    drum = hoop(
        0.72, 0.72, [(-0.02, 0.02), (0.02, 0.03), (0.045, 0.02), (0.05, -0.05), (0.045, -0.28), (0.0, -0.32)]
    ).moved(z=0.5)
    legs = [sweep([(x * 0.2, 0.12, 0.2), (x * 0.32, 0.12, 0.0)], np.array([0.03, 0.024]), 10) for x in (-1, 1)]
    bells = [ball(0.15, 0, 0.7).turned("y", x * 28).moved(x * 0.2, 0.14, 0.95) for x in (-1, 1)]
    loop = sweep(spline([(-0.16, 0.14, 1.04), (0, 0.14, 1.16), (0.16, 0.14, 1.04)], 20), 0.018, 8)
    back = disc(0.37).turned("z", 180).moved(0, 0.3, 0.5)
    extras = [Part(joined([loop, *bells]), brass)] if shape.random() < 0.7 else []
    return [
        Part(drum, case),
        Part(back, case),
        Part(joined(legs), brass),
        *extras,
        *face(0.34, 0, -0.018, 0.5, shape, die, design),
    ]


CLOCKS = {
    "mantel clock": mantel_clock, "carriage clock": carriage_clock, "bracket clock": bracket_clock,
        "wall clock": wall_clock,
    "portico clock": portico_clock, "alarm clock": alarm_clock,
}  # fmt: skip
