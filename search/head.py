"""From raw features to what is searched: a unit vector, category probabilities and a binary signature."""

import io
from pathlib import Path
from typing import Protocol

import numpy as np

from search.heads.learned import CategoryProbabilities, LearnedHead
from search.heads.projection import Features, Float32, HeadError, unsealed
from search.heads.whitening import WhiteningHead

__all__ = [
    "CategoryProbabilities",
    "Features",
    "Float32",
    "Head",
    "HeadError",
    "LearnedHead",
    "WhiteningHead",
    "load_head",
    "parse_head",
]


class Head(Protocol):
    """Projects features on what is searched; `name` changes whenever the projection does."""

    @property
    def name(self) -> str: ...

    @property
    def dim(self) -> int:
        """How many numbers its vectors have."""
        ...

    @property
    def width(self) -> int:
        """How many numbers the raw features have."""
        ...

    @property
    def planes(self) -> Float32 | None:
        """Hyperplanes of a learned signature (bits, dim + 1), the offset last; None where it has learned none.

        Bit b of a unit vector v is set where `v @ planes[b, :-1] + planes[b, -1] > 0`.
        """
        ...

    def project(self, features: Features) -> Float32:
        """Unit vectors, float32 (n, dim), of raw features (n, width); raises HeadError where they don't fit."""
        ...

    def categories(self, features: Features) -> CategoryProbabilities | None:
        """What each of n photos probably is; None where the head has learned no categories."""
        ...

    def save(self, path: Path) -> None:
        """With a checksum, on the disk when this returns."""
        ...


def load_head(path: Path) -> Head:
    """What `save` wrote, of any kind; raises HeadError where the file is missing, damaged or not a head."""
    try:
        file = path.read_bytes()
    except OSError as error:
        raise HeadError(f"The head {path} can't be read: {error.strerror}.") from error
    return parse_head(file, f"The file {path}")


def parse_head(file: bytes, source: str) -> Head:
    """From the bytes of a head's file; raises HeadError, which names the source, where they are not a head's."""
    content = unsealed(file, source)
    if content.startswith(b"PK"):
        return LearnedHead.of_arrays(content)
    rows = np.load(io.BytesIO(content), allow_pickle=False)
    return WhiteningHead(mean=rows[0], axes=rows[1:])
