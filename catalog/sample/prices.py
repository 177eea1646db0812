"""The price model of the sample catalogue, written down so that back-tests can know the truth.

For a lot of category c, form f, maker m, sold on day d:

    log median = log(price_f) + premium_m + 0.45 * quality + condition + period
                 + size_exponent_c * log(size / sqrt(smallest_f * largest_f))
                 + trend_c * (years from 2022-10-15 to d) + log(1.8) if it is a pair
    latent     = exp(log median + sigma_c * z),   z ~ N(0, 1), drawn anew for every lot

`quality` is N(0, 1) of the object (shared by its re-offers and its twins); the other terms are in vocabulary.py.
What an expert sees: low estimate = 0.8 * exp(log median + 0.05 + 0.25 * e), high = 1.5 * low, with e ~ N(0, 1).
A lot passes with probability 1 / (1 + exp(1.75 - 3.2 * (0.05 + 0.25 * e))): proud estimates go unsold. That draw does
not look at z, so the hammer prices of sold lots are exactly log-normal about the median, but for rounding to the
nearest bid and the smallest price of 5. About a fifth of all lots pass. The reserve is at most the low estimate; a sold
lot's reserve and start price never exceed its hammer price (the consignor gave way). Total = hammer * 1.24.
"""

import math
import random
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

from catalog.sample.vocabulary import Category, Form

PREMIUM = Decimal("0.24")
BASE_DAY = date(2022, 10, 15)
BID_STEPS = ((50, 5), (200, 10), (500, 20), (1_000, 50), (2_000, 100), (5_000, 200), (10_000, 500), (20_000, 1_000))
LAST_STEP = 2_000


@dataclass(frozen=True, slots=True)
class Traits:
    """What the price model looks at."""

    category: Category
    form: Form
    maker_premium: float
    quality: float
    condition_effect: float
    period_effect: float
    size: float
    pair: bool


@dataclass(frozen=True, slots=True)
class Pricing:
    """All the money of one lot in EUR; hammer and total are None where it passed."""

    estimate_low: Decimal
    estimate_high: Decimal
    start_price: Decimal
    reserve: Decimal
    hammer: Decimal | None
    total: Decimal | None
    model_median: Decimal


def log_median(traits: Traits, day: date) -> float:
    form, category = traits.form, traits.category
    typical = math.sqrt(form.size[0] * form.size[1])
    years = (day - BASE_DAY).days / 365.25
    return (
        math.log(form.price)
        + traits.maker_premium
        + 0.45 * traits.quality
        + traits.condition_effect
        + traits.period_effect
        + category.size_exponent * math.log(traits.size / typical)
        + category.trend * years
        + (math.log(1.8) if traits.pair else 0.0)
    )


def bid_step(amount: float) -> int:
    return next((step for limit, step in BID_STEPS if amount < limit), LAST_STEP)


def on_bid_step(amount: float) -> Decimal:
    """The amount rounded to the nearest bid, never below 5."""
    step = bid_step(amount)
    return Decimal(max(5, int(amount / step + 0.5) * step))


def priced(traits: Traits, day: date, die: random.Random) -> Pricing:
    middle = log_median(traits, day)
    optimism = 0.05 + 0.25 * die.gauss(0, 1)
    z, luck, share = die.gauss(0, 1), die.random(), die.uniform(0.7, 1.0)
    low = on_bid_step(0.8 * math.exp(middle + optimism))
    high = max(on_bid_step(1.5 * float(low)), low + bid_step(float(low)))
    reserve, start = on_bid_step(share * float(low)), on_bid_step(0.6 * float(low))
    passed = luck < 1 / (1 + math.exp(1.75 - 3.2 * optimism))
    hammer = None if passed else on_bid_step(math.exp(middle + traits.category.sigma * z))
    if hammer is not None:
        reserve, start = min(reserve, hammer), min(start, hammer)
    return Pricing(
        estimate_low=low,
        estimate_high=high,
        start_price=min(start, reserve),
        reserve=reserve,
        hammer=hammer,
        total=None if hammer is None else with_premium(hammer),
        model_median=Decimal(math.exp(middle)).quantize(Decimal("0.01"), ROUND_DOWN),
    )


def with_premium(hammer: Decimal) -> Decimal:
    return (hammer * (1 + PREMIUM)).quantize(Decimal("0.01"), ROUND_HALF_UP)
