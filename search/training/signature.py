"""Planes whose signs make a signature: the order of Hamming distances is to be the order of cosines.

The supervised signature of "Visual Search at eBay", arXiv 1706.03154, section 4.3, comes out of a sigmoid layer that
is trained with the classes. Here the classes are the objects, and to tell them apart is not enough: each photo's
neighbours are to keep their order (a list's divergence, Cao et al., "Learning to rank", ICML 2007), so that re-ranking
the nearest signatures finds what comparing everything would find.
"""

import numpy as np
import torch
from pytorch_metric_learning.losses import SupConLoss
from torch.nn import functional

from search.evaluation.signatures import pca_signs
from search.heads.projection import Float32, normalised
from search.index.signature import fitted_planes
from search.training.examples import Examples, Ints
from search.training.trial import score

_EPOCHS, _PATIENCE = 12, 3
_ANCHORS, _NEIGHBOURS = 48, 9  # photos a step, and how many of the nearest come with each
_SHARPNESS = 0.1  # of the lists that are compared
_SOFTNESS = 8.0  # how steep a bit's sigmoid is, per deviation of its distance
_RATE = 5e-4
_SAME_WEIGHT = 0.5  # of telling objects apart, beside keeping the order
_MOST = 8_000  # photos whose neighbours are looked up


def signature_planes(
    vectors: Float32, examples: Examples, early: Float32, kept_back: Ints, bits: int, seed: int
) -> Float32:
    """Planes (bits, dim + 1), the offset last, for unit vectors (n, dim) of examples.

    Begun with the best of ITQ's, the vectors' own and their principal axes. Of all epochs' planes those are kept whose
    signatures alone found the objects `kept_back` (m,) best by their unit vectors `early` (m, dim).
    """
    torch.manual_seed(seed)
    dice = np.random.default_rng(seed)
    known = [fitted_planes(vectors, bits)[:bits]]
    if bits <= vectors.shape[1]:
        known += [_axes(bits, vectors), pca_signs(vectors, bits, seed)]
    best = start = max(known, key=lambda planes: alone(early, kept_back, planes))
    scale = float(np.abs(vectors @ start[:, :-1].T).std())
    planes = torch.from_numpy(start.copy()).requires_grad_()
    optimiser = torch.optim.Adam([planes], lr=_RATE)
    rows = dice.permutation(len(vectors))[:_MOST]
    neighbours = _nearest(vectors, rows)
    highest, since = alone(early, kept_back, best), 0
    for _ in range(_EPOCHS):
        for step in np.array_split(dice.permutation(len(rows)), max(1, len(rows) // _ANCHORS)):
            batch = np.unique(np.concatenate([rows[step], neighbours[step].ravel()]))
            optimiser.zero_grad()
            _loss(planes, torch.from_numpy(vectors[batch]), examples.objects[batch], scale).backward()  # type: ignore[no-untyped-call]
            optimiser.step()
        found = planes.detach().numpy().copy()
        now, since = alone(early, kept_back, found), since + 1
        if now > highest:
            best, highest, since = found, now, 0
        elif since >= _PATIENCE:
            break
    return best


def _axes(bits: int, vectors: Float32) -> Float32:
    """The vectors' own axes, each cut in the middle of the photos: (bits, dim + 1)."""
    return np.hstack([np.eye(bits, vectors.shape[1]), -vectors.mean(axis=0)[:bits, None]]).astype(np.float32)


def alone(vectors: Float32, objects: Ints, planes: Float32) -> float:
    """mAP of the signatures by themselves: unit vectors (n, dim), objects (n,)."""
    return score(as_vectors(vectors, planes), objects).mean


def as_vectors(vectors: Float32, planes: Float32) -> Float32:
    """Signatures as unit vectors (n, bits), whose cosines have the order of the Hamming distances."""
    distances = vectors @ planes[:, :-1].T + planes[:, -1]
    return normalised(np.where(distances > 0, np.float32(1), np.float32(-1)))


def _loss(planes: torch.Tensor, vectors: torch.Tensor, objects: Ints, scale: float) -> torch.Tensor:
    soft = torch.tanh(_SOFTNESS / 4 * (vectors @ planes[:, :-1].T + planes[:, -1]) / scale)
    bits = functional.normalize(soft, dim=1)
    itself = torch.eye(len(vectors), dtype=torch.bool)
    wanted = (vectors @ vectors.T / _SHARPNESS).masked_fill(itself, -torch.inf)
    got = (bits @ bits.T / _SHARPNESS).masked_fill(itself, -torch.inf)
    order = -(wanted.softmax(dim=1) * got.log_softmax(dim=1).masked_fill(itself, 0)).sum(dim=1).mean()
    same: torch.Tensor = SupConLoss(temperature=_SHARPNESS)(bits, torch.from_numpy(objects))
    return order + _SAME_WEIGHT * same


def _nearest(vectors: Float32, rows: Ints) -> Ints:
    """The nearest rows of each of some rows (r,): (r, _NEIGHBOURS)."""
    most = min(_NEIGHBOURS, len(vectors) - 1)
    found = [
        np.argpartition(-(vectors[part] @ vectors.T), most, axis=1)[:, : most + 1]
        for part in np.array_split(rows, max(1, len(rows) // 512))
    ]
    return np.concatenate(found)
