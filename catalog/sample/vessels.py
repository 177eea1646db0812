"""Thrown and turned vessels: vases, tableware, glass and metalware, with their handles, spouts, lids and marks."""

import random

import numpy as np
from numpy.typing import NDArray

from catalog.sample.decoration import decorated, mark
from catalog.sample.design import Design
from catalog.sample.joinery import sweep, warped
from catalog.sample.material import Material
from catalog.sample.mesh import Mesh, revolve, spline
from catalog.sample.substances import BODIES, substance
from catalog.sample.trace import Part

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


def plate(design: Design, die: random.Random) -> list[Part]:
    clay = Clay(design, die)
    shape = random.Random(design.model)
    rim, deep = shape.uniform(0.28, 0.36), shape.uniform(0.05, 0.09)
    face = spline(
        [(0.0005, 0.03), (rim - 0.06, 0.03), (rim, 0.03 + deep * 0.5), (0.49, 0.03 + deep), (0.5, 0.027 + deep)], 60
    )[::-1]
    back = spline([(0.5, 0.027 + deep), (0.48, 0.012 + deep), (rim + 0.01, 0.01 + deep * 0.4), (rim - 0.05, 0.01)], 40)[
        ::-1
    ]
    lobes, depth = (shape.choice([8, 12, 24]), 0.012) if shape.random() < 0.3 else (0, 0.0)
    upper = revolve(face, 96, lobes, depth)
    uv = upper.uv.copy()
    uv[:, 1] = 1 - uv[:, 1]
    radius = rim - 0.05
    return [
        Part(Mesh(upper.points, upper.normals, uv, upper.faces), clay.outside),
        Part(revolve(back, 96, lobes, depth), clay.inside),
        Part(flat_uv(revolve(np.array([[0.0005, 0.012], [radius * 0.94, 0.012], [radius * 0.96, 0.0], [radius, 0.0],
            [radius, 0.012]])), radius), clay.beneath),
    ]  # fmt: skip


def bowl(design: Design, die: random.Random) -> list[Part]:
    shape = random.Random(design.model)
    kind = shape.choice([
        [(0.17, 0), (0.16, 0.04), (0.34, 0.16), (0.46, 0.32), (0.5, 0.45)],
        [(0.2, 0), (0.19, 0.03), (0.4, 0.1), (0.48, 0.24), (0.47, 0.38)],
        [(0.14, 0), (0.13, 0.07), (0.25, 0.13), (0.42, 0.26), (0.5, 0.36)],
    ])  # fmt: skip
    lobes, depth = (shape.choice([6, 8, 10]), 0.03) if shape.random() < 0.25 else (0, 0.0)
    return pot(bent(kind, shape, 0.05), Clay(design, die), 0.018, lobes, depth)


BODY_KNOTS: Knots = [(0.2, 0), (0.22, 0.03), (0.36, 0.2), (0.37, 0.36), (0.26, 0.52), (0.15, 0.57)]


def teapot(design: Design, die: random.Random) -> list[Part]:
    clay = Clay(design, die)
    shape = random.Random(design.model)
    return _poured(bent(BODY_KNOTS, shape, 0.06), clay.outside, clay, shape)


def _poured(outer: Curve, material: Material, clay: Clay, shape: random.Random) -> list[Part]:
    top = float(outer[-1, 1])
    radius = float(np.interp(0.25 * top / 0.57, outer[:, 1], outer[:, 0]))
    parts = pot(outer, clay)
    parts += lid(float(outer[-1, 0]) * 1.08, top, 0.17, material)
    spout = spline(
        [
            (radius - 0.05, 0, top * 0.32),
            (radius + 0.12, 0, top * 0.42),
            (radius + 0.2, 0, top * 0.72),
            (radius + 0.31, 0, top * 0.95),
        ],
        30,
    )
    parts.append(Part(sweep(spout, np.linspace(0.085, 0.036, 30), 16), material))
    high = shape.uniform(0.84, 0.92) * top
    loop = [
        (-radius * 0.75, 0, high),
        (-radius - 0.2, 0, high + 0.02),
        (-radius - 0.23, 0, top * 0.5),
        (-radius - 0.05, 0, top * 0.26),
        (-radius + 0.06, 0, top * 0.24),
    ]
    parts.append(Part(sweep(spline(loop, 36), 0.028, 12, 0.75), material))
    return parts


def jug(design: Design, die: random.Random) -> list[Part]:
    clay = Clay(design, die)
    shape = random.Random(design.model)
    knots = shape.choice([
        [(0.2, 0), (0.22, 0.05), (0.31, 0.3), (0.28, 0.52), (0.18, 0.72), (0.19, 0.85), (0.22, 0.92)],
        [(0.23, 0), (0.25, 0.1), (0.24, 0.45), (0.2, 0.7), (0.2, 0.88)],
    ])  # fmt: skip
    outer = bent(knots, shape, 0.05)
    parts = [
        Part(warped(part.mesh, lambda p: _lipped(p, float(outer[-1, 1]))), part.material) for part in pot(outer, clay)
    ]
    return [*parts, Part(handle(outer, -1, 0.25, 0.9, 0.17), clay.outside)]


def _lipped(points: NDArray[np.float32], top: float) -> NDArray[np.float32]:
    """A pouring lip, drawn out towards +x near the rim."""
    rise = np.clip((points[:, 2] / top - 0.72) / 0.28, 0, 1) ** 2
    narrow = np.exp(-((np.arctan2(points[:, 1], points[:, 0]) / 0.5) ** 2)) * rise
    moved = points.copy()
    moved[:, 0] += 0.12 * narrow
    moved[:, 2] += 0.04 * narrow
    return moved


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


def cup(design: Design, die: random.Random) -> list[Part]:
    clay = Clay(design, die)
    shape = random.Random(design.model)
    knots = shape.choice([
        [(0.13, 0.03), (0.14, 0.06), (0.24, 0.16), (0.27, 0.34), (0.29, 0.42)],
        [(0.16, 0.03), (0.25, 0.08), (0.27, 0.25), (0.26, 0.42)],
    ])  # fmt: skip
    outer = bent(knots, shape, 0.04) + np.array([0, 0.03])
    top = spline([(0.0005, 0.035), (0.17, 0.033), (0.36, 0.06), (0.47, 0.1), (0.48, 0.096)], 50)[::-1]
    low = spline([(0.2, 0.0), (0.36, 0.035), (0.46, 0.085), (0.48, 0.096)], 30)
    return [
        *pot(outer, clay, 0.014),
        Part(handle(outer, 1, 0.42, 0.93, 0.13, 0.018), clay.outside),
        Part(revolve(top), clay.outside),
        Part(revolve(low), clay.inside),
    ]


def tureen(design: Design, die: random.Random) -> list[Part]:
    clay = Clay(design, die)
    shape = random.Random(design.model)
    outer = bent([(0.24, 0), (0.22, 0.06), (0.36, 0.14), (0.47, 0.3), (0.48, 0.38)], shape, 0.04)
    parts = pot(outer, clay, 0.02) + lid(0.47, 0.385, 0.32, clay.outside)
    for side in (1, -1):
        path = spline(
            [
                (side * 0.45, -0.09, 0.27),
                (side * 0.56, -0.07, 0.31),
                (side * 0.56, 0.07, 0.31),
                (side * 0.45, 0.09, 0.27),
            ],
            24,
        )
        parts.append(Part(sweep(path, 0.024, 10), clay.outside))
    oval = shape.uniform(0.7, 1.0)
    return [Part(part.mesh.scaled(1.0, oval, 1.0), part.material) for part in parts]


def ball(radius: float, z: float, squash: float = 1.0) -> Mesh:
    """A sphere whose middle stands at height z."""
    fine = 28 if radius > 0.06 else 16
    t = np.linspace(-np.pi / 2, np.pi / 2, fine)
    return revolve(
        np.stack([np.maximum(radius * np.cos(t), 0.0004), z + squash * radius * np.sin(t)], -1), 2 * fine - 8
    )


VESSELS = {
    "plate": plate, "charger": plate, "bowl": bowl, "teapot": teapot, "jug": jug, "cup and saucer": cup,
        "tureen": tureen,
    **dict.fromkeys(VASES, vase),
}  # fmt: skip
