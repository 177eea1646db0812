"""Chests, tables, coffers and bookcases, joined from boards, legs and rails."""

import random

import numpy as np

from catalog.sample.design import Design
from catalog.sample.frames import mirror
from catalog.sample.joinery import board, box, moulding, panel, sweep
from catalog.sample.legs import LEGS, four, grained, leg
from catalog.sample.material import Material
from catalog.sample.mesh import joined, revolve, spline
from catalog.sample.stage import Part
from catalog.sample.substances import linear, substance
from catalog.sample.vessels import ball


def drawers(
    width: float, rows: list[tuple[float, float, int]], y: float, wood: Material, metal: Material, shape: random.Random
) -> list[Part]:
    """Drawer fronts with handles: rows of (low, height, count) on a front at depth y."""
    fronts, pulls = [], []
    knob = shape.random() < 0.5
    for low, height, count in rows:
        each = width / count
        for k in range(count):
            x = -width / 2 + (k + 0.5) * each
            fronts.append(box(each - 0.02, 0.03, height - 0.02, 0.008).moved(x, y, low + 0.01))
            for side in (-1, 1) if each > 0.45 else (0,):
                at = x + side * each * 0.27
                z = low + height / 2
                if knob:
                    pulls.append(ball(0.022, 0).moved(at, y - 0.04, z))
                else:
                    pulls.append(
                        sweep(
                            spline(
                                [
                                    (at - 0.05, y - 0.016, z + 0.01),
                                    (at - 0.04, y - 0.045, z - 0.02),
                                    (at + 0.04, y - 0.045, z - 0.02),
                                    (at + 0.05, y - 0.016, z + 0.01),
                                ],
                                18,
                            ),
                            0.007,
                            8,
                        )
                    )
                    pulls.append(box(0.13, 0.006, 0.05, 0.003, 2).moved(at, y - 0.017, z - 0.025))
    return [Part(joined(fronts), grained(wood, 0)), Part(joined(pulls), metal)]


def chest(design: Design, die: random.Random) -> list[Part]:
    shape, wood = random.Random(design.model), substance(design.substance, die, design.wear)
    brass = substance("brass", die, 0.5)
    w, d, h = shape.uniform(0.95, 1.15), 0.5, shape.uniform(0.78, 0.95)
    foot = 0.1
    body = [box(w, d, h - foot, 0.01).moved(z=foot)]
    top = box(w + 0.06, d + 0.05, 0.035, 0.014).moved(z=h)
    rows = shape.choice([3, 4])
    first = 0.2 if shape.random() < 0.6 else 0.0
    usable = h - foot - 0.05
    plan: list[tuple[float, float, int]] = []
    if first:
        plan.append((h - 0.03 - usable * first, usable * first, 2))
    each = usable * (1 - first) / (rows - (1 if first else 0))
    plan += [(foot + 0.02 + each * k, each, 1) for k in range(rows - (1 if first else 0))]
    feet = four(leg(foot, 0.045, shape.choice(["turned", "square", "taper"])), w / 2 - 0.07, d / 2 - 0.07)
    return [
        Part(joined(body), grained(wood, 2)),
        Part(top, grained(wood, 0)),
        Part(feet, wood),
        *drawers(w - 0.05, plan, -d / 2 - 0.008, wood, brass, shape),
        _back(w, h, d),
    ]


def _back(width: float, height: float, depth: float) -> Part:
    """Rough boards behind."""
    rough = Material(
        colour=linear(150, 118, 80),
        second=linear(104, 76, 48),
        grain="wood",
        scale=1.6,
        contrast=0.9,
        rough=0.8,
        gloss=0.3,
    )
    return Part(
        panel(width * 0.96, height * 0.88, 6).turned("z", 180).moved(0, depth / 2 + 0.004, height * 0.54), rough
    )


def side_table(design: Design, die: random.Random) -> list[Part]:
    shape, wood = random.Random(design.model), substance(design.substance, die, design.wear)
    w, d, h = shape.uniform(0.6, 0.95), shape.uniform(0.42, 0.56), 0.72
    style = shape.choice(LEGS)
    top = box(w, d, 0.035, 0.014).moved(z=h)
    rail = box(w - 0.1, d - 0.1, 0.13, 0.006).moved(z=h - 0.13)
    parts = [
        Part(top, grained(wood, 0)),
        Part(rail, grained(wood, 0)),
        Part(four(leg(h, 0.028, style), w / 2 - 0.07, d / 2 - 0.07), wood),
    ]
    if shape.random() < 0.6:
        parts += drawers(w * 0.6, [(h - 0.125, 0.115, 1)], -d / 2 + 0.045, wood, substance("brass", die, 0.4), shape)
    if shape.random() < 0.4:
        parts.append(Part(box(w - 0.12, d - 0.12, 0.025, 0.01).moved(z=0.16), grained(wood, 0)))
    return parts


def pedestal_table(design: Design, die: random.Random) -> list[Part]:
    shape, wood = random.Random(design.model), substance(design.substance, die, design.wear)
    r = shape.uniform(0.34, 0.5)
    top = revolve(
        np.array(
            [(0.0005, 0.69), (r * 0.9, 0.69), (r, 0.7), (r + 0.01, 0.715), (r, 0.728), (r - 0.02, 0.73), (0.0005, 0.73)]
        ),
        96,
    )
    stem = [(0.06, 0.2), (0.09, 0.24), (0.05, 0.3), (0.075, 0.42), (0.045, 0.56), (0.06, 0.64), (0.1, 0.69)]
    feet = []
    for k in range(3):
        curve = spline([(0.03, 0, 0.26), (0.16, 0, 0.24), (0.27, 0, 0.08), (0.36, 0, 0.022)], 30)
        feet.append(sweep(curve, np.linspace(0.05, 0.024, 30), 14, 0.7).turned("z", 120.0 * k - 90))
    return [
        Part(top, grained(wood, 0)),
        Part(revolve(spline([(r_ * shape.uniform(0.85, 1.15), z) for r_, z in stem], 60)), wood),
        Part(joined(feet), wood),
    ]


def coffer(design: Design, die: random.Random) -> list[Part]:
    shape, wood = random.Random(design.model), substance(design.substance, die, design.wear)
    w, d, h = shape.uniform(1.1, 1.35), 0.5, 0.56
    count = shape.choice([2, 3, 4])
    frames, panels = [], []
    each = (w - 0.1) / count
    for k in range(count):
        x = -w / 2 + 0.05 + (k + 0.5) * each
        frames.append(
            moulding(
                each - 0.14, h - 0.28, [(0.0, 0.0), (0.01, 0.018), (0.03, 0.022), (0.05, 0.012), (0.052, -0.01)]
            ).moved(x, -d / 2 - 0.004, 0.1 + (h - 0.1) / 2)
        )
        lozenge = np.array([(0, 0.13), (0.09, 0), (0, -0.13), (-0.09, 0)]) * min(1.0, each * 2.4) + [
            x,
            0.1 + (h - 0.1) / 2,
        ]
        if shape.random() < 0.7:
            panels.append(board(lozenge, 0.03, 0.008).moved(0, -d / 2 - 0.006))
    lid = box(w + 0.05, d + 0.05, 0.045, 0.014).moved(z=h)
    iron = Material(colour=(0.05, 0.05, 0.055), metal=0.6, rough=0.45)
    lock = box(0.1, 0.012, 0.13, 0.004, 2).moved(0, -d / 2 - 0.016, h - 0.15)
    body = joined(
        [box(w, d, h - 0.08, 0.01).moved(z=0.08), four(box(0.1, 0.09, 0.12, 0.008, 2), w / 2 - 0.05, d / 2 - 0.045)]
    )
    parts = [Part(body, grained(wood, 0)), Part(joined(frames), wood), Part(lid, grained(wood, 0)), Part(lock, iron)]
    return [*parts, Part(joined(panels), wood)] if panels else parts


BOOKS = tuple(
    linear(*c)
    for c in (
        (108, 34, 30),
        (40, 58, 48),
        (36, 44, 74),
        (150, 116, 66),
        (90, 58, 36),
        (200, 186, 150),
        (60, 56, 54),
        (128, 84, 40),
    )
)


def bookcase(design: Design, die: random.Random) -> list[Part]:
    shape, wood = random.Random(design.model), substance(design.substance, die, design.wear)
    w, d, h, shelves = shape.uniform(0.7, 1.0), 0.3, shape.uniform(1.2, 1.6), shape.choice([3, 4, 5])
    t = 0.03
    sides = [box(t, d, h, 0.006).moved(side * (w / 2 - t / 2)) for side in (-1, 1)]
    boards = [box(w - 0.02, d - 0.01, t, 0.006).moved(z=0.07 + (h - 0.12) * k / shelves) for k in range(shelves + 1)]
    top = box(w + 0.05, d + 0.04, 0.035, 0.012).moved(z=h)
    back = panel(w - 0.02, h - 0.05, 8).moved(0, d / 2 - 0.02, h / 2)
    parts = [
        Part(joined(sides), grained(wood, 2)),
        Part(joined([*boards, top]), grained(wood, 0)),
        Part(back, grained(wood, 2)),
    ]
    if shape.random() < 0.6:
        for tone in BOOKS:
            volumes = []
            for k in range(shelves):
                for _ in range(shape.randint(1, 4)):
                    high = (h - 0.12) / shelves * shape.uniform(0.55, 0.85)
                    volumes.append(
                        box(shape.uniform(0.025, 0.06), 0.2, high, 0.006, 2).moved(
                            shape.uniform(-w / 2 + 0.06, w / 2 - 0.06), 0.0, 0.1 + (h - 0.12) * k / shelves
                        )
                    )
            parts.append(Part(joined(volumes), Material(colour=tone, rough=0.5, gloss=0.6)))
    return parts


def sideboard(design: Design, die: random.Random) -> list[Part]:
    shape, wood = random.Random(design.model), substance(design.substance, die, design.wear)
    w, d, h = shape.uniform(1.5, 1.9), 0.46, 0.82
    low = shape.uniform(0.14, 0.3)
    parts = [
        Part(box(w, d, h - low, 0.012).moved(z=low), grained(wood, 0)),
        Part(four(leg(low, 0.03, shape.choice(LEGS)), w / 2 - 0.1, d / 2 - 0.07), wood),
    ]
    each = w / 3
    doors = [
        box(each - 0.03, 0.025, h - low - 0.06, 0.008).moved(x * each, -d / 2 - 0.006, low + 0.03) for x in (-1, 1)
    ]
    pulls = [ball(0.02, 0).moved(x * (each - each * 0.4), -d / 2 - 0.04, (h + low) / 2) for x in (-1, 1)]
    brass = substance("brass", die, 0.3)
    high = (h - low - 0.04) / 3
    rows = [(low + 0.02 + high * k, high, 1) for k in range(3)]
    return [
        *parts,
        Part(joined(doors), grained(wood, 2 if shape.random() < 0.5 else 0)),
        Part(joined(pulls), brass),
        *drawers(each, rows, -d / 2 - 0.008, wood, brass, shape),
        _back(w, h, d),
    ]


FURNITURE = {
    "chest of drawers": chest,
    "side table": side_table,
    "pedestal table": pedestal_table,
    "coffer": coffer,
    "bookcase": bookcase,
    "wall mirror": mirror,
    "sideboard": sideboard,
}
