"""What a back-test's numbers mean, in sentences: for sellers, for managers, for the page "Prices"."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from search.backtesting.baselines import CATEGORY, HOUSE
from search.evaluation.bootstrap import Interval
from search.evaluation.words import of_hundred
from search.pricing.model import FACTS, PHOTO

WAYS = {
    PHOTO: "Photo alone",
    FACTS: "Photo and what was typed",
    CATEGORY: "Median of the category",
    "global": "Median of everything",
    "start": "The start price",
    HOUSE: "The house’s own estimate",
}
REFUSALS = {
    "nothing-similar": "nothing similar was sold before",
    "too-few": "too few similar things were sold before",
    "too-unlike": "what was sold before is too unlike",
    "contradicting": "similar things fetched prices too far apart",
    "other-currencies": "similar things were sold in other currencies",
}
FEWEST = 50  # lots, below which nothing is claimed to sellers
_STALE_DAYS = 120  # a year that ended longer ago is not "the last year"


def in_order(ways: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """The ways of a report as they are listed here: a database may keep its keys in an order of its own."""
    return [(name, ways[name]) for name in WAYS if name in ways]


def seller_sentence(report: Mapping[str, Any], today: date) -> str:
    """How often ranges from photos alone held the price; empty where too few lots were asked to say so."""
    recent = report["recent"]
    counted = recent["ways"].get(PHOTO, {})
    if counted.get("lots", 0) < FEWEST:
        return ""
    first, last = (date.fromisoformat(recent[end]) for end in ("from", "to"))
    when = "over the last year" if (today - last).days <= _STALE_DAYS else f"between {_month(first)} and {_month(last)}"
    share = 100 * counted["held"] / counted["lots"]
    return f"{share:.0f} such ranges in 100 held the price {when} ({counted['lots']:,} lots)."


def drift_sentence(report: Mapping[str, Any]) -> str:
    """Why ranges are widened now, and by how much; empty where they hold what they promise."""
    drift = report["drift"]
    if drift["factor"] <= 1:
        return ""
    way, watched = max(drift["ways"].items(), key=lambda each: each[1]["factor"])
    return (
        f"Of the last {watched['lots']} price ranges ({_known(way)}) {watched['held']} held the price, fewer than the "
        f"{100 * watched['promised']:.0f} in 100 that are promised. All ranges are drawn {drift['factor']:.2g} times "
        "as wide until they hold again."
    )


def sentences(report: Mapping[str, Any]) -> list[str]:
    """What a member of staff wants to know first, most important first."""
    level, ways = report["level"], report["ways"]
    said = [f"{text}" for way in (FACTS, PHOTO) if (text := _held(way, ways[way], level))]
    if house := _beside_house(report, level):
        said.append(house)
    if errors := _errors(report):
        said.append(errors)
    return said


def refusals_of(way: Mapping[str, Any]) -> list[tuple[str, int]]:
    """Why there was no range, in words, the commonest first."""
    counted = sorted(way["refusals"].items(), key=lambda each: -each[1])
    return [(REFUSALS.get(code, code.replace("-", " ")), count) for code, count in counted]


def _held(way: str, measured: Mapping[str, Any], level: int) -> str:
    if not measured["answered"]:
        return f"No range could be named from {_known(way)}."
    held = measured["ranges"][level]
    return (
        f"From {_known(way)}, {of_hundred(Interval(**held['held']))} of 100 ranges held the hammer price; "
        f"{100 * held['promised']:.0f} were promised."
    )


def _beside_house(report: Mapping[str, Any], level: int) -> str:
    beside = report["beside"].get(FACTS, {}).get(HOUSE)
    if not beside:
        return ""
    ours, theirs = (beside["ranges"][name][level] for name in (FACTS, HOUSE))
    return (
        f"The house’s own estimates held it for {100 * theirs['held']['value']:.0f} of 100 of the same "
        f"{beside['lots']:,} lots, ours for {100 * ours['held']['value']:.0f}; theirs span a ratio of "
        f"{theirs['width']:.1f}, ours of {ours['width']:.1f}."
    )


def _errors(report: Mapping[str, Any]) -> str:
    measured, beside = report["ways"][FACTS], report["beside"].get(FACTS, {}).get(CATEGORY)
    if not measured["answered"]:
        return ""
    said = f"The middle of a range is off by {100 * measured['percent']['value']:.0f} % in the median"
    less = beside["less_error"] if beside else None
    if not less:
        return f"{said}."
    share = 100 * less["value"]
    than = "smaller" if share >= 0 else "larger"
    return f"{said}: an error {abs(share):.0f} % {than} than that of the category’s median."


def _known(way: str) -> str:
    return "photos alone" if way == PHOTO else "photos and what was typed"


def _month(day: date) -> str:
    return f"{day:%B %Y}"
