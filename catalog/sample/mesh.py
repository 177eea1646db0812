"""Triangle meshes, smooth surfaces through points, and things turned on a wheel or a lathe."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from catalog.sample.columns import Floats, unit

Ints = NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Mesh:
    """Points, unit normals (n, 3), texture coordinates (n, 2) and faces (m, 3), all in the object's own units."""

    points: Floats
    normals: Floats
    uv: Floats
    faces: Ints

    def moved(self, x: float = 0, y: float = 0, z: float = 0) -> "Mesh":
        return replace(self, points=self.points + np.array([x, y, z], np.float32))

    def scaled(self, x: float, y: float | None = None, z: float | None = None) -> "Mesh":
        factors = np.array([x, x if y is None else y, x if z is None else z], np.float32)
        normals = self.normals / factors
        return replace(self, points=self.points * factors, normals=unit(normals))

    def turned(self, axis: str, degrees: float) -> "Mesh":
        matrix = rotation(axis, degrees)
        return replace(self, points=self.points @ matrix.T, normals=self.normals @ matrix.T)


def rotation(axis: str, degrees: float) -> Floats:
    angle = np.radians(degrees)
    i, j = {"x": (1, 2), "y": (2, 0), "z": (0, 1)}[axis]
    matrix = np.eye(3, dtype=np.float32)
    matrix[i, i] = matrix[j, j] = np.cos(angle)
    matrix[i, j], matrix[j, i] = -np.sin(angle), np.sin(angle)
    return matrix


def joined(meshes: Sequence[Mesh]) -> Mesh:
    offsets = np.cumsum([0] + [len(mesh.points) for mesh in meshes[:-1]])
    return Mesh(
        np.concatenate([mesh.points for mesh in meshes]),
        np.concatenate([mesh.normals for mesh in meshes]),
        np.concatenate([mesh.uv for mesh in meshes]),
        np.concatenate([mesh.faces + np.int32(start) for mesh, start in zip(meshes, offsets, strict=True)]),
    )


def grid(points: ArrayLike, uv: ArrayLike | None = None) -> Mesh:
    """A surface through points (a, b, 3) with smooth normals; seams that meet themselves are smoothed across."""
    surface = np.asarray(points, np.float64)
    a, b = surface.shape[:2]
    along = _slopes(surface)
    across = _slopes(surface.swapaxes(0, 1)).swapaxes(0, 1)
    normals = np.cross(along, across)
    flat = np.linalg.norm(normals, axis=-1) < 1e-12
    if flat.any():  # poles: take the normal of the neighbouring row
        normals = _mend_poles(normals, flat)
    if uv is None:
        u, v = np.meshgrid(np.linspace(0, 1, a), np.linspace(0, 1, b), indexing="ij")
        uv = np.stack([u, v], -1)
    index = np.arange(a * b, dtype=np.int32).reshape(a, b)
    quads = [index[:-1, :-1], index[1:, :-1], index[1:, 1:], index[:-1, 1:]]
    faces = np.concatenate(
        [np.stack(quads[:3], -1).reshape(-1, 3), np.stack([quads[0], *quads[2:]], -1).reshape(-1, 3)]
    )
    return Mesh(
        surface.reshape(-1, 3).astype(np.float32),
        unit(normals.reshape(-1, 3).astype(np.float32)),
        np.asarray(uv, np.float32).reshape(-1, 2),
        faces,
    )


def _slopes(surface: NDArray[np.float64]) -> NDArray[np.float64]:
    slopes = np.gradient(surface, axis=0) if len(surface) > 2 else np.repeat(np.diff(surface, axis=0), 2, axis=0)
    if len(surface) > 3 and np.allclose(surface[0], surface[-1], atol=1e-6):
        slopes[0] = slopes[-1] = (surface[1] - surface[-2]) / 2
    return np.asarray(slopes)


def _mend_poles(normals: NDArray[np.float64], flat: NDArray[np.bool_]) -> NDArray[np.float64]:
    mended = normals.copy()
    for edge, inner in ((0, 1), (-1, -2)):
        mended[:, edge] = np.where(flat[:, edge, None], normals[:, inner], normals[:, edge])
        mended[edge] = np.where(flat[edge, :, None], mended[inner], mended[edge])
    return mended


def spline(knots: ArrayLike, count: int = 48) -> NDArray[np.float64]:
    """A Catmull-Rom curve through knots (k, d), `count` points, spaced evenly along its length."""
    points = np.asarray(knots, np.float64)
    padded = np.concatenate([2 * points[:1] - points[1:2], points, 2 * points[-1:] - points[-2:-1]])
    t = np.linspace(0, len(points) - 1, 8 * count)
    i = np.minimum(t.astype(int), len(points) - 2)
    f = (t - i)[:, None]
    p0, p1, p2, p3 = (padded[i + k] for k in range(4))
    curve = 0.5 * (2 * p1 + (p2 - p0) * f + (2 * p0 - 5 * p1 + 4 * p2 - p3) * f**2 + (3 * p1 - p0 - 3 * p2 + p3) * f**3)
    return evenly(curve, count)


def evenly(curve: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    steps = np.linalg.norm(np.diff(curve, axis=0), axis=1)
    reach = np.concatenate([[0], np.cumsum(steps)])
    wanted = np.linspace(0, reach[-1], count)
    return np.stack([np.interp(wanted, reach, curve[:, k]) for k in range(curve.shape[1])], -1)


def corners(profile: NDArray[np.float64], degrees: float = 38) -> list[NDArray[np.float64]]:
    """A polyline cut at its sharp corners, so that each run can be smooth and each corner crisp."""
    steps = np.diff(profile, axis=0)
    steps /= np.maximum(np.linalg.norm(steps, axis=1, keepdims=True), 1e-12)
    bends = np.einsum("ij,ij->i", steps[:-1], steps[1:]) < np.cos(np.radians(degrees))
    cuts = [0, *(np.flatnonzero(bends) + 1), len(profile) - 1]
    return [profile[start : end + 1] for start, end in itertools.pairwise(cuts)]


def revolve(profile: ArrayLike, segments: int = 72, lobes: int = 0, depth: float = 0.0, twist: float = 0.0) -> Mesh:
    """Turn a profile (k, 2) of (radius, height), listed upwards on the outside, about the z axis.

    `lobes` flutes of relative `depth` run up the side, turned by `twist` radians from foot to lip.
    Texture: u runs round, v along the profile's length from 0 to 1.
    """
    line = np.asarray(profile, np.float64)
    reach = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    reach /= reach[-1]
    runs = corners(line)
    angles = np.linspace(0, 2 * np.pi, segments + 1)
    meshes, start = [], 0
    for run in runs:
        v = reach[start : start + len(run)]
        start += len(run) - 1
        if len(run) == 2:
            run, v = evenly(run, 4), np.linspace(v[0], v[-1], 4)
        phase = lobes * (angles[:, None] + twist * v[None])
        radius = run[:, 0] * (1 + depth * np.cos(phase)) if lobes else np.repeat(run[:, 0][None], segments + 1, 0)
        surface = np.stack(
            [
                radius * np.cos(angles)[:, None],
                radius * np.sin(angles)[:, None],
                np.repeat(run[:, 1][None], segments + 1, 0),
            ],
            -1,
        )
        uv = np.stack(np.meshgrid(angles / (2 * np.pi), v, indexing="ij"), -1)
        meshes.append(grid(surface, uv))
    return joined(meshes)
