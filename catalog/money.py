"""Money is Decimal with its currency: reading it, rounding it to the house's bid steps, writing it."""

import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

from django.apps import apps

CENT = Decimal("0.01")
LARGEST = Decimal("9999999999.99")  # what the database's numeric(12, 2) holds
SYMBOLS = {"EUR": "€", "GBP": "£", "USD": "$", "CHF": "CHF ", "JPY": "¥"}

Ladder = Sequence[tuple[Decimal, Decimal]]  # (from this price on, bids go up by this step), from the lowest up

# What counts until staff lay down their own: the ladder that European houses publish, in halves of a decade.
BID_STEPS: Ladder = [
    (Decimal(0), Decimal(5)),
    (Decimal(50), Decimal(10)),
    (Decimal(200), Decimal(20)),
    (Decimal(500), Decimal(50)),
    (Decimal(1_000), Decimal(100)),
    (Decimal(2_000), Decimal(200)),
    (Decimal(5_000), Decimal(500)),
    (Decimal(10_000), Decimal(1_000)),
    (Decimal(20_000), Decimal(2_000)),
    (Decimal(50_000), Decimal(5_000)),
    (Decimal(100_000), Decimal(10_000)),
]

_CURRENCY = r"(?:[A-Z]{3}|[€£$¥])?"
_WRITTEN = re.compile(rf"{_CURRENCY}\s*([0-9][0-9.,'’\s]*?)(?:[.,][-–—])?\s*{_CURRENCY}")  # \s has the no-break spaces
_CENTS = re.compile(r"(.*?)([.,])(\d{1,2})")
_GROUPED = re.compile(r"\d{1,3}(?:([.,'’\s])\d{3}(?:\1\d{3})*)?|\d+")


def parse_amount(text: str) -> Decimal:
    """Read an amount as people write it: "1250", "1,250.00", "1.250,00", "€ 1 250", "CHF 1'250.-".

    The last of "." and "," is the decimal mark when one or two digits follow it; the other marks group thousands.

    Raises ValueError with a sentence when the text is not an amount, is negative or is too large to store.
    """
    written = _WRITTEN.fullmatch(text.strip())
    figure = written[1] if written else ""
    whole, mark, cents = match.groups() if (match := _CENTS.fullmatch(figure)) else (figure, "", "0")
    grouped = _GROUPED.fullmatch(whole)
    if not grouped or (grouped[1] and grouped[1] == mark):
        raise ValueError(f"{text!r} is not an amount of money")
    amount = Decimal("".join(re.findall(r"\d", whole)) + "." + cents)
    if amount > LARGEST:
        raise ValueError(f"{text!r} is larger than any price")
    return amount.quantize(CENT)


def bid_steps(currency: str) -> Ladder:
    """The ladder in force: the rows that staff keep for the currency, else BID_STEPS.

    Always read from the database, so that every process goes by a change at once: to ask for the version of a dozen
    rows would cost as much as to read them. Ask once a page, and hand the ladder on.
    """
    rows = apps.get_model("catalog", "BidStep").objects.filter(currency=currency)  # the models import this module
    return list(rows.order_by("start").values_list("start", "step")) or BID_STEPS


def bid_step(amount: Decimal, steps: Ladder = BID_STEPS) -> Decimal:
    """The step by which bids go up at this price; below the ladder, its first step."""
    return next((step for start, step in reversed(steps) if amount >= start), steps[0][1])


def round_to_bid_step(amount: Decimal, rounding: str = ROUND_HALF_UP, steps: Ladder = BID_STEPS) -> Decimal:
    """The nearest price that can be bid, or the next one down (ROUND_FLOOR) or up (ROUND_CEILING); never nought.

    Bids climb from the start of a rung by its step, and where the next rung starts they are there too: from 220 by 30
    to 250 and 280, from 280 by 20 to 300. The lowest bid is where the ladder starts; where that is 0, one step above.
    """
    lowest = steps[0][0] or min([steps[0][1], *(start for start, _ in steps[1:2])])
    if amount <= lowest:
        return lowest
    start, step = next(rung for rung in reversed(steps) if amount >= rung[0])
    end = next((above for (below, _), (above, _) in pairwise(steps) if below == start), None)
    down = start + (amount - start) // step * step
    up = down + step if end is None else min(down + step, end)
    return up if ((amount - down) / (up - down)).quantize(Decimal(1), rounding=rounding) else down


def format_amount(amount: Decimal | None, currency: str) -> str:
    """ "€1,250" — cents only where there are some; "–" for no amount."""
    if amount is None:
        return "–"
    figure = f"{amount:,.0f}" if amount == amount.to_integral_value() else f"{amount:,.2f}"
    return f"{SYMBOLS.get(currency, currency + ' ')}{figure}"
