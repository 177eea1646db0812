"""From comparable sales to a price range, or to a refusal that says why: pure arithmetic, no Django."""

from search.pricing.estimating import WIDEST, Given, WeighedUp, estimate, influences, weighed_up
from search.pricing.evidence import Comparable, Facts, Subject
from search.pricing.model import COVERAGE, Model
from search.pricing.outcome import INDICATIVE_BELOW, MINIMUM_SOLD, Estimate, Influence, Refusal
from search.pricing.refusing import no_object
from search.pricing.weighing import says_what_it_is, weighted_quantiles

__all__ = [
    "COVERAGE",
    "INDICATIVE_BELOW",
    "MINIMUM_SOLD",
    "WIDEST",
    "Comparable",
    "Estimate",
    "Facts",
    "Given",
    "Influence",
    "Model",
    "Refusal",
    "Subject",
    "WeighedUp",
    "estimate",
    "influences",
    "no_object",
    "says_what_it_is",
    "weighed_up",
    "weighted_quantiles",
]
