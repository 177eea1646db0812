"""The camera that stands before the set, and how it is placed so that the thing fills the frame."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.sample.columns import Floats, unit


@dataclass(frozen=True, slots=True, eq=False)
class Camera:
    """A pinhole: place, unit vectors right, up and forward; `tangent` is half the picture's width at distance one."""

    place: Floats
    right: Floats
    up: Floats
    forward: Floats
    tangent: float
    width: int
    height: int

    def rays(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Origins and unit directions (n, 3) through picture places x, y (n,) in pixels from the top left."""
        across = (x / self.width * 2 - 1) * self.tangent
        upward = (1 - y / self.height * 2) * self.tangent * self.height / self.width
        ways = [self.forward[k] + across * self.right[k] + upward * self.up[k] for k in range(3)]
        directions = unit(np.array(ways, np.float32).T)
        origins = np.empty_like(directions)
        origins[:] = self.place
        return origins, directions

    def sees(self, points: Floats, margin: float) -> NDArray[np.bool_]:
        """Which points (n, 3) lie before the camera, inside `margin` times its frame."""
        relative = points - self.place
        deep = relative @ self.forward
        reach = np.maximum(deep, 1e-6) * self.tangent * margin
        inside = (np.abs(relative @ self.right) < reach) & (
            np.abs(relative @ self.up) < reach * self.height / self.width
        )
        return np.asarray(inside & (deep > 0))


def camera(
    points: Floats, azimuth: float, elevation: float, lens: float, fill: float, size: tuple[int, int], roll: float = 0.0
) -> Camera:
    """A camera that sees all of points (n, 3), `azimuth` degrees right of the front, filling `fill` of the frame."""
    a, e, r = np.radians([azimuth, elevation, roll])
    forward = np.array([-np.sin(a) * np.cos(e), np.cos(a) * np.cos(e), -np.sin(e)])
    right = np.array([np.cos(a), np.sin(a), 0.0])
    up = np.cross(right, forward)
    right, up = right * np.cos(r) + up * np.sin(r), up * np.cos(r) - right * np.sin(r)
    tangent = 18.0 / lens
    tangents = np.array([tangent, tangent * size[1] / size[0]]) * fill
    target = (points.min(0) + points.max(0)) / 2
    for _ in range(3):
        relative = points - target
        deep = relative @ forward
        seen = np.stack([relative @ right, relative @ up], -1)
        distance = float((np.abs(seen) / tangents - deep[:, None]).max())
        flat = seen / (deep + distance)[:, None]
        shift = (flat.max(0) + flat.min(0)) / 2 * distance
        target = target + shift[0] * right + shift[1] * up
    place = target - forward * distance
    place, right, up, forward = (np.asarray(vector, np.float32) for vector in (place, right, up, forward))
    return Camera(place, right, up, forward, tangent, *size)
