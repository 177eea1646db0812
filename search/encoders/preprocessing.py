"""From a photo to a network's input: the whole picture, made square, at the size that the weights were trained for.

Squashed, not padded: on 2,505 second-hand photos R@1 is .513 against .489, on 984 estate-like ones .611 against .577;
only on 82 auction photos, works of art of telling proportions, does padding win, .878 against .854. The other ways
that were measured are in docs/benchmarks.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Fit = Literal["squash", "pad"]


@dataclass(frozen=True)
class Preprocessing:
    """How one set of weights wants its pictures. `mean` and `std` are for RGB in 0…1."""

    size: int
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    resample: Image.Resampling = Image.Resampling.BILINEAR
    fit: Fit = "squash"

    @classmethod
    def of_transforms(cls, transforms: Any, fit: Fit = "squash") -> "Preprocessing":
        """From torchvision's `Weights.transforms()`: all but its centre crop, which cuts the ends off a sofa."""
        resample = getattr(Image.Resampling, transforms.interpolation.name)
        return cls(transforms.crop_size[0], tuple(transforms.mean), tuple(transforms.std), resample, fit)

    @property
    def label(self) -> str:
        """What of this belongs in an encoder's name; mean, std and interpolation follow from its weights."""
        return f"{self.fit}{self.size}"

    def pixels(self, pictures: Sequence[Image.Image]) -> NDArray[np.uint8]:
        """uint8 (n, size, size, 3), RGB"""
        out = np.empty((len(pictures), self.size, self.size, 3), np.uint8)
        for row, picture in zip(out, pictures, strict=True):
            row[:] = np.asarray(self._square(picture.convert("RGB")))
        return out

    def _square(self, picture: Image.Image) -> Image.Image:
        if self.fit == "squash":
            return picture.resize((self.size, self.size), self.resample)
        scale = self.size / max(picture.size)
        width, height = (max(1, round(side * scale)) for side in picture.size)
        # Padding in the weights' mean colour is zero to the network.
        square = Image.new("RGB", (self.size, self.size), tuple(round(255 * part) for part in self.mean))
        square.paste(
            picture.resize((width, height), self.resample), ((self.size - width) // 2, (self.size - height) // 2)
        )
        return square
