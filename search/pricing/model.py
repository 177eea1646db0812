"""What a range is computed with beside the comparables: plain numbers, as JSON in and out."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import isfinite
from typing import Any, Self

from search.pricing.conformal import COUNTING, Counting, Scores
from search.pricing.hedonic import Hedonic

METHOD = "adjusted-comparables-2"
COVERAGE = 0.8  # of prices that a range is to hold, unless another share is asked for
PHOTO, FACTS = "photo", "facts"  # what was known of the thing: its photo alone, or also what was typed


@dataclass(frozen=True, slots=True)
class Method:
    """What ranges of one name have in common, whatever numbers were fitted."""

    counting: Counting
    company: bool  # whether a comparable counts less that is not what the others are, where nothing is typed


# Models and workfiles of an earlier method give the ranges that they gave.
METHODS = {
    "adjusted-comparables-1": Method(Counting(credible=40, below=0), company=False),
    METHOD: Method(COUNTING, company=True),
}


@dataclass(frozen=True)
class Reading:
    """How comparables are read, given what is known of the thing. The defaults come with the code, fitted on nothing.

    The spread that is claimed of log price is exp(base) · mass^by_mass · spread^by_spread of the evidence.
    """

    reach: float = 0.12  # cosine: a comparable this much less alike weighs e times less
    pull: float = 0.2  # the weight of what all sales say, where a comparable just like the thing has 1
    base: float = 0.0
    by_mass: float = 0.0  # never above 0: more evidence never widens a range
    by_spread: float = 1.0  # never below 0
    scores: Scores = field(default_factory=Scores)

    def to_data(self) -> dict[str, Any]:
        numbers = {name: getattr(self, name) for name in ("reach", "pull", "base", "by_mass", "by_spread")}
        return {**numbers, "scores": self.scores.to_data()}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        return cls(**{**data, "scores": Scores.from_data(data["scores"])})


@dataclass(frozen=True)
class Model:
    """Fitted on a house's own sales in one currency. Never changed after; `drift` alone is put on it while it serves.

    One made of a currency only is what comes with the code: no facts are adjusted for, no index, and the width is that
    of a normal law.
    """

    currency: str
    hedonic: Hedonic | None = None
    gap: float = 0.0  # how far below its floor, in logs, an unsold lot's price is taken to lie
    trust: float = 0.5  # its weight, a sold lot's being 1
    readings: Mapping[str, Reading] = field(default_factory=dict)  # by what is known
    report: Mapping[str, Any] = field(default_factory=dict)  # of the fit: how many lots, which days
    method: str = METHOD
    drift: float = 1.0  # ranges are this much wider, in logs, because the last ones held too little

    @property
    def fitted(self) -> bool:
        return self.hedonic is not None

    @property
    def counting(self) -> Counting:
        return METHODS[self.method].counting

    @property
    def company(self) -> bool:
        return self.fitted and METHODS[self.method].company

    @cached_property
    def digest(self) -> str:
        """sha256 of its numbers, whatever their order; drift is not one of them."""
        numbers = {key: value for key, value in self.to_data().items() if key != "drift"}
        return hashlib.sha256(json.dumps(numbers, sort_keys=True, separators=(",", ":")).encode()).hexdigest()

    @property
    def name(self) -> str:
        """ "" is what comes with the code."""
        return f"{self.method}-{self.currency}-{self.digest[:12]}" if self.fitted else ""

    def reading(self, known: str) -> Reading:
        return self.readings.get(known) or _PLAIN

    def to_data(self) -> dict[str, Any]:
        return {
            "method": self.method,
            "currency": self.currency,
            "hedonic": self.hedonic.to_data() if self.hedonic else None,
            "gap": self.gap,
            "trust": self.trust,
            "readings": {known: reading.to_data() for known, reading in self.readings.items()},
            "report": dict(self.report),
            "drift": self.drift,
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """Raises ValueError where the data are not a model's."""
        try:
            made = cls(
                **{
                    **data,
                    "hedonic": Hedonic.from_data(data["hedonic"]) if data["hedonic"] else None,
                    "readings": {known: Reading.from_data(each) for known, each in data["readings"].items()},
                }
            )
            numbers = [made.gap, made.trust, made.drift, *(made.hedonic.worth.values() if made.hedonic else ())]
            if not all(isfinite(number) for number in numbers) or made.method not in METHODS:
                raise ValueError("a number is none, or the method is another one")
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise ValueError(f"These are not the numbers of a price model: {error}") from error
        return made


_PLAIN = Reading()
