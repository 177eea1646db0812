"""What stands before the camera: the parts as one mesh, with soft shadows and bounced light baked on its points."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from embreex.mesh_construction import TriangleMesh
from embreex.rtcore_scene import EmbreeScene
from numpy.typing import NDArray

from catalog.sample.camera import Camera
from catalog.sample.columns import Floats, columnwise
from catalog.sample.light import Environment
from catalog.sample.material import Material
from catalog.sample.mesh import Ints, Mesh

SKY_RAYS, BOUNCE_RAYS = 52, 12
LIFT = 2e-3  # how far a ray starts off a surface, not to meet it again


@dataclass(frozen=True, slots=True)
class Part:
    """A mesh and what it is made of."""

    mesh: Mesh
    material: Material


@dataclass(frozen=True, slots=True, eq=False)
class Hits:
    """Where n rays end: face index or -1, barycentric weights of corners 1 and 2, distance."""

    face: Ints
    u: Floats
    v: Floats
    far: Floats

    def chosen(self, which: NDArray[np.integer[Any]]) -> "Hits":
        return Hits(self.face.take(which), self.u.take(which), self.v.take(which), self.far.take(which))


class Stage:
    """Parts put together for one photo, lit by one environment."""

    def __init__(self, parts: Sequence[Part], light: Environment, seed: int, camera: Camera) -> None:
        meshes = [part.mesh for part in parts]
        offsets = np.cumsum([0] + [len(mesh.points) for mesh in meshes])
        self.points = np.ascontiguousarray(np.concatenate([mesh.points for mesh in meshes]), np.float32)
        self.normals = np.concatenate([mesh.normals for mesh in meshes]).astype(np.float32)
        self.uv = np.concatenate([mesh.uv for mesh in meshes]).astype(np.float32)
        self.faces = np.ascontiguousarray(
            np.concatenate([mesh.faces + start for mesh, start in zip(meshes, offsets, strict=False)]), np.int32
        )
        self.materials = list({id(part.material): part.material for part in parts}.values())
        number = {id(material): k for k, material in enumerate(self.materials)}
        owners = np.array([number[id(part.material)] for part in parts], np.int32)
        self.owner = np.repeat(owners, [len(mesh.faces) for mesh in meshes])
        self.glassy = np.array([material.glass for material in self.materials])
        self.is_backdrop = np.array([material.backdrop for material in self.materials])
        self.tones = np.array([mean_colour(material) for material in self.materials], np.float32)
        self.light = light
        self.scene = EmbreeScene()
        TriangleMesh(self.scene, self.points, self.faces)
        self.irradiance = self._bake(seed, camera)
        self.vertices = np.concatenate([self.normals.T, self.uv.T, self.irradiance.T])  # (8, n)

    def cast(self, origins: Floats, directions: Floats) -> Hits:
        answer = self.scene.run(
            np.ascontiguousarray(origins, np.float32), np.ascontiguousarray(directions, np.float32), output=True
        )
        return Hits(answer["primID"], answer["u"], answer["v"], answer["tfar"])

    def vertex_owners(self) -> NDArray[np.int32]:
        """Which part each vertex belongs to, (n,)."""
        owner = np.zeros(len(self.points), np.int32)
        owner[self.faces.ravel()] = np.repeat(self.owner, 3)
        return owner

    def _bake(self, seed: int, camera: Camera) -> Floats:
        """Light (n, 3) that falls on each vertex, over pi: the environment with soft shadows, plus one rough bounce.

        Only vertices that are not glass, are in or near the frame and not turned well away from the camera are worked
        out; the others, which show up in reflections at most, get the mean.
        """
        forward = camera.forward
        away = self.normals[:, 0] * forward[0] + self.normals[:, 1] * forward[1] + self.normals[:, 2] * forward[2]
        chosen = np.flatnonzero((away < 0.45) & ~self.glassy[self.vertex_owners()] & camera.sees(self.points, 1.6))
        points, normals = self.points[chosen], self.normals[chosen]
        direct = self._direct(points, normals, seed)
        light = direct + self._bounce(points, normals, direct, self.is_backdrop[self.vertex_owners()[chosen]])
        everywhere = np.broadcast_to(0.6 * light.mean(0), self.points.shape).astype(np.float32)
        everywhere[chosen] = light
        return everywhere

    def _direct(self, points: Floats, normals: Floats, seed: int) -> Floats:
        directions, lights = self.light.samples(SKY_RAYS, seed)
        origins = points + normals * np.float32(LIFT)
        total = np.zeros((len(points), 3), np.float32, order="F")
        for direction, light in zip(directions, lights, strict=True):
            facing = _along(normals, direction)
            lit = np.flatnonzero(facing > 0)
            if not len(lit):
                continue
            share = np.zeros(len(points), np.float32)
            share[lit] = facing.take(lit) * self._unshaded(origins.take(lit, axis=0), direction)
            for channel in range(3):
                total[:, channel] += share * (light[channel] / np.float32(np.pi))
        return total

    def _unshaded(self, origins: Floats, direction: Floats) -> Floats:
        """How much light (n,) comes through from one direction: glass lets half of it pass."""
        ways = np.empty_like(origins)
        ways[:] = direction
        if not self.glassy.any():
            return np.asarray(self.scene.run(origins, ways, query="OCCLUDED") < 0, np.float32)
        hits = self.scene.run(origins, ways)
        through = self.glassy.take(self.owner.take(np.maximum(hits, 0)))
        return np.where(hits < 0, np.float32(1), np.where(through, np.float32(0.55), np.float32(0)))

    def _bounce(self, points: Floats, normals: Floats, direct: Floats, on_set: NDArray[np.bool_]) -> Floats:
        """Light (n, 3) thrown back by the floor and by the thing itself, from a few directions."""
        colours = self.tones
        origins = points + normals * np.float32(LIFT)
        floor_glow = direct[on_set].mean(0) * colours[self.is_backdrop].mean(0) if on_set.any() else np.zeros(3)
        own_glow = direct[~on_set].mean(0) * colours[~self.is_backdrop].mean(0) if (~on_set).any() else np.zeros(3)
        k = np.arange(BOUNCE_RAYS) + 0.5
        z, phi = 1 - 2 * k / BOUNCE_RAYS, k * np.pi * (3 - np.sqrt(5))
        flat = np.sqrt(1 - z * z)
        from_floor, from_own = np.zeros((2, len(points)), np.float32)
        for direction in np.stack([flat * np.cos(phi), flat * np.sin(phi), z], -1).astype(np.float32):
            facing = _along(normals, direction)
            lit = np.flatnonzero(facing > 0.02)
            ways = np.empty((len(lit), 3), np.float32)
            ways[:] = direction
            hits = self.scene.run(origins.take(lit, axis=0), ways)
            on_floor = self.is_backdrop.take(self.owner.take(np.maximum(hits, 0)))
            met = facing.take(lit) * (hits >= 0)
            from_floor[lit] += met * on_floor
            from_own[lit] += met * ~on_floor
        glow = from_floor[:, None] * floor_glow + from_own[:, None] * own_glow
        return columnwise(glow * (4 / BOUNCE_RAYS))

    def by_owner(self, hits: Hits) -> Iterator[tuple[int, NDArray[np.intp]]]:
        """Each part that was hit, with the places in `hits` of the rays that hit it."""
        owner = self.owner.take(np.maximum(hits.face, 0))
        owner[hits.face < 0] = -1
        for index in np.flatnonzero(np.bincount(owner + 1, minlength=2)[1:]):
            yield int(index), np.flatnonzero(owner == index)

    def at(self, hits: Hits) -> tuple[Floats, Floats, Floats]:
        """Texture coordinates (n, 2), normals (n, 3), not yet of length one, and fallen light (n, 3) where rays hit."""
        a, b, c = self.faces.take(hits.face, axis=0).T
        u, v = hits.u, hits.v
        mixed = self.vertices.take(a, axis=1)
        mixed *= 1 - u - v
        for corner, share in ((b, u), (c, v)):
            other = self.vertices.take(corner, axis=1)
            other *= share
            mixed += other
        rows = mixed.T
        return rows[:, 3:5], rows[:, 0:3], rows[:, 5:8]


def _along(rows: Floats, direction: Floats) -> Floats:
    """Scalar products (n,) with one direction; a matrix product would start threads that fight over cores."""
    return np.asarray(rows[:, 0] * direction[0] + rows[:, 1] * direction[1] + rows[:, 2] * direction[2], np.float32)


def mean_colour(material: Material) -> tuple[float, float, float]:
    base = np.array(material.colour)
    if material.texture is not None:
        base = base * material.texture[::8, ::8].mean((0, 1))
    if material.grain:
        share = min(0.5 * material.contrast, 1.0)
        base = base * (1 - share) + np.array(material.second) * share
    return float(base[0]), float(base[1]), float(base[2])
