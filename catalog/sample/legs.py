"""Legs and how they are set under a table or a seat."""

from dataclasses import replace

import numpy as np

from catalog.sample.joinery import box, warped
from catalog.sample.material import Material
from catalog.sample.mesh import Mesh, joined, revolve, spline


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
