"""Glass: blown, ribbed, and cast round canes."""

import random

import numpy as np

from catalog.sample.design import Design
from catalog.sample.material import Material
from catalog.sample.mesh import Mesh, joined, revolve, spline
from catalog.sample.stage import Part
from catalog.sample.substances import HUE_COLOURS, glass
from catalog.sample.vessels import Knots, ball, bent, inner, under

GLASS_SHAPES: dict[str, list[Knots]] = {
    "glass vase": [
        [(0.17, 0), (0.2, 0.06), (0.2, 0.4), (0.15, 0.7), (0.24, 1.0)],
        [(0.16, 0), (0.27, 0.2), (0.29, 0.4), (0.16, 0.68), (0.13, 0.8), (0.2, 1.0)],
        [(0.2, 0), (0.22, 0.3), (0.27, 0.7), (0.31, 1.0)],
    ],
    "decanter": [[(0.2, 0), (0.24, 0.06), (0.25, 0.3), (0.12, 0.52), (0.075, 0.6), (0.07, 0.72), (0.11, 0.78)]],
    "goblet": [[(0.06, 0.42), (0.19, 0.52), (0.24, 0.72), (0.21, 1.0)], [(0.05, 0.44), (0.15, 0.5), (0.2, 0.7),
        (0.22, 1.0)]],
    "glass bowl": [[(0.18, 0), (0.3, 0.06), (0.45, 0.22), (0.5, 0.38)], [(0.2, 0), (0.42, 0.08), (0.46, 0.24), (0.4,
        0.36)]],
    "scent bottle": [[(0.24, 0), (0.3, 0.05), (0.33, 0.3), (0.26, 0.5), (0.1, 0.58), (0.09, 0.66)]],
}  # fmt: skip


RIBS = {"plain": (0, 0.0, 0.0), "ribbed": (14, 0.035, 0.0), "twisted": (9, 0.05, 1.6)}


def blown(design: Design, die: random.Random) -> list[Part]:
    shape, name = random.Random(design.model), design.form.name
    outer = bent(shape.choice(GLASS_SHAPES[name]), shape, 0.06)
    lobes, depth, twist = RIBS.get(design.pattern, RIBS["plain"])
    material = glass(design.substance, die)
    thick = 0.03 if name in ("glass vase", "glass bowl") else 0.022
    side = revolve(outer, 96, lobes, depth, twist)
    inside = revolve(inner(outer, thick, 0.09 if name != "goblet" else 0.02), 72)
    if name == "goblet":
        return [Part(joined([side, inside, _stem(float(outer[0, 0]), shape)]), material)]
    parts = [Part(joined([side, inside, revolve(under(float(outer[0, 0]), 0.012))]), material)]
    if name in ("decanter", "scent bottle"):
        top = float(outer[-1, 1])
        stop = (
            ball(0.085, top + 0.1, shape.uniform(0.9, 1.7))
            if name == "decanter"
            else ball(0.13, top + 0.13, shape.uniform(0.8, 1.2))
        )
        parts.append(Part(stop, material))
    return parts


def _stem(start: float, shape: random.Random) -> Mesh:
    knop = shape.uniform(0.035, 0.07)
    knots = [
        (0.21, 0.0),
        (0.215, 0.012),
        (0.1, 0.035),
        (0.03, 0.09),
        (0.026, 0.2),
        (knop, 0.26),
        (0.026, 0.32),
        (0.03, 0.38),
        (start, 0.42),
    ]
    return joined([revolve(spline(knots, 50)), revolve(np.array([[0.0005, 0.006], [0.19, 0.004], [0.21, 0.0]]))])


def paperweight(design: Design, die: random.Random) -> list[Part]:
    dome = spline([(0.34, 0), (0.47, 0.14), (0.48, 0.3), (0.34, 0.52), (0.12, 0.62), (0.0005, 0.63)], 50)
    clear = Material(glass=True, clear=(0.97, 0.985, 0.98), colour=(0.9, 0.95, 0.95))
    parts = [Part(joined([revolve(dome), revolve(np.array([[0.0005, 0.01], [0.3, 0.01], [0.34, 0.0]]))]), clear)]
    shape = random.Random(design.model)
    colours = [*HUE_COLOURS.values()]
    if design.pattern == "millefiori":
        for ring in range(4):
            count = max(1, 7 * ring)
            for k in range(count):
                a, r = 2 * np.pi * k / count, 0.095 * ring
                cane = Material(colour=shape.choice(colours) if k % 2 else (0.8, 0.8, 0.78), rough=0.5, gloss=0)
                parts.append(Part(ball(0.042, 0, 0.7).moved(r * np.cos(a), r * np.sin(a), 0.14 - 0.1 * r), cane))
    else:
        tone = glass(design.substance, die).colour
        for _ in range(26):
            a, r, z = shape.uniform(0, 6.3), shape.uniform(0, 0.27), shape.uniform(0.1, 0.42)
            bubble = Material(
                colour=(0.3 + 0.7 * tone[0], 0.3 + 0.7 * tone[1], 0.3 + 0.7 * tone[2]), rough=0.1, metal=0.6
            )
            parts.append(Part(ball(shape.uniform(0.012, 0.035), 0).moved(r * np.cos(a), r * np.sin(a), z), bubble))
    return parts


GLASSWARE = {**dict.fromkeys(GLASS_SHAPES, blown), "paperweight": paperweight}
