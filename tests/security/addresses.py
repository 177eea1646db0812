"""Every address of the site by its name, as the URLconf has them now."""

from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver


def addresses() -> list[str]:
    """Names with their namespace, sorted. The admin's own ways to lead on to a page have no name and aren't here."""
    return sorted(set(_named(get_resolver().url_patterns, "")))


def _named(patterns: list[Any], space: str) -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _named(pattern.url_patterns, f"{pattern.namespace}:" if pattern.namespace else space)
        elif isinstance(pattern, URLPattern) and (pattern.name or not space):
            yield f"{space}{pattern.name}"
