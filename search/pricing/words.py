"""Words as a price model reads them: names without dates, accents and case; texts as stems."""

import re
import unicodedata
from functools import lru_cache

_LETTERS = re.compile(r"[^a-z]+")
_BORN = {
    *("nasc", "born", "geb", "ne", "nee", "sec", "seculo", "century", "circa", "ca", "act"),
    "xviii",
    "xix",
    "xx",
    "xxi",
}
_STEM = 6  # letters: "assinado" and "assinada" are one word, and so are "silver" and "silvered"
_SHORTEST = 2
MOST_WORDS = 60  # of one text


@lru_cache(maxsize=8_192)
def name_of(maker: str) -> str:
    """ "SALVADOR DALÍ - 1904-1989" and "Salvador Dali (born 1904)" are "salvador dali"; "" for no name."""
    return " ".join(word for word in _plain(maker) if word not in _BORN)


@lru_cache(maxsize=8_192)
def stems_of(text: str) -> tuple[str, ...]:
    """The first letters of each word, each once, in order of the alphabet."""
    return tuple(sorted({word[:_STEM] for word in _plain(text)[:MOST_WORDS]}))


def _plain(text: str) -> list[str]:
    letters = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return [word for word in _LETTERS.split(letters) if len(word) >= _SHORTEST]
