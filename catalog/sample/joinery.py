"""Swept tubes, blocks with rounded edges, sawn boards, mitred mouldings and cut stones."""

import itertools
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from catalog.sample.columns import unit
from catalog.sample.mesh import Mesh, grid, joined


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
            if axis == 1:  # front and back: u runs in width, v in height, as on the sides
                uv = uv[..., ::-1]
            mesh = grid(core + bevel * out, uv)
            meshes.append(replace(mesh, normals=out.reshape(-1, 3).astype(np.float32)))
    return joined(meshes).moved(z=height / 2)


def _face_line(length: float, bevel: float, ramp: NDArray[np.float64], cells: int) -> NDArray[np.float64]:
    half = length / 2
    edge = half - bevel + bevel * np.tan(ramp * np.pi / 4)
    return np.concatenate([-edge[::-1], np.linspace(-half + bevel, half - bevel, cells + 1)[1:-1], edge])


def board(outline: ArrayLike, thickness: float, bevel: float = 0.01) -> Mesh:
    """A sawn board in the x-z plane, facing -y, with rounded edges; `outline` (k, 2) encloses its own centre."""
    loop = np.asarray(outline, np.float64)
    loop = np.concatenate([loop, loop[:1]])
    tangent = np.gradient(loop, axis=0)
    tangent[0] = tangent[-1] = loop[1] - loop[-2]
    inward = np.stack([-tangent[:, 1], tangent[:, 0]], -1)
    inward /= np.maximum(np.linalg.norm(inward, axis=1, keepdims=True), 1e-12)
    centre = loop[:-1].mean(0)
    inward *= np.sign(np.sum((centre - loop) * inward, axis=1).sum()) or 1.0
    quarter = np.linspace(0, np.pi / 2, 4)
    inset = bevel * np.concatenate([1 - np.sin(quarter), 1 - np.cos(quarter)])
    y = np.concatenate([-thickness / 2 + bevel * (1 - np.cos(quarter)), thickness / 2 - bevel * (1 - np.sin(quarter))])
    rim_xz = loop[:, None] + inset[None, :, None] * inward[:, None]
    rim = np.stack([rim_xz[..., 0], np.broadcast_to(y, rim_xz.shape[:2]), rim_xz[..., 1]], -1)
    meshes = [outwards(grid(rim), np.array([centre[0], 0, centre[1]]))]
    edge = loop + bevel * inward
    lower, upper = loop.min(0), loop.max(0)
    for side in (-1.0, 1.0):
        shrink = np.linspace(0, 1, 7)[None, :, None]
        flat = centre + (edge[:, None] - centre) * (1 - shrink) + 0 * shrink
        points = np.stack([flat[..., 0], np.full(flat.shape[:2], side * thickness / 2), flat[..., 1]], -1)
        mesh = grid(points, (flat - lower) / (upper - lower))
        meshes.append(replace(mesh, normals=np.tile(np.array([0, side, 0], np.float32), (len(mesh.points), 1))))
    return joined(meshes)


def outwards(mesh: Mesh, centre: ArrayLike) -> Mesh:
    """The mesh with its normals turned away from a centre, when most of them point at it."""
    facing = np.sum((mesh.points - np.asarray(centre)) * mesh.normals, axis=1).sum()
    return mesh if facing >= 0 else replace(mesh, normals=-mesh.normals)


def moulding(width: float, height: float, profile: ArrayLike) -> Mesh:
    """A mitred frame in the x-z plane round an opening width × height.

    `profile` (k, 2) lists (distance outwards from the opening, height towards the viewer at -y).
    """
    shape = np.asarray(profile, np.float64)
    meshes = []
    for turn, (long, other) in enumerate([(width, height), (height, width)] * 2):
        along = np.linspace(-0.5, 0.5, 14)
        x = along[:, None] * (long + 2 * shape[None, :, 0])
        z = np.broadcast_to(other / 2 + shape[None, :, 0], x.shape)
        y = np.broadcast_to(-shape[None, :, 1], x.shape)
        v = np.broadcast_to(np.linspace(0, 1, len(shape)), x.shape)
        mesh = grid(np.stack([x, y, z], -1), np.stack([x / (width + height), v], -1))
        if mesh.normals[:, 1].mean() > 0:
            mesh = replace(mesh, normals=-mesh.normals)
        meshes.append(mesh.turned("y", 90.0 * turn))
    return joined(meshes)


def hoop(width: float, height: float, profile: ArrayLike, count: int = 72) -> Mesh:
    """An oval frame in the x-z plane with the same kind of profile as `moulding`."""
    shape = np.asarray(profile, np.float64)
    angle = np.linspace(0, 2 * np.pi, count + 1)[:, None]
    x = (width / 2 + shape[None, :, 0]) * np.cos(angle)
    z = (height / 2 + shape[None, :, 0]) * np.sin(angle)
    mesh = grid(np.stack([x, np.broadcast_to(-shape[None, :, 1], x.shape), z], -1))
    return mesh if mesh.normals[:, 1].mean() < 0 else replace(mesh, normals=-mesh.normals)


def panel(width: float, height: float, cells: int = 12, bulge: float = 0.0) -> Mesh:
    """A flat or slightly bulging sheet in the x-z plane, facing -y; the texture stands upright."""
    u, v = np.meshgrid(np.linspace(0, 1, cells + 1), np.linspace(0, 1, cells + 1), indexing="ij")
    depth = -bulge * np.sin(np.pi * u) * np.sin(np.pi * v)
    mesh = grid(np.stack([(u - 0.5) * width, depth, (v - 0.5) * height], -1), np.stack([u, v], -1))
    return mesh if mesh.normals[:, 1].mean() < 0 else replace(mesh, normals=-mesh.normals)


def disc(radius: float, cells: int = 40) -> Mesh:
    """A round sheet in the x-z plane, facing -y, textured as a square picture cut round."""
    angle, reach = np.meshgrid(np.linspace(0, 2 * np.pi, cells + 1), np.linspace(0, 1, 8), indexing="ij")
    x, z = reach * np.cos(angle), reach * np.sin(angle)
    uv = np.stack([x / 2 + 0.5, z / 2 + 0.5], -1)
    mesh = grid(np.stack([x * radius, np.zeros_like(x), z * radius], -1), uv)
    return replace(mesh, normals=np.tile(np.array([0, -1, 0], np.float32), (len(mesh.points), 1)))


def gem(radius: float, height: float, sides: int = 8, stretch: float = 1.0) -> Mesh:
    """A cut stone, table up, girdle at z = 0, every facet flat."""
    around = np.arange(sides) * 2 * np.pi / sides
    rows = [(0.58, 0.42, 0.5), (0.84, 0.22, 0.0), (1.0, 0.0, 0.5), (0.55, -0.42, 0.0), (0.02, -0.85, 0.5)]
    rings = [
        np.stack(
            [
                r * np.cos(around + k * np.pi / sides * 2),
                stretch * r * np.sin(around + k * np.pi / sides * 2),
                np.full(sides, z),
            ],
            -1,
        )
        * np.array([radius, radius, height])
        for r, z, k in rows
    ]
    triangles = [[rings[0][i], rings[0][(i + 1) % sides], np.array([0, 0, 0.42 * height])] for i in range(sides)]
    for upper, lower in itertools.pairwise(rings):
        for i in range(sides):
            j = (i + 1) % sides
            triangles += [[upper[i], lower[i], upper[j]], [upper[j], lower[i], lower[j]]]
    points = np.array(triangles, np.float32)
    flat = unit(np.cross(points[:, 1] - points[:, 0], points[:, 2] - points[:, 0]))
    flat *= np.sign(np.sum(flat * points.mean(1), axis=1, keepdims=True) + 1e-9)
    count = len(points) * 3
    return Mesh(
        points.reshape(-1, 3),
        np.repeat(flat, 3, axis=0),
        np.zeros((count, 2), np.float32),
        np.arange(count, dtype=np.int32).reshape(-1, 3),
    )


def warped(mesh: Mesh, bend: Callable[[NDArray[np.float32]], NDArray[np.float32]]) -> Mesh:
    """The mesh with every point moved by `bend`, and its normals made anew from its faces."""
    points = bend(mesh.points).astype(np.float32)
    corners = points[mesh.faces]
    flat = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    _, same = np.unique(np.round(points, 5), axis=0, return_inverse=True)
    summed = np.zeros((int(same.max()) + 1, 3), np.float64)
    for k in range(3):
        np.add.at(summed, same.ravel()[mesh.faces[:, k]], flat)
    return replace(mesh, points=points, normals=unit(summed[same.ravel()].astype(np.float32)))
