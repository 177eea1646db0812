"""One photo: a thing on a set, in a light, before a camera."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from catalog.sample.camera import Camera
from catalog.sample.columns import Floats, picked, put
from catalog.sample.develop import Film, developed
from catalog.sample.light import Environment
from catalog.sample.stage import Part, Stage
from catalog.sample.trace import radiance

NEIGHBOURS = ((np.s_[1:], np.s_[:-1]), (np.s_[:, 1:], np.s_[:, :-1]))
EDGE_PLACES = ((-0.33, 0.2), (0.3, -0.28))  # from a pixel's middle, where its first sample lies


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
    meter = _meter(stage, image, on_thing)
    return developed(_smoothed(stage, shot.camera, image), shot.film, meter, shot.seed)


def _exposed(stage: Stage, camera: Camera) -> tuple[Floats, NDArray[np.bool_]]:
    """Scene light (3, h, w) and where the thing is (h, w).

    One sample is traced for each two by two pixels first; then each pixel where the tone changes or the thing ends.
    """
    width, height = camera.width, camera.height
    x, y = np.meshgrid(np.arange(1, width, 2), np.arange(1, height, 2))
    coarse, seen = _traced(stage, camera, x.ravel(), y.ravel())
    coarse, seen = coarse.T.reshape(3, *x.shape), seen.reshape(x.shape)
    busy = _widened(_jumps(_tone(coarse), np.where(seen, np.float32(0.035), np.float32(0.09))), seen)
    image = _doubled(_doubled(coarse, 1), 2)
    on_thing = np.repeat(np.repeat(seen, 2, 0), 2, 1)
    chosen = np.flatnonzero(np.repeat(np.repeat(busy, 2, 0), 2, 1))
    if len(chosen):
        y, x = np.divmod(chosen, width)
        colour, there = _traced(stage, camera, x + 0.5, y + 0.5)
        put(image.reshape(3, -1).T, chosen, colour)
        on_thing.ravel()[chosen] = there
    return image, on_thing


def _traced(stage: Stage, camera: Camera, x: NDArray[Any], y: NDArray[Any]) -> tuple[Floats, NDArray[np.bool_]]:
    colour, hits = radiance(stage, *camera.rays(x.astype(np.float32), y.astype(np.float32)))
    on_set = stage.is_backdrop.take(stage.owner.take(np.maximum(hits.face, 0)))
    return np.minimum(colour, np.float32(12)), (hits.face >= 0) & ~on_set


def _tone(image: Floats) -> Floats:
    """Brightness (h, w) in stops."""
    return np.asarray(np.log2(0.04 + (image[0] + image[1] + image[2]) / 3), np.float32)


def _jumps(tone: Floats, limit: Floats | float) -> NDArray[np.bool_]:
    """Where brightness (h, w) differs from a neighbour's by more than the limit."""
    limits = np.broadcast_to(np.asarray(limit, np.float32), tone.shape)
    found = np.zeros(tone.shape, bool)
    for a, b in NEIGHBOURS:
        step = np.abs(tone[a] - tone[b])
        found[a] |= step > limits[a]
        found[b] |= step > limits[b]
    return found


def _widened(busy: NDArray[np.bool_], seen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Busy places and their neighbours on the thing, and the whole outline of the thing."""
    wide = busy.copy()
    for a, b in NEIGHBOURS:
        outline = seen[a] != seen[b]
        wide[a] |= outline | (busy[b] & seen[a])
        wide[b] |= outline | (busy[a] & seen[b])
    return wide


def _doubled(coarse: Floats, axis: int) -> Floats:
    """The picture (3, h, w) twice as long along an axis, straight lines between the samples."""
    count = coarse.shape[axis]
    before = coarse.take(np.maximum(np.arange(count) - 1, 0), axis)
    after = coarse.take(np.minimum(np.arange(count) + 1, count - 1), axis)
    quarter, most = np.float32(0.25), np.float32(0.75)
    pair = np.stack([quarter * before + most * coarse, most * coarse + quarter * after], axis + 1)
    return pair.reshape([side * (2 if k == axis else 1) for k, side in enumerate(coarse.shape)])


def _smoothed(stage: Stage, camera: Camera, image: Floats) -> Floats:
    """The picture with its hard edges sampled twice more."""
    chosen = np.flatnonzero(_jumps(_tone(image), 0.22))
    if len(chosen) == 0:
        return image
    y, x = np.divmod(chosen, camera.width)
    flat = image.reshape(3, -1).T
    places = [(x + 0.5 + dx, y + 0.5 + dy) for dx, dy in EDGE_PLACES]
    more, _ = _traced(stage, camera, *(np.concatenate(axis) for axis in zip(*places, strict=True)))
    samples = [picked(flat, chosen), *np.split(more, len(EDGE_PLACES))]
    total = sum(np.minimum(sample, np.float32(3)) for sample in samples)
    result = image.copy()
    put(result.reshape(3, -1).T, chosen, total / np.float32(len(samples)))
    return result


def _meter(stage: Stage, image: Floats, on_thing: NDArray[np.bool_]) -> float:
    """The light that should come out as a middle tone: mostly what falls on the thing, a little what the camera sees.

    So dark wood stays dark and porcelain bright, as under a hand-held meter, yet no photo is lost to its background.
    """
    thing = ~stage.is_backdrop[stage.vertex_owners()]
    falling = float(np.quantile(stage.irradiance[thing].mean(1), 0.7)) * 0.36
    grey = np.minimum(image.mean(0), np.float32(4))
    weights = np.where(on_thing, 3.0, 1.0)
    seen = float(np.exp((np.log(grey + 1e-3) * weights).sum() / weights.sum()))
    return float(falling**0.68 * seen**0.32)
