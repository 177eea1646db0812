"""All that a price estimate hangs on beside the comparables, as one value that can be kept and used again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from catalog.money import Ladder
from search.pricing import (
    Comparable,
    Estimate,
    Given,
    Model,
    Refusal,
    Subject,
    WeighedUp,
    no_object,
    weighed_up,
)


@dataclass(frozen=True, slots=True)
class Terms:
    """The same terms and comparables give the same range, whenever they are asked."""

    on: date
    currency: str
    subject: Subject
    model: Model | None
    coverage: float | None
    steps: Ladder
    blank: bool = False  # no photo of it shows anything: nothing is found by them, only what is brought in counts

    def estimate(self, comparables: Sequence[Comparable]) -> Estimate | Refusal:
        return self.weighed_up(comparables).result

    def weighed_up(self, comparables: Sequence[Comparable]) -> WeighedUp:
        """The estimate, with what each comparable does to it."""
        if self.blank and not comparables:
            return WeighedUp(no_object(self.currency))
        given = Given(self.on, self.currency, self.subject, self.model, self.coverage, self.steps)
        return weighed_up(comparables, given)
