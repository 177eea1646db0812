"""Which sales the page of statistics is about: a plain GET form whose fields are the page's address."""

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone

from catalog.models import Category, Sale
from catalog.periods import Every, Period, periods, range_of
from catalog.statistics import Asked
from search.forms import DayField

MOST_PERIODS = 120
EARLIEST, LATEST = dt.date(1700, 1, 1), dt.date(2200, 12, 31)
USUAL_YEARS = 5


class StatisticsForm(forms.Form):
    first = DayField(label="From", required=False)
    last = DayField(label="To", required=False)
    every = forms.ChoiceField(
        label="By",
        choices=Every.choices,
        required=False,
        error_messages={"invalid_choice": "Choose months, quarters or years."},
    )
    category = forms.ModelChoiceField(
        Category.objects.order_by("name"),
        required=False,
        empty_label="All categories",
        error_messages={"invalid_choice": "There is no such category. Choose one from the list."},
    )
    sale = forms.CharField(label="Sale number", required=False, max_length=50)
    currency = forms.RegexField(
        "^[A-Z]{3}$", required=False, error_messages={"invalid": "Write the currency as three letters, such as EUR."}
    )

    def __init__(self, data: Any, known: Period) -> None:
        super().__init__({"every": Every.YEAR, **data.dict()})
        self.known = known
        for name, field in self.fields.items():
            field.widget.attrs["class"] = "input"
            if name in self.errors:
                field.widget.attrs["aria-invalid"] = "true"

    def clean_sale(self) -> Sale | None:
        if not (code := self.cleaned_data["sale"]):
            return None
        try:
            return Sale.objects.get(code=code)
        except Sale.DoesNotExist as error:
            raise forms.ValidationError("There is no sale of this number.", "unknown") from error

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if self.errors:
            return given
        whole = self._range(given)
        if not EARLIEST <= whole.first <= whole.last <= LATEST:
            where = "first" if given["first"] else "last"
            self.add_error(where, f"Choose days between {EARLIEST.year} and {LATEST.year}, the first before the last.")
        elif len(periods(whole, Every(given["every"] or Every.YEAR))) > MOST_PERIODS:
            self.add_error("every", f"These are more than {MOST_PERIODS} lines: choose longer periods or fewer days.")
        return given | {"whole": whole}

    def _range(self, given: dict[str, Any]) -> Period:
        """The days that were asked for; else the sale's day, or the latest years in which something was offered."""
        sale = given["sale"]
        # A year that is not over yet is compared with as much of the last one.
        newest = max(self.known.last, timezone.localdate())
        usual_last = sale.held_on if sale else min(dt.date(self.known.last.year, 12, 31), newest)
        last = given["last"] or max(usual_last, given["first"] or usual_last)
        year = max(self.known.first.year, last.year - USUAL_YEARS + 1)
        usual_first = sale.held_on if sale else dt.date(year, 1, 1)
        return range_of(given["first"] or min(usual_first, last), last)

    @property
    def asked(self) -> Asked:
        """What a valid form says."""
        given = self.cleaned_data
        return Asked(
            whole=given["whole"],
            every=Every(given["every"] or Every.YEAR),
            currency=given["currency"],
            category=given["category"],
            sale=given["sale"],
        )
