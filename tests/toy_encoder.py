"""A network small enough for every test: it sees a photo as its mean colour."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image


class ToyEncoder:
    """Mean red, green and blue (0…1) and what each lacks to 1, so that black is not the zero vector.

    The nearest colour comes first, by cosine: ENCODER="tests.toy_encoder:ToyEncoder".
    """

    name = "toy-mean-colour"
    dim = 6

    def encode(self, pictures: Sequence[Image.Image]) -> NDArray[np.float32]:
        """float32 (n, 6)"""
        features = np.empty((len(pictures), self.dim), np.float32)
        for row, picture in zip(features, pictures, strict=True):
            colour = np.asarray(picture.convert("RGB"), np.float32).mean(axis=(0, 1)) / 255
            row[:] = (*colour, *(1 - colour))
        return features
