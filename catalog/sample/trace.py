"""Follows light from the camera: what surfaces scatter and mirror, and what bends through glass."""

import numpy as np

from catalog.sample.columns import Floats, dot, mean, picked, put, unit
from catalog.sample.material import Material, surface
from catalog.sample.stage import LIFT, Hits, Stage

GLASS = 1.5


def radiance(stage: Stage, origins: Floats, directions: Floats, depth: int = 2) -> tuple[Floats, Hits]:
    """Colour (n, 3) seen along rays, and what the rays met."""
    hits = stage.cast(origins, directions)
    colour = np.empty((len(directions), 3), np.float32, order="F")
    missed = np.flatnonzero(hits.face < 0)
    if len(missed):
        put(colour, missed, stage.light.radiance(picked(directions, missed), 0.3))
    for index, chosen in stage.by_owner(hits):
        material, part, way = stage.materials[index], hits.chosen(chosen), picked(directions, chosen)
        look = _glass if material.glass else _opaque
        put(colour, chosen, look(stage, picked(origins, chosen), way, part, material, depth))
    return colour, hits


def _opaque(stage: Stage, origins: Floats, way: Floats, hits: Hits, material: Material, depth: int) -> Floats:
    place = origins + way * hits.far[:, None]
    uv, normal, light = stage.at(hits)
    look = surface(material, uv, place)
    normal = unit(normal + look.nudge) if look.nudge is not None else unit(normal)
    cosine = dot(normal, way)
    normal = normal - np.maximum(1.02 * cosine, 0)[:, None] * way  # never turned away from the eye
    colour = look.albedo * light
    if any(material.glow):
        colour += _glow_shape(uv) * np.array(material.glow, np.float32)
    if material.sheen:
        colour += material.sheen * look.albedo * light * (1 - np.abs(cosine))[:, None] ** 3
    if material.gloss <= 0.02 and not material.metal:
        return colour
    facing = np.clip(-dot(normal, way), 0.02, 1)
    bounced = unit(way + 2 * facing[:, None] * normal)
    glint = _mirrored(stage, place + normal * LIFT, bounced, look.rough, light, material, depth)
    a, b = _environment_brdf(look.rough, facing)
    return colour + glint * (look.mirror * a[:, None] + b[:, None] * min(1.0, material.gloss + material.metal))


def _mirrored(
    stage: Stage, place: Floats, bounced: Floats, rough: Floats, light: Floats, material: Material, depth: int
) -> Floats:
    """What the surface mirrors: other surfaces where smooth enough, else the blurred room, dimmed in shadow."""
    glint = stage.light.radiance(bounced, rough)
    if material.backdrop or material.rough > (0.6 if material.metal else 0.34):
        fallen = mean(light)
        shade = np.clip(fallen / max(float(fallen.mean()) * 1.2, 1e-6), 0.1, 1)
        return np.asarray(glint * shade[:, None], np.float32)
    if depth > 0:
        hits = stage.cast(place, bounced)
        met = np.flatnonzero(hits.face >= 0)
        if len(met):
            seen = _second(stage, picked(place, met), picked(bounced, met), hits.chosen(met), rough.take(met))
            put(glint, met, seen)
    return glint


def _second(stage: Stage, origins: Floats, way: Floats, hits: Hits, rough: Floats) -> Floats:
    """A plain look at what a reflection meets: diffuse colour, and for metal the room behind the ray."""
    uv, normals, light = stage.at(hits)
    colour = np.empty((len(way), 3), np.float32, order="F")
    for index, chosen in stage.by_owner(hits):
        material = stage.materials[index]
        tone, fallen, ahead = stage.tones[index], picked(light, chosen), picked(way, chosen)
        if material.texture is not None and not material.metal:
            place = picked(origins, chosen) + ahead * hits.far.take(chosen)[:, None]
            seen = surface(material, picked(uv, chosen), place).albedo * fallen
        elif material.metal or material.glass:
            normal = unit(picked(normals, chosen))
            onward = unit(ahead - 2 * dot(ahead, normal)[:, None] * normal)
            room = stage.light.radiance(onward, np.maximum(rough.take(chosen), 0.2))
            seen = (0.7 * room + 0.3 * fallen) * tone
        else:
            seen = fallen * tone
        put(colour, chosen, seen + np.array(material.glow, np.float32))
    return colour


def _glass(stage: Stage, origins: Floats, way: Floats, hits: Hits, material: Material, depth: int) -> Floats:
    """Light bent through clear walls: up to six surfaces, tinted by the length of the way inside."""
    count = len(way)
    colour, left = np.zeros((3, count), np.float32).T, np.ones((3, count), np.float32).T
    alive = np.arange(count)
    origin, direction, current = origins, way, hits
    clear = np.array(material.clear, np.float32)
    for step in range(7):
        place = origin + direction * current.far[:, None]
        normal = unit(stage.at(current)[1])
        cosine = dot(normal, direction)
        inside = cosine > 0
        left *= np.exp(np.log(clear) * (current.far * inside)[:, None])  # Beer's law
        side = normal * np.where(inside, np.float32(-1), np.float32(1))[:, None]
        facing = np.clip(np.abs(cosine), 0.01, 1)
        if step < 3:
            fresnel = np.asarray(0.04 + 0.96 * (1 - facing) ** 5, np.float32)[:, None]
            mirrored = unit(direction + 2 * facing[:, None] * side)
            weight = fresnel * np.where(inside, np.float32(0.35), np.float32(1))[:, None]
            put(colour, alive, picked(colour, alive) + left * weight * stage.light.radiance(mirrored, 0.02))
            left = left * (1 - fresnel)
        direction = _refracted(direction, side, facing, np.where(inside, np.float32(GLASS), np.float32(1 / GLASS)))
        origin = place + direction * np.float32(LIFT)
        current = stage.cast(origin, direction)
        glassy = (current.face >= 0) & stage.glassy.take(stage.owner.take(np.maximum(current.face, 0)))
        if step == 6:
            glassy[:] = False
        done, keep = np.flatnonzero(~glassy), np.flatnonzero(glassy)
        if len(done):
            seen = _beyond(stage, picked(origin, done), picked(direction, done), current.chosen(done))
            ended = alive.take(done)
            put(colour, ended, picked(colour, ended) + picked(left, done) * seen)
        if not len(keep):
            break
        alive, left, current = alive.take(keep), picked(left, keep), current.chosen(keep)
        origin, direction = picked(origin, keep), picked(direction, keep)
    return colour


def _beyond(stage: Stage, origins: Floats, way: Floats, hits: Hits) -> Floats:
    """What lies behind the glass: the set, the room, or more glass than we care to follow."""
    colour = np.full((len(way), 3), 0.5, np.float32, order="F")
    missed = np.flatnonzero(hits.face < 0)
    if len(missed):
        put(colour, missed, stage.light.radiance(picked(way, missed), 0.1))
    for index, chosen in stage.by_owner(hits):
        material = stage.materials[index]
        if not material.glass:
            ends = hits.chosen(chosen)
            put(colour, chosen, _opaque(stage, picked(origins, chosen), picked(way, chosen), ends, material, 0))
    return colour


def _glow_shape(uv: Floats) -> Floats:
    """A lit shade is brightest about its middle, where the bulb sits, (n, 1)."""
    return np.asarray(0.45 + 0.75 * np.exp(-(((uv[:, 1:2] - 0.5) / 0.3) ** 2)), np.float32)


def _refracted(way: Floats, side: Floats, facing: Floats, ratio: Floats) -> Floats:
    """Snell's law; beyond the critical angle the ray is thrown back instead. (n, 3) unit vectors."""
    k = 1 - ratio**2 * (1 - facing**2)
    bent = ratio[:, None] * way + (ratio * facing - np.sqrt(np.maximum(k, 0)))[:, None] * side
    thrown = way + 2 * facing[:, None] * side
    return unit(np.where((k < 0)[:, None], thrown, bent))


def _environment_brdf(rough: Floats, facing: Floats) -> tuple[Floats, Floats]:
    """Scale and bias of the mirror colour for GGX under an even sky: Karis, "Physically based shading on mobile"."""
    x, y, z, w = 1 - rough, 0.0425 - 0.0275 * rough, 1.04 - 0.572 * rough, -0.04 + 0.022 * rough
    a = np.minimum(x * x, np.exp2(-9.28 * facing)) * x + y
    return (-1.04 * a + z).astype(np.float32), (1.04 * a + w).clip(0).astype(np.float32)
