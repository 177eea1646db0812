"""Silver, brass and pewter: cast, spun and raised."""

import random
from dataclasses import replace

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from catalog.sample.columns import Floats
from catalog.sample.decoration import mark
from catalog.sample.design import Design
from catalog.sample.joinery import sweep
from catalog.sample.material import Material, dimmed
from catalog.sample.mesh import Mesh, joined, revolve, spline
from catalog.sample.stage import Part
from catalog.sample.substances import substance
from catalog.sample.vessels import Curve, ball, bent, flat_uv, handle, lid, under


def _base(radius: float, design: Design, die: random.Random, metal: Material) -> Part:
    ground = dimmed(metal.colour, 0.7)
    stamped = replace(
        metal, texture=mark(design.maker, "black", ground, die), colour=(1.0, 1.0, 1.0), metal=0.7, rough=0.4
    )
    return Part(flat_uv(revolve(under(radius, 0.012)), radius), stamped)


def candlestick(design: Design, die: random.Random) -> list[Part]:
    shape, metal = random.Random(design.model), substance(design.substance, die, design.wear)
    foot = shape.uniform(0.2, 0.27)
    if design.pattern == "knopped":
        stem = [
            (0.05, 0.16),
            (0.035, 0.22),
            (0.085, 0.3),
            (0.035, 0.37),
            (0.05, 0.5),
            (0.09, 0.58),
            (0.04, 0.64),
            (0.035, 0.74),
        ]
    elif design.pattern == "fluted":
        stem = [(0.075, 0.16), (0.07, 0.3), (0.06, 0.5), (0.052, 0.72)]
    else:
        stem = [(0.06, 0.16), (0.04, 0.3), (0.05, 0.5), (0.07, 0.62), (0.035, 0.72)]
    stem = [(r * shape.uniform(0.85, 1.2), z) for r, z in stem]
    base = [(foot, 0), (foot, 0.02), (foot * 0.92, 0.035), (foot * 0.8, 0.05), (foot * 0.4, 0.09), (0.08, 0.13)]
    cup = [
        (0.06, 0.77),
        (0.075, 0.82),
        (0.07, 0.92),
        (0.11, 0.95),
        (0.115, 0.962),
        (0.06, 0.962),
        (0.055, 0.85),
        (0.0005, 0.84),
    ]
    lobes, depth = (16, 0.06) if design.pattern == "fluted" else (0, 0.0)
    parts = [
        Part(revolve(np.concatenate([spline(base, 40)])), metal),
        Part(revolve(spline([base[-1], *stem, cup[0]], 60), 96, lobes, depth), metal),
    ]
    return [*parts, Part(revolve(np.array(cup)), metal), _base(foot, design, die, metal)]


def tankard(design: Design, die: random.Random) -> list[Part]:
    shape, metal = random.Random(design.model), substance(design.substance, die, design.wear)
    r = shape.uniform(0.27, 0.33)
    side: list[tuple[float, float]] = [(r * 1.1, 0), (r * 1.1, 0.04), (r * 1.02, 0.07), (r, 0.1)]
    if design.pattern == "banded":
        side += [(r * 0.97, 0.34), (r * 1.01, 0.35), (r * 1.01, 0.39), (r * 0.965, 0.4)]
    side += [(r * 0.9, 0.72), (r * 0.94, 0.74), (r * 0.94, 0.77)]
    outer = np.array(side)
    top = spline(
        [
            (r * 0.98, 0.775),
            (r * 0.98, 0.8),
            (r * 0.7, 0.84),
            (r * 0.3, 0.9),
            (0.04, 0.91),
            (0.05, 0.95),
            (0.0005, 0.98),
        ],
        40,
    )
    thumb = sweep(
        spline([(-r * 0.9, 0, 0.8), (-r * 1.1, 0, 0.86), (-r * 1.02, 0, 0.95)], 16), np.linspace(0.02, 0.035, 16), 10
    )
    loop = handle(outer, -1, 0.2, 0.95, 0.2, 0.03)
    return [
        Part(revolve(outer), metal),
        Part(revolve(top), metal),
        Part(thumb, metal),
        Part(loop, metal),
        _base(r * 1.1, design, die, metal),
    ]


def coffee_pot(design: Design, die: random.Random) -> list[Part]:
    shape, metal = random.Random(design.model), substance(design.substance, die, design.wear)
    outer = bent(
        [(0.2, 0), (0.21, 0.03), (0.15, 0.08), (0.27, 0.25), (0.25, 0.45), (0.16, 0.66), (0.17, 0.76)], shape, 0.05
    )
    lobes, depth = (12, 0.035) if design.pattern == "fluted" else (0, 0.0)
    spout = spline([(0.22, 0, 0.26), (0.36, 0, 0.34), (0.36, 0, 0.55), (0.46, 0, 0.74)], 30)
    wood = substance("ebonised" if shape.random() < 0.6 else "walnut", die)
    parts = [
        Part(revolve(outer, 96, lobes, depth), metal),
        Part(sweep(spout, np.linspace(0.065, 0.026, 30), 14), metal),
    ]
    return [
        *parts,
        *lid(0.175, 0.762, 0.2, metal),
        Part(handle(outer, -1, 0.28, 0.9, 0.2, 0.024), wood),
        _base(0.2, design, die, metal),
    ]


def salver(design: Design, die: random.Random) -> list[Part]:
    shape, metal = random.Random(design.model), substance(design.substance, die, design.wear)
    lobes, depth = (shape.choice([6, 8, 12]), 0.018) if shape.random() < 0.6 else (0, 0.0)
    top = np.array(
        [
            (0.5, 0.06),
            (0.5, 0.075),
            (0.488, 0.08),
            (0.475, 0.07),
            (0.44, 0.062),
            (0.42, 0.052),
            (0.25, 0.051),
            (0.0005, 0.05),
        ]
    )
    face = revolve(top, 120, lobes, depth)
    low = revolve(np.array([(0.0005, 0.04), (0.42, 0.042), (0.5, 0.06)]), 120, lobes, depth)
    feet = [ball(0.02, 0.02).moved(0.33 * np.cos(a), 0.33 * np.sin(a)) for a in (0.5, 2.6, 4.7)]
    plain = replace(metal, texture=_engraved(shape)) if design.pattern == "engraved" else metal
    uv = (face.points[:, :2] + 0.5).astype(np.float32)
    return [Part(Mesh(face.points, face.normals, uv, face.faces), plain), Part(joined([low, *feet]), metal)]


def _engraved(shape: random.Random) -> Floats:
    """Fine scrolls cut in a ring, darker than the metal, (512, 512, 3)."""
    image = Image.new("L", (1024, 1024), 255)
    draw = ImageDraw.Draw(image)
    count = shape.choice([12, 16, 20])
    for k in range(count):
        a = 2 * np.pi * k / count
        for turn in (1, -1):
            t = np.linspace(0, 1, 40)
            r, b = 330 + 60 * t * np.cos(7 * t), a + turn * 0.2 * t * np.sin(6 * t) + turn * 0.06
            draw.line(
                [(512 + x * np.cos(y), 512 + x * np.sin(y)) for x, y in zip(r, b, strict=True)], fill=110, width=4
            )
    for radius in (290, 300, 402):
        draw.ellipse((512 - radius, 512 - radius, 512 + radius, 512 + radius), outline=130, width=3)
    small = image.filter(ImageFilter.GaussianBlur(1)).resize((512, 512), Image.Resampling.BOX)
    return np.repeat(np.asarray(small, np.float32)[..., None] / 255, 3, axis=2)


def beaker(design: Design, die: random.Random) -> list[Part]:
    shape, metal = random.Random(design.model), substance(design.substance, die, design.wear)
    r = shape.uniform(0.24, 0.3)
    side = [(r, 0), (r, 0.05), (r * 0.95, 0.07)]
    if design.pattern == "banded":
        side += [
            (r, 0.3),
            (r * 1.05, 0.31),
            (r * 1.05, 0.35),
            (r * 1.02, 0.36),
            (r * 1.1, 0.56),
            (r * 1.14, 0.57),
            (r * 1.14, 0.6),
        ]
    side += [(r * 1.3, 0.82), (r * 1.4, 0.85)]
    outer: Curve = np.array(side)
    inside = np.array([(r * 1.4, 0.85), (r * 1.37, 0.85), (r * 1.27, 0.81), (r * 0.94, 0.1), (0.0005, 0.08)])
    gilt = substance("gilt", die) if design.substance == "silver" and shape.random() < 0.5 else metal
    return [Part(revolve(outer), metal), Part(revolve(inside), gilt), _base(r, design, die, metal)]


def tazza(design: Design, die: random.Random) -> list[Part]:
    shape, metal = random.Random(design.model), substance(design.substance, die, design.wear)
    lobes, depth = (20, 0.03) if design.pattern == "fluted" else (0, 0.0)
    foot = [
        (0.24, 0),
        (0.24, 0.02),
        (0.1, 0.07),
        (0.05, 0.14),
        (shape.uniform(0.06, 0.1), 0.22),
        (0.045, 0.3),
        (0.07, 0.36),
    ]
    dish = spline(
        [(0.07, 0.36), (0.3, 0.4), (0.45, 0.5), (0.5, 0.56), (0.49, 0.565), (0.42, 0.5), (0.28, 0.42), (0.0005, 0.39)],
        70,
    )
    return [
        Part(revolve(spline(foot, 50)), metal),
        Part(revolve(dish, 120, lobes, depth), metal),
        _base(0.24, design, die, metal),
    ]


def mortar(design: Design, die: random.Random) -> list[Part]:
    metal = substance(design.substance, die, max(0.4, design.wear))
    outer = np.array(
        [
            (0.26, 0),
            (0.26, 0.05),
            (0.23, 0.08),
            (0.25, 0.3),
            (0.28, 0.31),
            (0.28, 0.35),
            (0.26, 0.36),
            (0.3, 0.58),
            (0.37, 0.66),
            (0.37, 0.68),
        ]
    )
    inside = np.array([(0.37, 0.68), (0.34, 0.68), (0.24, 0.5), (0.2, 0.12), (0.0005, 0.1)])
    knobs = [ball(0.035, 0.33).moved(side * 0.3) for side in (1, -1)]
    stick = revolve(
        spline(
            [
                (0.0005, 0),
                (0.07, 0.03),
                (0.08, 0.08),
                (0.03, 0.16),
                (0.028, 0.6),
                (0.05, 0.66),
                (0.055, 0.72),
                (0.0005, 0.76),
            ],
            50,
        )
    )
    pestle = stick.turned("y", die.uniform(28, 36)).moved(-0.16, 0.05, 0.14)
    return [
        Part(revolve(outer), metal),
        Part(revolve(inside), metal),
        Part(joined([*knobs, pestle]), metal),
        _base(0.26, design, die, metal),
    ]


METALWARE = {
    "candlestick": candlestick,
    "tankard": tankard,
    "coffee pot": coffee_pot,
    "salver": salver,
    "beaker": beaker,
    "tazza": tazza,
    "mortar": mortar,
}
