"""What is turned on the wheel: bodies, walls, lids and handles, and the vases made of them."""

import random

import numpy as np
from numpy.typing import NDArray

from catalog.sample.decoration import decorated, mark
from catalog.sample.design import Design
from catalog.sample.joinery import sweep
from catalog.sample.material import Material
from catalog.sample.mesh import Mesh, revolve, spline
from catalog.sample.stage import Part
from catalog.sample.substances import BODIES, substance

Knots = list[tuple[float, float]]


Curve = NDArray[np.float64]


def inner(outer: Curve, thickness: float, floor: float) -> Curve:
    """The inside of a wall: the outer curve moved inwards, listed from lip to the middle of the floor."""
    slope = np.gradient(outer, axis=0)
    normal = np.stack([-slope[:, 1], slope[:, 0]], -1)
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-9)
    wall = outer + thickness * normal
    wall = wall[(wall[:, 1] > outer[0, 1] + floor) & (wall[:, 0] > 0.004)][::-1]
    rim = (outer[-1] + wall[0]) / 2 + [0, thickness * 0.4]
    bottom = np.array([[wall[-1, 0] * 0.6, wall[-1, 1] - 0.004], [0.0005, wall[-1, 1] - 0.006]])
    return np.concatenate([outer[-1:], [rim], wall, bottom])


def under(radius: float, rise: float = 0.018) -> Curve:
    """The underside, listed from the middle out to the foot."""
    return np.array(
        [[0.0005, rise], [radius * 0.72, rise], [radius * 0.8, rise * 0.7], [radius * 0.84, 0.0], [radius, 0.0]]
    )


class Clay:
    """The materials of one pot: decorated outside, plain inside, bare and marked beneath."""

    def __init__(self, design: Design, die: random.Random) -> None:
        plain = BODIES[design.substance] if design.substance in BODIES else BODIES["porcelain"]
        paint = decorated(design.pattern, design.hue, plain.colour, die, gilt=design.period_effect > 0)
        self.outside = substance(design.substance, die, design.wear, paint)
        self.inside = substance(
            design.substance if paint is None else "porcelain" if plain.grain == "" else design.substance,
            die,
            design.wear * 0.5,
        )
        self.beneath = self._beneath(design, die)

    def _beneath(self, design: Design, die: random.Random) -> Material:
        bare = (
            (0.62, 0.56, 0.46)
            if design.substance in ("stoneware", "tenmoku", "earthenware", "oxblood")
            else (0.74, 0.73, 0.70)
        )
        return Material(texture=mark(design.maker, design.hue, bare, die), colour=(1, 1, 1), rough=0.5, gloss=0.5)


def flat_uv(mesh: Mesh, radius: float) -> Mesh:
    """The mesh with a picture laid flat on it from below."""
    uv = np.stack([0.5 + mesh.points[:, 0] / radius / 2, 0.5 - mesh.points[:, 1] / radius / 2], -1)
    return Mesh(mesh.points, mesh.normals, uv.astype(np.float32), mesh.faces)


def pot(outer: Curve, clay: Clay, thickness: float = 0.022, lobes: int = 0, depth: float = 0.0) -> list[Part]:
    radius = float(outer[0, 0])
    return [
        Part(revolve(outer, lobes=lobes, depth=depth, segments=96 if lobes else 72), clay.outside),
        Part(
            revolve(inner(outer, thickness, 0.03), lobes=lobes, depth=depth, segments=96 if lobes else 72), clay.inside
        ),
        Part(flat_uv(revolve(under(radius)), radius), clay.beneath),
    ]


VASES: dict[str, list[Knots]] = {
    "baluster vase": [
        [(0.16, 0), (0.17, 0.05), (0.20, 0.22), (0.31, 0.52), (0.29, 0.70), (0.15, 0.83), (0.125, 0.90), (0.18, 1.0)],
        [(0.14, 0), (0.13, 0.04), (0.22, 0.30), (0.33, 0.60), (0.27, 0.76), (0.13, 0.86), (0.14, 0.94), (0.20, 1.0)],
        [(0.17, 0), (0.24, 0.2), (0.30, 0.42), (0.25, 0.62), (0.14, 0.78), (0.13, 0.9), (0.2, 1.0)],
    ],
    "bottle vase": [
        [(0.16, 0), (0.27, 0.14), (0.29, 0.28), (0.17, 0.46), (0.085, 0.6), (0.075, 0.82), (0.09, 1.0)],
        [(0.14, 0), (0.2, 0.06), (0.30, 0.24), (0.22, 0.4), (0.09, 0.52), (0.07, 0.75), (0.1, 0.95), (0.13, 1.0)],
    ],
    "cylinder vase": [
        [(0.19, 0), (0.20, 0.04), (0.20, 0.5), (0.21, 0.92), (0.22, 1.0)],
        [(0.17, 0), (0.2, 0.1), (0.215, 0.5), (0.2, 0.85), (0.16, 0.95), (0.17, 1.0)],
        [(0.2, 0), (0.18, 0.3), (0.175, 0.6), (0.22, 0.95), (0.24, 1.0)],
    ],
    "jar": [[(0.19, 0), (0.2, 0.04), (0.30, 0.35), (0.34, 0.55), (0.28, 0.74), (0.19, 0.80), (0.185, 0.84)]],
    "amphora": [
        [(0.15, 0), (0.13, 0.05), (0.2, 0.25), (0.29, 0.55), (0.24, 0.72), (0.12, 0.82), (0.1, 0.92), (0.155, 1.0)],
        [(0.13, 0), (0.18, 0.15), (0.26, 0.48), (0.23, 0.66), (0.12, 0.78), (0.11, 0.92), (0.16, 1.0)],
    ],
    "gourd vase": [[(0.16, 0), (0.27, 0.14), (0.28, 0.32), (0.16, 0.5), (0.125, 0.56), (0.19, 0.68), (0.18, 0.8),
        (0.085, 0.9), (0.08, 1.0)]],
    "fluted vase": [[(0.14, 0), (0.13, 0.06), (0.18, 0.35), (0.24, 0.65), (0.2, 0.82), (0.2, 0.9), (0.30, 1.0)]],
}  # fmt: skip


def bent(knots: Knots, die: random.Random, amount: float = 0.09) -> Curve:
    """A smooth profile near the knots: every potter draws it a little differently."""
    stretch = die.uniform(0.86, 1.22)
    moved = [
        (r * stretch * die.uniform(1 - amount, 1 + amount), z + (die.uniform(-0.02, 0.02) if 0.1 < z < 0.94 else 0))
        for r, z in knots
    ]
    return spline(moved, 56)


def vase(design: Design, die: random.Random) -> list[Part]:
    clay = Clay(design, die)
    shape = random.Random(design.model)
    outer = bent(shape.choice(VASES[design.form.name]), shape)
    lobes, depth = (shape.choice([10, 14, 18]), 0.045) if design.form.name == "fluted vase" else (0, 0.0)
    parts = pot(outer, clay, lobes=lobes, depth=depth)
    if design.form.name == "jar":
        parts += lid(float(outer[-1, 0]) * 1.05, 0.835, 0.16, clay.outside)
    if design.form.name == "amphora":
        for side in (1, -1):
            parts.append(Part(_ear(outer, side, shape), clay.outside))
    return parts


def _ear(outer: Curve, side: int, shape: random.Random) -> Mesh:
    low, high = shape.uniform(0.58, 0.68), 0.93
    r_low, r_high = (float(np.interp(z, outer[:, 1], outer[:, 0])) for z in (low, high))
    reach = max(r_low, r_high) + shape.uniform(0.06, 0.12)
    knots = [(r_low - 0.01, low), (reach, (low + high) / 2), (reach - 0.02, high + 0.01), (r_high - 0.01, high - 0.02)]
    path = spline([(side * x, 0.0, z) for x, z in knots], 30)
    return sweep(path, np.linspace(0.028, 0.02, 30), 12, 0.7)


def lid(radius: float, z: float, height: float, material: Material) -> list[Part]:
    """A domed lid with a knop, sitting at height z."""
    knots = [(radius, z - 0.005), (radius * 1.03, z + 0.012), (radius * 0.8, z + height * 0.36), (radius * 0.3,
        z + height * 0.56), (0.03, z + height * 0.62),
             (0.028, z + height * 0.7), (0.05, z + height * 0.84), (0.035, z + height * 0.97), (0.0005,
                 z + height)]  # fmt: skip
    return [Part(revolve(spline(knots, 50)), material)]


def handle(outer: Curve, side: int, low: float, high: float, reach: float, thick: float = 0.026) -> Mesh:
    """A loop from `low` to `high` (shares of the height) on one side of a turned body."""
    top = float(outer[-1, 1])
    r_low, r_high = (float(np.interp(z * top, outer[:, 1], outer[:, 0])) for z in (low, high))
    far = max(r_low, r_high) + reach
    knots = [
        (r_high - 0.015, high * top),
        (far - 0.03, high * top + 0.01),
        (far, (0.4 * low + 0.6 * high) * top),
        (r_low + reach * 0.45, (low + 0.06) * top),
        (r_low - 0.012, low * top),
    ]
    return sweep(spline([(side * x, 0.0, z) for x, z in knots], 36), thick, 12, 0.72)


def ball(radius: float, z: float, squash: float = 1.0) -> Mesh:
    """A sphere whose middle stands at height z."""
    fine = 28 if radius > 0.06 else 16
    t = np.linspace(-np.pi / 2, np.pi / 2, fine)
    return revolve(
        np.stack([np.maximum(radius * np.cos(t), 0.0004), z + squash * radius * np.sin(t)], -1), 2 * fine - 8
    )


VESSELS = dict.fromkeys(VASES, vase)
