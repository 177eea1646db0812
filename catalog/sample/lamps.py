"""Table lamps, oil lamps, desk lamps, mushroom lamps and lanterns, some of them lit."""

import random
from dataclasses import replace

import numpy as np

from catalog.sample.decoration import decorated
from catalog.sample.design import Design
from catalog.sample.joinery import box, sweep
from catalog.sample.material import Material, dimmed
from catalog.sample.mesh import joined, revolve, spline
from catalog.sample.stage import Part
from catalog.sample.substances import BODIES, glass, linear, shifted, substance
from catalog.sample.vessels import VASES, ball, bent, inner

SHADES = (
    linear(226, 214, 188),
    linear(238, 234, 224),
    linear(196, 168, 120),
    linear(60, 84, 74),
    linear(120, 40, 36),
    linear(44, 52, 76),
)


def _shade(low: float, high: float, z: float, height: float, die: random.Random, pleats: int, lit: bool) -> list[Part]:
    tone = shifted(die.choice(SHADES), die)
    glow = (3.0 * tone[0], 2.2 * tone[1], 1.3 * tone[2]) if lit else (0.0, 0.0, 0.0)
    cloth = Material(
        colour=tone,
        rough=0.95,
        gloss=0.0,
        grain="weave",
        second=dimmed(tone, 0.85),
        scale=0.8,
        contrast=0.5,
        glow=glow,
    )
    side = np.stack([np.linspace(low, high, 16), np.linspace(z, z + height, 16)], -1)
    within = replace(cloth, colour=(0.8, 0.77, 0.7), glow=dimmed(glow, 1.6))
    outer = revolve(side, 144 if pleats else 72, pleats, 0.012 if pleats else 0.0)
    return [Part(outer, cloth), Part(revolve(side[::-1] - [0.006, 0], 72), within)]


def table_lamp(design: Design, die: random.Random) -> list[Part]:
    shape = random.Random(design.model)
    knots = shape.choice([*VASES["baluster vase"], *VASES["bottle vase"], *VASES["gourd vase"]])
    outer = bent(knots, shape) * 0.56 + [0, 0.05]
    ground = BODIES[design.substance].colour if design.substance in BODIES else (0.5, 0.5, 0.5)
    clay = design.substance in ("porcelain", "celadon", "stoneware", "tenmoku")
    body = substance(
        design.substance, die, design.wear, decorated(design.pattern, design.hue, ground, die) if clay else None
    )
    brass = substance("brass", die, 0.4)
    foot = revolve(
        np.array([(float(outer[0, 0]) * 1.15, 0), (float(outer[0, 0]) * 1.15, 0.03), (float(outer[0, 0]), 0.05)])
    )
    neck = revolve(np.array([(0.05, 0.6), (0.05, 0.62), (0.02, 0.63), (0.02, 0.7), (0.03, 0.7), (0.03, 0.76)]))
    meshes = [revolve(outer), revolve(inner(outer, 0.03, 0.05))] if body.glass else [revolve(outer)]
    wide = shape.uniform(0.3, 0.36)
    shade = _shade(
        wide,
        wide * shape.uniform(0.5, 0.9),
        0.66,
        shape.uniform(0.32, 0.4),
        die,
        shape.choice([0, 0, 60]),
        die.random() < 0.5,
    )
    return [Part(joined(meshes), body), Part(joined([foot, neck]), brass), *shade]


def oil_lamp(design: Design, die: random.Random) -> list[Part]:
    shape, brass = (
        random.Random(design.model),
        substance("copper" if design.substance == "copper" else "brass", die, max(0.2, design.wear)),
    )
    foot = spline([(0.2, 0), (0.2, 0.03), (0.1, 0.08), (0.05, 0.16), (0.06, 0.24), (0.1, 0.28)], 40)
    font = spline([(0.08, 0.27), (0.19, 0.33), (0.2, 0.4), (0.12, 0.46), (0.06, 0.48)], 40)
    burner = np.array([(0.06, 0.48), (0.09, 0.49), (0.09, 0.52), (0.075, 0.53), (0.085, 0.57), (0.06, 0.57)])
    font_part = Part(
        revolve(font),
        substance(design.substance, die, design.wear)
        if design.substance in ("brass", "copper")
        else replace(glass(design.substance, die), glass=False, rough=0.05, gloss=1.4),
    )
    chimney = spline([(0.06, 0.56), (0.075, 0.62), (0.09, 0.7), (0.055, 0.84), (0.05, 1.06)], 50)
    tube = joined([revolve(chimney), revolve(inner(chimney, 0.006, 0.0)[1:-2])])
    parts = [
        Part(revolve(foot), brass),
        font_part,
        Part(revolve(burner), brass),
        Part(tube, Material(glass=True, clear=(0.97, 0.98, 0.98))),
    ]
    if shape.random() < 0.6:
        knots = spline([(0.26, 0.6), (0.25, 0.68), (0.15, 0.8), (0.08, 0.84)], 30)
        milk = BODIES[shape.choice(["opal", "rose opal", "amber opal"])]
        parts += [Part(revolve(knots), milk), Part(revolve(knots[::-1] - [0.008, 0]), milk)]
    return parts


def desk_lamp(design: Design, die: random.Random) -> list[Part]:
    shape, body = random.Random(design.model), substance(design.substance, die, design.wear)
    brass = substance("brass", die, 0.3)
    elbow, head = (-0.24, 0.0, 0.55), (0.18, 0.0, 0.82)
    base = revolve(np.array([(0.2, 0), (0.2, 0.03), (0.18, 0.045), (0.05, 0.06), (0.03, 0.07)]))
    arms = [sweep([(0, 0, 0.05), elbow], 0.017, 12), sweep([elbow, head], 0.017, 12)]
    joints = [ball(0.035, 0).moved(*elbow), ball(0.03, 0).moved(*head), ball(0.035, 0.07)]
    knots = shape.choice(
        [
            [(0.05, 0.17), (0.055, 0.1), (0.13, 0.02), (0.16, -0.06)],
            [(0.04, 0.14), (0.1, 0.12), (0.16, 0.04), (0.17, -0.04)],
        ]
    )
    bell = spline(knots, 30)
    tilt = shape.uniform(-35, -10)
    outside = revolve(bell[::-1]).turned("y", tilt).moved(head[0] + 0.06, 0, head[2] - 0.1)
    within = revolve(bell - [0.006, 0.0]).turned("y", tilt).moved(head[0] + 0.06, 0, head[2] - 0.1)
    bulb = ball(0.05, 0.0, 1.2).turned("y", tilt).moved(head[0] + 0.06, 0, head[2] - 0.1)
    lit = die.random() < 0.35
    lamp = Material(colour=(0.8, 0.8, 0.78), glow=(14.0, 10.5, 6.0) if lit else (0.0, 0.0, 0.0), rough=0.2)
    white = Material(colour=(0.78, 0.77, 0.74), rough=0.4, glow=(0.9, 0.66, 0.36) if lit else (0.0, 0.0, 0.0))
    return [
        Part(base, body),
        Part(joined(arms), brass),
        Part(joined(joints), brass),
        Part(outside, body),
        Part(within, white),
        Part(bulb, lamp),
    ]


def mushroom_lamp(design: Design, die: random.Random) -> list[Part]:
    shape = random.Random(design.model)
    glow = die.uniform(0.8, 3.0) if die.random() < 0.6 else 0.0
    body = BODIES[design.substance]
    milk = replace(body, glow=dimmed(body.glow, glow))
    wide = shape.uniform(0.3, 0.42)
    cap = spline(
        [
            (wide * 0.55, 0.62),
            (wide * 0.98, 0.64),
            (wide, 0.7),
            (wide * 0.75, 0.86),
            (wide * 0.3, 0.95),
            (0.0005, 0.965),
        ],
        60,
    )
    stem = spline([(0.2, 0), (0.21, 0.03), (0.13, 0.16), (0.09, 0.36), (0.11, 0.56), (wide * 0.55, 0.63)], 50)
    return [
        Part(revolve(cap), milk),
        Part(revolve(stem), milk if shape.random() < 0.7 else substance("brass", die, 0.2)),
    ]


def lantern(design: Design, die: random.Random) -> list[Part]:
    shape, metal = random.Random(design.model), substance(design.substance, die, max(design.wear, 0.3))
    sides, wide, high = shape.choice([4, 4, 6]), shape.uniform(0.26, 0.36), shape.uniform(0.5, 0.64)
    taper = shape.uniform(0.75, 1.0)
    bars = []
    for k in range(sides):
        a, b = (2 * np.pi * (n + 0.5) / sides for n in (k, k + 1))
        low, top = ((wide * s * np.cos(a), wide * s * np.sin(a), z) for s, z in ((taper, 0.06), (1.0, 0.06 + high)))
        low2, top2 = ((wide * s * np.cos(b), wide * s * np.sin(b), z) for s, z in ((taper, 0.06), (1.0, 0.06 + high)))
        bars += [sweep([low, top], 0.016, 8), sweep([low, low2], 0.014, 8), sweep([top, top2], 0.018, 8)]
    roof = revolve(
        np.array(
            [
                (wide * 1.12, 0.06 + high),
                (wide * 0.6, 0.16 + high),
                (wide * 0.3, 0.2 + high),
                (wide * 0.3, 0.26 + high),
                (0.05, 0.3 + high),
                (0.0005, 0.31 + high),
            ]
        ),
        sides,
    )
    floor = revolve(np.array([(0.0005, 0.05), (wide * taper, 0.05), (wide * taper, 0.07), (0.0005, 0.075)]), sides)
    turn = 180.0 / sides
    ring = sweep(
        [(0.05 * np.cos(t), 0, 0.36 + high + 0.05 * np.sin(t)) for t in np.linspace(0, 2 * np.pi, 30)],
        0.012,
        8,
        closed=True,
    )
    candle = revolve(np.array([(0.04, 0.07), (0.04, 0.3), (0.03, 0.31), (0.0005, 0.305)]))
    lit = die.random() < 0.5
    flame = ball(0.03, 0.35, 1.9)
    wax = Material(colour=(0.8, 0.76, 0.62), rough=0.5, glow=(0.5, 0.3, 0.1) if lit else (0.0, 0.0, 0.0))
    parts = [
        Part(joined([*bars, ring]), metal),
        Part(joined([roof, floor]).turned("z", turn), metal),
        Part(candle, wax),
    ]
    if lit:
        parts.append(Part(flame, Material(colour=(1, 1, 1), glow=(16.0, 9.0, 3.0), rough=1.0, gloss=0.0)))
    return [*parts, Part(box(0.1, 0.1, 0.05, 0.01), metal)]


LAMPS = {
    "table lamp": table_lamp,
    "oil lamp": oil_lamp,
    "desk lamp": desk_lamp,
    "mushroom lamp": mushroom_lamp,
    "lantern": lantern,
}
