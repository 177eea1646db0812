"""Triangle meshes and the few ways in which we make them: turned, swept, lofted, boxed, sawn and cut."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float32]
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


def unit(vectors: Floats) -> Floats:
    """Vectors (n, 3) at length one; a zero vector stays zero."""
    lengths = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))[:, None]
    return np.asarray(vectors / np.maximum(lengths, 1e-12), np.float32)


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
    return [profile[start : end + 1] for start, end in zip(cuts[:-1], cuts[1:], strict=True)]


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


def sweep(path: ArrayLike, radii: ArrayLike, sides: int = 16, flat: float = 1.0, closed: bool = False) -> Mesh:
    """A tube along path (k, 3); radii (k,); `flat` squeezes it across. Open ends are closed with a small dome."""
    spine = np.asarray(path, np.float64)
    width = np.broadcast_to(np.asarray(radii, np.float64), (len(spine),)).copy()
    if not closed:
        spine = np.concatenate([spine[:1], spine[:1], spine, spine[-1:], spine[-1:]])
        width = np.concatenate([[0, width[0] * 0.6], width, [width[-1] * 0.6, 0]])
    sideways, upward = _frames(spine, closed)
    around = np.linspace(0, 2 * np.pi, sides + 1)
    ring = np.cos(around)[None, :, None] * sideways[:, None] + flat * np.sin(around)[None, :, None] * upward[:, None]
    surface = spine[:, None] + width[:, None, None] * ring
    return grid(surface.swapaxes(0, 1))


def _frames(spine: NDArray[np.float64], closed: bool) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Two unit vectors across the path at each point, carried along it without twisting."""
    tangents = np.gradient(spine, axis=0)
    if closed:
        tangents[0] = tangents[-1] = spine[1] - spine[-2]
    lengths = np.linalg.norm(tangents, axis=1, keepdims=True)
    tangents = np.where(lengths > 1e-9, tangents / np.maximum(lengths, 1e-9), 0)
    for ahead, behind in ((1, 0), (-2, -1)):
        if not tangents[behind].any():
            tangents[behind] = tangents[ahead]
    side = np.cross(tangents[len(tangents) // 2], [0.13, 0.97, 0.21])
    sides = []
    for tangent in tangents:
        side = side - tangent * (side @ tangent)
        side = side / max(float(np.linalg.norm(side)), 1e-9)
        sides.append(side)
    across = np.array(sides)
    return across, np.cross(tangents, across)


def box(width: float, depth: float, height: float, bevel: float = 0.01, cells: int = 6) -> Mesh:
    """A block on the floor plane, centred in x and y, with rounded edges; each face has its own texture square."""
    size = np.array([width, depth, height])
    bevel = min(bevel, 0.45 * float(size.min()))
    ramp = np.array([0.0, 0.3, 0.65, 1.0])
    meshes = []
    for axis in range(3):
        i, j = (axis + 1) % 3, (axis + 2) % 3
        a = _face_line(size[i], bevel, ramp, cells)
        b = _face_line(size[j], bevel, ramp, cells)
        for sign in (-1.0, 1.0):
            points = np.zeros((len(a), len(b), 3))
            points[..., axis] = sign * size[axis] / 2
            points[..., i], points[..., j] = np.meshgrid(a * sign, b, indexing="ij")
            core = np.clip(points, -(size / 2 - bevel), size / 2 - bevel)
            out = points - core
            out /= np.maximum(np.linalg.norm(out, axis=-1, keepdims=True), 1e-12)
            uv = np.stack([points[..., i] / size[i] + 0.5, points[..., j] / size[j] + 0.5], -1)
            if axis == 0:
                uv = uv  # sides: u runs in depth, v in height
            elif axis == 1:
                uv = uv[..., ::-1]  # front and back: u runs in width, v in height
            mesh = grid(core + bevel * out, uv)
            meshes.append(replace(mesh, normals=out.reshape(-1, 3).astype(np.float32)))
    return joined(meshes).moved(z=height / 2)


def _face_line(length: float, bevel: float, ramp: NDArray[np.float64], cells: int) -> NDArray[np.float64]:
    half = length / 2
    edge = half - bevel + bevel * np.tan(ramp * np.pi / 4)
    return np.concatenate([-edge[::-1], np.linspace(-half + bevel, half - bevel, cells + 1)[1:-1], edge])


def slab(x: ArrayLike, low: ArrayLike, high: ArrayLike, thickness: float, bevel: float = 0.01) -> Mesh:
    """A sawn board in the x-z plane between two curves low(x) and high(x), with rounded edges, facing -y."""
    across = np.asarray(x, np.float64)
    bottom, top = np.asarray(low, np.float64), np.asarray(high, np.float64)
    rim = bevel * (1 - np.cos(np.linspace(0, np.pi / 2, 4)))
    lift = bevel * np.sin(np.linspace(0, np.pi / 2, 4))
    middle, half = (across[0] + across[-1]) / 2, (across[-1] - across[0]) / 2
    rings = []
    for inset, rise in [*zip(bevel - rim, lift - bevel, strict=True)][:]:
        shrink = 1 - inset / half
        rings.append(
            (middle + (across - middle) * shrink, bottom + inset, top - inset, -thickness / 2 - rise - bevel + bevel)
        )
    front = [np.stack([a, np.full_like(a, y), b], -1) for a, b, _, y in rings[:0]]
    loops = []
    for a, lo, hi, y in rings:
        loop = np.concatenate([np.stack([a, lo], -1), np.stack([a[::-1], hi[::-1]], -1), np.stack([a[:1], lo[:1]], -1)])
        loops.append((loop, y))
    del front
    return _slab_mesh(across, rings, loops, thickness)
