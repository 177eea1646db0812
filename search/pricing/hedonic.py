"""What a thing's facts and the day say of its price: a sum of terms, each of which can be shown.

A hedonic price index (Rosen, "Hedonic prices and implicit markets", J. Political Economy 82, 1974; for auctions Chanel,
Gérard-Varet and Ginsburgh, "The relevance of hedonic price indices", J. Cultural Economics 20, 1996): log price is a
sum of what category, maker, words, size and day are worth. Every term is shrunk towards nothing, the more the fewer
lots speak for it (ridge regression is Bühlmann's credibility: "Experience rating and credibility", ASTIN Bulletin 4,
1967, where each group's effect is random): a maker with one sale moves a price little, one with thirty moves it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from math import ceil, log, sqrt
from typing import Any, Self

from search.pricing.evidence import Facts
from search.pricing.words import name_of, stems_of

CATEGORY, MAKER, SIZE = "category", "maker", "size"
MATERIALS, TITLE, PERIOD, CONDITION = "materials", "title", "period", "condition"
TEXTS = {MATERIALS: "materials", TITLE: "title", PERIOD: "period", CONDITION: "condition"}
REMEMBERED = 8_192  # facts
NOBODY = "-"  # the maker of a thing that names none
LEAST_SIZE, MOST_SIZE = 0.1, 10_000.0  # cm
DAYS_A_YEAR = 365.25
NOISE = 0.4  # variance of log price that facts leave, before any lot was seen

Term = tuple[str, float]  # which number of the model, and how much of it


@dataclass(frozen=True)
class Hedonic:
    """The fitted sum. `worth` has each term's worth in log price; the texts' words weigh by `rarity`."""

    level: float = 0.0  # log price of a thing of which nothing is known, on `last`
    worth: Mapping[str, float] = field(default_factory=dict)
    rarity: Mapping[str, Mapping[str, float]] = field(default_factory=dict)  # by text, by stem
    typical: float = 0.0  # log of the size that says nothing
    first: date = date.min  # prices are at the level of the first day before it …
    last: date = date.min  # … and of the last day after it: nothing is extrapolated
    step: float = DAYS_A_YEAR / 4  # days between two points of the index

    def of(self, facts: Facts) -> dict[str, float]:
        """What each group of facts adds, in log price; a group of which nothing is known is left out."""
        if (told := self._told.get(facts)) is not None:
            return told
        told = {}
        for group, key, amount in terms(facts, self.rarity, self.typical):
            told[group] = told.get(group, 0.0) + self.worth.get(key, 0.0) * amount
        if len(self._told) >= REMEMBERED:
            self._told.clear()
        self._told[facts] = told
        return told

    @cached_property
    def _told(self) -> dict[Facts, dict[str, float]]:
        """What was worked out before: the same lots are compared with again and again."""
        return {}

    def index(self, day: date | None, facts: Facts) -> float:
        """Log of the level of prices on that day in that category, over that of the last day."""
        if day is None or self.first == self.last:
            return 0.0
        return sum(self.worth.get(key, 0.0) * amount for key, amount in times(self.place(day), facts))

    def place(self, day: date) -> float:
        """Steps before the last day: 0 and less, as far back as the first day."""
        inside = min(max(day, self.first), self.last)
        return (inside - self.last).days / self.step

    def to_data(self) -> dict[str, Any]:
        return {
            "level": self.level,
            "worth": dict(self.worth),
            "rarity": {text: dict(stems) for text, stems in self.rarity.items()},
            "typical": self.typical,
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
            "step": self.step,
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        days = {name: date.fromisoformat(data[name]) for name in ("first", "last")}
        return cls(**{**data, **days})


def terms(facts: Facts, rarity: Mapping[str, Mapping[str, float]], typical: float) -> Iterator[tuple[str, str, float]]:
    """Group, term and amount for each thing that is known. A text's amounts have length one, however long it is."""
    if facts.category is not None:
        yield CATEGORY, f"category {facts.category}", 1.0
        if facts.parent is not None:
            yield CATEGORY, f"parent {facts.parent}", 1.0
    if facts.maker or facts.materials or facts.title:  # who describes a thing and names no maker knows of none
        yield MAKER, f"maker {name_of(facts.maker) or NOBODY}", 1.0
    for group, name in TEXTS.items():
        known = rarity.get(group, {})
        found = [(stem, known[stem]) for stem in stems_of(getattr(facts, name)) if stem in known]
        length = sqrt(sum(amount * amount for _, amount in found))
        for stem, amount in found:
            yield group, f"{group} {stem}", amount / length
        if not found and getattr(facts, name):
            yield group, f"{group} ?", 0.0  # something is known, and it says nothing
    if facts.size is not None and LEAST_SIZE <= facts.size <= MOST_SIZE:
        amount = log(facts.size) - typical
        yield SIZE, "size", amount
        if facts.category is not None:
            yield SIZE, f"size in {facts.category}", amount


def times(place: float, facts: Facts) -> Iterator[Term]:
    """The index as a straight line, a line of the category's own, and steps that add up; `place` is 0 or less."""
    yield "trend", place
    if facts.category is not None:
        yield f"trend in {facts.category}", place
    for number in range(ceil(-place)):
        yield f"step {number}", -min(-place - number, 1.0)
