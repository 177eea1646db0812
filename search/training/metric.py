"""The closed part of learning: which directions tell objects apart, and which only two photos of one object.

Source: learned whitening, Mikolajczyk and Matas, "Improving descriptors for fast tree matching by optimal linear
projection", ICCV 2007; Radenović, Tolias, Chum, "Fine-tuning CNN image retrieval with no human annotation", TPAMI
2018, section 3.4. Two things differ, because a house has hundreds of pairs where they had tens of thousands: the
within-object covariance is drawn towards that of all photos, and the result is blended with plain whitening.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from search.heads.projection import Features, Float32, unit
from search.heads.whitening import principal_axes
from search.training.examples import Ints

Float64 = NDArray[np.float64]

_ROUGH = 512  # principal axes among which is learned: hundreds of pairs can't teach thousands of numbers
_PRIOR_PAIRS = 500  # how many imagined pairs, which differ as any two photos do, stand beside the real ones
_FLOOR = 0.02  # of the mean variance, so that no direction is believed without end
_PRIOR_PHOTOS = 50


@dataclass(frozen=True, eq=False)
class Basis:
    """The strongest principal axes of the unit features: all that is learned is learned in these coordinates."""

    mean: Float32  # (d,)
    axes: Float32  # (K, d), orthonormal

    @classmethod
    def fit(cls, features: Features, most: int = _ROUGH) -> "Basis":
        """Of raw features (n, d), n ≥ 1; raises HeadError on a row that is zero or not finite."""
        mean = unit(features).mean(axis=0, dtype=np.float64).astype(np.float32)
        axes, _, _ = principal_axes(features, mean, min(most, features.shape[1]))
        return cls(mean, axes.astype(np.float32))

    def __call__(self, features: Features) -> Float32:
        """Coordinates, float32 (n, K), of raw features (n, d)."""
        return np.asarray((unit(features) - self.mean) @ self.axes.T, np.float32)


@dataclass(frozen=True, eq=False)
class Spread:
    """How photos differ: all of them, and those of one object. Both (K, K), of the same trace."""

    total: Float64
    within: Float64

    @classmethod
    def of(cls, coordinates: Float32, objects: Ints) -> "Spread":
        """From coordinates (n, K) and objects (n,), some of which have several photos."""
        rows = coordinates.astype(np.float64)
        count, width = rows.shape
        rows = rows - rows.mean(axis=0)
        total = rows.T @ rows / count
        level = np.eye(width) * np.trace(total) / width
        total = (count * total + _PRIOR_PHOTOS * level) / (count + _PRIOR_PHOTOS)
        apart = _within(rows, objects)
        within = apart.T @ apart
        within *= np.trace(total) / max(float(np.trace(within)), 1e-12)
        pairs = count_of_pairs(objects)
        trusted = pairs / (pairs + _PRIOR_PAIRS)
        return cls(total, trusted * within + (1 - trusted) * total + _FLOOR * level)


def whitened_metric(spread: Spread, power: float) -> Float64:
    """The metric (K, K) of dividing each axis by its variance to half the `power`: 1 is full whitening."""
    return _scaled(_power(spread.total, -power), spread)


def learned_metric(spread: Spread) -> Float64:
    """The metric (K, K) that discounts what differs between photos of one object; its trace over the photos is one."""
    return _scaled(_power(spread.within, -1.0), spread)


def axes_of(metric: Float64, spread: Spread, dim: int) -> Float32:
    """The map (dim, K) whose cosines come nearest to the metric's, in `dim` numbers: float32."""
    root = _power(metric, 0.5)
    values, vectors = np.linalg.eigh(root @ spread.total @ root)
    return np.asarray(vectors[:, np.argsort(values)[::-1][:dim]].T @ root, np.float32)


def metric_of(axes: Float32, spread: Spread) -> Float64:
    """The metric (K, K) of a map (dim, K), of the same scale as the others."""
    return _scaled(axes.T.astype(np.float64) @ axes, spread)


def count_of_pairs(objects: Ints) -> int:
    """How many photos, beyond the first, the objects (n,) have."""
    counts = np.bincount(objects)
    return int((counts[counts > 1] - 1).sum())


def _within(rows: Float64, objects: Ints) -> Float64:
    """What sets each photo apart from the mean of its object: only of objects with several photos."""
    counts = np.bincount(objects)
    sums = np.zeros((len(counts), rows.shape[1]))
    np.add.at(sums, objects, rows)
    several = counts[objects] > 1
    mine = objects[several]
    # Two photos lie half as far from their mean as from each other: n - 1, not n.
    weight = np.sqrt(counts[mine] / (counts[mine] - 1))[:, None]
    return np.asarray((rows[several] - sums[mine] / counts[mine][:, None]) * weight, np.float64)


def _power(matrix: Float64, power: float) -> Float64:
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * np.maximum(values, values.max() * 1e-6) ** power) @ vectors.T, np.float64)


def _scaled(metric: Float64, spread: Spread) -> Float64:
    return np.asarray(metric / np.trace(metric @ spread.total), np.float64)
