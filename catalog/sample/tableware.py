"""Plates, bowls and what is poured from: clay for the table."""

import random

import numpy as np
from numpy.typing import NDArray

from catalog.sample.design import Design
from catalog.sample.joinery import sweep, warped
from catalog.sample.material import Material
from catalog.sample.mesh import Mesh, revolve, spline
from catalog.sample.stage import Part
from catalog.sample.vessels import Clay, Curve, Knots, bent, flat_uv, handle, lid, pot


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


TABLEWARE = {
    "plate": plate,
    "charger": plate,
    "bowl": bowl,
    "teapot": teapot,
    "jug": jug,
    "cup and saucer": cup,
    "tureen": tureen,
}
