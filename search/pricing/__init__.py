"""From comparable sales to a price range, or to a refusal that says why: pure arithmetic, no Django."""

from search.pricing.estimating import MINIMUM_SOLD, estimate, influences, weighted_quantiles
from search.pricing.evidence import Comparable, Facts, Subject
from search.pricing.model import Model
from search.pricing.outcome import INDICATIVE_BELOW, Estimate, Influence, Refusal

__all__ = [
    "INDICATIVE_BELOW",
    "MINIMUM_SOLD",
    "Comparable",
    "Estimate",
    "Facts",
    "Influence",
    "Model",
    "Refusal",
    "Subject",
    "estimate",
    "influences",
    "weighted_quantiles",
]
