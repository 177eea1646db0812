"""Chests, tables, mirrors and seats, joined from boards, legs, rails and cushions."""

import random
from dataclasses import replace

import numpy as np

from catalog.sample.design import Design
from catalog.sample.joinery import board, box, hoop, moulding, panel, sweep, warped
from catalog.sample.material import Material
from catalog.sample.mesh import Mesh, joined, revolve, spline
from catalog.sample.substances import linear, substance
from catalog.sample.trace import Part
from catalog.sample.upholstery import cover
from catalog.sample.vessels import ball


def grained(material: Material, axis: int) -> Material:
    return replace(material, axis=axis) if material.grain == "wood" else material


def leg(height: float, thick: float, style: str) -> Mesh:
    """A leg on the floor at the origin."""
    if style == "square":
        return box(thick * 1.6, thick * 1.6, height, thick * 0.15, 3)
    if style == "taper":
        return warped(box(thick * 1.7, thick * 1.7, height, thick * 0.15, 4), lambda p: _tapered(p, height))
    if style == "turned":
        shares = [
            (0.75, 0),
            (1.0, 0.04),
            (0.55, 0.1),
            (0.8, 0.2),
            (1.0, 0.34),
            (0.6, 0.42),
            (1.05, 0.5),
            (0.6, 0.58),
            (0.9, 0.7),
            (1.0, 0.8),
            (1.05, 1.0),
        ]
        return revolve(spline([(r * thick, z * height) for r, z in shares], 50), 24)
    shares = [(0.6, 0), (0.55, 0.02), (0.95, 0.9), (1.0, 1.0)]
    return revolve([(r * thick, z * height) for r, z in shares], 24)


def _tapered(
    points: np.ndarray[tuple[int, ...], np.dtype[np.float32]], height: float
) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    share = (0.55 + 0.45 * np.clip(points[:, 2:3] / height, 0, 1)).astype(np.float32)
    return np.concatenate([points[:, :2] * share, points[:, 2:]], axis=1)


LEGS = ("square", "taper", "turned", "round")


def four(mesh: Mesh, x: float, y: float) -> Mesh:
    return joined([mesh.moved(a * x, b * y) for a in (-1, 1) for b in (-1, 1)])


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


PROFILES = (
    [(0.0, 0.01), (0.006, 0.018), (0.02, 0.02), (0.05, 0.035), (0.08, 0.06), (0.1, 0.062), (0.11, 0.04), (0.11, -0.01)],
    [
        (0.0, 0.012),
        (0.01, 0.02),
        (0.02, 0.014),
        (0.045, 0.02),
        (0.075, 0.045),
        (0.085, 0.03),
        (0.1, 0.05),
        (0.125, 0.045),
        (0.13, -0.01),
    ],
    [(0.0, 0.02), (0.004, 0.026), (0.045, 0.028), (0.05, 0.024), (0.05, -0.01)],
    [(0.0, 0.05), (0.02, 0.055), (0.06, 0.035), (0.09, 0.03), (0.1, 0.015), (0.1, -0.01)],
)


def mirror(design: Design, die: random.Random) -> list[Part]:
    shape, frame = random.Random(design.model), substance(design.substance, die, design.wear)
    w, h = shape.uniform(0.5, 0.66), shape.uniform(0.72, 0.9)
    profile = [(1.1 * a, 1.1 * b) for a, b in shape.choice(PROFILES)]
    silver = Material(colour=(0.86, 0.88, 0.87), metal=1.0, rough=0.015, patchy=0.0, wear=0.5 * design.wear)
    z = h / 2 + 0.14
    if design.pattern == "oval":
        rim = hoop(w, h, profile).moved(z=z)
        flat = warped(
            hoop(0.004, 0.004, [(0.0, 0.0), ((w + h) / 4 * 0.5, 0.0), ((w + h) / 4, 0.0)]),
            lambda p: p * np.array([w / (w + h) * 2, 1, h / (w + h) * 2], np.float32),
        ).moved(z=z)
    else:
        rim, flat = moulding(w, h, profile).moved(z=z), panel(w, h, 6).moved(z=z)
    parts = [Part(rim, frame), Part(flat, silver)]
    if shape.random() < 0.35:
        crest = np.array(
            [
                (0.3 * np.cos(t) * (1 + 0.12 * np.cos(5 * t)), 0.13 * max(0.0, np.sin(t)) * (1 + 0.2 * np.cos(4 * t)))
                for t in np.linspace(0, np.pi, 40)
            ]
        )
        parts.append(Part(board(crest + np.array([0, z + h / 2 + 0.1]), 0.05, 0.015).moved(0, -0.02), frame))
    return parts


def cushion(width: float, depth: float, height: float, bulge: float) -> Mesh:
    """A stuffed seat on the floor plane, domed on top."""
    block = box(width, depth, height, min(width, depth, height) * 0.4, 12)

    def dome(p: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        lift = bulge * np.clip(1 - (2 * p[:, 0] / width) ** 2, 0, 1) * np.clip(1 - (2 * p[:, 1] / depth) ** 2, 0, 1)
        return np.stack([p[:, 0], p[:, 1], p[:, 2] + lift * np.clip(p[:, 2] / height, 0, 1)], -1)

    return warped(block, dome)


def chair(design: Design, die: random.Random) -> list[Part]:
    shape, wood = random.Random(design.model), substance(design.substance, die, design.wear)
    fabric = cover(design, die)
    w, d, seat, top = shape.uniform(0.44, 0.5), 0.44, 0.45, shape.uniform(0.86, 0.98)
    lean = 0.09
    style = shape.choice(LEGS)
    front = joined([leg(seat, 0.024, style).moved(x * (w / 2 - 0.03), -d / 2 + 0.03) for x in (-1, 1)])
    posts = [
        sweep(
            spline(
                [
                    (x * (w / 2 - 0.05), d / 2 + 0.03, 0),
                    (x * (w / 2 - 0.04), d / 2 - 0.03, seat),
                    (x * (w / 2 - 0.03), d / 2 + lean, top),
                ],
                24,
            ),
            0.019,
            12,
        )
        for x in (-1, 1)
    ]
    rails = [
        box(w - 0.02, d - 0.02, 0.06, 0.008).moved(z=seat - 0.06),
        box(w - 0.1, 0.02, 0.025, 0.006).moved(0, 0, 0.16),
    ]
    return [
        Part(joined([front, *posts, *rails]), wood),
        Part(cushion(w - 0.01, d, 0.055, 0.035).moved(z=seat), fabric),
        Part(_splat(w, d, seat, top, lean, shape), wood),
    ]


def _splat(w: float, d: float, seat: float, top: float, lean: float, shape: random.Random) -> Mesh:
    """The back between the posts: rails, bars or a cut splat."""

    def at(z: float) -> float:
        return float(d / 2 - 0.03 + (lean + 0.03) * max(0.0, (z - seat) / (top - seat)) ** 1.4)

    crest = [
        sweep(
            spline(
                [
                    (-w / 2 + 0.02, at(top), top - 0.02),
                    (0, at(top) + 0.03, top + shape.uniform(0, 0.06)),
                    (w / 2 - 0.02, at(top), top - 0.02),
                ],
                24,
            ),
            0.03,
            12,
            0.45,
        )
    ]
    crest.append(
        sweep([(-w / 2 + 0.03, at(seat + 0.12), seat + 0.12), (w / 2 - 0.03, at(seat + 0.12), seat + 0.12)], 0.016, 10)
    )
    kind = shape.choice(["bars", "splat", "rails", "cross"])
    if kind == "bars":
        crest += [
            sweep([(x * w * 0.14, at(seat + 0.12), seat + 0.12), (x * w * 0.15, at(top) + 0.02, top)], 0.011, 10)
            for x in (-2, -1, 0, 1, 2)
        ]
    elif kind == "rails":
        crest += [
            sweep(
                spline([(-w / 2 + 0.03, at(z), z), (0, at(z) + 0.02, z + 0.015), (w / 2 - 0.03, at(z), z)], 16),
                0.024,
                10,
                0.4,
            )
            for z in np.linspace(seat + 0.2, top - 0.12, 3)
        ]
    elif kind == "cross":
        crest += [
            sweep([(-x * w * 0.42, at(seat + 0.13), seat + 0.13), (x * w * 0.42, at(top), top - 0.03)], 0.014, 10)
            for x in (-1, 1)
        ]
    else:
        t = np.linspace(0, 1, 24)
        half = 0.05 + 0.03 * np.cos(2 * np.pi * t * shape.choice([1, 1.5, 2])) + 0.015 * t
        outline = np.concatenate([np.stack([half, t], -1), np.stack([-half[::-1], t[::-1]], -1)]) * [
            1,
            top - seat - 0.12,
        ] + [0, seat + 0.12]
        crest.append(
            warped(
                board(outline, 0.016, 0.004),
                lambda p: p + np.stack([0 * p[:, 0], np.array([at(float(z)) for z in p[:, 2]]), 0 * p[:, 0]], -1),
            )
        )
    return joined(crest)


def ladder_back(design: Design, die: random.Random) -> list[Part]:
    shape, wood = random.Random(design.model), substance(design.substance, die, design.wear)
    w, d, seat, top = 0.46, 0.4, 0.44, shape.uniform(0.98, 1.08)
    front = [leg(seat + 0.03, 0.02, "turned").moved(x * w / 2, -d / 2) for x in (-1, 1)]
    posts = [
        sweep(
            [
                (x * (w / 2 - 0.02), d / 2, 0),
                (x * (w / 2 - 0.02), d / 2, seat),
                (x * (w / 2 - 0.02), d / 2 + 0.07, top),
            ],
            0.018,
            12,
        )
        for x in (-1, 1)
    ]
    finials = [ball(0.026, 0, 1.4).moved(x * (w / 2 - 0.02), d / 2 + 0.072, top + 0.02) for x in (-1, 1)]
    rungs = [
        sweep([(-w / 2 + 0.02, y, z), (w / 2 - 0.02, y, z)], 0.011, 10)
        for y, z in ((-d / 2, 0.14), (-d / 2, 0.27), (d / 2, 0.2))
    ]
    rungs += [
        sweep([(x * (w / 2 - 0.01), -d / 2, z), (x * (w / 2 - 0.02), d / 2, z)], 0.011, 10)
        for x in (-1, 1)
        for z in (0.17, 0.3)
    ]
    slats = []
    for k, z in enumerate(np.linspace(seat + 0.16, top - 0.08, shape.choice([4, 5]))):
        y = d / 2 + 0.07 * (z - seat) / (top - seat)
        slats.append(
            sweep(
                spline([(-w / 2 + 0.03, y, z), (0, y + 0.025, z + 0.014 + 0.002 * k), (w / 2 - 0.03, y, z)], 16),
                0.032,
                10,
                0.22,
            )
        )
    body = joined([*front, *posts, *finials, *rungs, *slats])
    return [Part(body, wood), Part(cushion(w + 0.02, d + 0.02, 0.04, 0.005).moved(z=seat - 0.01), cover(design, die))]


def armchair(design: Design, die: random.Random) -> list[Part]:
    shape, wood = random.Random(design.model), substance(design.substance, die, design.wear)
    fabric = cover(design, die)
    w, d = shape.uniform(0.68, 0.78), 0.7
    foot = shape.uniform(0.12, 0.24)
    high = shape.uniform(0.42, 0.62)
    base = box(w, d, 0.16, 0.03).moved(z=foot)
    seat = cushion(w - 0.2, d - 0.08, 0.13, 0.04).moved(0, -0.04, foot + 0.15)
    back = cushion(w - 0.06, high, 0.17, 0.05).turned("x", 78).moved(0, d / 2 - 0.14, foot + 0.2 + high / 2 - 0.08)
    roll = shape.random() < 0.6
    arms = []
    for x in (-1, 1):
        if roll:
            arms.append(
                sweep(
                    [(x * (w / 2 - 0.03), -d / 2 + 0.02, foot + 0.38), (x * (w / 2 - 0.03), d / 2 - 0.1, foot + 0.4)],
                    0.085,
                    24,
                )
            )
        arms.append(box(0.13, d - 0.06, 0.36 if roll else 0.4, 0.045, 8).moved(x * (w / 2 - 0.04), 0, foot))
    legs = four(leg(foot, 0.026, shape.choice(["taper", "turned", "round"])), w / 2 - 0.06, d / 2 - 0.06)
    return [Part(joined([base, *arms]), fabric), Part(seat, fabric), Part(back, fabric), Part(legs, wood)]


def stool(design: Design, die: random.Random) -> list[Part]:
    shape, wood = random.Random(design.model), substance(design.substance, die, design.wear)
    w, d, h = shape.uniform(0.44, 0.6), shape.uniform(0.34, 0.44), shape.uniform(0.28, 0.36)
    parts = [
        Part(four(leg(h, 0.028, shape.choice(LEGS)), w / 2 - 0.05, d / 2 - 0.05), wood),
        Part(box(w, d, 0.06, 0.01).moved(z=h - 0.06), grained(wood, 0)),
    ]
    return [*parts, Part(cushion(w, d, 0.08, 0.05).moved(z=h), cover(design, die))]


def bentwood(design: Design, die: random.Random) -> list[Part]:
    shape, wood = random.Random(design.model), substance(design.substance, die, design.wear)
    t = np.linspace(0, np.pi, 40)
    r, seat, top = 0.2, 0.45, shape.uniform(0.84, 0.92)
    hoop_path = [
        (x, 0.17 + 0.1 * (z - seat) / 0.4, z)
        for x, z in ((r * np.cos(a) * 1.02, seat + (top - seat) * np.sin(a) ** 0.7) for a in t)
    ]
    inner_path = [(0.55 * x, y - 0.005, seat + (z - seat) * shape.uniform(0.72, 0.74)) for x, y, z in hoop_path]
    ring = revolve(
        np.array([(0.2, seat - 0.045), (0.215, seat - 0.03), (0.215, seat), (0.2, seat + 0.008), (0.17, seat)])
    )
    legs = [
        sweep(
            spline(
                [
                    (x * 0.14, y * 0.14, seat - 0.03),
                    (x * 0.16, y * 0.17, 0.22),
                    (x * 0.2, y * (0.22 if y > 0 else 0.2), 0),
                ],
                20,
            ),
            np.linspace(0.018, 0.013, 20),
            12,
        )
        for x in (-1, 1)
        for y in (-1, 1)
    ]
    brace = sweep(
        [(0.155 * np.cos(a), 0.155 * np.sin(a), 0.24) for a in np.linspace(0, 2 * np.pi, 48)], 0.01, 10, closed=True
    )
    body = joined([sweep(hoop_path, 0.015, 12), sweep(inner_path, 0.012, 12), ring, brace, *legs])
    disc_seat = revolve(np.array([(0.19, seat), (0.17, seat + 0.006), (0.0005, seat - 0.004)]))
    uv = (disc_seat.points[:, :2] * 2.5 + 0.5).astype(np.float32)
    return [Part(body, wood), Part(Mesh(disc_seat.points, disc_seat.normals, uv, disc_seat.faces), cover(design, die))]


def bench(design: Design, die: random.Random) -> list[Part]:
    shape, wood = random.Random(design.model), substance(design.substance, die, design.wear)
    w, d, h = shape.uniform(1.0, 1.3), 0.38, 0.46
    top = box(w, d, 0.045, 0.012).moved(z=h)
    parts = [
        Part(top, grained(wood, 0)),
        Part(box(w - 0.12, d - 0.14, 0.09, 0.006).moved(z=h - 0.09), grained(wood, 0)),
    ]
    parts.append(Part(four(leg(h, 0.032, shape.choice(LEGS)), w / 2 - 0.1, d / 2 - 0.07), wood))
    if shape.random() < 0.6:
        slats = [
            box(0.05, 0.025, 0.4, 0.006).moved(x, d / 2 - 0.02, h + 0.04)
            for x in np.linspace(-w / 2 + 0.05, w / 2 - 0.05, shape.choice([7, 9, 11]))
        ]
        parts += [
            Part(joined(slats), grained(wood, 2)),
            Part(box(w, 0.045, 0.09, 0.012).moved(0, d / 2 - 0.02, h + 0.42), grained(wood, 0)),
        ]
    return parts


FURNITURE = {
    "chest of drawers": chest, "side table": side_table, "pedestal table": pedestal_table, "coffer": coffer,
        "bookcase": bookcase,
    "wall mirror": mirror, "sideboard": sideboard, "dining chair": chair, "ladder-back chair": ladder_back,
        "armchair": armchair,
    "stool": stool, "bentwood chair": bentwood, "bench": bench,
}  # fmt: skip
