"""Untaught signatures, and the searchers that hold a gallery."""

import numpy as np
import pytest

from search.evaluation.searchers import ExactCosine, PlainAnnoy, RankedAgain, Signature
from search.evaluation.signatures import distances, itq, lsh, pca_signs, signatures
from search.head import WhiteningHead
from search.heads.projection import unit


def gallery(count: int = 300, width: int = 16, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((count, width)).astype(np.float32)


def test_a_signature_counts_the_planes_on_whose_other_side_a_photo_lies() -> None:
    planes = np.array([[1, 0, 0], [0, 1, 0], [1, 1, -1]], np.float32)  # the last one stands off nought
    stored = signatures(np.array([[1, 0], [0, -1], [0.8, 0.6]], np.float32), planes)

    # Sides: (+, 0, 0), (0, -, -), (+, +, +); nought itself counts as the far side.
    assert distances(stored, stored[0]).tolist() == [0, 1, 2]
    assert distances(stored, stored[2]).tolist() == [2, 3, 0]


@pytest.mark.parametrize("make", [lsh, pca_signs, itq])
def test_an_untaught_signature_tells_near_from_far(make: object) -> None:
    vectors = unit(gallery())
    near = unit(vectors + 0.05 * unit(gallery(seed=1)))

    assert callable(make)
    planes = make(vectors, 16, 0)

    assert planes.shape == (16, 17)
    stored, asked = signatures(vectors, planes), signatures(near, planes)
    own = np.array([distances(stored, each)[row] for row, each in enumerate(asked)])
    others = np.array([distances(stored, each).mean() for each in asked])
    assert own.mean() < 2 < 6 < others.mean()


def test_plain_annoy_answers_with_the_nearest_by_angle() -> None:
    photos = gallery()
    searcher = PlainAnnoy(photos)

    assert [searcher.search(3 * row, 1)[0].tolist() for row in photos[:20]] == [[place] for place in range(20)]
    assert searcher.search(photos[0], 1)[1].tolist() == pytest.approx([1], abs=1e-3)
    assert searcher.ranks == 101
    assert searcher.bytes > photos.nbytes


def test_every_searcher_finds_a_photo_that_it_holds() -> None:
    photos = gallery()
    head = WhiteningHead.fit(photos, 8)
    planes = itq(head.project(photos), 64)

    for searcher in (
        ExactCosine(photos),
        ExactCosine(photos, head),
        Signature(photos, head, planes),
        RankedAgain(photos, head, planes, bits=64, candidates=40),
    ):
        rows, likeness = searcher.search(photos[7], 5)
        assert rows[0] == 7
        assert likeness[0] == pytest.approx(1, abs=1e-5)
        assert (np.diff(likeness) <= 0).all()


def test_signatures_alone_find_less_than_ranking_their_best_again() -> None:
    photos = gallery(2_000, 32)
    head = WhiteningHead.fit(photos, 32)
    planes = itq(head.project(photos), 64)
    alone, again = Signature(photos, head, planes), RankedAgain(photos, head, planes, bits=64, candidates=200)

    def found(searcher: Signature | RankedAgain) -> float:
        shares = [
            len(set(searcher.search(each, 10)[0].tolist()) & set(searcher.exact(each, 10).tolist())) / 10
            for each in gallery(40, 32, seed=5)
        ]
        return float(np.mean(shares))

    assert found(alone) < 0.6 < 0.9 < found(again)
    assert alone.bytes == again.bytes == 2_000 * 8
