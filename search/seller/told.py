"""What a seller is told: the range with its basis or the refusal, and nothing else that the house knows."""

from dataclasses import dataclass
from typing import Any

from search.comparables import PriceStrip, public_strip, range_for
from search.lookup import look_up
from search.models import Query
from search.operating.metrics import answered
from search.pricing import Estimate, Refusal


@dataclass(frozen=True, slots=True)
class SellerAnswer:
    estimate: Estimate | None
    refusal: Refusal | None
    strip: PriceStrip | None

    @property
    def record(self) -> dict[str, Any]:
        """What the seller saw, for the specialists; money as text, so that JSON makes no float of it."""
        if self.refusal:
            return {"refusal": self.refusal.code, "sentence": self.refusal.sentence}
        assert self.estimate
        ends = {name: str(getattr(self.estimate, name)) for name in ("low", "middle", "high")}
        return {
            **ends,
            "currency": self.estimate.currency,
            "range": self.estimate.spelled,
            "basis": self.estimate.public_basis,
        }


def answer_for(query: Query) -> SellerAnswer:
    """Look the query's photos up now. Raises EncoderError, WrongEncoder."""
    answer = look_up(query)
    result = range_for(answer)
    answered("seller", answer, answer.took, result)
    if isinstance(result, Refusal):
        return SellerAnswer(None, result, None)
    return SellerAnswer(result, None, public_strip(result))
