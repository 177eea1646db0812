"""What a thing is, by a vote of the items most like it: category, maker, period, materials, or that it is unknown.

Pure: it looks at nothing but the matches it is given. What a share of the votes is worth is read off curves that
`search.attribution.fitting` fits on the house's own lots.
"""

import json
import math
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TypeVar

import numpy as np

from catalog.models import Category, Item
from search.answer import Attribution, Choice, Match, Vote
from search.likeness.curves import Curve
from search.spelling import maker_key, material_keys, plain

T = TypeVar("T")

CATEGORY, FAMILY, MAKER, PERIOD, MATERIALS = "category", "family", "maker", "period", "materials"
KINDS = (CATEGORY, FAMILY, MAKER, PERIOD, MATERIALS)  # what there is a curve of; a family is a category's parent
VOTES = "votes"  # where the curves stand in `Calibration.curves`
SHIPPED = Path(__file__).with_name("attributions.json")
VOTERS = 24  # matches that are worth asking for; more change nothing (docs/benchmarks.md, "Attribution")
SURE = 0.5  # a fact less likely than this is unknown
# A voter's weight grows e-fold with each so much of likeness (cosine): measured beside 0.07 and 0.15, and other forms.
_SOFTNESS = 0.1
# Weight that votes for nothing: that of one voter at a cosine of 0.32. Where many vote it changes nothing; a single
# voter, or some that are hardly alike, cannot decide against it.
_NOBODY = 25.0

Curves = Mapping[str, Curve]  # by fact: from the share of the votes to the probability of being right


def attribute(matches: Sequence[Match], curves: Curves | None = None) -> Attribution:
    """Let the matches vote, each with a weight of exp(likeness / 0.1); of one object only the most alike votes.

    A match that states nothing of a fact votes for none of its values. `curves` say what a share of the votes was worth
    on lots whose facts are known; without them, those that come with the code count. A fact that is less likely than
    not is unknown; of a category its parent may be sure where it is not.
    """
    curves = shipped() if curves is None else curves
    voters = _one_an_object(matches)[:VOTERS]
    weights = [math.exp(voter.likeness / _SOFTNESS) for voter in voters]
    poll = _Poll(voters, weights, sum(weights) + _NOBODY)
    families = _families(poll, curves[FAMILY])
    return Attribution(
        category=_category(poll, curves[CATEGORY], families),
        maker=_text(poll, curves[MAKER], [(maker_key(voter.item.maker), voter.item.maker) for voter in voters]),
        period=_text(poll, curves[PERIOD], [(plain(voter.item.period), voter.item.period) for voter in voters]),
        materials=_materials(poll, curves[MATERIALS]),
        families=tuple(families),
    )


@cache
def shipped() -> Curves:
    """What comes with the code, until the house's own lots have taught it better."""
    return {kind: Curve.of_json(knots) for kind, knots in json.loads(SHIPPED.read_text(encoding="utf-8")).items()}


def taught(knots: Mapping[str, list[list[float]]]) -> Curves:
    """The house's own curves, and the shipped ones for what it knows too little of."""
    return {**shipped(), **{kind: Curve.of_json(points) for kind, points in knots.items()}}


@dataclass(frozen=True, slots=True)
class _Poll:
    """Who votes, with which weight; `total` counts what votes for nothing too."""

    voters: Sequence[Match]
    weights: Sequence[float]
    total: float

    def choices(self, values: "Sequence[Iterable[tuple[Hashable, T]]]", curve: Curve) -> list[Choice[T]]:
        """The values by key, best first, each as it is written by those who have the most weight.

        `values` are, for each voter, the values that it votes for, each with its key.
        """
        written: dict[Hashable, dict[T, float]] = defaultdict(lambda: defaultdict(float))
        voted: dict[Hashable, dict[int, None]] = defaultdict(dict)
        for number, stated in enumerate(values):
            for key, value in stated:
                if number not in voted[key]:
                    written[key][value] += self.weights[number]
                    voted[key][number] = None
        choices = []
        for key, ballots in voted.items():
            share = sum(self.weights[number] for number in ballots) / self.total
            value = max(written[key], key=lambda each: written[key][each])
            voters = tuple(self.voters[number] for number in ballots)
            choices.append(Choice(value, share, float(curve.at(np.array([share]))[0]), voters))
        return sorted(choices, key=lambda choice: -choice.share)

    def rivals(self, values: "Sequence[Iterable[tuple[Hashable, T]]]", curve: Curve) -> list[Choice[T]]:
        """As `choices`, of which one alone can be right: what is left beside the first is for the others to share."""
        choices = self.choices(values, curve)
        left, wanted = 1 - choices[0].probability if choices else 0.0, sum(one.probability for one in choices[1:])
        if wanted <= left:
            return choices
        return [*choices[:1], *(replace(one, probability=one.probability * left / wanted) for one in choices[1:])]

    def why_unknown(self, choices: Sequence[Choice[T]]) -> str:
        if not self.voters or sum(self.weights) < _NOBODY:
            return "Too little is like it."
        if not choices:
            return "None of the nearest items says."
        return "The nearest items disagree." if len(choices) > 1 else "Too few of the nearest items say."


def _one_an_object(matches: Sequence[Match]) -> list[Match]:
    """The best match of each object, best first: a print that was offered ten times is one opinion, not ten."""
    best: dict[str, Match] = {}
    for match in sorted(matches, key=lambda match: -match.likeness):
        best.setdefault(_object(match.item), match)
    return list(best.values())


def _object(item: Item) -> str:
    return f"object {item.object_key}" if item.object_key else f"item {item.pk}"


def _families(poll: _Poll, curve: Curve) -> list[Choice[Category]]:
    kinds = [voter.item.category for voter in poll.voters]
    above = [kind.parent or kind if kind else None for kind in kinds]
    return poll.rivals([[(kind.pk, kind)] if kind else [] for kind in above], curve)


def _category(poll: _Poll, curve: Curve, families: Sequence[Choice[Category]]) -> Vote[Category]:
    """The category, or else its parent: twelve kinds of chair that nobody can tell apart are seats for certain."""
    kinds = [voter.item.category for voter in poll.voters]
    choices = poll.rivals([[(kind.pk, kind)] if kind else [] for kind in kinds], curve)
    if choices and choices[0].probability >= SURE:
        return _decided(choices[0], choices)
    kinds_below = {kind.parent_id for kind in kinds if kind}
    if families and families[0].probability >= SURE and families[0].value.pk in kinds_below:
        return _decided(families[0], choices)
    return _unknown(choices, poll.why_unknown(choices))


def _text(poll: _Poll, curve: Curve, stated: Sequence[tuple[str, str]]) -> Vote[str]:
    choices = poll.rivals([[value] if value[0] else [] for value in stated], curve)
    if choices and choices[0].probability >= SURE:
        return _decided(choices[0], choices)
    return _unknown(choices, poll.why_unknown(choices))


def _materials(poll: _Poll, curve: Curve) -> Vote[str]:
    """Each term by itself, and all that are sure together.

    People name what a thing is made of before how it is signed, dated, marked or worn. So only what stands first
    with somebody is a material or technique, in whatever language: "assinada" and "sinais de uso" never stand first.
    """
    stated = [material_keys(voter.item.materials) for voter in poll.voters]
    leading = {terms[0][0] for terms in stated if terms}
    choices = poll.choices([[term for term in terms if term[0] in leading] for terms in stated], curve)
    sure = tuple(choice for choice in choices if choice.probability >= SURE)
    if not sure:
        return _unknown(choices, poll.why_unknown(choices))
    voters = tuple(voter for voter in poll.voters if any(voter in choice.voters for choice in sure))
    probability = min(choice.probability for choice in sure)
    return Vote(", ".join(choice.value for choice in sure), probability, voters, tuple(choices), sure)


def _decided(best: Choice[T], choices: Sequence[Choice[T]]) -> Vote[T]:
    return Vote(best.value, best.probability, best.voters, tuple(choices), (best,))


def _unknown(choices: Sequence[Choice[T]], why: str) -> Vote[T]:
    return Vote(None, choices[0].probability if choices else 0.0, (), tuple(choices), why=why)
