"""Back-tests in the database: run, kept with what they were run on, and due again when that has moved."""

import hashlib
import logging
import time
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count, Max, Sum
from django.utils import timezone

from catalog.models import Item, Photo
from search.backtesting.fitting import fit, fit_prices
from search.backtesting.lots import House, NothingSold, house
from search.backtesting.report import report
from search.backtesting.walk import FEWEST_BEFORE, Plan, Walked, Watch, walk
from search.head import HeadError
from search.models import BackTest, IndexBuild
from search.pricing.model import COVERAGE, METHOD
from search.wanted import current_build

log = logging.getLogger(__name__)
FEWEST_SOLD = 50  # in a currency, before a back-test is worth its time
_A_DAY = timedelta(days=1)
_MUCH = 0.05  # of the lots
_REST = 20  # no run begins before so many times the length of the last one have passed
_in_vain: dict[str, "Stamp"] = {}  # this process has seen that these lots are too few: by currency, their stamp
_DIGITS = 5  # of a share, a ratio or a logarithm in the report


def backtest(plan: Plan, of: House | None = None, watch: Watch = lambda *_: None) -> BackTest:
    """Walk forward over the plan's lots and keep what came of it. Raises NothingSold where there are none to ask."""
    began, stamp = time.perf_counter(), stamp_of(plan.currency, current_build())
    walked = walk(of or house(), plan, fit, watch)
    found = _rounded(report(walked)) | {"stamp": asdict(stamp), "whole": plan.since is None and plan.until is None}
    lots = walked.lots
    return BackTest.objects.create(
        seconds=round(time.perf_counter() - began, 2),
        encoder=walked.house.encoder,
        head=walked.house.head,
        build=current_build(),
        method=_method(walked),
        currency=plan.currency,
        coverage=plan.levels[found["level"]],
        lots=len(lots),
        first_sale=lots[0].day,
        last_sale=lots[-1].day,
        report=found,
    )


def latest(currency: str) -> BackTest | None:
    """The newest back-test of all lots of that currency: one of a shorter time says little of today."""
    return BackTest.objects.filter(currency=currency, report__whole=True).first()


def due() -> list[str]:
    """The currencies whose lots, prices or vectors have moved since their last back-test: three short queries each."""
    build = current_build()
    if build is None:
        return []  # vectors that no build has kept change with the next photos
    offered = Item.objects.offered().searchable().filter(sale__isnull=False)
    counted = offered.values("currency").annotate(lots=Count("pk"), sold=Count("hammer")).order_by("-sold")
    enough = [row["currency"] for row in counted if row["sold"] >= FEWEST_SOLD and row["lots"] > FEWEST_BEFORE]
    return [currency for currency in enough if _is_due(currency, build)]


def fit_and_try_if_due() -> list[BackTest]:
    """One call for a timetable: fits and tries again what is due. Cheap where nothing has moved."""
    found: list[BackTest] = []
    known: House | None = None
    for currency in due():
        try:
            known = known or house()
            report = fit_prices(currency, known)
            log.info("%s: %s", currency, " ".join(report.reasons))
            found.append(backtest(Plan(currency), known))
        except (NothingSold, HeadError) as error:
            log.info("No back-test in %s: %s", currency, error)
            _in_vain[currency] = stamp_of(currency, current_build())
    return found


def _is_due(currency: str, build: IndexBuild) -> bool:
    last, now = latest(currency), stamp_of(currency, build)
    if last is None:
        return _in_vain.get(currency) != now
    was = last.report["stamp"]
    if was == asdict(now):
        return False
    is_much = set(was) != set(asdict(now)) or now.differs_much_from(Stamp(**was))  # or an older version kept it
    return timezone.now() - last.ran_at >= (timedelta(seconds=_REST * last.seconds) if is_much else _A_DAY)


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a back-test was run on: the last sale, network and head, how many lots, and a digest that every price and
    correction moves."""

    sale: str
    vectors: str
    lots: int
    digest: str

    def differs_much_from(self, other: "Stamp") -> bool:
        """A new sale, other vectors or a twentieth more lots; a correction can wait until tomorrow."""
        moved = (self.sale, self.vectors) != (other.sale, other.vectors)
        return moved or abs(self.lots - other.lots) > _MUCH * other.lots


def stamp_of(currency: str, build: IndexBuild | None) -> Stamp:
    """Of what is offered in that currency now: two queries."""
    offered = Item.objects.offered().searchable().filter(currency=currency, sale__isnull=False)
    facts = offered.aggregate(
        Count("pk"), Count("hammer"), Sum("hammer"), Sum("version"), Max("pk"), Max("sale__held_on")
    )
    photos = Photo.objects.searchable().filter(item__in=offered).count()
    moving = (METHOD, COVERAGE, photos, *(facts[name] for name in sorted(facts)))
    said = "|".join(str(each) for each in moving)
    return Stamp(
        sale=str(facts["sale__held_on__max"]),
        vectors=f"{build.encoder}, {build.head}" if build else "",
        lots=facts["pk__count"],
        digest=hashlib.sha256(said.encode()).hexdigest()[:32],
    )


def _method(walked: Walked) -> str:
    """What the last of the walk's models was made by, or what comes with the code."""
    model = next((each.model for each in reversed(walked.fitted)), None)
    return model.method if model else METHOD


def _rounded(found: Any) -> Any:
    """Short numbers, so that a report is some tens of kilobytes; money stands in it as text already."""
    if isinstance(found, float):
        return round(found, _DIGITS)
    if isinstance(found, dict):
        return {name: _rounded(each) for name, each in found.items()}
    return [_rounded(each) for each in found] if isinstance(found, list | tuple) else found
