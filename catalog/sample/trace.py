"""Follows light through a set: primary rays, shadows baked on vertices, reflections and glass."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from embreex.mesh_construction import TriangleMesh
from embreex.rtcore_scene import EmbreeScene
from numpy.typing import NDArray

from catalog.sample.camera import Camera
from catalog.sample.light import Environment
from catalog.sample.material import Material, surface
from catalog.sample.mesh import Floats, Ints, Mesh, unit

SKY_RAYS, BOUNCE_RAYS = 64, 14
GLASS = 1.5
LIFT = 2e-3


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

    def chosen(self, which: NDArray[Any]) -> "Hits":
        return Hits(self.face[which], self.u[which], self.v[which], self.far[which])


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
        self.owner = np.repeat(np.arange(len(parts), dtype=np.int32), [len(mesh.faces) for mesh in meshes])
        self.materials = [part.material for part in parts]
        self.glassy = np.array([material.glass for material in self.materials])
        self.is_backdrop = np.array([material.backdrop for material in self.materials])
        self.light = light
        self.scene = EmbreeScene()
        TriangleMesh(self.scene, self.points, self.faces)
        self.irradiance = self._bake(seed, camera)
        self.vertices = np.concatenate([self.normals, self.uv, self.irradiance], axis=1)

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
        total = np.zeros_like(points)
        normal_x, normal_y, normal_z = np.ascontiguousarray(
            normals.T
        )  # no matrix product: BLAS threads fight over cores
        for direction, light in zip(directions, lights, strict=True):
            facing = normal_x * direction[0] + normal_y * direction[1] + normal_z * direction[2]
            lit = np.flatnonzero(facing > 0)
            if not len(lit):
                continue
            hits = self.scene.run(origins[lit], np.broadcast_to(direction, (len(lit), 3)).copy())
            seen = (hits < 0).astype(np.float32)
            if self.glassy.any():
                through = (hits >= 0) & self.glassy[self.owner[np.maximum(hits, 0)]]
                seen[through] = 0.55
            total[lit] += (facing[lit] * seen)[:, None] * light
        return np.asarray(total / np.pi, np.float32)

    def _bounce(self, points: Floats, normals: Floats, direct: Floats, on_set: NDArray[np.bool_]) -> Floats:
        """Light (n, 3) thrown back by the floor and by the thing itself, from a few directions."""
        colours = np.array([mean_colour(material) for material in self.materials], np.float32)
        origins = points + normals * np.float32(LIFT)
        floor_glow = direct[on_set].mean(0) * colours[self.is_backdrop].mean(0) if on_set.any() else np.zeros(3)
        own_glow = direct[~on_set].mean(0) * colours[~self.is_backdrop].mean(0) if (~on_set).any() else np.zeros(3)
        k = np.arange(BOUNCE_RAYS) + 0.5
        z, phi = 1 - 2 * k / BOUNCE_RAYS, k * np.pi * (3 - np.sqrt(5))
        flat = np.sqrt(1 - z * z)
        total = np.zeros_like(direct)
        normal_x, normal_y, normal_z = np.ascontiguousarray(normals.T)
        for direction in np.stack([flat * np.cos(phi), flat * np.sin(phi), z], -1).astype(np.float32):
            facing = normal_x * direction[0] + normal_y * direction[1] + normal_z * direction[2]
            lit = np.flatnonzero(facing > 0.02)
            hits = self.scene.run(origins[lit], np.broadcast_to(direction, (len(lit), 3)).copy())
            met = hits >= 0
            from_floor = met & self.is_backdrop[self.owner[np.maximum(hits, 0)]]
            glow = from_floor[:, None] * floor_glow + (met & ~from_floor)[:, None] * own_glow
            total[lit] += (facing[lit, None] * glow).astype(np.float32)
        return np.asarray(total * (4 / BOUNCE_RAYS), np.float32)

    def radiance(self, origins: Floats, directions: Floats, depth: int = 2) -> tuple[Floats, Hits]:
        """Colour (n, 3) seen along rays, and what the rays met."""
        hits = self.cast(origins, directions)
        colour = np.empty_like(directions)
        missed = hits.face < 0
        if missed.any():
            colour[missed] = self.light.radiance(directions[missed], 0.3)
        owner = np.where(missed, -1, self.owner[np.maximum(hits.face, 0)])
        for index in np.unique(owner[owner >= 0]):
            chosen = np.flatnonzero(owner == index)
            material = self.materials[index]
            part = hits.chosen(chosen)
            way = directions[chosen]
            if material.glass:
                colour[chosen] = self._glass(origins[chosen], way, part, material, depth)
            else:
                colour[chosen] = self._opaque(origins[chosen], way, part, material, depth)
        return colour, hits

    def _at(self, hits: Hits) -> tuple[Floats, Floats, Floats]:
        """Texture coordinates (n, 2), normals (n, 3), not yet of length one, and fallen light (n, 3) where rays hit."""
        a, b, c = self.faces[hits.face].T
        u, v = hits.u[:, None], hits.v[:, None]
        mixed = self.vertices[a]
        mixed *= 1 - u - v
        mixed += self.vertices[b] * u
        mixed += self.vertices[c] * v
        return mixed[:, 3:5], mixed[:, 0:3], mixed[:, 5:8]

    def _opaque(self, origins: Floats, way: Floats, hits: Hits, material: Material, depth: int) -> Floats:
        place = origins + way * hits.far[:, None]
        uv, normal, light = self._at(hits)
        look = surface(material, uv, place)
        normal = unit(normal + look.nudge) if look.nudge is not None else unit(normal)
        cosine = np.einsum("ij,ij->i", normal, way)
        normal = np.where(cosine[:, None] > 0, normal - 1.02 * cosine[:, None] * way, normal)
        colour = look.albedo * light + np.array(material.glow, np.float32) * _glow_shape(uv, material)
        if material.sheen:
            colour += material.sheen * look.albedo * light * (1 - np.abs(cosine[:, None])) ** 3
        if material.gloss <= 0.02 and not material.metal:
            return colour
        facing = np.clip(-np.einsum("ij,ij->i", normal, way), 0.02, 1)
        bounced = unit(way + 2 * facing[:, None] * normal)
        glint = self._mirrored(place + normal * LIFT, bounced, look.rough, light, material, depth)
        a, b = _environment_brdf(look.rough, facing)
        return np.asarray(
            colour + glint * (look.mirror * a[:, None] + b[:, None] * min(1.0, material.gloss + material.metal)),
            np.float32,
        )

    def _mirrored(
        self, place: Floats, bounced: Floats, rough: Floats, light: Floats, material: Material, depth: int
    ) -> Floats:
        """What the surface mirrors: other surfaces where smooth enough, else the blurred room, dimmed in shadow."""
        glint = self.light.radiance(bounced, rough)
        if material.backdrop or material.rough > 0.6:
            shade = np.clip(light.mean(1, keepdims=True) / max(float(light.mean()) * 1.2, 1e-6), 0.1, 1)
            return np.asarray(glint * shade, np.float32)
        if depth > 0:
            hits = self.cast(place, bounced)
            met = np.flatnonzero(hits.face >= 0)
            if len(met):
                glint[met] = self._second(place[met], bounced[met], hits.chosen(met), rough[met])
        return glint

    def _second(self, origins: Floats, way: Floats, hits: Hits, rough: Floats) -> Floats:
        """A plain look at what a reflection meets: diffuse colour, and for metal the room behind the ray."""
        owner = self.owner[hits.face]
        uv, normals, light = self._at(hits)
        colour = np.zeros_like(way)
        for index in np.unique(owner):
            chosen = owner == index
            material = self.materials[index]
            sub = hits.chosen(chosen)
            tone = np.array(mean_colour(material), np.float32)
            if material.texture is not None and not material.metal:
                from_texture = surface(material, uv[chosen], origins[chosen] + way[chosen] * sub.far[:, None])
                colour[chosen] = from_texture.albedo * light[chosen]
            elif material.metal or material.glass:
                normal = unit(normals[chosen])
                onward = way[chosen] - 2 * np.einsum("ij,ij->i", way[chosen], normal)[:, None] * normal
                colour[chosen] = tone * (
                    0.7 * self.light.radiance(unit(onward), np.maximum(rough[chosen], 0.2)) + 0.3 * light[chosen]
                )
            else:
                colour[chosen] = tone * light[chosen]
            colour[chosen] += np.array(material.glow, np.float32)
        return colour

    def _glass(self, origins: Floats, way: Floats, hits: Hits, material: Material, depth: int) -> Floats:
        """Light bent through clear walls: up to six surfaces, tinted by the length of the way inside."""
        count = len(way)
        colour, left = np.zeros((count, 3), np.float32), np.ones((count, 3), np.float32)
        alive = np.arange(count)
        origin, direction, current = origins, way, hits
        clear = np.array(material.clear, np.float32)
        for step in range(7):
            place = origin + direction * current.far[:, None]
            normal = unit(self._at(current)[1])
            cosine = np.einsum("ij,ij->i", normal, direction)
            inside = cosine > 0
            left[alive] *= np.where(inside[:, None], clear ** current.far[:, None], 1)
            side = np.where(inside[:, None], -normal, normal)
            facing = np.clip(np.abs(cosine), 0.01, 1)
            fresnel = 0.04 + 0.96 * (1 - facing) ** 5
            if step < 3:
                mirrored = direction + 2 * facing[:, None] * side
                glint = self.light.radiance(unit(mirrored), 0.02) * np.where(inside, 0.35, 1.0)[:, None]
                colour[alive] += left[alive] * (fresnel[:, None] * glint)
                left[alive] *= 1 - fresnel[:, None]
            direction = _refracted(direction, side, facing, np.where(inside, GLASS, 1 / GLASS))
            origin = place + direction * LIFT
            current = self.cast(origin, direction)
            glassy = (current.face >= 0) & self.glassy[self.owner[np.maximum(current.face, 0)]]
            done = np.flatnonzero(~glassy) if step < 6 else np.arange(len(alive))
            if len(done):
                ends = current.chosen(done)
                colour[alive[done]] += left[alive[done]] * self._beyond(origin[done], direction[done], ends)
            keep = np.flatnonzero(glassy) if step < 6 else np.array([], int)
            alive, origin, direction = alive[keep], origin[keep], direction[keep]
            current = current.chosen(keep)
            if not len(alive):
                break
        return colour

    def _beyond(self, origins: Floats, way: Floats, hits: Hits) -> Floats:
        """What lies behind the glass: the set, the room, or more glass than we care to follow."""
        colour = np.empty_like(way)
        missed = hits.face < 0
        colour[missed] = self.light.radiance(way[missed], 0.1)
        met = np.flatnonzero(hits.face >= 0)
        if len(met):
            owner = self.owner[hits.face[met]]
            for index in np.unique(owner):
                chosen = met[owner == index]
                sub = hits.chosen(chosen)
                material = self.materials[index]
                if material.glass:
                    colour[chosen] = 0.5
                else:
                    colour[chosen] = self._opaque(origins[chosen], way[chosen], sub, material, 0)
        return colour


def _glow_shape(uv: Floats, material: Material) -> Floats:
    """A lit shade is brightest about its middle, where the bulb sits."""
    if not any(material.glow):
        return np.zeros((1, 1), np.float32)
    return np.asarray(0.45 + 0.75 * np.exp(-(((uv[:, 1:2] - 0.5) / 0.3) ** 2)), np.float32)


def _refracted(way: Floats, side: Floats, facing: Floats, ratio: NDArray[np.float64]) -> Floats:
    """Snell's law; beyond the critical angle the ray is thrown back instead. (n, 3) unit vectors."""
    k = 1 - ratio**2 * (1 - facing**2)
    bent = ratio[:, None] * way + (ratio * facing - np.sqrt(np.maximum(k, 0)))[:, None] * side
    thrown = way + 2 * facing[:, None] * side
    return unit(np.where((k < 0)[:, None], thrown, bent).astype(np.float32))


def _environment_brdf(rough: Floats, facing: Floats) -> tuple[Floats, Floats]:
    """Scale and bias of the mirror colour for GGX under an even sky: Karis, "Physically based shading on mobile"."""
    x, y, z, w = 1 - rough, 0.0425 - 0.0275 * rough, 1.04 - 0.572 * rough, -0.04 + 0.022 * rough
    a = np.minimum(x * x, np.exp2(-9.28 * facing)) * x + y
    return (-1.04 * a + z).astype(np.float32), (1.04 * a + w).clip(0).astype(np.float32)


def mean_colour(material: Material) -> tuple[float, float, float]:
    base = np.array(material.colour)
    if material.texture is not None:
        base = base * material.texture[::8, ::8].mean((0, 1))
    if material.grain:
        share = min(0.5 * material.contrast, 1.0)
        base = base * (1 - share) + np.array(material.second) * share
    return float(base[0]), float(base[1]), float(base[2])
