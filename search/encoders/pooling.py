"""From a map of features to one row: what is there on average, and what stands out anywhere."""

import torch
from torch import nn
from torch.nn import functional

POOLING = "avg1gem1"  # in an encoder's name: other weights or another power would be another name
_POWER = 3.0
_LEAST = 1e-6


class AverageAndGem(nn.Module):
    """The average over all places and the generalised mean (power 3), each of length one, added up.

    `trunk` gives maps (n, d, h, w). The generalised mean hears a small telling place (a signature, a handle) that
    the average drowns; adding the two, not joining them, keeps d numbers.

    Source: Radenović, Tolias, Chum, "Fine-tuning CNN Image Retrieval with No Human Annotation", TPAMI 2019.
    """

    def __init__(self, trunk: nn.Module) -> None:
        super().__init__()
        self.trunk = trunk

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        places = self.trunk(pictures).float().flatten(2)  # cubes need more than bf16's three digits
        average = places.mean(dim=2)
        gem = places.clamp(min=_LEAST).pow(_POWER).mean(dim=2).pow(1 / _POWER)
        return functional.normalize(average, dim=1) + functional.normalize(gem, dim=1)
