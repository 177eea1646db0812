"""The choices that are measured, and how."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from search.evaluation.measures import average_precision, precision_at
from search.evaluation.questions import Shot, Task
from search.head import WhiteningHead
from search.heads.projection import unit
from search.heads.whitening import POWER

Float32 = NDArray[np.float32]
Look = Callable[[str, Sequence[Shot]], Float32]  # what a block sees in photos: (n, d)


@dataclass(frozen=True)
class Choice:
    """Features joined of groups: the blocks of a group are added up, each of length one, then set to length one.

    `weights` has a number for each group; `power` 0 with `dim` 0 compares the features as they are.
    """

    label: str
    groups: tuple[tuple[str, ...], ...]
    weights: tuple[float, ...] = ()
    power: float = POWER
    dim: int = 256

    def features(self, look: Look, shots: Sequence[Shot]) -> Float32:
        """float32 (n, d)"""
        weights = self.weights or (1.0,) * len(self.groups)
        parts = []
        for weight, group in zip(weights, self.groups, strict=True):
            parts.append(weight * unit(sum(unit(look(block, shots)) for block in group)))  # type: ignore[arg-type]
        return np.concatenate(parts, axis=1)


@dataclass(frozen=True)
class Score:
    """How well one choice answered one task's questions."""

    numbers: int  # of the raw features
    first: float  # R@1
    among_five: float  # R@5
    average_precision: float  # mAP


def score(choice: Choice, task: Task, look: Look) -> Score:
    """Whitened on the gallery alone; every photo of the gallery is ranked for each query.

    A query whose only right answer is its own file does not count.
    """
    gallery, queries = choice.features(look, task.gallery), choice.features(look, task.queries)
    width = gallery.shape[1]
    if choice.dim:
        head = WhiteningHead.fit(gallery, choice.dim, choice.power)
        gallery, queries = head.project(gallery), head.project(queries)
    else:
        gallery, queries = unit(gallery), unit(queries)
    likeness = queries @ gallery.T
    asked, itself = np.arange(len(queries)), task.own_rows
    known = itself >= 0
    likeness[asked[known], itself[known]] = -np.inf  # last
    wanted, stored = task.objects
    hits = stored[np.argsort(-likeness, axis=1, kind="stable")] == wanted[:, None]
    hits[known, -1] = False
    answerable = task.relevant > 0
    hits, relevant = hits[answerable], task.relevant[answerable]
    return Score(
        numbers=width,
        first=float(precision_at(hits, 1).mean()),
        among_five=float(hits[:, :5].any(axis=1).mean()),
        average_precision=float(average_precision(hits, relevant).mean()),
    )


def _of(label: str, *groups: str, weights: tuple[float, ...] = (), power: float = 0.375, dim: int = 256) -> Choice:
    """Groups in words: blocks that are added up stand with "+" between them."""
    return Choice(label, tuple(tuple(group.split("+")) for group in groups), weights, power, dim)


_MOBILE = "mobile average+mobile gem"
_BOTH = ("dino class", "dino mean")
_WEIGHTS = (2**0.5, 1.0, 1.0)  # DINOv2's two blocks have together as much say as MobileNetV2's one

CHOICES = (
    # pooling
    _of("light: mobile average", "mobile average"),
    _of("mobile gem", "mobile gem"),
    _of("mobile max", "mobile max"),
    _of("mobile average + gem", _MOBILE),
    _of("mobile average, gem joined", "mobile average", "mobile gem"),
    _of("dino class", "dino class"),
    _of("dino mean", "dino mean"),
    _of("dino max", "dino max"),
    _of("dinov2_s: dino class, mean", *_BOTH),
    # joined, and with what weight
    _of("mobile average, dino class, mean", "mobile average", *_BOTH, weights=_WEIGHTS),
    _of("strong: mobile average + gem, dino class, mean", _MOBILE, *_BOTH, weights=_WEIGHTS),
    _of("strong, mobile × 0.7", _MOBILE, *_BOTH, weights=(1.0, 1.0, 1.0)),
    _of("strong, mobile × 1.5", _MOBILE, *_BOTH, weights=(2.1, 1.0, 1.0)),
    _of("strong without dino class", _MOBILE, "dino mean"),
    _of("strong without dino mean", _MOBILE, "dino class"),
    # input
    _of("mobile 288 average", "mobile 288 average"),
    _of("mobile padded average", "mobile padded average"),
    _of("strong, mobile 288", "mobile 288 average", *_BOTH, weights=_WEIGHTS),
    _of("strong, dino 168", _MOBILE, "dino 168 class", "dino 168 mean", weights=_WEIGHTS),
    _of("strong, dino padded", _MOBILE, "dino padded class", "dino padded mean", weights=_WEIGHTS),
    _of("mobile average + mirrored", "mobile average+mobile mirrored average"),
    _of("mobile average + middle", "mobile average+mobile middle average"),
    _of(
        "strong, dino + mirrored",
        _MOBILE,
        "dino class+dino mirrored class",
        "dino mean+dino mirrored mean",
        weights=_WEIGHTS,
    ),
    # whitening
    _of("strong, as it comes", _MOBILE, *_BOTH, weights=_WEIGHTS, dim=0),
    *(_of(f"strong, power {power}", _MOBILE, *_BOTH, weights=_WEIGHTS, power=power) for power in (0, 0.25, 0.5)),
    *(_of(f"strong, {dim} numbers", _MOBILE, *_BOTH, weights=_WEIGHTS, dim=dim) for dim in (64, 128, 512)),
    *(_of(f"light, power {power}", "mobile average", power=power) for power in (0, 0.25, 0.5)),
    # colours
    *(
        _of(f"strong and colours, {where}", _MOBILE, *_BOTH, f"colours {where}", weights=(*_WEIGHTS, 0.7))
        for where in ("whole", "middle", "border")
    ),
)
