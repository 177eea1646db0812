"""What a likeness means in words: measured on pairs whose answer is known.

The likeness is the cosine of two whitened vectors (MobileNetV2, 256 numbers). Of the answers to each query in two
real sets, the second phone photo against the first of the same second-hand object (855 queries among 1,261 photos
of furniture, decor and the like, and 2,505 among 3,244 of all kinds) and an auction house's 2,268 lots:

| likeness    | second-hand, estate: same object, category | second-hand, all      | auction: category |
|-------------|--------------------------------------------|-----------------------|-------------------|
| ≥ 0.60      | .82 to 1.00, .86 to 1.00                   | .39 to 1.00, .81 up   | .92 to 1.00       |
| 0.45 … 0.60 | .32 to .76, .59 to .89                     | .12 to .34, .54 to .77| .72 to .86        |
| 0.35 … 0.45 | .08 to .18, .36 to .49                     | .05 to .07, .32 to .42| .55 to .61        |
| 0.25 … 0.35 | .01 to .04, .21 to .32                     | .01 to .02, .12 to .20| .39 to .46        |

Hence VERY_LIKE from 0.60, LIKE from 0.45, RELATED down to the setting LIKENESS_CUTOFF.

The cut-off, 0.35. Photos of things that the house never sold get "nothing similar": 82 % of 1,000 garments and 63 % of
3,600 phones, computers, tools and the like against the auction catalogue, 72 % of the auction's lots against the
second-hand furniture, 61 % of the phones and tools against that. Queries for a thing that is there get an answer: of
those whose other photo is the nearest one 94 % (estate) and 97 % (all kinds), in the auction more than 99 %. The
difference to the neighbours' likeness was tried in place of the likeness itself, and separates no better.

This very photo: perceptual hashes at most 10 of 64 bits apart and a likeness of at least 0.9. Among all pairs of
the auction 99.0 % of those are the same object, of the second-hand photos 98.6 % (the rest are one photo under two
listings). Shrunk to half and pressed a photo stays within 7 bits, with 3 % cut off each side mostly within 10; the hash
alone, without the likeness, would be wrong three times in four at this distance.
"""

from collections.abc import Sequence

from django.conf import settings

from search.answer import Band

_VERY_LIKE, _LIKE = 0.60, 0.45
_SAME_PHOTO_LIKENESS, _SAME_PHOTO_BITS = 0.9, 10


def band(likeness: float, phash: str, query_phashes: Sequence[str]) -> Band:
    """The words for a match; the hashes are 16 hexadecimal digits, of the match's photo and of the query's."""
    near = likeness >= _SAME_PHOTO_LIKENESS
    if near and any(_bits_apart(phash, other) <= _SAME_PHOTO_BITS for other in query_phashes):
        return Band.SAME_PHOTO
    if likeness >= _VERY_LIKE:
        return Band.VERY_LIKE
    return Band.LIKE if likeness >= _LIKE else Band.RELATED


def is_similar(likeness: float) -> bool:
    return likeness >= settings.LIKENESS_CUTOFF


def _bits_apart(one: str, other: str) -> int:
    """Hamming distance of two perceptual hashes; a missing one is like none."""
    if not one or not other:
        return 64
    return (int(one, 16) ^ int(other, 16)).bit_count()
