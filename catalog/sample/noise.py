"""Smooth, repeatable noise for grain, stains, brush strokes and unevenness."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from catalog.sample.columns import Floats, columnwise

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
    place = points.T * np.float32(scale * 8)
    low = np.floor(place)
    ahead = place - low
    behind = 1 - ahead
    cell = low.astype(np.int32)
    strides = np.array([[SIZE * SIZE], [SIZE], [1]], np.int32)
    here, there = (cell & (SIZE - 1)) * strides, ((cell + 1) & (SIZE - 1)) * strides
    total = np.zeros((len(points), 4), np.float32)
    for x, share_x in ((here[0], behind[0]), (there[0], ahead[0])):
        for y, share_y in ((here[1], behind[1]), (there[1], ahead[1])):
            corner, share = x + y, share_x * share_y
            for z, share_z in ((here[2], behind[2]), (there[2], ahead[2])):
                values = _rows().take(corner + z).view(np.float32).reshape(-1, 4)
                values *= (share * share_z)[:, None]
                total += values
    return columnwise(total)


@lru_cache(maxsize=1)
def _rows() -> NDArray[np.complex128]:
    """The cube as (SIZE ** 3,) values of sixteen bytes each: four floats are fetched at once."""
    return np.asarray(volume().reshape(-1, 4).view(np.complex128).ravel(), np.complex128)


def rough_noise(points: Floats, scale: float = 1.0) -> Floats:
    """As `noise`, without interpolation: cheap, for grain finer than a pixel or two."""
    x, y, z = np.floor(points.T * np.float32(scale * 8)).astype(np.int32) & (SIZE - 1)
    return columnwise(_rows().take((x * SIZE + y) * SIZE + z).view(np.float32).reshape(-1, 4))


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
        across = grid.take(c, axis=1) * (1 - fc) + grid.take(c1, axis=1) * fc
        total += (across.take(r, axis=0) * (1 - fr) + across.take(r1, axis=0) * fr) * 0.55**octave
    return np.asarray((total - total.mean()) / max(float(total.std()), 1e-6), np.float32)
