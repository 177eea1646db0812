"""What a price is estimated from: comparables, what is known of them and of the thing itself, cleaned."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from math import isfinite

from catalog.money import CENT, LARGEST


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a thing besides its photo; empty where it is not known. Never a price."""

    category: int | None = None
    parent: int | None = None  # the category that the category stands under
    maker: str = ""
    materials: str = ""
    period: str = ""
    size: float | None = None  # cm, the largest side
    condition: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Comparable:
    """What one similar lot says about a price. Hammer prices only: estimates and ranges exclude the buyer's premium."""

    item_id: int
    likeness: float  # cosine, -1 to 1
    hammer: Decimal | None
    currency: str
    sold_on: date | None
    sold: bool
    floor: Decimal | None = None  # unsold: the reserve or start price that no bid reached
    facts: Facts = Facts()


@dataclass(frozen=True, slots=True)
class Subject:
    """The thing that is asked about: facts as typed, and categories with their shares as guessed from the photo."""

    facts: Facts = Facts()
    likely: tuple[tuple[int, float], ...] = ()


UNKNOWN = Subject()


def usable(comparables: Sequence[Comparable], currency: str) -> tuple[list[Comparable], int]:
    """The usable comparables in our currency, by item, and how many there are in others.

    An item that is given twice counts once; which of two differing ones doesn't hang on their order.
    """
    once: dict[int, Comparable] = {}
    for comparable in sorted(filter(None, map(_clean, comparables)), key=_evidence):
        once[comparable.item_id] = comparable
    ours = [once[item_id] for item_id in sorted(once) if once[item_id].currency == currency]
    return ours, len(once) - len(ours)


def _clean(comparable: Comparable) -> Comparable | None:
    """Only what arithmetic can use; nothing where a sale has no price or the likeness is no number."""
    hammer = _price(comparable.hammer) if comparable.sold else None
    if not isfinite(comparable.likeness) or (comparable.sold and hammer is None):
        return None
    floor = None if comparable.sold else _price(comparable.floor)
    return replace(comparable, likeness=min(max(comparable.likeness, -1.0), 1.0), hammer=hammer, floor=floor)


def _price(amount: Decimal | None) -> Decimal | None:
    return amount if amount is not None and amount.is_finite() and CENT <= amount <= LARGEST else None


def _evidence(c: Comparable) -> tuple[object, ...]:
    """Where one item is given twice with different facts, the same one wins whatever their order."""
    day = c.sold_on or date.min
    return c.likeness, c.sold, c.hammer or Decimal(0), c.floor or Decimal(0), c.currency, day, repr(c.facts)
