"""The words for a match, and the number beside them."""

import numpy as np
import pytest

from search.answer import Band, Match
from search.likeness.bands import said
from search.likeness.curves import Curve
from search.likeness.meaning import ALIKE, FIRST, LATER, Meaning
from tests.search.shelf import shelve

HASH, COPY, NEAR, FAR = "0" * 16, "0000000000000003", "00000000000003ff", "00000000000007ff"


def straight(top: float) -> dict[str, Curve]:
    """A probability that rises evenly from 0 at cosine 0 to `top` at cosine 1."""
    return {"": Curve(np.array([0.0, 1.0]), np.array([0.0, top]))}


MEANING = Meaning({FIRST: straight(0.6), LATER: straight(0.2), ALIKE: straight(1.0)}, 0.4, 0.3, 0.93, own=True)


@pytest.mark.parametrize(
    ("cosine", "first", "words"),
    [
        (0.95, True, Band.SAME_ITEM),
        (0.90, True, Band.LIKELY_SAME),
        (0.90, False, Band.VERY_LIKE),  # the tenth answer is no twin of the first
        (0.82, True, Band.VERY_LIKE),
        (0.65, True, Band.LIKE),
        (0.50, True, Band.RELATED),
    ],
)
def test_words_follow_the_probabilities(cosine: float, first: bool, words: Band) -> None:
    assert said(MEANING, cosine, first=first).band is words


@pytest.mark.parametrize(
    ("cosine", "phash", "words"),
    [
        (0.95, NEAR, Band.SAME_PHOTO),  # 10 bits apart
        (0.95, FAR, Band.SAME_ITEM),  # 11: the item, in another photo
        (0.60, COPY, Band.SAME_PHOTO),  # 2 bits: a copy, however much smaller and more pressed
        (0.60, NEAR, Band.LIKE),  # the hash alone, without the likeness, is no proof
        (0.45, COPY, Band.RELATED),  # nor is it where the network sees another kind of thing
        (0.95, "", Band.SAME_ITEM),
    ],
)
def test_this_very_photo_needs_both_hash_and_likeness(cosine: float, phash: str, words: Band) -> None:
    assert said(MEANING, cosine, phash=phash, query_phashes=["", HASH]).band is words


def test_the_very_item_is_at_least_of_its_kind() -> None:
    meaning = Meaning({FIRST: straight(1.0), LATER: straight(1.0), ALIKE: straight(0.5)}, 0.4, 0.3, 0.93, own=True)
    words = said(meaning, 0.8)
    assert words.same == pytest.approx(0.8)
    assert words.alike >= words.same


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("band", "number"),
    [
        (Band.SAME_PHOTO, ""),
        (Band.SAME_ITEM, ""),
        (Band.LIKELY_SAME, "72\u00a0% sure"),
        (Band.VERY_LIKE, "99\u00a0% same kind"),  # never a certainty
    ],
)
def test_a_number_says_of_what_it_is_the_probability(band: Band, number: str) -> None:
    photo = shelve("red")
    match = Match(photo.item, photo, 0.87, band, same=0.72, alike=0.999)
    assert match.number == number
    assert "0.87" not in match.explained
