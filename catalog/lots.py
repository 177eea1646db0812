"""Lot numbers are text ("27A") that people expect in natural order."""

import re

_DIGITS = re.compile(r"\d+")
LONGEST = 20  # characters in a lot number, so that no run of digits is longer


def natural_key(lot: str) -> str:
    """A text that sorts as people count: "2" before "10", "27" before "27A"."""
    return _DIGITS.sub(lambda run: str(int(run[0])).zfill(LONGEST), lot.strip().casefold())
