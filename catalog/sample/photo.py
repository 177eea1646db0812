"""One photo: a thing on a set, in a light, before a camera."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from catalog.sample.develop import Film, developed
from catalog.sample.light import Environment
from catalog.sample.mesh import Floats
from catalog.sample.studio import Camera
from catalog.sample.trace import Part, Stage


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """Everything that decides one photo."""

    thing: Sequence[Part]
    scenery: Sequence[Part]
    light: Environment
    camera: Camera
    film: Film
    seed: int


def taken(shot: Shot) -> Image.Image:
    stage = Stage([*shot.thing, *shot.scenery], shot.light, shot.seed)
    width, height = shot.camera.width, shot.camera.height
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    x, y = x.ravel() + 0.5, y.ravel() + 0.5
    colour, hits = stage.radiance(*shot.camera.rays(x, y))
    on_thing = (hits.face >= 0) & ~stage.is_backdrop[stage.owner[np.maximum(hits.face, 0)]]
    image = np.minimum(colour, 12).reshape(height, width, 3)
    image = _smoothed(stage, shot, image, x, y)
    return developed(image, shot.film, _meter(stage, image, on_thing.reshape(height, width)), shot.seed)


def _smoothed(stage: Stage, shot: Shot, image: Floats, x: Floats, y: Floats) -> Floats:
    """The picture with its hard edges sampled three times more."""
    tone = np.log2(0.04 + image.mean(-1))
    edge = np.zeros(tone.shape, bool)
    for axis in (0, 1):
        jump = np.abs(np.diff(tone, axis=axis)) > 0.22
        ahead: tuple[slice, ...] = (slice(1, None), slice(None)) if axis == 0 else (slice(None), slice(1, None))
        behind: tuple[slice, ...] = (slice(None, -1), slice(None)) if axis == 0 else (slice(None), slice(None, -1))
        edge[ahead] |= jump
        edge[behind] |= jump
    chosen = np.flatnonzero(edge.ravel())
    if len(chosen) == 0:
        return image
    flat = image.reshape(-1, 3)
    total = np.minimum(flat[chosen], 3)
    offsets = ((-0.33, -0.12), (0.12, 0.36), (0.3, -0.3), (-0.14, 0.3))[: 4 if len(chosen) < 0.2 * len(flat) else 2]
    for dx, dy in offsets:
        sample, _ = stage.radiance(*shot.camera.rays(x[chosen] + np.float32(dx), y[chosen] + np.float32(dy)))
        total = total + np.minimum(sample, 3)
    result = flat.copy()
    result[chosen] = total / (len(offsets) + 1)
    return result.reshape(image.shape)


def _meter(stage: Stage, image: Floats, on_thing: NDArray[np.bool_]) -> float:
    """The light that should come out as a middle tone: mostly what falls on the thing, a little what the camera sees.

    So dark wood stays dark and porcelain bright, as under a hand-held meter, yet no photo is lost to its background.
    """
    thing = ~stage.is_backdrop[stage.vertex_owners()]
    falling = float(np.quantile(stage.irradiance[thing].mean(1), 0.7)) * 0.36
    grey = np.minimum(image.mean(-1), 4.0)
    weights = np.where(on_thing, 3.0, 1.0)
    seen = float(np.exp((np.log(grey + 1e-3) * weights).sum() / weights.sum()))
    return float(falling**0.68 * seen**0.32)
