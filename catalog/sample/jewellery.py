"""Rings, bangles, necklaces, brooches and earrings, laid out as a jeweller would."""

import random

import numpy as np

from catalog.sample.design import Design
from catalog.sample.joinery import gem, sweep
from catalog.sample.mesh import Mesh, grid, joined, revolve, spline
from catalog.sample.stage import Part
from catalog.sample.substances import stone, substance
from catalog.sample.vessels import ball

CABOCHON = ("onyx", "lapis", "carnelian", "turquoise", "coral", "pearl", "amber", "jade")


def band(radius: float, thick: float, wide: float, shoulder: float = 0.0) -> Mesh:
    """A finger ring standing upright in the x-z plane, a little wider at the top."""
    around = np.linspace(0, 2 * np.pi, 97)
    across = np.linspace(0, 2 * np.pi, 25)
    a, b = np.meshgrid(around, across, indexing="ij")
    grow = 1 + shoulder * np.exp(-(((a - np.pi / 2 + np.pi) % (2 * np.pi) - np.pi) ** 2) * 2.2)
    r = radius + thick * np.sign(np.cos(b)) * np.abs(np.cos(b)) ** 0.8
    points = np.stack([r * np.cos(a), wide * grow * np.sin(b), r * np.sin(a) + radius + thick], -1)
    mesh = grid(points)
    centre = np.stack([radius * np.cos(a), 0 * a, radius * np.sin(a) + radius + thick], -1).reshape(-1, 3)
    if np.sum((mesh.points - centre) * mesh.normals) < 0:
        mesh = Mesh(mesh.points, -mesh.normals, mesh.uv, mesh.faces)
    return mesh


def cut(word: str, radius: float, sides: int = 8, stretch: float = 1.0) -> Mesh:
    if word in CABOCHON:
        return ball(radius, 0, 0.6).scaled(1, stretch, 1)
    return gem(radius, radius * 0.9, sides, stretch)


def claws(radius: float, count: int, height: float, thick: float) -> Mesh:
    prongs = []
    for k in range(count):
        a = 2 * np.pi * (k + 0.5) / count
        path = [(0.4 * radius * np.cos(a), 0.4 * radius * np.sin(a), -height), (1.04 * radius * np.cos(a),
            1.04 * radius * np.sin(a), 0.0),
                (0.9 * radius * np.cos(a), 0.9 * radius * np.sin(a), 0.3 * radius)]  # fmt: skip
        prongs.append(sweep(spline(path, 14), thick, 8))
    return joined(prongs)


def ring(design: Design, die: random.Random) -> list[Part]:
    shape, metal = random.Random(design.model), substance(design.substance, die, design.wear * 0.5)
    jewel = stone(design.pattern)
    parts = [Part(band(0.4, 0.03, shape.uniform(0.045, 0.075), shape.uniform(0.0, 0.5)), metal)]
    top = 0.86
    if design.form.name == "signet ring":
        oval = shape.uniform(0.8, 1.2)
        face = ball(0.21, top - 0.03, 0.5).scaled(1.0, oval, 1.0)
        table = revolve(
            np.array([(0.15, top + 0.02), (0.148, top + 0.065), (0.13, top + 0.075), (0.0005, top + 0.077)])
        ).scaled(1.0, oval, 1.0)
        return [*parts, Part(face, metal), Part(table, jewel)]
    size, sides, stretch = shape.uniform(0.15, 0.23), shape.choice([8, 8, 10, 4]), shape.uniform(0.8, 1.3)
    z = top + size * 0.75
    parts += [
        Part(cut(design.pattern, size, sides, stretch).moved(z=z), jewel),
        Part(claws(size, 6 if sides > 4 else 4, size * 0.9, 0.017).scaled(1, stretch, 1).moved(z=z), metal),
    ]
    if design.form.name == "cluster ring":
        count = shape.choice([8, 10, 12])
        small = size * 0.42
        for k in range(count):
            a = 2 * np.pi * k / count
            place = ((size + small * 0.9) * np.cos(a), stretch * (size + small * 0.9) * np.sin(a), z - 0.02)
            parts.append(Part(cut("diamond", small, 8).moved(*place), stone("diamond")))
            parts.append(Part(ball(small * 0.9, 0, 0.5).moved(place[0], place[1], place[2] - small * 0.6), metal))
    return parts


def bangle(design: Design, die: random.Random) -> list[Part]:
    shape, metal = random.Random(design.model), substance(design.substance, die, design.wear * 0.5)
    wide, thick = shape.uniform(0.05, 0.13), shape.uniform(0.018, 0.03)
    t = np.linspace(0, 2 * np.pi, 40)
    profile = np.stack([0.47 + thick * np.cos(t), wide + wide * np.sign(np.sin(t)) * np.abs(np.sin(t)) ** 0.8], -1)
    parts = [Part(revolve(profile, 128), metal)]
    if design.pattern != "plain":
        for k in range(-3, 4):
            a = -np.pi / 2 + 0.17 * k
            jewel = ball(wide * (0.62 - 0.07 * abs(k)), 0, 0.55).turned("x", 90).turned("z", float(np.degrees(a)) + 90)
            parts.append(Part(jewel.moved(0.49 * np.cos(a), 0.49 * np.sin(a), wide), stone(design.pattern)))
    return [Part(part.mesh.scaled(1, 0.88, 1), part.material) for part in parts]


def necklace(design: Design, die: random.Random) -> list[Part]:
    shape, metal = random.Random(design.model), substance(design.substance, die, design.wear * 0.5)
    count, graded = shape.choice([38, 46, 54]), shape.uniform(0, 0.6)
    t = (np.arange(count) + 0.5) / count * 2 * np.pi
    wobble = 0.03 * np.sin(3 * t + shape.uniform(0, 6)) + 0.02 * np.sin(5 * t + shape.uniform(0, 6))
    x, y = (0.42 + wobble) * np.cos(t), (0.5 + wobble) * np.sin(t)
    beads = []
    even = 2 * np.pi * 0.46 / count / 2
    for k in range(count):
        size = even * (1 + graded * (0.45 - 0.5 * (1 + np.sin(t[k])) / 2 * 1.8))
        beads.append(
            ball(
                size, size, shape.uniform(0.94, 1.06) if design.pattern in ("coral", "turquoise", "amber") else 1.0
            ).moved(x[k], y[k])
        )
    clasp = ball(even * 1.1, even, 0.8).moved(0.0, 0.53)
    return [Part(joined(beads), stone(design.pattern)), Part(clasp, metal)]


def brooch(design: Design, die: random.Random) -> list[Part]:
    shape, metal = random.Random(design.model), substance(design.substance, die, design.wear * 0.5)
    jewel, count = stone(design.pattern), shape.choice([5, 6, 8])
    parts = []
    for k in range(count):
        a = 360 * k / count
        petal = ball(0.17, 0, 0.22).scaled(1.25, shape.uniform(0.6, 0.85), 1).moved(0.27, 0, 0.07).turned("z", a)
        parts.append(Part(petal, metal))
        parts.append(Part(cut(design.pattern, 0.06, 8).moved(0.27, 0, 0.125).turned("z", a), jewel))
    parts += [Part(ball(0.13, 0.1, 0.6), metal), Part(cut(design.pattern, 0.1, 10).moved(z=0.19), jewel)]
    stem = spline(
        [(0, -0.05, 0.05), (shape.uniform(-0.1, 0.1), -0.4, 0.05), (shape.uniform(-0.2, 0.2), -0.72, 0.04)], 30
    )
    parts.append(Part(sweep(stem, 0.022, 8), metal))
    leaf = ball(0.13, 0, 0.2).scaled(0.6, 1.5, 1).turned("z", shape.uniform(-50, -30)).moved(0.16, -0.48, 0.05)
    return [*parts, Part(leaf, metal)]


def earrings(design: Design, die: random.Random) -> list[Part]:
    shape, metal = random.Random(design.model), substance(design.substance, die, design.wear * 0.5)
    jewel, long = stone(design.pattern), shape.uniform(0.3, 0.5)
    parts = []
    for side in (-1, 1):
        x = 0.28 * side
        drop = cut(design.pattern, 0.13, 8, shape_stretch := 1.5).moved(x, -long, 0.08)
        frame = sweep(
            [(0.15 * np.cos(t), 0.15 * shape_stretch * np.sin(t), 0.06) for t in np.linspace(0, 2 * np.pi, 40)],
            0.018,
            8,
            closed=True,
        ).moved(x, -long)
        small = cut(design.pattern, 0.07).moved(x, -0.08, 0.07)
        link = sweep([(x, -0.13, 0.05), (x, -long + 0.22, 0.05)], 0.013, 8)
        hook = sweep(
            spline([(x, -0.02, 0.05), (x, 0.12, 0.1), (x + 0.02, 0.2, 0.05), (x + 0.02, 0.05, 0.02)], 24), 0.011, 8
        )
        cup = ball(0.085, 0.04, 0.5).moved(x, -0.08)
        parts += [Part(drop, jewel), Part(small, jewel), Part(joined([frame, link, hook, cup]), metal)]
    return parts


JEWELLERY = {
    "solitaire ring": ring, "cluster ring": ring, "signet ring": ring, "bangle": bangle, "bead necklace": necklace,
    "brooch": brooch, "drop earrings": earrings,
}  # fmt: skip
