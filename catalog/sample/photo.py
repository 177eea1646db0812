"""One photo: a thing on a set, in a light, before a camera."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from catalog.sample.camera import Camera
from catalog.sample.develop import Film, developed
from catalog.sample.light import Environment
from catalog.sample.mesh import Floats
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
    stage = Stage([*shot.thing, *shot.scenery], shot.light, shot.seed, shot.camera)
    image, on_thing = _exposed(stage, shot.camera)
    image = _smoothed(stage, shot, image)
    return developed(image, shot.film, _meter(stage, image, on_thing), shot.seed)


def _exposed(stage: Stage, camera: Camera) -> tuple[Floats, NDArray[np.bool_]]:
    """Scene light (h, w, 3) and where the thing is (h, w).

    Every second pixel is traced first, then all that are not plain backdrop.
    """
    height, width = camera.height, camera.width
    coarse, seen = _traced(
        stage, camera, *(place.ravel() for place in np.meshgrid(np.arange(1, width, 2), np.arange(1, height, 2)))
    )
    coarse, seen = coarse.reshape(height // 2, width // 2, 3), seen.reshape(height // 2, width // 2)
    tone = np.log2(0.04 + coarse.mean(-1))
    busy = seen.copy()
    for axis in (0, 1):
        jump = np.abs(np.diff(tone, axis=axis)) > 0.09
        busy |= np.pad(jump, [(0, 1) if k == axis else (0, 0) for k in (0, 1)]) | np.pad(
            jump, [(1, 0) if k == axis else (0, 0) for k in (0, 1)]
        )
    busy[1:] |= seen[:-1]
    busy[:-1] |= seen[1:]
    busy[:, 1:] |= seen[:, :-1]
    busy[:, :-1] |= seen[:, 1:]
    image = _doubled(coarse)
    on_thing = np.repeat(np.repeat(seen, 2, 0), 2, 1)
    y, x = np.nonzero(np.repeat(np.repeat(busy, 2, 0), 2, 1))
    if len(x):
        image[y, x], on_thing[y, x] = _traced(stage, camera, x + 0.5, y + 0.5)
    return image, on_thing


def _traced(stage: Stage, camera: Camera, x: NDArray[Any], y: NDArray[Any]) -> tuple[Floats, NDArray[np.bool_]]:
    colour, hits = stage.radiance(*camera.rays(x.astype(np.float32), y.astype(np.float32)))
    return np.minimum(colour, 12), (hits.face >= 0) & ~stage.is_backdrop[stage.owner[np.maximum(hits.face, 0)]]


def _doubled(coarse: Floats) -> Floats:
    """The picture at twice its size, (2h, 2w, 3), straight lines between the samples."""
    for axis in (0, 1):
        padded = np.concatenate([np.take(coarse, [0], axis), coarse, np.take(coarse, [-1], axis)], axis)
        before, here, after = (np.take(padded, np.arange(k, k + coarse.shape[axis]), axis) for k in (0, 1, 2))
        pair = np.stack([0.25 * before + 0.75 * here, 0.75 * here + 0.25 * after], axis + 1)
        shape = list(coarse.shape)
        shape[axis] *= 2
        coarse = pair.reshape(shape)
    return coarse


def _smoothed(stage: Stage, shot: Shot, image: Floats) -> Floats:
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
    y, x = np.divmod(chosen, image.shape[1])
    flat = image.reshape(-1, 3)
    total = np.minimum(flat[chosen], 3)
    offsets = ((-0.34, 0.1), (0.3, 0.28), (0.05, -0.36))[: 3 if len(chosen) < 0.12 * len(flat) else 2]
    for dx, dy in offsets:
        sample, _ = _traced(stage, shot.camera, x + 0.5 + dx, y + 0.5 + dy)
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
