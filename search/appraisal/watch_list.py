"""Which items' estimates are far from their comparables, and which we sold before: filtered, for a page and a file."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django import forms
from django.db.models import Q, QuerySet
from django.http import QueryDict

from catalog.csv_lines import csv_line
from catalog.formula import disarm
from catalog.models import Category, Item, Sale
from search.appraisal.appraising import OPEN
from search.appraisal.words import Said, said_of
from search.models import Appraisal

Verdict = Appraisal.Verdict
WARNED, AGAIN = "warned", "again"
COLUMNS = [
    *("sale", "sale date", "lot", "title", "category", "status", "currency", "estimate low", "estimate high"),
    *("range low", "range middle", "range high", "coverage", "comparables", "verdict", "times beyond"),
    *("sold before: sale", "sold before: date", "sold before: lot", "sold before: hammer", "sold before: currency"),
]


class WatchForm(forms.Form):
    """The list's filters: they stand in its address."""

    show = forms.ChoiceField(
        required=False,
        choices=[
            (WARNED, "All warnings"),
            (Verdict.FAR, "Far outside the range"),
            (Verdict.OUTSIDE, "Outside the range"),
            (AGAIN, "Sold before"),
            (Verdict.INSIDE, "Within the range"),
            (Verdict.UNSTATED, "No estimate of ours"),
            (Verdict.NONE, "No range"),
        ],
        error_messages={"invalid_choice": "Choose what to show from the list."},
    )
    sale = forms.ModelChoiceField(
        Sale.objects.filter(items__status__in=OPEN).distinct(),
        required=False,
        empty_label="All sales",
        error_messages={"invalid_choice": "No item of that sale is yet to be sold. Choose one from the list."},
    )
    category = forms.ModelChoiceField(
        Category.objects.order_by("name"),
        required=False,
        empty_label="All categories",
        error_messages={"invalid_choice": "There is no such category. Choose one from the list."},
    )

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data)
        for field in self.fields.values():
            field.widget.attrs["class"] = "input"

    @property
    def found(self) -> QuerySet[Appraisal]:
        """What a valid form asks for: those furthest from their range first."""
        given = self.cleaned_data
        shown = Q(item__status__in=OPEN) & _shown(given["show"] or WARNED)
        if given["sale"]:
            shown &= Q(item__sale=given["sale"])
        if category := given["category"]:
            shown &= Q(item__category=category) | Q(item__category__parent=category)
        rows = Appraisal.objects.select_related("item__sale", "item__category", "sold_before__sale")
        rows = rows.prefetch_related("item__photos")
        return rows.filter(shown).order_by("-distance", "-item__sale__held_on", "item__lot_order", "item_id")


@dataclass(frozen=True, slots=True)
class Line:
    """One item of the list, judged by the estimate that it has this moment."""

    item: Item
    said: Said
    before: Item | None


def lines(rows: Iterable[Appraisal]) -> list[Line]:
    return [_line(row) for row in rows]


def watch_csv(rows: QuerySet[Appraisal]) -> Iterator[str]:
    """The list as a file, a line at a time; texts that a spreadsheet would run stay texts."""
    yield csv_line(COLUMNS)
    for row in rows.iterator(chunk_size=500):
        yield csv_line(_cells(_line(row)))


def _shown(what: str) -> Q:
    if what == WARNED:
        return Q(verdict__in=[Verdict.OUTSIDE, Verdict.FAR]) | Q(sold_before__isnull=False)
    return Q(sold_before__isnull=False) if what == AGAIN else Q(verdict=what)


def _line(row: Appraisal) -> Line:
    item = row.item
    return Line(item, said_of(item, row, item.estimate_low, item.estimate_high), row.sold_before)


def _cells(line: Line) -> list[str]:
    item, row, before = line.item, line.said.appraisal, line.before
    held, again = item.sale, before.sale if before else None
    cells: list[object] = [
        *(held.code if held else "", held.held_on if held else "", item.lot, item.title, item.category),
        *(item.get_status_display(), item.currency, item.estimate_low, item.estimate_high),
        *(row.low, row.middle, row.high, f"{row.coverage:.2f}" if row.low else "", row.comparables),
        *(line.said.judged.verdict.label, f"{line.said.judged.distance:.2f}"),
        *(again.code if again else "", again.held_on if again else "", before.lot if before else ""),
        *(before.hammer if before else "", before.currency if before else ""),
    ]
    return [disarm("" if cell is None else str(cell)) for cell in cells]
