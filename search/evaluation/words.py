"""Measures in plain sentences."""

from search.evaluation.bootstrap import Interval


def of_hundred(share: Interval) -> str:
    """ "91 (88 to 94)": how many of a hundred."""
    low, high = (round(100 * each) for each in (share.low, share.high))
    middle = round(100 * share.value)
    return f"{middle} ({low} to {high})" if low < high else f"{middle}"


def finds_first(share: Interval) -> str:
    return f"Of 100 photos, {of_hundred(share)} find their own object first."
