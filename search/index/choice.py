"""Which engine the next build gets, and with which options: by the settings, and by size where they say "auto"."""

from django.conf import settings

from search.index.base import Options

_MILVUS_EF = 800  # nodes of its graph that a search looks at; a recall check raises it where that finds too few


def engine_for(count: int) -> str:
    """The engine's name for a build of so many photos.

    "auto" plants an Annoy forest below EXACT_BELOW: every photo is compared there, which takes 4 ms at most and misses
    nothing, and a slow machine that lowers EXACT_BELOW has its index without a rebuild. Above, it takes the signature,
    which finds more than Annoy in less time with a thirtieth of its bytes, and passes over what a filter excludes
    while it scans (docs/benchmarks.md).
    """
    if settings.INDEX_ENGINE != "auto":
        return str(settings.INDEX_ENGINE)
    return "annoy" if count < settings.EXACT_BELOW else "signature"


def options_of(engine: str) -> Options:
    """The settings that shape this engine's files and searches, as its manifest keeps them."""
    options: dict[str, Options] = {
        "annoy": {"trees": settings.ANNOY_TREES, "search_k": settings.ANNOY_SEARCH_K},
        "milvus": {"ef": _MILVUS_EF},
        "signature": {"bits": settings.SIGNATURE_BITS, "candidates": settings.SIGNATURE_CANDIDATES},
    }
    return options.get(engine, {})
