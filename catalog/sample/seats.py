"""Chairs, stools and benches, joined from legs, rails, splats and cushions."""

import random

import numpy as np

from catalog.sample.design import Design
from catalog.sample.joinery import board, box, sweep, warped
from catalog.sample.legs import LEGS, four, grained, leg
from catalog.sample.mesh import Mesh, joined, revolve, spline
from catalog.sample.stage import Part
from catalog.sample.substances import substance
from catalog.sample.upholstery import cover
from catalog.sample.vessels import ball


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


SEATS = {
    "dining chair": chair,
    "ladder-back chair": ladder_back,
    "armchair": armchair,
    "stool": stool,
    "bentwood chair": bentwood,
    "bench": bench,
}
