"""A house whose prices are known: kinds of things that look alike, sold month after month for log-normal prices."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

import numpy as np

from search.backtesting.lots import House, Offered
from search.pricing import Facts

FIRST_SALE = date(2022, 1, 15)
MEDIANS = (100.0, 400.0, 1_600.0)  # by kind
SPREAD = 0.4  # standard deviation of a log price about its kind's median


def past_sales(
    sales: int = 24,
    lots_a_sale: int = 15,
    *,
    level: Callable[[int], float] = lambda sale: 1.0,
    house_range: tuple[float, float] | None = (0.8, 1.2),
    passed: float = 0.2,
    currency: str = "EUR",
    seed: int = 0,
) -> House:
    """`sales` in a row, 30 days apart. Prices of a sale are multiplied by `level`; `house_range` are the house's own
    estimates as shares of what the kind fetches at level 1."""
    random = np.random.default_rng(seed)
    lots: list[Offered] = []
    vectors = []
    for sale in range(sales):
        for _ in range(lots_a_sale):
            kind = int(random.integers(len(MEDIANS)))
            price = MEDIANS[kind] * level(sale) * float(np.exp(SPREAD * random.standard_normal()))
            sold = random.random() >= passed
            lots.append(_lot(len(lots) + 1, FIRST_SALE + timedelta(days=30 * sale), kind, price, sold, house_range))
            vectors.append(_looks(kind, random))
    days = [lot.day for lot in lots]
    assert days == sorted(days)
    starts = np.arange(len(lots) + 1)
    return House(tuple(lots), np.array(vectors, np.float32), starts, "toy-mean-colour", "whitened8-00")


def money(price: float) -> Decimal:
    return Decimal(price).quantize(Decimal("0.01"), ROUND_HALF_UP)


def _lot(
    number: int, day: date, kind: int, price: float, sold: bool, house_range: tuple[float, float] | None
) -> Offered:
    low, high = (money(MEDIANS[kind] * share) for share in house_range) if house_range else (None, None)
    return Offered(
        item_id=number,
        object=number,
        day=day,
        currency="EUR",
        hammer=money(price) if sold else None,
        floor=None if sold else money(MEDIANS[kind]),
        facts=Facts(category=kind + 1, maker=f"Maker {kind}"),
        start=money(MEDIANS[kind] / 2),
        estimate_low=low,
        estimate_high=high,
    )


def _looks(kind: int, random: np.random.Generator) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Things of one kind are alike (cosine about 0.9), those of two kinds are not."""
    vector = np.zeros(8)
    vector[kind] = 1.0
    vector[3:] = 0.15 * random.standard_normal(5)
    return np.asarray(vector / np.linalg.norm(vector))
