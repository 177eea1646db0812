"""Lot numbers are text ("27A") that people expect in natural order."""

import re

_DIGITS = re.compile(r"\d+")


def natural_key(lot: str) -> str:
    """A text that sorts as people count: "2" before "10", "27" before "27A"."""
    return _DIGITS.sub(lambda run: run[0].lstrip("0").zfill(10), lot.strip().casefold())
