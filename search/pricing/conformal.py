"""How wide a range must be to hold what it promises: by how much earlier estimates were out, lot by lot."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from math import isfinite
from statistics import NormalDist
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]

MOST_ALIKE = 0.05  # correlation of the scores of one sale; what is beyond it is drift, and watched as such
RECENT = 730.0  # days: a score this much older counts half
NORMAL = NormalDist()
_ROUNDING = 1e-12
Shares = Sequence[tuple[int | None, int | None, float]]  # category, its parent, and how likely it is that; sums to 1


@dataclass(frozen=True, slots=True)
class Counting:
    """How scores count; a model keeps to that of the method by which it was fitted."""

    credible: float  # scores of a group that count as much as all those of the group above it
    below: float  # how much of a score's own weight lies below it


COUNTING = Counting(credible=100, below=0.5)


@dataclass(frozen=True)
class Scores:
    """By how much n estimates were out, in units of the spread that they had claimed: above nought was dearer.

    Each was made by a model that had seen only earlier sales, and says nothing but how such estimates do (normalised
    conformal prediction: Papadopoulos, Gammerman and Vovk, "Normalized nonconformity measures for regression conformal
    prediction", 2008; Lei, G'Sell, Rinaldo, Tibshirani and Wasserman, JASA 113, 2018, section 5.2). Both ends have
    their own quantile, as in conformalised quantile regression (Romano, Patterson and Candès, NeurIPS 2019, section 5).
    """

    values: tuple[float, ...] = ()
    categories: tuple[int | None, ...] = ()
    parents: tuple[int | None, ...] = ()
    days: tuple[int, ...] = ()  # ordinal

    def law(self, shares: Shares, on: date, counting: Counting = COUNTING) -> "Law":
        """Where the price of such a thing lies, on that day.

        Recent scores weigh more (Barber, Candès, Ramdas and Tibshirani, "Conformal prediction beyond exchangeability",
        Annals of Statistics 51, 2023). Categories have quantiles of their own (Mondrian: Vovk, Gammerman and Shafer,
        Algorithmic Learning in a Random World, 2005, section 4.5), and where a category has few scores its parent's
        count, and then all: not by a threshold, at which ranges would jump, but by Bühlmann's credibility, n / (n + k).
        """
        if not self.values:
            return Law(np.empty(0), np.empty(0), 0.0)
        weights = self._weights(shares, on, counting.credible)
        return Law(self._sorted, weights[self._order], 1 / (1 + self._independent(weights)), counting.below)

    def _weights(self, shares: Shares, on: date, credible: float) -> Float64:
        """(n,), sum 1."""
        age = np.maximum(on.toordinal() - np.array(self.days, np.float64), 0.0)
        recent = np.exp2(-age / RECENT)
        every = recent / recent.sum()
        total = np.zeros(len(recent))
        for category, parent, share in shares or [(None, None, 1.0)]:
            mixed = every
            for group, key in ((self._parents, parent), (self._categories, category)):
                if key is not None:
                    mixed = _credible(recent * (group == key), mixed, credible)
            total += share * mixed
        return np.asarray(total / total.sum())

    def _independent(self, weights: Float64) -> float:
        """As how many independent scores the weighted ones count: lots of one sale are out together.

        Kish's design effect (Survey Sampling, 1965, section 8.2) with the correlation within a sale from the analysis
        of variance.
        """
        by_sale = np.bincount(self._sales, weights)
        within = self._correlation
        return 1 / float((1 - within) * (weights**2).sum() + within * (by_sale**2).sum())

    @cached_property
    def _correlation(self) -> float:
        """Between scores of one sale, 0 to MOST_ALIKE."""
        values, sizes = np.array(self.values), np.bincount(self._sales)
        if len(sizes) < 2 or len(values) == len(sizes):
            return 0.0
        means = np.bincount(self._sales, values) / sizes
        between = float(sizes @ (means - values.mean()) ** 2) / (len(sizes) - 1)
        within = float(((values - means[self._sales]) ** 2).sum()) / (len(values) - len(sizes))
        typical = (len(values) - float(sizes @ sizes) / len(values)) / (len(sizes) - 1)
        explained = between + (typical - 1) * within
        return min(max((between - within) / explained, 0.0), MOST_ALIKE) if explained > 0 else 0.0

    @cached_property
    def _sales(self) -> NDArray[np.int64]:
        return np.unique(np.array(self.days, np.int64), return_inverse=True)[1]

    @cached_property
    def _order(self) -> NDArray[np.int64]:
        return np.argsort(np.array(self.values), kind="stable")

    @cached_property
    def _sorted(self) -> Float64:
        return np.array(self.values)[self._order]

    @cached_property
    def _categories(self) -> NDArray[np.int64]:
        return np.array([-1 if key is None else key for key in self.categories], np.int64)

    @cached_property
    def _parents(self) -> NDArray[np.int64]:
        return np.array([-1 if key is None else key for key in self.parents], np.int64)

    def to_data(self) -> dict[str, Any]:
        return {name: list(getattr(self, name)) for name in ("values", "categories", "parents", "days")}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """Raises ValueError where lengths differ or a value is no number."""
        made = cls(**{name: tuple(data[name]) for name in ("values", "categories", "parents", "days")})
        if len({len(made.values), len(made.categories), len(made.parents), len(made.days)}) != 1:
            raise ValueError("the scores, their categories and their days are not of one length")
        if not all(isfinite(value) for value in made.values):
            raise ValueError("a score is no number")
        return made


@dataclass(frozen=True, eq=False)
class Law:
    """The law of a score: ascending values (n,) and weights (n,) that sum to 1; a normal law where there are none."""

    values: Float64
    weights: Float64
    unseen: float  # the share of scores that may lie further out than any that was seen
    below: float = COUNTING.below  # how much of a score's own weight lies below it

    @property
    def centre(self) -> float:
        """The median: estimates were out by this on the whole."""
        if not len(self.values):
            return 0.0
        return float(self.values[int(np.searchsorted(np.cumsum(self.weights), 0.5 - _ROUNDING))])

    def ends(self, coverage: float) -> tuple[float, float]:
        """Between these the score lies with the probability `coverage`. The centre lies there too.

        The next of m independent scores lies below the k-th of the others with the probability k / m: conformal
        prediction counts it as one more. The k-th of m - 1 stands in the middle of its share of the weight (Hazen), so
        k / m is that place with half a share more. Scores of one sale count as few and are many: where each stood at
        the upper end of its own small share, ranges held a point more than was promised.
        """
        if not len(self.values):
            edge = NORMAL.inv_cdf((1 + coverage) / 2)
            return -edge, edge
        others, last = 1 - self.unseen, len(self.values) - 1
        inside = (1 + coverage) / 2 - self.below * self.unseen - _ROUNDING
        above, below = (
            int(np.searchsorted((np.cumsum(weights) - self.below * weights) * others, inside))
            for weights in (self.weights, self.weights[::-1])
        )
        return float(self.values[last - min(below, last)]), float(self.values[min(above, last)])


def _credible(own: Float64, above: Float64, credible: float) -> Float64:
    """(n,) weights that sum to 1: the group's own as far as it has scores, else those of the group above it."""
    count = own.sum()
    return above if count <= 0 else np.asarray((own + credible * above) / (count + credible))
