"""A rising curve from a likeness to a probability, fitted on pairs whose answer is known."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.evaluation.measures import brier

Float64 = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

FOLDS = 5
_KNOTS = 48
_SUREST = 0.001  # no finite number of pairs proves a certainty


@dataclass(frozen=True, eq=False)
class Curve:
    """Straight lines between knots (k,) of cosine and probability, both rising; level beyond the ends."""

    cosines: Float64
    probabilities: Float64

    def at(self, cosines: Float64) -> Float64:
        """Probabilities, in the shape of the cosines."""
        return np.asarray(np.interp(cosines, self.cosines, self.probabilities), np.float64)

    def reaches(self, probability: float) -> float:
        """The lowest cosine at which the curve is at this probability or above; 1.0 where it never is."""
        grid = np.linspace(-1, 1, 2001)
        above = self.at(grid) >= probability
        return float(grid[above.argmax()]) if above.any() else 1.0

    def as_json(self) -> list[list[float]]:
        return [np.round(self.cosines, 4).tolist(), np.round(self.probabilities, 4).tolist()]

    @classmethod
    def of_json(cls, knots: list[list[float]]) -> "Curve":
        return cls(np.array(knots[0]), np.array(knots[1]))


@dataclass(frozen=True, eq=False)
class FittedCurve:
    """The curve, the method that was chosen, and for each pair what folds without its object promised (n,)."""

    curve: Curve
    method: str
    held_out: Float64
    errors: dict[str, float]  # the Brier score of each method, on held-out objects


def fit_curve(cosines: Float64, outcomes: Bools, folds: Ints) -> FittedCurve:
    """The better of isotonic and logistic regression, by the Brier score on held-out folds.

    `cosines` float (n,), `outcomes` bool (n,) with both answers in each fold's complement, `folds` int (n,) from 0 to
    FOLDS - 1, so that an object's pairs lie in one fold. Isotonic follows any rising shape but needs many pairs;
    logistic has two numbers only. Source: Niculescu-Mizil and Caruana, "Predicting good probabilities with supervised
    learning", ICML 2005.
    """
    methods = {"isotonic": _isotonic, "logistic": _logistic}
    promised = {name: np.zeros(len(cosines)) for name in methods}
    for fold in np.unique(folds):
        held = folds == fold
        for name, fit in methods.items():
            promised[name][held] = fit(cosines[~held], outcomes[~held]).at(cosines[held])
    errors = {name: float(brier(promised[name], outcomes).mean()) for name in methods}
    best = min(errors, key=lambda name: errors[name])
    return FittedCurve(methods[best](cosines, outcomes), best, promised[best], errors)


def can_be_fitted(outcomes: Bools, folds: Ints) -> bool:
    """Whether both answers are left over, whichever fold is held out."""
    return all(0 < outcomes[folds != fold].sum() < (folds != fold).sum() for fold in np.unique(folds)) and (
        len(np.unique(folds)) > 1
    )


def _isotonic(cosines: Float64, outcomes: Bools) -> Curve:
    from sklearn.isotonic import IsotonicRegression  # only who fits pays for scikit-learn

    fitted: Any = IsotonicRegression(y_min=_SUREST, y_max=1 - _SUREST, out_of_bounds="clip").fit(cosines, outcomes)
    return _thinned(np.asarray(fitted.X_thresholds_, np.float64), np.asarray(fitted.y_thresholds_, np.float64))


def _logistic(cosines: Float64, outcomes: Bools) -> Curve:
    from sklearn.linear_model import LogisticRegression  # only who fits pays for scikit-learn

    fitted: Any = LogisticRegression(C=1e4, max_iter=1000).fit(cosines[:, None], outcomes)
    slope, offset = max(0.0, float(fitted.coef_[0, 0])), float(fitted.intercept_[0])
    grid = np.linspace(-0.2, 1, _KNOTS)
    # The same as 1 / (1 + exp(-x)), which would overflow for a steep curve.
    rising = 0.5 * (1 + np.tanh((slope * grid + offset) / 2))
    return Curve(grid, np.clip(rising, _SUREST, 1 - _SUREST))


def _thinned(cosines: Float64, probabilities: Float64) -> Curve:
    """At most _KNOTS of the steps, where the probability changes most."""
    if len(cosines) <= _KNOTS:
        return Curve(cosines, probabilities)
    travelled = np.concatenate([[0], np.cumsum(np.abs(np.diff(probabilities)) + 1 / len(cosines))])
    kept = np.unique(np.searchsorted(travelled, np.linspace(0, travelled[-1], _KNOTS)))
    return Curve(cosines[kept], probabilities[kept])
