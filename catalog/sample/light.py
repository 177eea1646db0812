"""The light in the room: painted environments with windows, soft boxes and lamps, blurred for rough reflections."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from catalog.sample.columns import Floats, put
from catalog.sample.dice import dice

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
        v = np.arccos(np.clip(directions[:, 2], -1, 1)) * np.float32(1 / np.pi)
        u = np.arctan2(directions[:, 1], directions[:, 0]) * np.float32(0.5 / np.pi)
        steps = np.array([rough for rough, _ in LEVELS])
        place = np.atleast_1d(np.interp(roughness, steps, np.arange(len(steps)))).astype(np.float32)
        low = np.minimum(place.astype(np.int32), len(steps) - 2)
        if low.min() == low.max():
            return self._between(int(low.min()), place - low, u, v)
        result = np.empty((len(u), 3), np.float32, order="F")
        for level in range(int(low.min()), int(low.max()) + 1):
            chosen = np.flatnonzero(low == level)
            put(result, chosen, self._between(level, place[chosen] - level, u[chosen], v[chosen]))
        return result

    def _between(self, level: int, share: Floats, u: Floats, v: Floats) -> Floats:
        """Colours (n, 3) at `share` of the way from one blur to the next."""
        near = _lerp(self.levels[level], u, v)
        if not share.any():
            return near
        return np.asarray(near + (_lerp(self.levels[level + 1], u, v) - near) * share[..., None], np.float32)

    def samples(self, count: int, seed: int) -> tuple[Floats, Floats]:
        """`count` directions from above (n, 3), drawn by brightness, and the light (n, 3) that each stands for.

        They are spread evenly round the horizon, and by the golden ratio up and down: few of them throw smooth shadows.
        """
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
        rng = np.random.default_rng(seed)
        turn, golden = rng.random(2), (np.sqrt(5) - 1) / 2
        across = np.cumsum(weight.sum(0))
        column = np.searchsorted(across, (np.arange(count) + turn[0]) / count * across[-1]).clip(0, columns - 1)
        down = np.cumsum(weight, 0)[:, column]
        row = (down < (np.arange(count) * golden + turn[1]) % 1 * down[-1]).sum(0).clip(0, rows - 1)
        t = (row + rng.random(count)) / rows * np.pi
        p = (column + rng.random(count)) / columns * 2 * np.pi
        directions = np.stack([np.sin(t) * np.cos(p), np.sin(t) * np.sin(p), np.cos(t)], -1).astype(np.float32)
        colour = sky[row, column]
        light = colour / np.maximum(colour.mean(-1, keepdims=True), 1e-6) * across[-1] / count
        return directions, light.astype(np.float32)


def _lerp(image: Floats, u: NDArray[np.float32], v: NDArray[np.float32]) -> Floats:
    """Bilinear colours (n, 3) of a map (h, w, 3) that runs on from its right edge to its left."""
    rows, columns = image.shape[:2]
    x, y = u * np.float32(columns) - np.float32(0.5), np.clip(v * np.float32(rows) - np.float32(0.5), 0, rows - 1.001)
    left, top = np.floor(x), np.floor(y)
    fx, fy = x - left, y - top
    column, row = left.astype(np.int32) % columns, top.astype(np.int32) * columns
    corners = (row + column, row + (column + 1) % columns)
    result = np.empty((len(u), 3), np.float32, order="F")
    for channel, plane in enumerate(image.transpose(2, 0, 1).reshape(3, -1)):
        upper, lower = plane.take(corners[0]), plane.take(corners[0] + columns)
        upper += (plane.take(corners[1]) - upper) * fx
        lower += (plane.take(corners[1] + columns) - lower) * fx
        np.add(upper, (lower - upper) * fy, out=result[:, channel])
    return result


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
    rolled = (np.roll(level, int(degrees / 360 * level.shape[1]), axis=1) for level in light.levels)
    return Environment(tuple(_by_channel(level) for level in rolled))


def _by_channel(image: Floats) -> Floats:
    """The same map (h, w, 3), each channel in one piece of memory, as `_lerp` reads it."""
    return np.ascontiguousarray(image.transpose(2, 0, 1)).transpose(1, 2, 0)
