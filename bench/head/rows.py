"""One row a recipe: how well its answers rank, question by question."""

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
from annoy import AnnoyIndex
from numpy.typing import NDArray

from bench.head.folds import Questions
from search.evaluation.bootstrap import Interval, interval
from search.evaluation.measures import average_precision
from search.evaluation.signatures import distances, signatures
from search.heads.projection import Float32

CANDIDATES = 100
_ANNOY_ANSWERS = 101
Scores = NDArray[np.float32]  # (q, g), the higher the nearer; -inf is no answer


@dataclass(eq=False)
class Row:
    """What a recipe came to over all folds."""

    name: str
    gallery: str
    bytes: int
    first: list[float] = field(default_factory=list)
    precision: list[float] = field(default_factory=list)
    objects: list[str] = field(default_factory=list)

    def add(self, questions: Questions, scores: Scores) -> None:
        scores = np.where(questions.itself, -np.inf, scores)
        order = np.argsort(-scores, axis=1, kind="stable")
        hits = np.take_along_axis(questions.right & np.isfinite(scores), order, axis=1)
        self.first += hits[:, 0].astype(float).tolist()
        self.precision += average_precision(hits, questions.right.sum(axis=1)).tolist()
        self.objects += questions.objects.tolist()

    def told(self) -> dict[str, object]:
        first, precision = (
            interval(np.array(self.first), self.objects),
            interval(np.array(self.precision), self.objects),
        )
        return {
            "name": self.name,
            "gallery": self.gallery,
            "queries": len(self.first),
            "first": vars(first),
            "map": vars(precision),
            "bytes": self.bytes,
        }

    def over(self, other: "Row") -> tuple[Interval, Interval]:
        """How much better in R@1 and mAP than another row on the same questions."""
        return (
            interval(np.array(self.first) - np.array(other.first), self.objects),
            interval(np.array(self.precision) - np.array(other.precision), self.objects),
        )


class Rows:
    """All rows of a task, by name and gallery."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], Row] = {}

    def add(self, name: str, gallery: str, bytes_a_photo: int, questions: Questions, scores: Scores) -> None:
        row = self.kept.setdefault((name, gallery), Row(name, gallery, bytes_a_photo))
        row.add(questions, scores)


def by_cosine(vectors: Float32, questions: Questions) -> Scores:
    """Unit vectors (n, dim) of all shots."""
    return vectors[questions.asking] @ vectors[questions.gallery].T


def by_signature(vectors: Float32, planes: Float32, questions: Questions) -> Scores:
    """The fewer bits differ the nearer."""
    stored, asking = signatures(vectors[questions.gallery], planes), signatures(vectors[questions.asking], planes)
    return np.stack([-distances(stored, each) for each in asking]).astype(np.float32)


def ranked_again(cosines: Scores, signature: Scores, questions: Questions) -> Scores:
    """The cosines of the CANDIDATES nearest signatures; the others are no answer."""
    most = min(CANDIDATES, signature.shape[1])
    near = np.where(questions.itself, -np.inf, signature)
    kept = np.argsort(-near, axis=1, kind="stable")[:, :most]
    scores = np.full_like(cosines, -np.inf)
    np.put_along_axis(scores, kept, np.take_along_axis(cosines, kept, axis=1), axis=1)
    return scores


def by_plain_annoy(features: NDArray[np.float16], questions: Questions) -> Scores:
    """The write-up's index: ten trees over the features as they come, its own order, its own search_k."""
    forest = AnnoyIndex(features.shape[1], "angular")
    forest.set_seed(1)
    for place, row in enumerate(questions.gallery):
        forest.add_item(place, features[row].astype(np.float32).tolist())
    forest.build(10, 1)
    scores = np.full(questions.right.shape, -np.inf, np.float32)
    for place, row in enumerate(questions.asking):
        found, far = forest.get_nns_by_vector(
            features[row].astype(np.float32).tolist(),
            min(_ANNOY_ANSWERS, len(questions.gallery)),
            include_distances=True,
        )
        scores[place, found] = -np.array(far)
    return scores


def within_kinds(scores: Scores, likeliest: list[list[str]], kinds: list[str]) -> tuple[Scores, float]:
    """Only answers of each question's likeliest categories, and the share of photos that is still compared."""
    places = defaultdict(list)
    for place, kind in enumerate(kinds):
        places[kind].append(place)
    limited = np.full_like(scores, -np.inf)
    for row, names in enumerate(likeliest):
        kept = [place for name in names for place in places[name]]
        limited[row, kept] = scores[row, kept]
    return limited, float(np.isfinite(limited).mean())
