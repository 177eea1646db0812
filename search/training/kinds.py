"""The category output: planes on the unit vector, probabilities that mean what they say, and when to say "none"."""

from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional

from search.heads.projection import Float32
from search.training.examples import UNKNOWN, Ints

_SCALE = 16.0  # a unit vector's products are small; this is what a logit is at most, about
_DECAY = 1e-3
_STEPS = 60
_REFUSED = 0.1  # of photos of known categories, where nothing is known of foreign ones
_TEMPERATURES = np.geomspace(0.25, 4, 33)


@dataclass(frozen=True, eq=False)
class Kinds:
    """Planes (c, dim + 1), the offset last, calibrated; the probability below which the answer is "none of these"."""

    planes: Float32
    threshold: float
    temperature: float


def learn_kinds(vectors: Float32, kinds: Ints, count: int) -> Float32:
    """Planes (count, dim + 1) by logistic regression on unit vectors (n, dim) of known kinds (n,)."""
    rows = kinds != UNKNOWN
    seen = _SCALE * torch.from_numpy(np.ascontiguousarray(vectors[rows]))
    wanted = torch.from_numpy(kinds[rows])
    weights = torch.zeros((count, vectors.shape[1]), requires_grad=True)
    offsets = torch.zeros(count, requires_grad=True)
    optimiser = torch.optim.LBFGS([weights, offsets], max_iter=_STEPS, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        optimiser.zero_grad()
        loss = functional.cross_entropy(seen @ weights.T + offsets, wanted) + _DECAY * weights.square().sum()
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    optimiser.step(closure)  # type: ignore[no-untyped-call]
    return torch.cat([_SCALE * weights, offsets[:, None]], dim=1).detach().numpy()


def calibrated(planes: Float32, vectors: Float32, kinds: Ints, refused: float | None = None) -> Kinds:
    """With the temperature that suits photos kept back (m, dim) best, and a threshold that so many of them fall below.

    Source: Guo, Pleiss, Sun, Weinberger, "On calibration of modern neural networks", ICML 2017, section 4.2.
    """
    known = kinds != UNKNOWN
    if not known.any():
        return Kinds(planes, 0.0, 1.0)
    logits = _logits(planes, vectors[known])
    right = (np.arange(len(logits)), kinds[known])
    surprise = [-np.log(_softmax(logits / temperature)[right] + 1e-12).mean() for temperature in _TEMPERATURES]
    temperature = float(_TEMPERATURES[int(np.argmin(surprise))])
    likeliest = _softmax(logits / temperature).max(axis=1)
    return Kinds(
        (planes / temperature).astype(np.float32),
        float(np.quantile(likeliest, _REFUSED if refused is None else refused)),
        temperature,
    )


def share_to_refuse(planes: Float32, known: Float32, foreign: Float32) -> float:
    """How many photos of known kinds to refuse, so that most foreign ones are refused with them: 0.02 to 0.3.

    `known` (m, dim) and `foreign` (p, dim) are unit vectors of photos that the planes have not learned from; foreign
    ones are of kinds that they don't know. The share is that with the best mean of both kinds of right answers.
    """
    if not len(known) or not len(foreign):
        return _REFUSED
    ours, theirs = (_softmax(_logits(planes, vectors)).max(axis=1) for vectors in (known, foreign))
    shares = np.linspace(0.02, 0.3, 29)
    caught = [(theirs < np.quantile(ours, share)).mean() for share in shares]
    return float(shares[int(np.argmax(np.array(caught) - shares))])


def _logits(planes: Float32, vectors: Float32) -> Float32:
    return np.asarray(vectors @ planes[:, :-1].T + planes[:, -1], np.float32)


def _softmax(logits: Float32) -> Float32:
    weights = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), np.float32)
