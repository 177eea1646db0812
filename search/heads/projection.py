"""What every head does alike: rows of length one, a name from its own numbers, a file with a checksum."""

import hashlib
import io
import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

Features = NDArray[np.floating[Any]]
Float32 = NDArray[np.float32]


class HeadError(ValueError):
    """Features that can't be projected, or a file that is no head; the message is a sentence."""


def unit(features: Features) -> Float32:
    """Rows of length one, float32 (n, d); raises HeadError on a row that has no direction."""
    rows = features.astype(np.float32)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    if not (np.isfinite(lengths) & (lengths > 0)).all():
        raise HeadError("A photo's features are zero or not finite, so it is like nothing.")
    return np.asarray(rows / lengths, np.float32)


def normalised(projected: Features) -> Float32:
    """Rows (n, dim) of length one.

    A photo exactly at the mean is like all others equally; the first axis keeps its vector a unit one.
    """
    lengths = np.linalg.norm(projected, axis=1, keepdims=True)
    at_mean = lengths < 1e-9
    first = np.eye(1, projected.shape[1], dtype=np.float32)
    return np.asarray(np.where(at_mean, first, projected / np.where(at_mean, 1, lengths)), np.float32)


@dataclass(frozen=True, eq=False)
class Projection:
    """A head's linear map: subtract the mean of unit vectors, turn to the axes, normalise."""

    kind: ClassVar[str]  # the beginning of its name

    mean: Float32  # (width,)
    axes: Float32  # (dim, width)

    @property
    def dim(self) -> int:
        return len(self.axes)

    @property
    def width(self) -> int:
        """How many numbers the raw features have."""
        return len(self.mean)

    @cached_property
    def name(self) -> str:
        return f"{self.kind}{self.dim}-{digest_of(*self._arrays().values())}"

    def project(self, features: Features) -> Float32:
        """Unit vectors, float32 (n, dim), of raw features (n, width).

        Raises HeadError where the width is another encoder's, or a row is zero or not finite.
        """
        if features.ndim != 2 or features.shape[1] != self.width:
            raise HeadError(f"{self.name} takes features (n, {self.width}), not {features.shape}.")
        return normalised((unit(features) - self.mean) @ self.axes.T)

    def _arrays(self) -> dict[str, NDArray[Any]]:
        """All that makes it this head and no other."""
        return {"mean": self.mean, "axes": self.axes}


def digest_of(*arrays: NDArray[Any]) -> str:
    """Eight letters that change whenever a number does."""
    content = hashlib.sha256()
    for array in arrays:
        content.update(np.ascontiguousarray(array).tobytes())
    return content.hexdigest()[:8]


def matrix_of(rows: Float32) -> bytes:
    """As numpy writes one matrix."""
    file = io.BytesIO()
    np.save(file, rows, allow_pickle=False)
    return file.getvalue()


def sealed(content: bytes) -> bytes:
    """The content behind its checksum."""
    return hashlib.sha256(content).digest() + content


def unsealed(file: bytes, source: str) -> bytes:
    """The content that was sealed; raises HeadError, which names the source, where it is damaged."""
    checksum, content = file[:32], file[32:]
    if hashlib.sha256(content).digest() != checksum:
        raise HeadError(f"{source} is no head, or a damaged one: its checksum is wrong.")
    return content


def write_durably(path: Path, file: bytes) -> None:
    """On the disk when this returns."""
    with path.open("wb") as out:
        out.write(file)
        out.flush()
        os.fsync(out.fileno())
