"""Ways to say what a lot will fetch: ours, and simpler ones. Each sees only lots of days before the sale."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np

from bench.prices.lots import Float64, Ints, Market
from search.pricing import Comparable, Estimate, Facts, Model, Subject, estimate, weighted_quantiles
from search.pricing.fitting import NEIGHBOURS, fit, nearest_before
from search.pricing.words import name_of, stems_of

LEVELS = (0.5, 0.8, 0.9)
PHOTO, FACTS = "photo", "photo + facts"
BOOSTED = "boosted quantiles"


@dataclass(eq=False)
class Said:
    """Of n asked lots: log middles, log ends by coverage (n, 2); nan where there is no range, and why by code."""

    middle: Float64
    ends: dict[float, Float64] = field(default_factory=dict)
    why: Counter[str] = field(default_factory=Counter)
    likeness: Float64 | None = None  # (n,) of the best neighbour

    def joined(self, other: "Said") -> "Said":
        ends = {level: np.concatenate([self.ends[level], other.ends[level]]) for level in self.ends}
        best = (
            None if self.likeness is None or other.likeness is None else np.concatenate([self.likeness, other.likeness])
        )
        return Said(np.concatenate([self.middle, other.middle]), ends, self.why + other.why, best)


@dataclass(frozen=True, eq=False)
class Sale:
    """What is asked: the sold lots of one day, by a house that knows all earlier days."""

    market: Market
    day: date
    before: int  # lots
    asked: Ints
    sold: Ints  # of those before
    neighbours: Sequence[tuple[Ints, np.ndarray]]

    @property
    def logs(self) -> Float64:
        return self.market.logs

    @property
    def categories(self) -> Ints:
        return np.array([lot.facts.category for lot in self.market.lots], np.int64)


def sales(market: Market, since: date, *, without_reoffers: bool = False) -> list[Sale]:
    days, logs = market.days, market.logs
    found = []
    for ordinal in np.unique(days[days >= since.toordinal()]).tolist():
        day = date.fromordinal(ordinal)
        before = int(np.searchsorted(days, ordinal))
        asked = np.flatnonzero((days == ordinal) & np.isfinite(logs))
        if without_reoffers:
            known = {lot.object for lot in market.lots[:before]}
            asked = asked[[market.lots[place].object not in known for place in asked.tolist()]]
        sold = np.flatnonzero(np.isfinite(logs[:before]))
        near = list(nearest_before(days, market.vectors_before(day))(asked.tolist(), NEIGHBOURS))
        found.append(Sale(market, day, before, asked, sold, near))
    return found


def ours(sale: Sale, model: Model) -> dict[str, Said]:
    """By photo alone and with facts."""
    best = np.array([cosines[0] for _, cosines in sale.neighbours])
    return {known: replace(_by(sale, model, known), likeness=best) for known in (PHOTO, FACTS)}


def fitted(sale: Sale) -> Model:
    """Fitted and calibrated on what came before the sale, and on nothing else."""
    market = sale.market
    earlier = nearest_before(market.days, market.vectors_before(sale.day))
    model = fit(market.lots[: sale.before], earlier, "EUR")
    assert model
    return model


def as_served(said: Said, cutoff: float) -> Said:
    """Without ranges for lots of which search says that nothing like them was sold."""
    assert said.likeness is not None
    unlike = said.likeness < cutoff
    ends = {level: np.where(unlike[:, None], np.nan, each) for level, each in said.ends.items()}
    why = said.why + Counter({"nothing-similar": int(unlike.sum())})
    return Said(np.where(unlike, np.nan, said.middle), ends, why, said.likeness)


def _by(sale: Sale, model: Model | None, known: str) -> Said:
    said = _nothing(len(sale.asked))
    for row, (place, evidence) in enumerate(zip(sale.asked.tolist(), _evidence(sale), strict=True)):
        lot = sale.market.lots[place]
        subject = Subject(lot.facts if known == FACTS else Facts(), _likely(evidence))
        for level in LEVELS:
            told = estimate(
                evidence,
                on=lot.day,
                currency="EUR",
                subject=subject,
                model=model,
                coverage=level,
                steps=sale.market.steps,
            )
            if isinstance(told, Estimate):
                said.middle[row] = np.log(float(told.middle))
                said.ends[level][row] = np.log([float(told.low), float(told.high)])
            elif level == LEVELS[0]:
                said.why[told.code] += 1
    return said


def _evidence(sale: Sale) -> list[list[Comparable]]:
    return [
        [
            sale.market.lots[each].comparable(float(cosine))
            for each, cosine in zip(places.tolist(), cosines, strict=True)
        ]
        for places, cosines in sale.neighbours
    ]


def _likely(evidence: Sequence[Comparable]) -> tuple[tuple[int, float], ...]:
    """Categories by a vote of the ten most alike."""
    votes: Counter[int] = Counter()
    for each in evidence[:10]:
        votes[each.facts.category or 0] += max(each.likeness, 0.0)  # type: ignore[assignment]
    total = sum(votes.values()) or 1
    return tuple((category, share / total) for category, share in sorted(votes.items()))


def _nothing(count: int) -> Said:
    return Said(np.full(count, np.nan), {level: np.full((count, 2), np.nan) for level in LEVELS})


def _quantiles(prices: Float64, said: Said, row: int) -> None:
    said.middle[row] = np.median(prices)
    for level in LEVELS:
        said.ends[level][row] = np.quantile(prices, [(1 - level) / 2, (1 + level) / 2])


def global_median(sale: Sale) -> Said:
    said = _nothing(len(sale.asked))
    for row in range(len(sale.asked)):
        _quantiles(sale.logs[sale.sold], said, row)
    return said


def category_median(sale: Sale) -> Said:
    """Median and quantiles of all that was sold in the category; of everything, where fewer than five were."""
    said, logs, categories = _nothing(len(sale.asked)), sale.logs, sale.categories
    for row, place in enumerate(sale.asked):
        own = logs[sale.sold][categories[sale.sold] == categories[place]]
        _quantiles(own if len(own) >= 5 else logs[sale.sold], said, row)
    return said


def start_price(sale: Sale) -> Said:
    """What the house's people said before the sale: known of the lot itself, and given to none of the others."""
    said = _nothing(len(sale.asked))
    said.middle[:] = sale.market.starts[sale.asked]
    return said


def weighted(sale: Sale) -> Said:
    """As before there was a model: quantiles of the nearest sold, halved a tenth of cosine and eight years."""
    said, logs, days = _nothing(len(sale.asked)), sale.logs, sale.market.days
    for row, (place, (places, cosines)) in enumerate(zip(sale.asked, sale.neighbours, strict=True)):
        sold = np.isfinite(logs[places])
        values, cosines = logs[places][sold], cosines[sold].astype(float)
        weights = np.exp2(cosines / 0.1 - (days[place] - days[places][sold]) / 365.25 / 8)
        order = np.argsort(values)
        share = weights[order] / weights.sum()
        said.middle[row] = weighted_quantiles(values[order], share, (0.5,))[0]
        for level in LEVELS:
            said.ends[level][row] = weighted_quantiles(values[order], share, ((1 - level) / 2, (1 + level) / 2))
    return said


def nearest_median(sale: Sale) -> Said:
    """The ten nearest sold."""
    said, logs = _nothing(len(sale.asked)), sale.logs
    for row, (places, _) in enumerate(sale.neighbours):
        _quantiles(logs[places][np.isfinite(logs[places])][:10], said, row)
    return said


def boosted(sale: Sale) -> Said:
    """Gradient-boosted quantiles (scikit-learn) on typed facts: category, maker's mean, size, common words."""
    from sklearn.ensemble import HistGradientBoostingRegressor

    columns, said = _columns(sale), _nothing(len(sale.asked))

    def at(quantile: float) -> Float64:
        trees = HistGradientBoostingRegressor(
            loss="quantile", quantile=quantile, max_iter=120, learning_rate=0.06, max_leaf_nodes=12, random_state=0
        )
        return np.asarray(trees.fit(columns[sale.sold], sale.logs[sale.sold]).predict(columns[sale.asked]))

    said.middle[:] = at(0.5)
    for level in LEVELS:
        said.ends[level][:] = np.sort(np.stack([at((1 - level) / 2), at((1 + level) / 2)], axis=1), axis=1)
    return said


def _columns(sale: Sale) -> Float64:
    """(n, d) of all lots, by what is known of those before the sale."""
    lots, logs = sale.market.lots, sale.logs
    level = float(logs[sale.sold].mean())
    sums: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    for place in sale.sold.tolist():
        sums[name_of(lots[place].facts.maker)] += logs[place] - level
        counts[name_of(lots[place].facts.maker)] += 1
    words = Counter(stem for place in sale.sold.tolist() for stem in stems_of(lots[place].facts.materials))
    common = [word for word, _ in words.most_common(80)]
    rows = []
    for lot in lots:
        maker, held = name_of(lot.facts.maker), set(stems_of(lot.facts.materials))
        rows.append(
            [
                float(lot.facts.category or 0),
                sums[maker] / (counts[maker] + 3),
                float(counts[maker]),
                float(lot.facts.size or np.nan),
                *(float(word in held) for word in common),
            ]
        )
    return np.array(rows)


Way = Callable[[Sale], Said]
SIMPLE: dict[str, tuple[str, Way]] = {
    "global median": ("", global_median),
    "category median": ("category", category_median),
    "10 nearest, median": (PHOTO, nearest_median),
    "weighted quantiles, as before": (PHOTO, weighted),
    BOOSTED: ("facts", boosted),
    "start price of the lot itself": ("the house's opinion", start_price),
}
