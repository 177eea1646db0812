"""All that a price estimate hangs on beside the comparables, as one value that can be kept and used again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from catalog.money import Ladder
from search.pricing import Comparable, Estimate, Influence, Model, Refusal, Subject, estimate, influences, no_object


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
        if self.blank and not comparables:
            return no_object(self.currency)
        return estimate(
            comparables,
            on=self.on,
            currency=self.currency,
            subject=self.subject,
            model=self.model,
            coverage=self.coverage,
            steps=self.steps,
        )

    def influences(
        self, comparables: Sequence[Comparable], told: Estimate | Refusal, *, moves: bool = True
    ) -> dict[int, Influence]:
        """What each does to the estimate that is `told` of them; without `moves` only its share."""
        return influences(
            comparables,
            on=self.on,
            currency=self.currency,
            subject=self.subject,
            model=self.model,
            coverage=self.coverage,
            steps=self.steps,
            told=told,
            moves=moves,
        )
