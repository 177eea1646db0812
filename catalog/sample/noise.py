"""Smooth, repeatable noise for grain, stains, brush strokes and unevenness."""

from functools import lru_cache

import numpy as np

from catalog.sample.mesh import Floats

SIZE = 64


@lru_cache(maxsize=1)
def volume() -> Floats:
    """A cube (SIZE, SIZE, SIZE, 4) that repeats in every direction: three octaves, mean 0, standard deviation 1."""
    rng = np.random.default_rng(20_261)
    total = np.zeros((SIZE, SIZE, SIZE, 4), np.float32)
    for octave, share in ((8, 1.0), (16, 0.5), (32, 0.28)):
        cells = rng.standard_normal((octave, octave, octave, 4)).astype(np.float32)
        for axis in range(3):
            cells = _stretched(cells, axis)
        total += share * cells
    total -= total.mean((0, 1, 2))
    return np.asarray(total / total.std((0, 1, 2)), np.float32)


def _stretched(cells: Floats, axis: int) -> Floats:
    count = cells.shape[axis]
    place = np.arange(SIZE) / SIZE * count
    low = place.astype(int)
    shape = [1, 1, 1, 1]
    shape[axis] = SIZE
    f = (place - low).reshape(shape).astype(np.float32)
    f = f * f * (3 - 2 * f)
    return np.asarray(np.take(cells, low, axis) * (1 - f) + np.take(cells, (low + 1) % count, axis) * f, np.float32)


def noise(points: Floats, scale: float = 1.0) -> Floats:
    """Four independent smooth values (n, 4) at points (n, 3); one unit divided by `scale` holds about one blob."""
    place = points * np.float32(scale * 8)
    low = np.floor(place).astype(np.int32)
    f = (place - low).astype(np.float32)
    flat = volume().reshape(-1, 4)
    x0, y0, z0 = (low & (SIZE - 1)).T
    x1, y1, z1 = ((low + 1) & (SIZE - 1)).T
    fx, fy, fz = (f[:, k, None] for k in range(3))
    x0, x1, y0, y1 = x0 * (SIZE * SIZE), x1 * (SIZE * SIZE), y0 * SIZE, y1 * SIZE
    near = (flat[x0 + y0 + z0] * (1 - fx) + flat[x1 + y0 + z0] * fx) * (1 - fy)
    near += (flat[x0 + y1 + z0] * (1 - fx) + flat[x1 + y1 + z0] * fx) * fy
    far = (flat[x0 + y0 + z1] * (1 - fx) + flat[x1 + y0 + z1] * fx) * (1 - fy)
    far += (flat[x0 + y1 + z1] * (1 - fx) + flat[x1 + y1 + z1] * fx) * fy
    return np.asarray(near * (1 - fz) + far * fz, np.float32)


def rough_noise(points: Floats, scale: float = 1.0) -> Floats:
    """As `noise`, without interpolation: cheap, for grain finer than a pixel or two."""
    cell = np.floor(points * np.float32(scale * 8)).astype(np.int32) & (SIZE - 1)
    return np.asarray(volume().reshape(-1, 4)[(cell[:, 0] * SIZE + cell[:, 1]) * SIZE + cell[:, 2]], np.float32)


def cloud(height: int, width: int, seed: int, cells: int = 6, octaves: int = 4) -> Floats:
    """A repeating picture (height, width) of smooth noise, mean 0 and standard deviation 1."""
    rng = np.random.default_rng(seed)
    total = np.zeros((height, width), np.float32)
    for octave in range(octaves):
        count = cells * 2**octave
        grid = rng.standard_normal((count, count)).astype(np.float32)
        rows, columns = (np.arange(n) / n * count for n in (height, width))
        r, c = rows.astype(int), columns.astype(int)
        fr, fc = (rows - r)[:, None].astype(np.float32), (columns - c)[None].astype(np.float32)
        fr, fc = fr * fr * (3 - 2 * fr), fc * fc * (3 - 2 * fc)
        r1, c1 = (r + 1) % count, (c + 1) % count
        top = grid[r][:, c] * (1 - fc) + grid[r][:, c1] * fc
        low = grid[r1][:, c] * (1 - fc) + grid[r1][:, c1] * fc
        total += (top * (1 - fr) + low * fr) * 0.55**octave
    return np.asarray((total - total.mean()) / max(float(total.std()), 1e-6), np.float32)
