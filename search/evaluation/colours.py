"""The baseline without a network: which colours a photo has, and where."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_BINS = (16, 4, 4)  # hue, saturation, value
_GRID = 6
_GRID_WEIGHT = 0.4


class ColourLayout:
    """Square roots of an HSV histogram (so that rare colours count), beside the colours of a coarse grid."""

    name = f"colours-{_BINS[0]}x{_BINS[1]}x{_BINS[2]}-grid{_GRID}x{_GRID_WEIGHT}"
    dim = _BINS[0] * _BINS[1] * _BINS[2] + 3 * _GRID * _GRID

    def encode(self, pictures: Sequence[Image.Image]) -> NDArray[np.float32]:
        """float32 (n, dim)"""
        return np.stack([self._row(picture.convert("RGB")) for picture in pictures]).astype(np.float32)

    def _row(self, picture: Image.Image) -> NDArray[np.float64]:
        pixels = np.asarray(picture.resize((128, 128), Image.Resampling.BILINEAR).convert("HSV")).reshape(-1, 3)
        counts, _ = np.histogramdd(pixels, bins=_BINS, range=[(0, 256)] * 3)
        grid = np.asarray(picture.resize((_GRID, _GRID), Image.Resampling.BOX), np.float64).ravel() / 255
        layout = grid - grid.mean()
        return np.concatenate(
            [np.sqrt(counts.ravel() / len(pixels)), _GRID_WEIGHT * layout / max(float(np.linalg.norm(layout)), 1e-6)]
        )
