"""What addresses begin with: a page names dozens of items and photos, and to reverse each is dear."""

from functools import cache

from django.urls import reverse


@cache
def beginning_of(name: str) -> str:
    """Of all pages of that name, up to the one thing in which they differ; where that stands last."""
    return reverse(name, args=[0]).rpartition("0")[0]
