"""From examples to a head: what tells objects apart, how strongly to believe it, and the three outputs."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from search.head import LearnedHead
from search.heads.projection import Float32, normalised
from search.heads.whitening import POWER
from search.training import metric
from search.training.examples import Bools, Examples, drawn, foreign_half
from search.training.kinds import Kinds, calibrated, learn_kinds, share_to_refuse
from search.training.metric import Basis, Spread
from search.training.signature import signature_planes
from search.training.trial import score
from search.training.tuning import Plan, Tuned, tune

Watch = Callable[[str, int, int], None]  # what is being done, how much of it is done, of how much
BITS = 256
FEWEST_OBJECTS = 25  # with several photos
_KEPT_BACK = 0.12  # of the objects: for early stopping and for the choice of strength
_FEWEST_KEPT_BACK = 10  # objects with several photos, below which nothing is stopped or chosen by them
_STRENGTHS = (1.0, 0.75, 0.5, 0.25)
_WHITENED = 0.0  # the strength of plain whitening
_CHANCE = 0.005  # of mAP: by so much two maps differ abroad that are as good as each other
_MOST_FOR_AXES = 10_000  # photos


class NothingToLearn(Exception):
    """The catalogue has too little to train on; the message is a sentence."""


@dataclass(frozen=True, eq=False)
class Learned:
    """A head, and how it came about."""

    head: LearnedHead
    facts: dict[str, Any]


def learn_head(examples: Examples, dim: int, plan: Plan, watch: Watch) -> Learned:
    """Train on all the examples; `plan.seed` decides which objects are kept back for early stopping.

    How strongly the learned map is believed, beside whitening, is chosen on objects kept back, and only among
    strengths that are no worse than whitening in categories that the map has not learned from: they stand for another
    house's catalogue. Raises NothingToLearn where fewer than FEWEST_OBJECTS objects have several photos, and HeadError
    where a feature is zero or not finite.
    """
    if examples.objects_with_several < FEWEST_OBJECTS:
        raise NothingToLearn(
            f"Only {examples.objects_with_several} objects have several photos to learn from, and {FEWEST_OBJECTS} are "
            "needed: nothing was trained. Photos of one item count, items with the same object key, and items that "
            "staff judged to be the same."
        )
    seconds, clock = {}, time.perf_counter()
    back = drawn(examples, _KEPT_BACK, plan.seed)
    basis = Basis.fit(_at_most(examples.features[~back], _MOST_FOR_AXES))
    coordinates = basis(examples.features)
    seconds["axes"], clock = time.perf_counter() - clock, time.perf_counter()
    abroad = _abroad(examples, coordinates, back, dim, plan, watch)
    seconds["half as another house"], clock = time.perf_counter() - clock, time.perf_counter()
    maps = _maps(examples, coordinates, back, dim, plan, lambda done, of: watch("Learning", done, of))
    at_home = maps.scores(coordinates[back], examples.of(back))
    strength = _strength(at_home if maps.tuned else {}, abroad.scores)
    seconds["map"], clock = time.perf_counter() - clock, time.perf_counter()
    watch("Categories and signature", 0, 1)
    head = _with_outputs(basis, maps.axes[strength], examples, coordinates, back, abroad.refused, plan.seed)
    seconds["categories and signature"] = time.perf_counter() - clock
    watch("Categories and signature", 1, 1)
    facts = {
        "epochs": maps.tuned.epochs if maps.tuned else 0,
        "best_epoch": maps.tuned.best_epoch if maps.tuned else 0,
        "strength": strength,
        "no_worse_abroad": _no_worse(abroad.scores, strength),
        "map_at_home": _rounded(at_home),
        "map_abroad": _rounded(abroad.scores),
        "seconds": {step: round(took, 1) for step, took in seconds.items()},
    }
    return Learned(head, facts)


@dataclass(frozen=True, eq=False)
class _Maps:
    """One map (dim, K) a strength, from plain whitening to what was learned; `tuned` None: too few to stop by."""

    axes: Mapping[float, Float32]
    tuned: Tuned | None

    def scores(self, coordinates: Float32, examples: Examples) -> dict[float, float]:
        """mAP by strength of photos with coordinates (m, K)."""
        return {
            strength: score(normalised(coordinates @ axes.T), examples.objects).mean
            for strength, axes in self.axes.items()
        }


@dataclass(frozen=True, eq=False)
class _Abroad:
    """How half of the catalogue's categories fare under what was learned from the other half; empty: not tried."""

    scores: Mapping[float, float]  # mAP by strength
    refused: float | None = None  # the share of photos of known categories that is best refused


def _maps(
    examples: Examples, coordinates: Float32, back: Bools, dim: int, plan: Plan, watch: Callable[[int, int], None]
) -> _Maps:
    """Learned from the examples but those kept back."""
    taught, kept_back = examples.of(~back), examples.of(back)
    spread = Spread.of(coordinates[~back], taught.objects)
    full = metric.whitened_metric(spread, 1.0)
    learned, tuned = (metric.learned_metric(spread) + full) / 2, None
    if kept_back.objects_with_several >= _FEWEST_KEPT_BACK:
        start = metric.axes_of(learned, spread, dim)
        tuned = tune(start, coordinates[~back], taught, kept_back, coordinates[back], plan, watch)
        learned = metric.metric_of(tuned.axes, spread)
    axes = {each: metric.axes_of(each * learned + (1 - each) * full, spread, dim) for each in _STRENGTHS}
    axes[_WHITENED] = metric.axes_of(metric.whitened_metric(spread, 2 * POWER), spread, dim)
    return _Maps(axes, tuned)


def _abroad(examples: Examples, coordinates: Float32, back: Bools, dim: int, plan: Plan, watch: Watch) -> _Abroad:
    foreign = foreign_half(examples, plan.seed)
    if foreign is None or examples.of(~foreign).objects_with_several < FEWEST_OBJECTS:
        return _Abroad({})
    here = examples.of(~foreign)
    mine, kept_back = coordinates[~foreign], back[~foreign]
    maps = _maps(here, mine, kept_back, dim, plan, lambda done, of: watch("Half as another house", done, of))
    axes = maps.axes[_STRENGTHS[1]]
    vectors = normalised(mine @ axes.T)
    planes = learn_kinds(vectors[~kept_back], here.categories[~kept_back], len(here.category_names))
    known = vectors[kept_back & (here.categories >= 0)]
    refused = share_to_refuse(planes, known, normalised(coordinates[foreign] @ axes.T))
    return _Abroad(maps.scores(coordinates[foreign], examples.of(foreign)), refused)


def _strength(at_home: Mapping[float, float], abroad: Mapping[float, float]) -> float:
    """The best at home of those that are no worse than whitening abroad; where there is none, the least bad abroad."""
    honest = [each for each in _STRENGTHS if _no_worse(abroad, each)]
    if not honest:
        return max(_STRENGTHS, key=lambda each: abroad[each])
    return max(honest, key=lambda each: at_home.get(each, 0.0)) if at_home else honest[len(honest) // 2]


def _no_worse(abroad: Mapping[float, float], strength: float) -> bool:
    """Than whitening abroad; also where that was not tried."""
    return abroad.get(strength, 0.0) >= abroad.get(_WHITENED, 0.0) - _CHANCE


def _with_outputs(
    basis: Basis,
    axes: Float32,
    examples: Examples,
    coordinates: Float32,
    back: Bools,
    refused: float | None,
    seed: int,
) -> LearnedHead:
    """The map with the signature's and the categories' planes, learned on its own vectors."""
    vectors = normalised(coordinates @ axes.T)
    taught, kept_back = examples.of(~back), examples.of(back)
    planes = signature_planes(vectors[~back], taught, vectors[back], kept_back.objects, BITS, seed)
    if examples.category_names:
        flat = learn_kinds(vectors[~back], taught.categories, len(examples.category_names))
        known = calibrated(flat, vectors[back], kept_back.categories, refused)
    else:
        known = Kinds(np.empty((0, len(axes) + 1), np.float32), 0.0, 1.0)
    return LearnedHead(
        mean=basis.mean,
        axes=np.ascontiguousarray(axes @ basis.axes, np.float32),
        planes=planes,
        category_planes=known.planes,
        category_names=examples.category_names,
        threshold=known.threshold,
    )


def _at_most(rows: Any, most: int) -> Any:
    """Some of them, from all over."""
    return rows[np.unique(np.linspace(0, len(rows) - 1, min(most, len(rows))).astype(np.int64))]


def _rounded(scores: Mapping[float, float]) -> dict[str, float]:
    return {str(strength): round(value, 4) for strength, value in sorted(scores.items())}
