"""When two people wrote the same: makers with and without dates, case, accents, and materials term by term."""

import re
import unicodedata
from functools import lru_cache

_APART = re.compile(r"\s+[-–—]+\s*|[(\[;,]")  # what follows a name: dates, a school, a place
_YEAR = re.compile(r"\d{4}")
_CENTURY = re.compile(r"(?:\w+\.?\s+)?[IVX]{1,5}(?:\s?[/–-]\s?[IVX]{1,5})?(?:\w{1,2})?(?:\s+\w+\.?)?", re.I)
_TERMS = re.compile(r"[,;\n]+|\s/\s")


@lru_cache(maxsize=20_000)
def plain(text: str) -> str:
    """Its words without case, accents and punctuation: "Séc.  XX" is "sec xx"."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return " ".join(re.findall(r"\w+", "".join(one for one in letters if not unicodedata.combining(one))))


@lru_cache(maxsize=20_000)
def maker_key(text: str) -> str:
    """A name without its dates, whichever way round: "SALVADOR DALÍ - 1904-1989" is "Dalí, Salvador (1904–1989)"."""
    parts = [part for part in _APART.split(text) if part.strip()]
    name = [part for place, part in enumerate(parts) if not _is_dates(part, place)]
    words = [word for word in plain(" ".join(name)).split() if not _YEAR.fullmatch(word)]
    return " ".join(sorted(words)) or plain(text)


@lru_cache(maxsize=20_000)
def material_keys(text: str) -> tuple[tuple[str, str], ...]:
    """The terms of a text about materials, each with its key: (("oleo sobre tela", "óleo sobre tela"), …).

    A term with a figure in it tells of this one piece, when it was made or which of how many it is: it is left out.
    """
    terms = (term.strip(" .") for term in _TERMS.split(text))
    return tuple((key, term) for term in terms if (key := plain(term)) and not any(sign.isdigit() for sign in key))


def _is_dates(part: str, place: int) -> bool:
    """The first part is a name, even that of "Studio 54"; "NASC. 1965" and "SÉC. XX" come after one."""
    return place > 0 and (any(sign.isdigit() for sign in part) or bool(_CENTURY.fullmatch(part.strip())))
