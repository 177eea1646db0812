"""Several networks look at a photo: what each sees becomes a block of length one, and the blocks stand side by side.

Equal lengths were measured best: docs/benchmarks.md has the table.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from search.encoder import Encoder


class JoinedEncoder:
    """An Encoder made of others; its name is theirs, so that it changes whenever one of them does."""

    def __init__(self, parts: Sequence[Encoder]) -> None:
        self.parts = tuple(parts)
        self.name = "+".join(part.name for part in self.parts)
        self.dim = sum(part.dim for part in self.parts)

    def encode(self, pictures: Sequence[Image.Image]) -> NDArray[np.float32]:
        """float32 (n, dim); a network that sees nothing in a photo leaves its block zero."""
        # Converted once, not by each part.
        upright = [picture.convert("RGB") for picture in pictures]
        return np.concatenate([_of_length_one(part.encode(upright)) for part in self.parts], axis=1)


def _of_length_one(features: NDArray[np.float32]) -> NDArray[np.float32]:
    lengths = np.linalg.norm(features, axis=1, keepdims=True)
    return np.asarray(features / np.where(lengths > 0, lengths, 1), np.float32)
