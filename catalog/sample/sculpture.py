"""Carved and cast figures: heads, torsos, birds, pierced forms, knots and obelisks."""

import random

import numpy as np
from numpy.typing import NDArray

from catalog.sample.design import Design
from catalog.sample.joinery import box, sweep, warped
from catalog.sample.mesh import Mesh, grid, joined, revolve, spline
from catalog.sample.stage import Part
from catalog.sample.substances import substance

Points = NDArray[np.float32]


def globe(rows: int = 90, columns: int = 120) -> Mesh:
    theta, phi = np.meshgrid(
        np.linspace(0, 2 * np.pi, columns + 1), np.linspace(-np.pi / 2, np.pi / 2, rows), indexing="ij"
    )
    c = np.maximum(np.cos(phi), 1e-4)
    return grid(np.stack([c * np.cos(theta), c * np.sin(theta), np.sin(phi)], -1))


def bump(p: Points, at: tuple[float, float, float], size: tuple[float, float, float], lift: float) -> Points:
    """A rounded swelling (or hollow) of height `lift`, pushed out from the middle."""
    away = np.exp(-(((p - np.array(at, np.float32)) / np.array(size, np.float32)) ** 2).sum(1))
    radial = p / np.maximum(np.linalg.norm(p, axis=1, keepdims=True), 1e-6)
    return np.asarray(p + lift * away[:, None] * radial, np.float32)


def loft(stations: list[tuple[float, float, float, float, float]], count: int = 60, sides: int = 48) -> Mesh:
    """Ovals (z, half width, half depth, shift in x, shift in y) blended upwards into a smooth body."""
    line = spline(np.array(stations), count)
    a = np.linspace(0, 2 * np.pi, sides + 1)
    x = line[:, 1] * np.cos(a)[:, None] + line[:, 3]
    y = line[:, 2] * np.sin(a)[:, None] + line[:, 4]
    return grid(np.stack([x, y, np.broadcast_to(line[:, 0], x.shape)], -1))


def plinth(design: Design, shape: random.Random, die: random.Random, width: float) -> tuple[list[Part], float]:
    kind = shape.choice(["block", "block", "turned", "none"])
    word = shape.choice(["black marble", "white marble", "ebonised", "oak"])
    stone = substance(word if word != design.substance else "black marble", die)
    if kind == "none":
        return [], 0.0
    high = shape.uniform(0.08, 0.16)
    if kind == "block":
        return [Part(box(width, width * 0.9, high, 0.008), stone)], high
    rim = [
        (width * 0.55, 0),
        (width * 0.55, high * 0.3),
        (width * 0.45, high * 0.45),
        (width * 0.4, high * 0.8),
        (width * 0.46, high),
        (0.0005, high),
    ]
    return [Part(revolve(np.array(rim)), stone)], high


def bust(design: Design, die: random.Random) -> list[Part]:
    shape, stone = random.Random(design.model), substance(design.substance, die, design.wear)
    base, z = plinth(design, shape, die, 0.4)
    head = globe()
    points = head.points.copy() * np.array([0.78, 0.92, 1.12], np.float32)
    points[:, 0] *= 1 - 0.16 * np.clip(-points[:, 2], 0, 1)
    nose, brow = shape.uniform(0.2, 0.3), shape.uniform(0.03, 0.06)
    for at, size, lift in [
        ((0, -0.92, -0.08), (0.1, 0.4, 0.2), nose), ((0, -0.92, -0.02), (0.08, 0.4, 0.3), 0.08), ((0, -0.9, 0.22),
            (0.5, 0.5, 0.12), brow),
        ((0.28, -0.85, 0.06), (0.16, 0.4, 0.1), -0.1), ((-0.28, -0.85, 0.06), (0.16, 0.4, 0.1), -0.1), ((0.28, -0.85,
            0.06), (0.1, 0.4, 0.05), 0.05),
        ((-0.28, -0.85, 0.06), (0.1, 0.4, 0.05), 0.05), ((0, -0.8, -0.47), (0.17, 0.4, 0.05), 0.08), ((0, -0.8,
            -0.57), (0.14, 0.4, 0.05), 0.08),
        ((0, -0.8, -0.52), (0.2, 0.4, 0.02), -0.04), ((0, -0.7, -0.95), (0.25, 0.4, 0.2), 0.16), ((0.4, -0.7, -0.25),
            (0.2, 0.4, 0.2), 0.06), ((-0.4, -0.7, -0.25), (0.2, 0.4, 0.2), 0.06),
    ]:  # fmt: skip
        points = bump(points, at, size, lift)
    strands = 0.035 * np.sin(22 * np.arctan2(points[:, 0], points[:, 2] + 0.2) + 5 * points[:, 1])
    hair = np.clip((points[:, 1] + 0.35 + 0.5 * np.clip(0.45 - points[:, 2], -1, 1)) * 6, 0, 1)
    radial = points / np.maximum(np.linalg.norm(points, axis=1, keepdims=True), 1e-6)
    points = points + ((0.09 + strands) * hair)[:, None] * radial
    carved = warped(Mesh(points, head.normals, head.uv, head.faces), lambda p: p * np.float32(0.22))
    tilt = shape.uniform(-14, 14)
    carved = carved.turned("z", tilt).turned("y", shape.uniform(-7, 7)).moved(0, -0.02, z + 0.66)
    bun = warped(globe(40, 40), lambda p: p * np.float32(0.085)).moved(0, 0.2, z + 0.72)
    chest = loft(
        [
            (0.0, 0.1, 0.08, 0, 0.0),
            (0.06, 0.18, 0.1, 0, 0),
            (0.2, 0.27, 0.13, 0, 0.01),
            (0.27, 0.2, 0.12, 0, 0.02),
            (0.34, 0.105, 0.1, 0, 0.02),
            (0.46, 0.085, 0.085, 0, 0.02),
            (0.56, 0.09, 0.1, 0, 0.01),
        ]
    ).moved(z=z)
    return [*base, Part(joined([carved, bun, chest]), stone)]


def torso(design: Design, die: random.Random) -> list[Part]:
    shape, stone = random.Random(design.model), substance(design.substance, die, design.wear)
    base, z = plinth(design, shape, die, 0.34)
    sway, twist = shape.uniform(-0.06, 0.06), shape.uniform(-0.5, 0.5)
    body = loft([
        (0.0, 0.1, 0.08, -sway, 0.0), (0.12, 0.12, 0.1, -sway, 0.0), (0.28, 0.155, 0.12, -sway * 0.6, 0.01), (0.36,
            0.16, 0.125, 0, 0.01), (0.48, 0.105, 0.085, sway * 0.6, 0.0),
        (0.6, 0.135, 0.1, sway, -0.01), (0.7, 0.17, 0.1, sway, 0.0), (0.77, 0.14, 0.08, sway, 0.01), (0.8, 0.06,
            0.055, sway, 0.01), (0.86, 0.05, 0.05, sway * 0.9, 0.0),
    ])  # fmt: skip
    points = body.points
    for side in (-1, 1):
        spots = [
            ((side * 0.065 + sway, -0.09, 0.63), (0.055, 0.06, 0.05), 0.035),
            ((side * 0.07, 0.11, 0.3), (0.07, 0.07, 0.07), 0.03),
            ((side * 0.17 + sway, 0, 0.7), (0.05, 0.06, 0.05), 0.035),
        ]
        for at, size, lift in spots:
            points = bump(points - np.array([0, 0, at[2]], np.float32), (at[0], at[1], 0.0), size, lift) + np.array(
                [0, 0, at[2]], np.float32
            )
    points = bump(points - np.array([0, 0, 0.3], np.float32), (0, -0.12, -0.12), (0.015, 0.1, 0.16), -0.04) + np.array(
        [0, 0, 0.3], np.float32
    )

    def turn(p: Points) -> Points:
        a = twist * p[:, 2]
        return np.stack(
            [p[:, 0] * np.cos(a) - p[:, 1] * np.sin(a), p[:, 0] * np.sin(a) + p[:, 1] * np.cos(a), p[:, 2]], -1
        )

    return [*base, Part(warped(Mesh(points, body.normals, body.uv, body.faces), turn).moved(z=z - 0.005), stone)]


def bird(design: Design, die: random.Random) -> list[Part]:
    shape, stone = random.Random(design.model), substance(design.substance, die, design.wear)
    base, z = plinth(design, shape, die, 0.4)
    neck, tail = shape.uniform(0.0, 0.16), shape.uniform(0.3, 0.6)
    path = spline(
        [
            (-0.3 - tail * 0.5, 0, 0.24 + shape.uniform(-0.1, 0.22)),
            (-0.25, 0, 0.26),
            (0.0, 0, 0.24),
            (0.2, 0, 0.34 + neck * 0.4),
            (0.3, 0, 0.52 + neck),
            (0.37, 0, 0.58 + neck),
            (0.47, 0, 0.55 + neck),
            (0.55, 0, 0.53 + neck),
        ],
        70,
    )
    along = np.linspace(0, 1, 70)
    radii = np.interp(
        along,
        [0, 0.15, 0.42, 0.6, 0.72, 0.8, 0.88, 0.91, 1.0],
        [0.03, 0.07, 0.21, 0.16, 0.085, 0.1, 0.075, 0.035, 0.006],
    )
    body = sweep(path, radii, 40, shape.uniform(0.8, 1.0))
    legs = [sweep([(0.02, y, 0.14), (0.04, y * 1.3, 0.0)], 0.018, 10) for y in (-0.06, 0.06)]
    foot = (
        loft([(0.0, 0.16, 0.12, 0.02, 0), (0.03, 0.12, 0.09, 0.02, 0), (0.1, 0.05, 0.05, 0.02, 0)], 16)
        if shape.random() < 0.5
        else joined(legs)
    )
    return [*base, Part(joined([body.moved(z=z), foot.moved(z=z)]), stone)]


def pierced(design: Design, die: random.Random) -> list[Part]:
    shape, stone = random.Random(design.model), substance(design.substance, die, design.wear)
    base, z = plinth(design, shape, die, 0.34)
    a, b = np.meshgrid(np.linspace(0, 2 * np.pi, 121), np.linspace(0, 2 * np.pi, 49), indexing="ij")
    off, tall, phase = shape.uniform(0.05, 0.14), shape.uniform(1.0, 1.6), shape.uniform(0, 6)
    thick = 0.15 + off * np.cos(a + phase) + shape.uniform(0, 0.03) * np.cos(3 * a)
    r = 0.27 + thick * np.cos(b)
    points = np.stack([r * np.cos(a), thick * shape.uniform(0.7, 1.1) * np.sin(b), tall * r * np.sin(a)], -1)
    turn = shape.uniform(-0.5, 0.5)
    mesh = grid(points)
    lean = warped(
        mesh, lambda p: np.stack([p[:, 0] + turn * 0.3 * p[:, 2], p[:, 1] + 0.25 * turn * p[:, 2], p[:, 2]], -1)
    )
    lowest = float(lean.points[:, 2].min())
    return [*base, Part(lean.moved(z=z - lowest - 0.015), stone)]


def knot(design: Design, die: random.Random) -> list[Part]:
    shape, stone = random.Random(design.model), substance(design.substance, die, design.wear)
    base, z = plinth(design, shape, die, 0.36)
    p, q = shape.choice([(2, 3), (3, 2), (2, 5), (3, 4)])
    t = np.linspace(0, 2 * np.pi, 260)
    r = 0.28 + 0.11 * np.cos(q * t)
    path = np.stack([r * np.cos(p * t), 0.13 * np.sin(q * t), r * np.sin(p * t)], -1)
    radii = shape.uniform(0.04, 0.062) * (1 + shape.uniform(0, 0.25) * np.sin(t))
    mesh = sweep(path, radii, 20, shape.uniform(0.8, 1.0), closed=True)
    return [*base, Part(mesh.moved(z=z - float(mesh.points[:, 2].min()) - 0.01), stone)]


def obelisk(design: Design, die: random.Random) -> list[Part]:
    shape, stone = random.Random(design.model), substance(design.substance, die, design.wear)
    w = shape.uniform(0.12, 0.17)
    shaft = warped(
        box(2 * w, 2 * w, 0.72, 0.006, 10),
        lambda p: np.stack([p[:, 0] * (1 - 0.55 * p[:, 2] / 0.72), p[:, 1] * (1 - 0.55 * p[:, 2] / 0.72), p[:, 2]], -1),
    )
    tip = warped(
        box(2 * w * 0.45, 2 * w * 0.45, 0.1, 0.004),
        lambda p: np.stack([p[:, 0] * (1 - 0.93 * p[:, 2] / 0.1), p[:, 1] * (1 - 0.93 * p[:, 2] / 0.1), p[:, 2]], -1),
    )
    foot = [
        box(3 * w, 3 * w, 0.06, 0.006),
        box(2.5 * w, 2.5 * w, 0.1, 0.006).moved(z=0.06),
        box(2.7 * w, 2.7 * w, 0.03, 0.008).moved(z=0.16),
    ]
    second = substance("black marble" if design.substance != "black marble" else "white marble", die)
    return [
        Part(joined([shaft.moved(z=0.19), tip.moved(z=0.91)]), stone),
        Part(joined(foot), second if shape.random() < 0.5 else stone),
    ]


SCULPTURE = {"bust": bust, "torso": torso, "bird": bird, "pierced form": pierced, "knot": knot, "obelisk": obelisk}
