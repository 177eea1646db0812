"""Fits a price model on the house's lots, and lets it serve where the last sales say that it is not worse."""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from django.db import transaction

from search.backtesting.earlier import earlier
from search.backtesting.lots import Float32, House, Ints, NothingSold, house
from search.backtesting.verdict import Verdict, verdict
from search.backtesting.walk import Plan, Walked, walk
from search.models import PriceModel
from search.pricing import COVERAGE, Model
from search.pricing.fitting import fit as fit_model
from search.pricing.model import FACTS, PHOTO
from search.pricing_house import ModelRefused, checked, forget, suits

log = logging.getLogger(__name__)
TESTED = 0.25  # of the sold lots, the last ones, on which a new model must prove itself
MOST_TESTED = 600
FEWEST_TESTED = 30


@dataclass(frozen=True)
class FitReport:
    """What became of a fit: the row (None where nothing could be fitted) and the reasons, in sentences."""

    currency: str
    row: PriceModel | None
    promoted: bool
    reasons: tuple[str, ...]


def fit(house: House, count: int, currency: str) -> Model | None:
    """The model of the first `count` lots of the house; None where they are too few, and the code's own serves."""

    def before(asked: Sequence[int], k: int) -> Iterator[tuple[Ints, Float32]]:
        return ((found.places, found.cosines) for found in earlier(house, asked, k))

    return fit_model(house.lots[:count], before, currency)


def fit_prices(currency: str, of: House | None = None) -> FitReport:
    """Fit on all lots of that currency, judge by the last quarter of them, keep the row, promote it if it is not worse.

    A model is judged by its twin: the same fit on what was offered before the first of the tested lots. It is compared
    with what comes with the code, and with the model that serves where that was fitted without the tested lots. Raises
    NothingSold.
    """
    known = of or house()
    model = fit(known, len(known.lots), currency)
    if model is None:
        return FitReport(currency, None, False, (f"Too few lots were sold in {currency} to fit a model.",))
    before = PriceModel.objects.filter(currency=currency, is_serving=True).first()
    try:
        promoted, reasons, figures = _judged(known, currency, before)
    except NothingSold as error:
        promoted, reasons, figures = False, [str(error)], {}
    row = _kept(known, model, {"reasons": reasons, **figures})
    if promoted:
        promote(row)
    return FitReport(currency, row, promoted, tuple(reasons))


def promote(row: PriceModel) -> None:
    """Let the row serve; the one before goes on as history."""
    with transaction.atomic():
        serving = PriceModel.objects.select_for_update().filter(currency=row.currency)
        serving.filter(is_serving=True).update(is_serving=False)
        serving.filter(pk=row.pk).update(is_serving=True)
    row.is_serving = True
    forget()


def _kept(known: House, model: Model, report: dict[str, Any]) -> PriceModel:
    """The model's row; fitted again on the same lots it is the same row."""
    days = [lot.day for lot in known.lots if lot.currency == model.currency]
    row, _ = PriceModel.objects.get_or_create(
        name=model.name,
        defaults={
            "method": model.method,
            "encoder": known.encoder,
            "head": known.head,
            "currency": model.currency,
            "lots": len(days),
            "first_sale": days[0],
            "last_sale": days[-1],
            "data": model.to_data(),
            "digest": model.digest,
            "report": report,
        },
    )
    return row


def _judged(known: House, currency: str, before: PriceModel | None) -> tuple[bool, list[str], dict[str, Any]]:
    """Whether the fit may serve, why, and the figures."""
    since = _split(known, currency)
    count = int(np.searchsorted(known.days, since.toordinal()))
    twin = fit(known, count, currency)
    if twin is None:
        return False, [f"Too few lots were sold before {since:%-d %B %Y} to judge a model by those after."], {}
    tested = _walked(known, currency, since, lambda *_: twin)
    if len(tested.asked) < FEWEST_TESTED:
        return False, [f"Only {len(tested.asked)} lots to judge it by: at least {FEWEST_TESTED} are needed."], {}
    rivals = {"what comes with the code": _walked(known, currency, since, lambda *_: None)}
    if served := _fitted_before(before, since):
        rivals["the model that serves"] = _walked(known, currency, since, lambda *_: served)
    verdicts = [_beside(tested, rival, name, each) for name, rival in rivals.items() for each in (PHOTO, FACTS)]
    reasons = [f"Judged by {len(tested.asked)} lots sold since {since:%-d %B %Y}."]
    return (
        all(each.good for each in verdicts),
        [*reasons, *(each.said for each in verdicts)],
        {"tested": len(tested.asked)},
    )


def _fitted_before(row: PriceModel | None, since: date) -> Model | None:
    """The model that serves, where it knows nothing of the tested lots; none that can't be believed."""
    if row is None or row.last_sale is None or row.last_sale >= since or not suits(row):
        return None
    try:
        return checked(row)
    except ModelRefused as refusal:
        log.error("%s", refusal)
        return None


def _split(known: House, currency: str) -> date:
    """From this day on lots are tested: a whole day, with about a quarter of the sold lots after it."""
    sold = [lot.day for lot in known.lots if lot.sold and lot.currency == currency]
    if not sold:
        raise NothingSold(f"Nothing was sold in {currency}.")
    return sold[int((1 - TESTED) * len(sold))]


def _walked(known: House, currency: str, since: date, fitted: Callable[[House, int, str], Model | None]) -> Walked:
    return walk(known, Plan(currency, since=since, levels=(COVERAGE,), most=MOST_TESTED), fitted)


def _beside(tested: Walked, rival: Walked, name: str, known: str) -> Verdict:
    what = "photos alone" if known == PHOTO else "photos and facts"
    ours, theirs = tested.answers[known], rival.answers[known]
    return verdict(tested.truth, tested.objects, ours, theirs, name=name, what=what)
