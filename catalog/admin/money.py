"""Bid steps and exchange rates in the admin: managers lay them down, everybody on the staff may look."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils import timezone

from catalog.admin.history import KeptAdmin
from catalog.models import BidStep, ExchangeRate
from catalog.money import BID_STEPS, Ladder, bid_steps, format_amount


@admin.register(BidStep)
class BidStepAdmin(KeptAdmin):
    fields = ["currency", ("start", "step")]
    list_display = ["start", "step", "currency"]
    list_filter = ["currency"]
    ordering = ["currency", "start"]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        currencies = sorted({*BidStep.objects.values_list("currency", flat=True)})
        in_force = [f"{currency}: {_as_words(bid_steps(currency), currency)}" for currency in currencies]
        usual = f"{'Any other currency' if in_force else 'Every currency'}: {_as_words(BID_STEPS, '')}"
        return super().changelist_view(request, {"in_force": [*in_force, usual], **(extra_context or {})})

    def save_model(self, request: HttpRequest, obj: BidStep, form: Any, change: bool) -> None:
        is_first = not BidStep.objects.filter(currency=obj.currency).exists()
        super().save_model(request, obj, form, change)
        if is_first:  # or one rung alone would be the whole ladder from here on
            for start, step in BID_STEPS:
                if start != obj.start:
                    BidStep.objects.create(currency=obj.currency, start=start, step=step)
            told = f"The rest of the usual ladder was laid down for {obj.currency} with it."
            self.message_user(request, f"{told} Change what this house does not keep.", messages.INFO)


def _as_words(steps: Ladder, currency: str) -> str:
    """ "by €5 from €0, by €10 from €50 …" """
    return ", ".join(
        f"by {format_amount(step, currency).strip()} from {format_amount(start, currency).strip()}"
        for start, step in steps
    )


class RateForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs only
    class Meta:
        model = ExchangeRate
        fields = ["source", "target", "rate", "on", "note"]

    def clean_on(self) -> Any:
        if (on := self.cleaned_data["on"]) > timezone.localdate():
            raise forms.ValidationError("A rate is of a day that has come.")
        return on


@admin.register(ExchangeRate)
class ExchangeRateAdmin(KeptAdmin):
    form = RateForm
    fields = [("source", "rate", "target"), "on", "note"]
    list_display = ["on", "source", "rate", "target", "note"]
    list_display_links = ["on"]
    list_filter = ["source", "target"]
    date_hierarchy = "on"
    ordering = ["-on", "source"]
