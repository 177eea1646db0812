"""What an estimate comes to: a range with its basis, or a refusal that says why and what would help."""

from dataclasses import dataclass
from decimal import Decimal

from catalog.money import format_amount
from search.pricing.evidence import Comparable

MINIMUM_SOLD = 3  # fewer sold comparables give no range
INDICATIVE_BELOW = 5  # house practice: fewer than five are an indication only
TELLING = 0.01  # of the evidence: a comparable with less is used, and not boasted of
MARKS = "Photograph the mark on the base, a signature or a label: they often decide."
WHOLE = "Photograph the whole piece from the front, in daylight, on a plain ground, with nothing else in the picture."


@dataclass(frozen=True, slots=True)
class Estimate:
    """A range of hammer prices that is to hold the price in `coverage` of all cases, on whole bid steps."""

    low: Decimal
    middle: Decimal
    high: Decimal
    currency: str
    used: tuple[Comparable, ...]  # the sold ones, cheapest first
    weights: tuple[float, ...]  # one for each of `used`; they sum to 1
    passed: tuple[Comparable, ...]  # offered and not sold
    other_currencies: int  # left out, because currencies are never mixed
    first_year: int | None  # of those that are telling
    last_year: int | None
    coverage: float = 0.8
    method: str = ""
    model: str = ""  # the name of the PriceModel; "" is what comes with the code
    today: tuple[Decimal, ...] = ()  # each of `used` at the level of prices on the day asked about
    adjusted: tuple[Decimal, ...] = ()  # and for the facts in which it is known to differ from the thing
    telling: tuple[int, int] = (0, 0)  # how many of `used` and of `passed` are at least TELLING of the evidence

    @property
    def unsold(self) -> int:
        return len(self.passed)

    @property
    def indicative(self) -> bool:
        return self.telling[0] < INDICATIVE_BELOW

    @property
    def promise(self) -> str:
        """ "80 in 100": of so many prices is the range to hold so many."""
        return f"{100 * self.coverage:.0f} in 100"

    @property
    def spelled(self) -> str:
        """ "€120–180"; "about €120" where low and high meet."""
        low = format_amount(self.low, self.currency)
        if self.low == self.high:
            return f"about {low}"
        return f"{low}–{format_amount(self.high, '').strip()}"

    @property
    def basis(self) -> str:
        """ "From 9 similar things that we sold between 2019 and 2026; 2 more were offered and not sold." """
        first, last = self.first_year, self.last_year
        when = "" if first is None else f" in {first}" if first == last else f" between {first} and {last}"
        sold, unsold = self.telling
        offered = f"; {unsold} more {was(unsold)} offered and not sold" if unsold else ""
        things = "1 similar thing" if sold == 1 else f"{sold} similar things"
        return f"From {things} that we sold{when}{offered}."

    @property
    def public_basis(self) -> str:
        """The same for strangers: where it rests on too few sales, nothing that would single one out."""
        return self.basis if self.telling[0] >= MINIMUM_SOLD else "From the few things most like it that we have sold."


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why there is no range, and what would help."""

    code: str
    sentence: str
    advice: str
    currency: str = ""
    sold: int = 0
    unsold: int = 0
    other_currencies: int = 0


@dataclass(frozen=True, slots=True)
class Influence:
    """What one comparable does to an estimate."""

    share: float  # of the evidence, 0 to 1; the shares of all sum to 1
    ratio: float | None  # the middle without it, over the middle with it; None where there is no range without it


def was(count: int) -> str:
    return "was" if count == 1 else "were"
