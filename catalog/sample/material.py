"""What things are made of: colour, grain, gloss and wear at each point of a surface."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.sample.columns import Floats, columnwise
from catalog.sample.noise import noise, rough_noise

Colour = tuple[float, float, float]  # linear light, 0..1


def dimmed(colour: Colour, share: float) -> Colour:
    return colour[0] * share, colour[1] * share, colour[2] * share


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """One substance. `texture` (h, w, 3), linear light, multiplies `colour`; `grain` names a procedural figure."""

    colour: Colour = (0.8, 0.8, 0.8)
    texture: Floats | None = None
    repeat: tuple[float, float] = (1.0, 1.0)
    grain: str = ""
    second: Colour = (0.4, 0.3, 0.2)
    scale: float = 1.0
    contrast: float = 0.5
    axis: int = 2
    rough: float = 0.4
    patchy: float = 0.05
    metal: float = 0.0
    gloss: float = 1.0
    bump: float = 0.0
    bump_scale: float = 3.0
    wear: float = 0.0
    glass: bool = False
    clear: Colour = (1.0, 1.0, 1.0)  # light left after one unit of length in the glass
    glow: Colour = (0.0, 0.0, 0.0)
    backdrop: bool = False
    sheen: float = 0.0
    cracks: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """A material at n points: diffuse and mirror colours (n, 3), roughness (n,), a normal nudge (n, 3) or None."""

    albedo: Floats
    mirror: Floats
    rough: Floats
    nudge: Floats | None


def looked_up(texture: Floats, uv: Floats, repeat: tuple[float, float]) -> Floats:
    """Bilinear colours (n, 3) of a texture (h, w, 3) at uv (n, 2); v = 1 is the top row."""
    rows, columns = texture.shape[:2]
    x = (uv[:, 0] * np.float32(repeat[0]) % 1) * np.float32(columns) - np.float32(0.5)
    y = ((1 - uv[:, 1] * np.float32(repeat[1])) % 1) * np.float32(rows) - np.float32(0.5)
    left, top = np.floor(x), np.floor(y)
    fx, fy = (x - left)[:, None], (y - top)[:, None]
    x0, y0 = left.astype(np.int32), top.astype(np.int32)
    wrap_y = repeat[1] != 1.0
    y1 = (y0 + 1) % rows if wrap_y else np.minimum(y0 + 1, rows - 1)
    y0 = y0 % rows if wrap_y else np.clip(y0, 0, rows - 1)
    x1, x0 = (x0 + 1) % columns, x0 % columns
    flat = texture.reshape(-1, 3)

    def mixed(row: NDArray[np.int32]) -> Floats:
        start = row * columns
        west, east = (columnwise(flat.take(start + column, axis=0)) for column in (x0, x1))
        return np.asarray(west + (east - west) * fx, np.float32)

    upper = mixed(y0)
    return np.asarray(upper + (mixed(y1) - upper) * fy, np.float32)


def surface(material: Material, uv: Floats, place: Floats) -> Surface:
    """The material at texture coordinates uv (n, 2) and places (n, 3) in the object's own units."""
    base = np.array(material.colour, np.float32)
    albedo = columnwise(np.broadcast_to(base, place.shape))
    if material.texture is not None:
        albedo = albedo * looked_up(material.texture, uv, material.repeat)
    figure: NDArray[np.float32] | None = None
    if material.grain:
        figure = _figure(material, place, uv)
        share = np.clip(figure * material.contrast, 0, 1)[:, None]
        albedo = albedo + (np.array(material.second, np.float32) - albedo) * share
    waves = noise(place, material.bump_scale) if material.bump or material.patchy > 0.06 or material.wear else None
    rough = np.full(len(place), material.rough, np.float32)
    if waves is not None:
        rough = np.asarray(np.clip(rough * (1 + material.patchy * 4 * waves[:, 3]), 0.02, 1), np.float32)
        albedo = np.asarray(albedo * (1 + 0.035 * waves[:, 2:3]), np.float32)
    if material.wear and waves is not None:
        stain = (
            np.clip(waves[:, 0] + 0.6 * noise(place, material.bump_scale * 4)[:, 1] - 1.1, 0, 1)[:, None]
            * material.wear
        )
        albedo = np.asarray(albedo * (1 - 0.75 * stain), np.float32)
        rough = np.asarray(np.clip(rough + 0.5 * stain[:, 0], 0, 1), np.float32)
        if material.cracks:
            line = (np.abs(noise(place, 0.45)[:, 2]) < 0.022) & (waves[:, 1] > -0.6)
            albedo = np.where(line[:, None], albedo * 0.35 + 0.02, albedo)
    nudge = None if waves is None or not material.bump else waves[:, :3] * np.float32(material.bump)
    dielectric = 0.042 * material.gloss
    mirror = albedo * np.float32(material.metal) + np.float32(dielectric * (1 - material.metal))
    return Surface(
        albedo * np.float32(1 - material.metal),
        mirror,
        rough.astype(np.float32),
        nudge,
    )


def _figure(material: Material, place: Floats, uv: Floats) -> Floats:
    """How much of the second colour shows at each point, about 0..1."""
    if material.grain == "wood":
        return _wood(material, place)
    if material.grain == "planks":
        return _planks(material, place)
    if material.grain == "marble":
        waves = noise(place, material.scale)
        vein = 1 - np.abs(noise(place + 0.15 * waves[:, :3], material.scale * 0.8)[:, 0])
        return np.asarray(np.clip(vein, 0, 1) ** 6 + 0.15 * np.clip(waves[:, 3], 0, 1), np.float32)
    if material.grain == "speckle":
        return np.asarray(rough_noise(place, material.scale * 6)[:, 0] > 1.3, np.float32) + 0.2 * (
            noise(place, material.scale)[:, 1] > 0
        )
    if material.grain == "mottle":
        return np.asarray(np.clip(0.5 + 0.55 * noise(place, material.scale)[:, 0], 0, 1), np.float32)
    if material.grain == "drip":
        edge = 0.62 + 0.08 * noise(place * np.array([1, 1, 0.02], np.float32), material.scale * 2)[:, 0]
        return np.asarray(np.clip((edge - uv[:, 1]) * 12, 0, 1), np.float32)
    if material.grain == "crackle":
        lines = np.abs(noise(place, material.scale * 3)[:, 0:2]).min(1)
        return np.asarray(np.clip(1 - lines * 14, 0, 1), np.float32)
    if material.grain == "weave":
        threads = np.sin(place[:, 0] * 260 * material.scale) * np.sin(
            (place[:, 1] + place[:, 2]) * 260 * material.scale
        )
        return np.asarray(0.5 + 0.5 * threads + 0.25 * noise(place, material.scale)[:, 0], np.float32)
    raise ValueError(f"no grain is called {material.grain!r}")


def _planks(material: Material, place: Floats) -> Floats:
    """Boards side by side along x: each its own grain and tone, with dark joints."""
    wide = 0.34 / material.scale
    across = place[:, 1] / wide
    number = np.floor(across)
    shifted = place + np.array([number * 3.7, number * 0.19, number * 1.3], np.float32).T
    tone = 0.24 * np.sin(number * 12.9898)
    joint = np.abs(across - number - 0.5) > 0.488
    return np.asarray(np.clip(_wood(material, shifted) + tone, 0, 1) + 0.8 * joint, np.float32)


def _wood(material: Material, place: Floats) -> Floats:
    """Annual rings cut lengthwise, with pores: the board runs along `axis`."""
    stretch = np.full(3, 1.0, np.float32)
    stretch[material.axis] = 0.09
    along = place * stretch
    warp = noise(along, material.scale * 0.7)
    across = place[:, (material.axis + 1) % 3] * 0.7 + place[:, (material.axis + 2) % 3]
    rings = np.sin((across * 9 * material.scale + 1.1 * warp[:, 0]) * 2 * np.pi)
    pores = rough_noise(place * np.array([s if s < 1 else 3.0 for s in stretch], np.float32), material.scale * 5)[:, 1]
    return np.asarray(np.clip(0.45 + 0.3 * rings + 0.3 * warp[:, 1] + 0.16 * pores, 0, 1), np.float32)
