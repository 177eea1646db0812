"""The price model that serves: read from its row, checked, remembered for two seconds, widened where ranges failed."""

import logging
import threading
import time
from dataclasses import dataclass, replace

from catalog.models import Item
from search.answer import Answer
from search.facts import facts_of
from search.models import BackTest, PriceModel, TrainedHead
from search.pricing import Facts, Model, Subject
from search.wanted import current_build

log = logging.getLogger(__name__)
_REMEMBERED_SECONDS = 2.0

_known: dict[str, "_Known"] = {}
_lock = threading.Lock()


class ModelRefused(ValueError):
    """A stored price model that can't be believed; the message is a sentence for staff."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What a process has read: the row's number (0 without one), the factor, and the model made of both."""

    read_at: float
    row: int
    digest: str
    factor: float
    model: Model | None


def serving_price_model(currency: str) -> Model | None:
    """The model that ranges in that currency are computed with now; None is what comes with the code.

    At most two seconds behind the database, and no query in between. A row whose numbers are not those of its digest
    is refused, which the log says; one that was fitted on another network's likeness waits until a new one is fitted.
    """
    known = _known.get(currency)
    if known is None or time.monotonic() - known.read_at >= _REMEMBERED_SECONDS:
        with _lock:
            known = _known.get(currency)
            if known is None or time.monotonic() - known.read_at >= _REMEMBERED_SECONDS:
                _known[currency] = known = _read(currency, known)
    return known.model


def forget() -> None:
    """Read anew, as after a restart."""
    with _lock:
        _known.clear()


def subject_of(item: Item | None, answer: Answer) -> Subject:
    """What is known of the thing: what was typed of the item, and what the answer guesses of its category."""
    likely = tuple((guess.category.pk, guess.share) for guess in answer.guesses)
    return Subject(facts_of(item) if item else Facts(), likely)


def widening(currency: str) -> float:
    """By how much the last back-test says that ranges must widen to hold what they promise, in logarithms; 1 as a rule.

    See `search.backtesting.drift`.
    """
    last = BackTest.objects.filter(currency=currency, report__whole=True)
    drift = last.values_list("report__drift__factor", flat=True).first()
    return float(drift) if drift else 1.0


def checked(row: PriceModel) -> Model:
    """The row's model; raises ModelRefused where its numbers are not those that were fitted."""
    try:
        model = Model.from_data(row.data)
    except ValueError as error:
        raise ModelRefused(f"The price model {row.name} can't be read: {error}") from error
    if model.digest != row.digest or model.name != row.name or model.currency != row.currency:
        raise ModelRefused(
            f"The price model {row.name} is not the one that was fitted: its numbers were changed in the database. "
            "Ranges are computed without it; `manage.py fit_prices` makes a new one."
        )
    return model


def suits(row: PriceModel) -> bool:
    """Whether its likeness is today's. Whitening is fitted anew now and then, and means the same each time."""
    build = current_build()
    if build is None:
        return True
    if TrainedHead.objects.filter(name__in=(row.head, build.head)).exists():
        return (row.encoder, row.head) == (build.encoder, build.head)
    return row.encoder == build.encoder


def _read(currency: str, known: _Known | None) -> _Known:
    now, factor = time.monotonic(), widening(currency)
    row = PriceModel.objects.filter(currency=currency, is_serving=True).first()
    if row is None or not suits(row):
        return _Known(now, 0, "", factor, _widened(None, currency, factor))
    if known and (known.row, known.digest, known.factor) == (row.pk, row.digest, factor):
        return replace(known, read_at=now)
    try:
        model: Model | None = checked(row)
    except ModelRefused as refusal:
        log.error("%s", refusal)
        model = None
    return _Known(now, row.pk, row.digest, factor, _widened(model, currency, factor))


def _widened(model: Model | None, currency: str, factor: float) -> Model | None:
    return model if factor == 1 else replace(model or Model(currency), drift=factor)
