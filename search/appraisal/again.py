"""We had this very item before: by its photos, by the key that marks one object, by what staff judged."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from catalog.models import Item
from search.answer import Match
from search.models import Judgement

_BY_KEY, _BY_JUDGEMENT = "the same object by its key", "the same object, as staff judged"


@dataclass(frozen=True, slots=True)
class Again:
    """Another appearance of the object, and in words how we know."""

    item: Item
    words: str


def had_before(item: Item, matches: Sequence[Match]) -> list[Again]:
    """The item's other appearances: those that were sold first, of each kind the newest first.

    `matches` are what search finds for the item: those that are surely the very item count. Two queries.
    """
    found = {match.item.pk: Again(match.item, match.band.label) for match in matches if match.band.sure}
    shown = Item.objects.searchable().select_related("sale")
    for other in shown.same_object_as(item):
        found.setdefault(other.pk, Again(other, _BY_KEY))
    same = Judgement.objects.filter(verdict=Judgement.Verdict.SAME, query_item__isnull=False)
    pairs = same.filter(Q(query_item=item) | Q(item=item)).values_list("query_item", "item")
    judged = {pk for pair in pairs for pk in pair} - found.keys() - {item.pk}
    for other in shown.filter(pk__in=judged) if judged else []:
        found[other.pk] = Again(other, _BY_JUDGEMENT)
    return sorted(found.values(), key=_newest_first)


def last_sold(again: Sequence[Again]) -> Item | None:
    """The latest sale among the appearances."""
    return next((one.item for one in again if one.item.status == Item.Status.SOLD), None)


def _newest_first(one: Again) -> tuple[bool, int, int]:
    held = one.item.sale.held_on if one.item.sale else date.min
    return one.item.status != Item.Status.SOLD, -held.toordinal(), -one.item.pk
