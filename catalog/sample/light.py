"""The light in the room: painted environments with windows, soft boxes and lamps, blurred for rough reflections."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from catalog.sample.dice import dice
from catalog.sample.mesh import Floats

ROWS, COLUMNS = 160, 320
LEVELS = ((0.0, 1), (0.12, 2), (0.28, 5), (0.5, 10), (0.85, 20))  # (roughness, how many times smaller the map is)


@dataclass(frozen=True, slots=True)
class Lamp:
    """A rectangle of light: azimuth and elevation in degrees, angular width and height, RGB radiance, window bars."""

    azimuth: float
    elevation: float
    width: float
    height: float
    colour: tuple[float, float, float]
    panes: int = 0
    softness: float = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class Environment:
    """Radiance from every direction at several blurs; level k is an equirectangular map (h, w, 3), z up."""

    levels: tuple[Floats, ...]

    def radiance(self, directions: Floats, roughness: Floats | float) -> Floats:
        """Radiance (n, 3) along unit directions (n, 3), blurred for a surface of the given roughness in 0..1."""
        steps = np.array([rough for rough, _ in LEVELS])
        place = np.interp(np.broadcast_to(roughness, len(directions)), steps, np.arange(len(steps)))
        low = np.minimum(place.astype(np.int32), len(steps) - 2)
        share = (place - low).astype(np.float32)[:, None]
        v = np.asarray(np.arccos(np.clip(directions[:, 2], -1, 1)) / np.pi, np.float32)
        u = np.asarray(np.arctan2(directions[:, 1], directions[:, 0]) / (2 * np.pi) % 1.0, np.float32)
        result = np.empty_like(directions)
        for level in np.unique(low):
            chosen = low == level
            if chosen.all():
                near, far = (_lerp(self.levels[level + k], u, v) for k in (0, 1))
                return np.asarray(near * (1 - share) + far * share, np.float32)
            near, far = (_lerp(self.levels[level + k], u[chosen], v[chosen]) for k in (0, 1))
            result[chosen] = near * (1 - share[chosen]) + far * share[chosen]
        return result

    def samples(self, count: int, seed: int) -> tuple[Floats, Floats]:
        """`count` directions from above (n, 3), drawn by brightness, and the light (n, 3) that each stands for."""
        sky = self.levels[1]
        rows, columns = sky.shape[:2]
        theta = (np.arange(rows) + 0.5) / rows * np.pi
        weight = (
            sky.mean(-1)
            * np.sin(theta)[:, None]
            * (np.cos(theta) > -0.02)[:, None]
            * (np.pi / rows)
            * (2 * np.pi / columns)
        )
        flat = weight.ravel()
        rng = np.random.default_rng(seed)
        marks = (np.arange(count) + rng.random(count)) / count * flat.sum()
        cells = np.minimum(np.searchsorted(np.cumsum(flat), marks), flat.size - 1)
        row, column = np.divmod(cells, columns)
        t = (row + rng.random(count)) / rows * np.pi
        p = (column + rng.random(count)) / columns * 2 * np.pi
        directions = np.stack([np.sin(t) * np.cos(p), np.sin(t) * np.sin(p), np.cos(t)], -1).astype(np.float32)
        colour = sky.reshape(-1, 3)[cells]
        light = colour / np.maximum(colour.mean(-1, keepdims=True), 1e-6) * flat.sum() / count
        return directions, light.astype(np.float32)


def _lerp(image: Floats, u: NDArray[np.float32], v: NDArray[np.float32]) -> Floats:
    rows, columns = image.shape[:2]
    x, y = u * columns - 0.5, np.clip(v * rows - 0.5, 0, rows - 1.001)
    x0, y0 = np.floor(x).astype(np.int32), y.astype(np.int32)
    fx, fy = (x - x0).astype(np.float32)[:, None], (y - y0).astype(np.float32)[:, None]
    flat = image.reshape(-1, 3)
    left, right = x0 % columns, (x0 + 1) % columns
    top, bottom = y0 * columns, (y0 + 1) * columns
    upper = flat[top + left] * (1 - fx) + flat[top + right] * fx
    lower = flat[bottom + left] * (1 - fx) + flat[bottom + right] * fx
    return np.asarray(upper * (1 - fy) + lower * fy, np.float32)


def _compass(rows: int, columns: int) -> tuple[Floats, Floats, Floats]:
    theta = ((np.arange(rows) + 0.5) / rows * np.pi).astype(np.float32)
    phi = ((np.arange(columns) + 0.5) / columns * 2 * np.pi).astype(np.float32)
    t, p = np.meshgrid(theta, phi, indexing="ij")
    return np.stack([np.sin(t) * np.cos(p), np.sin(t) * np.sin(p), np.cos(t)], -1), t, p


def paint(
    lamps: list[Lamp], ceiling: tuple[float, ...], walls: tuple[float, ...], floor: tuple[float, ...], seed: int
) -> Floats:
    """An equirectangular room (ROWS, COLUMNS, 3): shaded walls with shelves and doors, then its lamps."""
    directions, theta, phi = _compass(ROWS, COLUMNS)
    up = directions[..., 2:3]
    blend_up, blend_down = np.clip((up - 0.35) / 0.15, 0, 1), np.clip((-up - 0.1) / 0.2, 0, 1)
    room = np.array(walls, np.float32) * (1 - blend_up) + np.array(ceiling, np.float32) * blend_up
    room = room * (1 - blend_down) + np.array(floor, np.float32) * blend_down
    rng = dice("room", seed)
    elevation, azimuth = 90 - np.degrees(theta), np.degrees(phi)
    for _ in range(14):  # dark and light furniture round the walls: what glazes and silver mirror
        shade, at, wide = rng.uniform(0.25, 1.5), rng.uniform(0, 360), rng.uniform(6, 30)
        top, low = rng.uniform(-10, 28), rng.uniform(-50, -12)
        inside = (np.abs((azimuth - at + 180) % 360 - 180) < wide / 2) & (elevation < top) & (elevation > low)
        room[inside] *= shade
    for lamp in lamps:
        room += _glow(lamp, azimuth, elevation)[..., None] * np.array(lamp.colour, np.float32)
    return np.asarray(room, np.float32)


def _glow(lamp: Lamp, azimuth: Floats, elevation: Floats) -> Floats:
    across = (azimuth - lamp.azimuth + 180) % 360 - 180
    across = across * np.cos(np.radians(np.clip(elevation, -80, 80)))
    upward = elevation - lamp.elevation
    edge = np.clip((lamp.width / 2 - np.abs(across)) / lamp.softness, 0, 1)
    edge *= np.clip((lamp.height / 2 - np.abs(upward)) / lamp.softness, 0, 1)
    if lamp.panes:
        for place, size in ((across, lamp.width), (upward, lamp.height)):
            edge *= np.abs((place / size * lamp.panes + 10) % 1 - 0.5) < 0.46
    falloff = 1 - 0.35 * np.clip((across / lamp.width) ** 2 + (upward / lamp.height) ** 2, 0, 1) * 2
    return np.asarray(edge * falloff, np.float32)


def _blurred(room: Floats, rough: float, factor: int) -> Floats:
    """The map (rows, columns, 3) made `factor` times smaller and blurred by a lobe of the given roughness."""
    source = room.reshape(ROWS // factor, factor, COLUMNS // factor, factor, 3).mean((1, 3))
    if rough == 0.0:
        return np.asarray(source, np.float32)
    # The lobe looks alike at every azimuth, so each pair of rows is one convolution along the columns.
    rows, columns = source.shape[:2]
    theta = ((np.arange(rows) + 0.5) / rows * np.pi).astype(np.float32)
    turn = np.arange(columns) / columns * 2 * np.pi
    cosine = (
        np.cos(theta)[:, None, None] * np.cos(theta)[None, :, None]
        + np.sin(theta)[:, None, None] * np.sin(theta)[None, :, None] * np.cos(turn)[None, None]
    )
    kernel = np.exp((cosine - 1) / max(rough**4, 1e-4)) * np.sin(theta)[None, :, None]
    spread = np.fft.rfft(kernel, axis=2)
    lit = np.einsum("ijf,jfc->ifc", spread, np.fft.rfft(source, axis=1))
    return np.asarray(np.fft.irfft(lit, columns, axis=1) / kernel.sum((1, 2))[:, None, None], np.float32)


ROOMS = (
    "north window",
    "two soft boxes",
    "ring of strips",
    "big soft box",
    "store room",
    "evening lamp",
    "skylight",
    "tent",
)


def _lamps(room: str) -> tuple[list[Lamp], float, tuple[float, float, float]]:
    """Lamps, wall brightness and wall tint of a named room."""
    cool, warm, white = (0.86, 0.95, 1.1), (1.15, 0.98, 0.76), (1.0, 1.0, 1.0)

    def lamp(
        az: float,
        el: float,
        w: float,
        h: float,
        power: float,
        tint: tuple[float, ...],
        panes: int = 0,
        soft: float = 2.0,
    ) -> Lamp:
        r, g, b = (power * channel for channel in tint)
        return Lamp(az, el, w, h, (r, g, b), panes, soft)

    if room == "north window":
        return [lamp(150, 32, 52, 60, 11, cool, 3), lamp(20, 30, 40, 40, 0.9, white, 0, 12)], 0.22, (1.0, 0.97, 0.92)
    if room == "two soft boxes":
        return [lamp(135, 42, 46, 46, 13, white), lamp(35, 28, 34, 48, 4.5, white)], 0.12, (1.0, 1.0, 1.0)
    if room == "ring of strips":
        return [lamp(at, 48, 12, 58, 10, white) for at in (40, 100, 160, 230, 310)], 0.14, (0.98, 1.0, 1.0)
    if room == "big soft box":
        return [lamp(90, 70, 120, 46, 8.5, white, 0, 8), lamp(160, 15, 30, 30, 2, cool)], 0.2, (1.0, 0.99, 0.97)
    if room == "store room":
        tubes = [lamp(at, 62, 90, 5, 26, (0.97, 1.03, 0.96), 0, 1) for at in (90, 270)]
        return [*tubes, lamp(200, 26, 26, 40, 5, cool, 2)], 0.3, (0.97, 0.99, 0.95)
    if room == "evening lamp":
        return [lamp(60, 36, 26, 26, 22, warm, 0, 6), lamp(170, 30, 40, 50, 2.2, cool, 2)], 0.14, (1.05, 0.96, 0.85)
    if room == "skylight":
        return (
            [lamp(110, 64, 90, 34, 11, (0.9, 0.97, 1.08), 4, 3), lamp(300, 30, 60, 40, 1.2, white)],
            0.24,
            (1.0, 1.0, 0.98),
        )
    return [lamp(90, 35, 200, 70, 3.4, white, 0, 25), lamp(130, 55, 40, 30, 6, white, 0, 8)], 0.5, (1.0, 1.0, 1.0)


@lru_cache(maxsize=64)
def environment(room: str, variant: int) -> Environment:
    """One of our rooms; the variant moves its furniture, not its lamps."""
    lamps, wall, tint = _lamps(room)
    walls = tuple(wall * channel for channel in tint)
    ceiling = tuple(wall * 1.5 * channel for channel in tint)
    floor = tuple(wall * 0.55 * channel for channel in (1.05, 0.97, 0.88))
    room_map = paint(lamps, ceiling, walls, floor, variant)
    return Environment(tuple(_blurred(room_map, rough, factor) for rough, factor in LEVELS))


def turned(light: Environment, degrees: float) -> Environment:
    """The same room with the camera's party turned round in it."""
    return Environment(tuple(np.roll(level, int(degrees / 360 * level.shape[1]), axis=1) for level in light.levels))
