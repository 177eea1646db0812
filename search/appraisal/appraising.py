"""What comparables say of items that are yet to be sold, beside the cataloguer's own estimate, and where they differ.

The estimate's middle is held against the range. That is the geometric mean of its two ends, as prices differ by ratios,
or the one end that is stated. Above the range its distance is middle / high, below it low / middle, else 1. From
`OUTSIDE` on, the estimate is outside the range; from `FAR` on, far outside it. One that lies beyond by less stands for
one within: a range is no more exact than that.
"""

import hashlib
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet

from catalog.models import Item, Photo
from search.answer import Answer
from search.appraisal.again import had_before, last_sold
from search.attribution.vote import VOTERS
from search.comparables import range_for
from search.models import Appraisal, PriceModel
from search.pricing import Estimate
from search.pricing_house import subject_of, widening
from search.similar import WrongEncoder, similar_to_item
from search.wanted import current_build

OUTSIDE, FAR = Decimal("1.3"), Decimal(3)
OPEN = [Item.Status.DRAFT, Item.Status.CATALOGUED]  # what an estimate can still be changed of
Verdict = Appraisal.Verdict


@dataclass(frozen=True, slots=True)
class Judged:
    """How an estimate stands to a range; `distance` in times, `above` on which side where it is beyond."""

    verdict: Appraisal.Verdict
    distance: Decimal = Decimal(1)
    above: bool = False

    @property
    def warns(self) -> bool:
        return self.verdict in (Verdict.OUTSIDE, Verdict.FAR)

    @property
    def side(self) -> str:
        return "above" if self.above else "below"


def judged(low: Decimal | None, high: Decimal | None, appraisal: Appraisal) -> Judged:
    """The estimate from low to high against the range of the comparables; either end may be missing, or both."""
    if appraisal.low is None or appraisal.high is None:
        return Judged(Verdict.NONE)
    ends = [end for end in (low, high) if end]
    if not ends:
        return Judged(Verdict.UNSTATED)
    middle = (ends[0] * ends[-1]).sqrt()
    above = middle > appraisal.high
    distance = max(middle / appraisal.high, appraisal.low / middle, Decimal(1))
    verdict = Verdict.FAR if distance >= FAR else Verdict.OUTSIDE if distance >= OUTSIDE else Verdict.INSIDE
    return Judged(verdict, distance, above)


def appraised(item: Item, found: Answer | None = None) -> Appraisal | None:
    """What is kept of the item where that is fresh, else made anew and not kept; None without a photo to compare.

    `found` is what is like it, where the caller has looked already. Raises WrongEncoder while the photos are being
    read anew.
    """
    row = Appraisal.objects.select_related("sold_before__sale").filter(item=item).first()
    if row and (row.item_version, row.stamp) == (item.version, stamp()):
        return row
    found = found or similar_to_item(item, k=VOTERS)
    return _made(item, found) if found.matches or found.nearest_below else None


def appraise(item: Item) -> Appraisal:
    """Make the item's row anew. Raises WrongEncoder while the photos are being read anew."""
    made = _made(item, similar_to_item(item, k=VOTERS))
    told = {
        field.name: getattr(made, field.name)
        for field in Appraisal._meta.concrete_fields
        if field.name not in ("id", "item", "made_at")
    }
    row, _ = Appraisal.objects.update_or_create(item=item, defaults=told)
    return row


def appraise_due(limit: int = 200) -> int:
    """Make so many rows anew of those whose item, index or price model has moved; how many were made."""
    done = 0
    for item in due().select_related("sale", "category__parent")[:limit]:
        try:
            with transaction.atomic():
                appraise(item)
        except IntegrityError:  # the item has gone in the meantime
            continue
        except WrongEncoder:  # the photos are being read anew: a later turn finds them read
            return done
        done += 1
    return done


def due() -> QuerySet[Item]:
    """Items yet to be sold, with a photo that search has read, whose appraisal is missing or no longer true.

    What somebody wrote in comes before what only a new index or price model has moved.
    """
    read = Photo.objects.filter(item=OuterRef("pk"), status=Photo.Status.EMBEDDED)
    of_this_version = Appraisal.objects.filter(item=OuterRef("pk"), item_version=OuterRef("version"))
    waiting = Item.objects.filter(Exists(read), ~Exists(of_this_version.filter(stamp=stamp())), status__in=OPEN)
    return waiting.annotate(unwritten=Exists(of_this_version)).order_by("unwritten", "pk")


def stamp() -> str:
    """Of all that moves a range besides the item itself: the index, the price models that serve, and the watch on them.

    Not the sales of the last hour: the next build of the index has them, and moves it.
    """
    build = current_build()
    serving = PriceModel.objects.filter(is_serving=True).order_by("pk").values_list("digest", flat=True)
    prices = f"{','.join(serving)} {widening(settings.CURRENCY):.4f}"
    return f"{build.build_id if build else '-'} {hashlib.sha256(prices.encode()).hexdigest()[:12]}"


def _made(item: Item, found: Answer) -> Appraisal:
    result = range_for(found, subject=subject_of(item, found))
    made = Appraisal(item=item, currency=item.currency, item_version=item.version, stamp=stamp())
    made.sold_before = last_sold(had_before(item, found.matches))
    if isinstance(result, Estimate) and result.currency == item.currency:
        made.low, made.middle, made.high = result.low, result.middle, result.high
        made.coverage, made.comparables, made.price_model = result.coverage, len(result.used), result.model
    else:
        made.refusal = "currency" if isinstance(result, Estimate) else result.code
    own = judged(item.estimate_low, item.estimate_high, made)
    made.verdict, made.distance = own.verdict, float(own.distance)
    return made
