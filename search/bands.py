"""What a likeness means in words: measured on pairs whose answer is known, by `python -m bench.search.bands`.

The likeness is the cosine of two whitened vectors (MobileNetV2, 256 numbers). Among the 24 nearest to each query, so
many showed the same object / a thing of the same category; the queries are second phone photos of second-hand objects
(984 furniture, decor and the like; 2,505 of all kinds) and an auction house's 2,268 lots:

| likeness     | second-hand, estate-like | second-hand, all | auction     |
|--------------|--------------------------|------------------|-------------|
| from 0.80    | .99 / .99                | .98 / .96        | .96 / 1.00  |
| 0.60 to 0.80 | .90 / .93                | .58 / .86        | .09 / .94   |
| 0.45 to 0.60 | .46 / .69                | .18 / .62        | .01 / .76   |
| 0.35 to 0.45 | .10 / .40                | .05 / .36        | .00 / .57   |
| 0.30 to 0.35 | .04 / .31                | .02 / .20        | .00 / .46   |

Hence VERY_LIKE from 0.60, LIKE from 0.45, RELATED down to the setting LIKENESS_CUTOFF, 0.35. At that cut-off:

- of the queries whose object is the nearest answer 94 % (estate-like), 97 % (all) and 99.9 % (auction) are answered;
- photos of what the house never sold find "nothing similar" in the auction catalogue in 82 % (1,000 garments) and 63 %
  (3,504 phones, computers, tools …), among second-hand furniture in 31 %, 60 % and, for the auction's lots, 72 %.

At 0.40 these are 87, 89 and 99.9 % answered, 95, 83, 55, 80 and 87 % refused: a house that would rather be silent
raises the setting. The difference to the neighbours' likeness was tried in place of the likeness itself; it separates
no better.

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
