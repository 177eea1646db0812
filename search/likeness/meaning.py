"""What a likeness means: the probability of the same object and of a thing of the same kind, read cheaply.

The curves are the house's own, fitted by `search.likeness.calibration`; where it knows too few pairs, those that come
with the code, fitted on second-hand and auction photos by `python -m bench.calibration`.
"""

import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings

from search.attribution import vote as attribution
from search.likeness.curves import Curve
from search.models import Calibration

FIRST, LATER, ALIKE = "first", "later", "alike"
EVERYTHING = ""  # the curve of all categories
ENOUGH_ALIKE = 0.5  # an answer is shown, and is evidence, where it is more likely than not a thing of the same kind
SHIPPED = Path(__file__).with_name("meanings.json")
_REMEMBERED_SECONDS = 30.0

Curves = Mapping[str, Mapping[str, Curve]]


@dataclass(frozen=True, eq=False)
class Meaning:
    """One head's likeness in words that people can check."""

    curves: Curves  # by kind and category
    cutoff: float  # cosine: a best answer below it means that nothing like this was sold
    floor: float  # cosine: an answer below it is not shown among the similar, and is no evidence
    certain: float  # cosine: 99 in 100 answers from here on were the very item
    own: bool  # whether the house's own pairs taught it
    votes: Mapping[str, Curve] = field(default_factory=attribution.shipped)  # by fact: what a share of votes is worth

    def same(self, cosine: float, category: int | None = None, *, first: bool = True) -> float:
        """The probability that an answer is the very object that was asked about.

        `category` is the answer's; `first` says that none, or only a twin, is more alike: the tenth answer is less
        likely to be the object than the first would be at the same cosine.
        """
        return self._at(FIRST if first else LATER, cosine, category)

    def alike(self, cosine: float, category: int | None = None) -> float:
        """The probability that an answer is a thing of the same kind: of the same category, or judged alike."""
        return max(self._at(ALIKE, cosine, category), self._at(LATER, cosine, category))

    def _at(self, kind: str, cosine: float, category: int | None) -> float:
        curves = self.curves[kind]
        curve = curves.get(str(category)) or curves[EVERYTHING]
        return float(np.interp(cosine, curve.cosines, curve.probabilities))  # of one, without an array around it


def meaning_of(encoder: str, head: str) -> Meaning:
    """The newest calibration of this head, else of another head on the same network, else what comes with the code.

    Remembered for half a minute, so that a page costs no query for it.
    """
    key = (encoder, head, settings.LIKENESS_CUTOFF, settings.FALSE_ALARM_RATE)
    with _remembering:
        known = _remembered.get(key)
        if known is None or time.monotonic() - known[0] > _REMEMBERED_SECONDS:
            _remembered[key] = known = (time.monotonic(), _read(encoder, head))
        return known[1]


def forget() -> None:
    """Read anew, as after a restart."""
    with _remembering:
        _remembered.clear()


_remembered: dict[tuple[str, str, float | None, float], tuple[float, Meaning]] = {}
_remembering = threading.Lock()


def _read(encoder: str, head: str) -> Meaning:
    fitted = Calibration.objects.filter(encoder=encoder)
    row = fitted.filter(head=head).first() or fitted.filter(head__startswith=_kind(head)).first()
    return made(shipped(encoder), row.curves if row else {}, row.facts if row else {})


def _kind(head: str) -> str:
    """What the names of heads of one kind begin with: whitening's likeness is not a trained head's."""
    return head.partition("-")[0]


def made(shipped: Mapping[str, Any], curves: Mapping[str, Any], facts: Mapping[str, Any]) -> Meaning:
    """The house's own curves, and the shipped ones for what it knows too little of."""
    made = {
        kind: {name: Curve.of_json(knots) for name, knots in (curves.get(kind) or shipped["curves"][kind]).items()}
        for kind in (FIRST, LATER, ALIKE)
    }
    measured = cutoff_for(facts.get("strangers") or shipped["strangers"], settings.FALSE_ALARM_RATE)
    floor = min(measured, made[ALIKE][EVERYTHING].reaches(ENOUGH_ALIKE))
    said: float | None = settings.LIKENESS_CUTOFF
    return Meaning(
        curves=made,
        cutoff=measured if said is None else said,
        floor=floor if said is None else said,
        certain=facts.get("certain") or shipped["certain"],
        own=bool(curves),
        votes=attribution.taught(curves.get(attribution.VOTES) or {}),
    )


def cutoff_for(strangers: list[float], false_alarms: float) -> float:
    """The cosine that this share of photos of never-sold things reaches; `strangers` are equally spaced quantiles."""
    return float(np.interp(1 - false_alarms, np.linspace(0, 1, len(strangers)), strangers))


def shipped(encoder: str) -> Mapping[str, Any]:
    """What comes with the code for this network, or else for the default one."""
    known = _shipped()
    return known.get(encoder) or next(iter(known.values()))


@cache
def _shipped() -> Mapping[str, Mapping[str, Any]]:
    loaded: Mapping[str, Mapping[str, Any]] = json.loads(SHIPPED.read_text(encoding="utf-8"))
    return loaded
