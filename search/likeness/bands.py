"""The words for a match, out of what its likeness means and how near its photo's perceptual hash is.

What the thresholds were measured to be worth stands in docs/benchmarks.md, "What a likeness means"; the command that
measures it again is `python -m bench.calibration`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from search.answer import Band
from search.likeness.meaning import Meaning

_LIKELY = 0.5  # more likely than not the same object
_VERY_LIKE, _LIKE = 0.8, 0.6  # probabilities of a thing of the same kind
# Bits of 64: hashes so near are copies of one photo wherever the network sees a thing of the same kind …
COPY_BITS, _COPY_ALIKE = 2, 0.5
_SAME_PHOTO_BITS = 10  # … and hashes so near where it is certain of the item anyway


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of a match: the words, and the probabilities behind them, 0 to 1."""

    band: Band
    same: float
    alike: float


def said(
    meaning: Meaning,
    likeness: float,
    *,
    category: int | None = None,
    first: bool = True,
    phash: str = "",
    query_phashes: Sequence[str] = (),
) -> Said:
    """The words for a match of that cosine; the hashes are 16 hexadecimal digits, of its photo and of the query's."""
    same, alike = meaning.same(likeness, category, first=first), meaning.alike(likeness, category)
    alike = max(same, alike)
    bits = min((_bits_apart(phash, other) for other in query_phashes), default=64)
    certain = likeness >= meaning.certain
    if (bits <= COPY_BITS and alike >= _COPY_ALIKE) or (bits <= _SAME_PHOTO_BITS and certain):
        return Said(Band.SAME_PHOTO, same, alike)
    if certain:
        return Said(Band.SAME_ITEM, same, alike)
    if same >= _LIKELY:
        return Said(Band.LIKELY_SAME, same, alike)
    words = Band.VERY_LIKE if alike >= _VERY_LIKE else Band.LIKE if alike >= _LIKE else Band.RELATED
    return Said(words, same, alike)


def _bits_apart(one: str, other: str) -> int:
    """Hamming distance of two perceptual hashes; a missing one is like none."""
    if not one or not other:
        return 64
    return (int(one, 16) ^ int(other, 16)).bit_count()
