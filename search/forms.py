"""What the search pages take from a browser: photos, filters, the part of a photo. Mistakes become sentences."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from catalog.models import Category
from catalog.money import parse_amount
from catalog.pictures import Picture, PictureRefused, receive, shown_name
from search.asking import MOST_PHOTOS, SMALLEST_SIDE
from search.models import QueryPhoto
from search.seen import Box
from search.similar import CategoryGuess, Filters

FIRST_RESULTS = 24
MOST_RESULTS = 96
QUICK_CHIPS = 4
SIDES = ("left", "top", "right", "bottom")


@dataclass(frozen=True)
class Chip:
    """A category that can be chosen, with the share of the answer that it has."""

    category: Category
    share: float | None
    chosen: bool

    @property
    def percent(self) -> int | None:
        """Never a certainty; none where it is less than half of one in a hundred."""
        return min(round(100 * self.share), 99) or None if self.share else None


@dataclass(frozen=True)
class Chips:
    """The categories at hand (chosen or likely), and the others."""

    quick: Sequence[Chip]
    others: Sequence[Chip]


class ManyFiles(forms.FileInput):
    allow_multiple_selected = True

    def use_required_attribute(self, initial: Any) -> bool:
        return False  # a photo may also be dropped or pasted, or come from the camera's field


class PhotosField(forms.FileField):
    """One to `most` photos, each let in through the one door: gives a list of Pictures.

    Raises DoorBusy when the door has no time: nobody's mistake, so no error of the form.
    """

    widget = ManyFiles

    def __init__(self, *, most: int, max_bytes: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.most, self.max_bytes = most, max_bytes
        self.widget.attrs.setdefault("accept", "image/*")

    def clean(self, data: Any, initial: Any = None) -> list[Picture]:
        files = [file for file in data or [] if file]
        if not files:
            raise forms.ValidationError(self.error_messages["required"], "required")
        if len(files) > self.most:
            room = f"up to {self.most} more" if self.most else "no more"
            raise forms.ValidationError(
                f"That is too many photos: there is room for {room} of this object.", "too-many"
            )
        pictures, errors = [], []
        for file in files:
            try:
                pictures.append(receive(file.file, max_bytes=self.max_bytes))
            except PictureRefused as refusal:
                name = f"{shown_name(file.name)}: " if len(files) > 1 else ""
                errors.append(forms.ValidationError(f"{name}{refusal}", refusal.code))
        if errors:
            raise forms.ValidationError(errors)
        return pictures


class SearchForm(forms.Form):
    photos = PhotosField(
        label="Photos of the object",
        most=MOST_PHOTOS,
        max_bytes=settings.PHOTO_MAX_BYTES,
        error_messages={"required": "Choose a photo first: drop it on the page, paste it, or browse for it."},
    )

    def __init__(self, *args: Any, already: int = 0, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["photos"]
        assert isinstance(field, PhotosField)
        field.most, field.max_bytes = MOST_PHOTOS - already, settings.PHOTO_MAX_BYTES

    @property
    def pictures(self) -> list[Picture]:
        return list(self.cleaned_data["photos"])


class _Quick(forms.TextInput):
    """Written here and not by Django's three nested templates: six of these were 3 % of an answer's cost."""

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        widget = self.get_context(name, value, attrs)["widget"]
        given = {"type": widget["type"], "name": widget["name"], "value": widget["value"], **widget["attrs"]}
        said = "".join(
            f" {key}" if fact is True else f' {key}="{escape(fact)}"'
            for key, fact in given.items()
            if fact is not None and fact is not False
        )
        return mark_safe(f"<input{said}>")  # noqa: S308 - names are ours, and values are escaped


class _QuickDay(_Quick, forms.DateInput):
    pass


class AmountField(forms.CharField):
    """An amount of money as people write it."""

    widget = _Quick

    def clean(self, value: Any) -> Decimal | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            return parse_amount(text)
        except ValueError as error:
            raise forms.ValidationError(f"{error}.", "amount") from error


class DayField(forms.DateField):
    widget = _QuickDay(format="%Y-%m-%d", attrs={"type": "date"})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            input_formats=["%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y"],
            error_messages={"invalid": "Write the date as 2018-12-31."},
            **kwargs,
        )


class FilterForm(forms.Form):
    """Which past items may answer. A plain GET form: its fields are the address of the result."""

    category = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)
    status = forms.ChoiceField(
        required=False,
        choices=[("any", "All"), ("sold", "Sold"), ("passed", "Passed")],
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "Choose all, sold or passed items."},
    )
    price_min = AmountField(label="Hammer from", required=False, max_length=20)
    price_max = AmountField(label="to", required=False, max_length=20)
    sold_from = DayField(label="Sale held from", required=False)
    sold_to = DayField(label="to", required=False)
    maker = forms.CharField(label="Maker", required=False, max_length=200, widget=_Quick)
    words = forms.CharField(label="Words", required=False, max_length=200, widget=_Quick)
    show = forms.IntegerField(required=False, min_value=1, max_value=MOST_RESULTS, widget=forms.HiddenInput)

    def __init__(self, data: QueryDict | dict[str, Any], categories: Sequence[Category]) -> None:
        given = data.copy()
        given.setdefault("status", "any")
        super().__init__(given)
        self.categories = categories
        field = self.fields["category"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(str(category.pk), category.name) for category in categories]
        field.error_messages["invalid_choice"] = "There is no such category. Choose one from the list."
        for name, hint in (("price_min", "from"), ("price_max", "to")):
            self.fields[name].widget.attrs |= {"inputmode": "decimal", "placeholder": hint}
        for name, shown in self.fields.items():
            if not isinstance(shown.widget, forms.CheckboxSelectMultiple | forms.RadioSelect | forms.HiddenInput):
                shown.widget.attrs["class"] = "input"
            if name in self.errors:
                shown.widget.attrs["aria-invalid"] = "true"

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        self._in_order("price_min", "price_max", "The lower price is above the upper one.")
        self._in_order("sold_from", "sold_to", "The first day is after the last one.")
        return given

    def _in_order(self, low: str, high: str, complaint: str) -> None:
        first, last = self.cleaned_data.get(low), self.cleaned_data.get(high)
        if first is not None and last is not None and first > last:
            self.add_error(high, complaint)

    @property
    def filters(self) -> Filters:
        """What a valid form says."""
        given = self.cleaned_data
        return Filters(
            categories=tuple(int(pk) for pk in given["category"]),
            price_min=given["price_min"],
            price_max=given["price_max"],
            sold_from=given["sold_from"],
            sold_to=given["sold_to"],
            status=given["status"] or "any",
            maker=given["maker"],
            words=given["words"],
        )

    @property
    def wanted(self) -> int:
        """How many results."""
        return self.cleaned_data["show"] or FIRST_RESULTS

    @property
    def narrowed(self) -> bool:
        """Whether anything is filtered at all."""
        return self.filters != Filters()

    def more(self, found: int) -> int | None:
        """How many to show next, if there may be more than are shown."""
        return min(2 * self.wanted, MOST_RESULTS) if self.wanted <= found < MOST_RESULTS else None

    def chips(self, guesses: Sequence[CategoryGuess]) -> Chips:
        """All categories as chips: the chosen and the likeliest at hand."""
        chosen = set(self.filters.categories)
        shares = {guess.category.pk: guess.share for guess in guesses}
        likely = [guess.category.pk for guess in guesses[:QUICK_CHIPS]]
        chips = [Chip(one, shares.get(one.pk), one.pk in chosen) for one in self.categories]
        quick = [chip for chip in chips if chip.chosen or chip.category.pk in likely]
        return Chips(
            quick=sorted(quick, key=lambda chip: -(chip.share or 0)),
            others=[chip for chip in chips if chip not in quick],
        )


class CropForm(forms.Form):
    """The part of a photo that is searched, as shares of its width and height; all of it with "whole"."""

    whole = forms.BooleanField(required=False)
    left = forms.FloatField(required=False, min_value=0, max_value=1)
    top = forms.FloatField(required=False, min_value=0, max_value=1)
    right = forms.FloatField(required=False, min_value=0, max_value=1)
    bottom = forms.FloatField(required=False, min_value=0, max_value=1)

    def __init__(self, data: Mapping[str, Any], *, photo: QueryPhoto) -> None:
        super().__init__(data)
        self.photo = photo

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("whole") or self.errors:
            return given
        if any(given[side] is None for side in SIDES):
            raise forms.ValidationError("Say which part: left, top, right and bottom, as shares from 0 to 1.")
        width = (given["right"] - given["left"]) * self.photo.width
        height = (given["bottom"] - given["top"]) * self.photo.height
        if min(width, height) < SMALLEST_SIDE:
            raise forms.ValidationError(f"That part has under {SMALLEST_SIDE} pixels on a side: make the box larger.")
        return given

    @property
    def box(self) -> Box | None:
        given = self.cleaned_data
        return None if given["whole"] else (given["left"], given["top"], given["right"], given["bottom"])
