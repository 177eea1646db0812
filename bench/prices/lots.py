"""Lots with known prices: of the auction data with its photos, of the sample catalogue with made-up looks."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.calibration.photos import Photos
from catalog.sample import captions
from catalog.sample.catalogue import Lot as SampleLot
from catalog.sample.catalogue import records
from catalog.sample.dice import dice
from catalog.sample.vocabulary import CATEGORIES, CONDITIONS
from search.facts import largest_side
from search.heads.whitening import WhiteningHead
from search.pricing import Facts
from search.pricing.fitting import Lot

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]
Ints = NDArray[np.int64]
Steps = list[tuple[Decimal, Decimal]]

# The bids of the auction data's house, as its hammer prices show them.
AUCTION_STEPS: Steps = [
    (Decimal(start), Decimal(step))
    for start, step in ((0, 1), (20, 2), (50, 5), (100, 10), (200, 20), (300, 25), (700, 50), (1_000, 100))
]
SEEDS = 7


@dataclass(frozen=True, eq=False)
class Market:
    """n lots in order of their days; `vectors_before(day)` are theirs under a head fitted on earlier photos alone."""

    lots: tuple[Lot, ...]
    starts: Float64  # (n,) log start price, nan where there was none
    names: dict[int, str]  # of the categories
    vectors_before: Callable[[date], Float32]
    steps: Steps | None = None

    @property
    def days(self) -> Ints:
        return np.array([lot.day.toordinal() for lot in self.lots], np.int64)

    @property
    def logs(self) -> Float64:
        """(n,) log hammer, nan of what was not sold."""
        return np.log([float(lot.hammer) if lot.hammer else np.nan for lot in self.lots])


def auction(photos: Photos, dim: int) -> Market:
    """All lots of the auction data, one photo each; facts as the cataloguer typed them."""
    order = sorted(range(len(photos.rows)), key=lambda place: (photos.rows[place]["sale_date"], place))
    rows = [photos.rows[place] for place in order]
    features, objects, categories = photos.features[order], photos.objects[order], photos.categories[order]
    days = [date.fromisoformat(row["sale_date"]) for row in rows]
    lots = [
        Lot(
            number,
            day,
            row["currency"],
            _money(row["hammer_price"]) if row["sold"] == "1" else None,
            _money(row["start_price"]) if row["sold"] != "1" else None,
            Facts(
                category=int(category),
                maker=row["maker"],
                materials=row["technique"],
                size=largest_side(row["dimensions"]),
                title=row["title"],
            ),
            int(thing),
        )
        for number, (row, day, category, thing) in enumerate(zip(rows, days, categories, objects, strict=True))
    ]

    def vectors_before(day: date) -> Float32:
        seen = np.array([each < day for each in days])
        return WhiteningHead.fit(features[seen], dim).project(features)

    names = {int(category): row["category"] for row, category in zip(rows, categories, strict=True)}
    starts = np.log([float(row["start_price"] or "nan") or np.nan for row in rows])
    return Market(tuple(lots), starts, names, vectors_before, AUCTION_STEPS)


def sample(count: int, seed: int = SEEDS) -> Market:
    """`count` lots of the sample catalogue with their true price model, but made-up looks.

    No photo is rendered. A lot's vector is the sum of fixed random directions for its category, form, substance,
    pattern and shape, and noise of its own; maker, quality, size and condition can't be seen in it. So prices are as
    the price model draws them, and likeness is only as telling as such looks would be.
    """
    found = sorted(records(count, seed), key=lambda lot: (lot.house.day, lot.index))
    numbers = {category.name: number for number, category in enumerate(CATEGORIES)}
    lots = [_sample_lot(lot, numbers[lot.design.category.name]) for lot in found]
    looks = np.stack([_look(lot) for lot in found])
    starts = np.log([float(lot.pricing.start_price) for lot in found])
    return Market(tuple(lots), starts, {number: name for name, number in numbers.items()}, lambda _: looks)


def _sample_lot(lot: SampleLot, category: int) -> Lot:
    design = lot.design
    facts = Facts(
        category=category,
        maker=captions.maker_name(design),
        materials=captions.materials(design),
        period=design.period,
        size=largest_side(captions.dimensions(design)),
        condition=CONDITIONS[design.condition][0],
        title=captions.title(design),
    )
    passed = lot.pricing.reserve if lot.pricing.hammer is None else None
    return Lot(lot.index, lot.house.day, "EUR", lot.pricing.hammer, passed, facts)


def _look(lot: SampleLot) -> Float32:
    design = lot.design
    parts = [("category", design.category.name, 0.5), ("form", design.form.name, 0.8), ("of", design.substance, 0.5)]
    parts += [("pattern", design.pattern, 0.3), ("shape", design.model, 0.6)]
    vector = 0.5 * _direction("photo", lot.index)
    for kind, name, share in parts:
        vector = vector + share * _direction(kind, name)
    return np.asarray(vector / np.linalg.norm(vector), np.float32)


def _direction(kind: str, name: object) -> Float64:
    vector = np.random.default_rng(dice("look", kind, name).getrandbits(64)).standard_normal(128)
    return np.asarray(vector / np.linalg.norm(vector))


def _money(text: str) -> Decimal | None:
    return Decimal(text) if text and Decimal(text) > 0 else None


def folder_of(shared: Path) -> Path:
    return shared / "data" / "auction"
