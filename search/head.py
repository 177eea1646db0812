"""From raw features to what is searched: a unit vector, learned anew in seconds without reading a photo again."""

import hashlib
import io
import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Features = NDArray[np.floating[Any]]
Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]

_PRIOR_PHOTOS = 50  # how many imagined photos, alike in no particular way, stand beside the real ones in a fit
_CHUNK = 8_192  # rows at a time
_WIDE = 4_096  # features wider than this get their axes from as many photos: a covariance would not fit in memory


class HeadError(ValueError):
    """Features that can't be projected, or a file that is no head; the message is a sentence."""


class Head(Protocol):
    """Projects features on what is searched; `name` changes whenever the projection does."""

    @property
    def name(self) -> str: ...

    @property
    def dim(self) -> int: ...

    def project(self, features: Features) -> Float32:
        """Unit vectors, float32 (n, dim), of raw features (n, d)."""
        ...


@dataclass(frozen=True, eq=False)
class WhiteningHead:
    """PCA with gentle whitening: the axes on which the catalogue's photos differ, the strongest toned down.

    Subtract the mean of the unit vectors, turn to the principal axes, divide each by the *square root* of its
    standard deviation, normalise. Full whitening, dividing by the deviation itself, was measured a little worse on
    thousands of second-hand photos and better on 82 auction ones (docs/benchmarks.md).

    Few photos say little about mean and axes, so both are drawn towards "no direction in particular", as if
    `_PRIOR_PHOTOS` such photos had been seen too; the axes that the photos do not span are filled up by fixed random
    ones. With next to no photos, likeness is then about the cosine of the features themselves:
    R@1 on 2,505 second-hand photos 0.48 with a head fitted on 10 photos (0.10 without this), 0.50 on 300, 0.51 on all.

    Source of the method: Jégou and Chum, "Negative evidences and co-occurrences in image retrieval", ECCV 2012.
    """

    mean: Float32  # (d,) of the unit vectors, drawn towards zero
    axes: Float32  # (dim, d), each divided by the square root of its standard deviation

    @classmethod
    def fit(cls, features: Features, dim: int = 256) -> "WhiteningHead":
        """Learn from raw features (n, d), n ≥ 1; the head has min(dim, d) numbers, however few the photos are.

        Raises HeadError where there is no row, or a row that is zero or not finite.
        """
        if features.ndim != 2 or not features.size or dim < 1:
            raise HeadError(f"A head of {dim} numbers can't be fitted on an array of shape {features.shape}.")
        if features.shape[1] > _WIDE < len(features):
            features = features[np.sort(np.random.default_rng(0).choice(len(features), _WIDE, replace=False))]
        count, width = features.shape
        total = sum((_unit(chunk).sum(axis=0, dtype=np.float64) for chunk in _chunks(features)), np.zeros(width))
        mean = (total / (count + _PRIOR_PHOTOS)).astype(np.float32)
        axes, variances, spread = _principal_axes(features, mean, min(dim, width))
        shrunk = (count * variances + _PRIOR_PHOTOS * spread / width) / (count + _PRIOR_PHOTOS)
        # The standard deviation's square root is the variance's fourth root.
        return cls(mean, (axes / shrunk[:, None] ** 0.25).astype(np.float32))

    @property
    def dim(self) -> int:
        return len(self.axes)

    @property
    def width(self) -> int:
        """How many numbers the raw features have."""
        return len(self.mean)

    @cached_property
    def name(self) -> str:
        digest = hashlib.sha256(self.mean.tobytes() + self.axes.tobytes()).hexdigest()
        return f"whitened{self.dim}-{digest[:8]}"

    def project(self, features: Features) -> Float32:
        """Unit vectors, float32 (n, dim), of raw features (n, d).

        Raises HeadError where the width is another encoder's, or a row is zero or not finite.
        """
        if features.ndim != 2 or features.shape[1] != len(self.mean):
            raise HeadError(f"{self.name} takes features (n, {len(self.mean)}), not {features.shape}.")
        projected = (_unit(features) - self.mean) @ self.axes.T
        lengths = np.linalg.norm(projected, axis=1, keepdims=True)
        # A photo exactly at the mean is like all others equally; the first axis keeps its vector a unit one.
        projected[:, :1] += lengths < 1e-9
        return np.asarray(projected / np.where(lengths < 1e-9, 1, lengths), np.float32)

    def save(self, path: Path) -> None:
        """A checksum and one matrix, on the disk when this returns."""
        matrix = io.BytesIO()
        np.save(matrix, np.vstack([self.mean, self.axes]), allow_pickle=False)
        content = matrix.getvalue()
        with path.open("wb") as file:
            file.write(hashlib.sha256(content).digest() + content)
            file.flush()
            os.fsync(file.fileno())


def load_head(path: Path) -> WhiteningHead:
    """What `save` wrote; raises HeadError where the file is missing, damaged or not a head."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise HeadError(f"The head {path} can't be read: {error.strerror}.") from error
    checksum, matrix = content[:32], content[32:]
    if hashlib.sha256(matrix).digest() != checksum:
        raise HeadError(f"The file {path} is no head, or a damaged one: its checksum is wrong.")
    rows = np.load(io.BytesIO(matrix), allow_pickle=False)
    return WhiteningHead(mean=rows[0], axes=rows[1:])


def _chunks(features: Features) -> list[Features]:
    return [features[start : start + _CHUNK] for start in range(0, len(features), _CHUNK)]


def _unit(features: Features) -> Float32:
    """Rows of length one, (n, d); raises HeadError on a row that has no direction."""
    rows = features.astype(np.float32)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    if not (np.isfinite(lengths) & (lengths > 0)).all():
        raise HeadError("A photo's features are zero or not finite, so it is like nothing.")
    return np.asarray(rows / lengths, np.float32)


def _principal_axes(features: Features, mean: Float32, dim: int) -> tuple[Float64, Float64, float]:
    """Orthonormal axes (dim, d) in falling order of variance, these variances (dim,), and the variance of all axes."""
    count, width = features.shape
    if count < width:  # fewer photos than numbers: the same axes come cheaper from the photos' products
        rows = _unit(features) - mean
        values, vectors = np.linalg.eigh(rows @ rows.T.astype(np.float64) / count)
    else:
        covariance = np.zeros((width, width))
        for chunk in _chunks(features):
            rows = _unit(chunk) - mean
            covariance += rows.T @ rows
        values, vectors = np.linalg.eigh(covariance / count)
    spread = float(values.sum())
    order = np.argsort(values)[::-1][:dim]
    order = order[values[order] > values.max() * 1e-9]
    variances = values[order]
    axes = vectors[:, order].T
    if count < width:
        axes = (axes @ rows) / np.sqrt(count * variances)[:, None]
    if len(axes) < dim:
        axes = _completed(axes, dim)
        variances = np.pad(variances, (0, dim - len(variances)))
    return axes, variances, spread


def _completed(axes: Float64, dim: int) -> Float64:
    """Orthonormal `axes` (r, d) and as many fixed random directions at right angles to them as make `dim`."""
    random = np.random.default_rng(0).standard_normal((dim - len(axes), axes.shape[1]))
    both = np.linalg.qr(np.vstack([axes, random]).T)[0].T
    both[: len(axes)] = axes  # QR may turn an axis round
    return np.asarray(both, np.float64)
