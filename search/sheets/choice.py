"""What a cataloguer makes of the evidence: what counts, what is pinned, what is known; as it stands in an address."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict

from catalog.models import Category
from search.facts import largest_side
from search.pricing import COVERAGE, Facts

COVERAGES = (0.5, 0.8, 0.9)
MOST = 60  # items that an address names in each part, so that it stays an address
_LARGEST_ID = 2**63 - 1
NOTHING_KNOWN = Facts()


@dataclass(frozen=True, slots=True)
class Choice:
    """Items are named by their keys; `known` is what was typed of the thing; a coverage of None is the usual one."""

    out: tuple[int, ...] = ()
    pinned: tuple[int, ...] = ()
    coverage: float | None = None
    known: Facts = NOTHING_KNOWN
    all_rows: bool = False  # also those that count little

    def with_pinned(self, key: int) -> Self:
        """This item counts, and in full."""
        pinned, out = ([other for other in keys if other != key] for keys in (self.pinned, self.out))
        return replace(self, pinned=(*pinned, key), out=tuple(out))

    @property
    def fields(self) -> list[tuple[str, str]]:
        """As names and values of an address, always in the same order; nothing where nothing was chosen."""
        cover = [("cover", f"{100 * self.coverage:.0f}")] if self.coverage else []
        typed = [
            ("known_category", str(self.known.category or "")),
            ("known_maker", self.known.maker),
            ("known_materials", self.known.materials),
            ("known_size", f"{self.known.size:g}" if self.known.size else ""),
        ]
        return [
            *(("out", str(pk)) for pk in self.out),
            *(("pin", str(pk)) for pk in self.pinned),
            *cover,
            *((name, value) for name, value in typed if value),
            *([("all", "1")] if self.all_rows else []),
        ]

    @property
    def address(self) -> str:
        return urlencode(self.fields)


class KeysField(forms.Field):
    """Items' keys, each once, in the order in which they were given; whatever is none is passed over."""

    widget: type[forms.Widget] = forms.MultipleHiddenInput

    def clean(self, value: Any) -> tuple[int, ...]:
        texts = [str(given) for given in value or []]
        keys = [int(text) for text in texts if re.fullmatch(r"[0-9]{1,19}", text)]
        return tuple(dict.fromkeys(key for key in keys if 0 < key <= _LARGEST_ID))[:MOST]


class RowsField(KeysField):
    """The same in one value: "12-7-31"."""

    widget = forms.HiddenInput

    def clean(self, value: Any) -> tuple[int, ...]:
        return super().clean(str(value or "").split("-"))


class SizeField(forms.CharField):
    """The largest side in cm: "50", "50,5 x 32 cm", "20 in"."""

    def clean(self, value: Any) -> float | None:
        text = super().clean(value)
        if not text:
            return None
        size = largest_side(text)
        if size is None:
            raise forms.ValidationError("Write the size as 50, as 50.5 x 32 cm or as 20 in.", "size")
        return round(size, 2)


class ChoiceForm(forms.Form):
    """The sheet as a plain GET form.

    A browser sends no box that is not ticked: `rows` names the items that had one, `use` those that were ticked.
    """

    rows = RowsField(required=False)
    use = KeysField(required=False)
    out = KeysField(required=False)
    pin = KeysField(required=False)
    lot = forms.CharField(label="Add a lot", required=False, max_length=80)
    cover = forms.TypedChoiceField(
        required=False,
        choices=[(f"{100 * share:.0f}", f"{100 * share:.0f} %") for share in COVERAGES],
        coerce=lambda percent: int(percent) / 100,
        empty_value=None,
        error_messages={"invalid_choice": "A range can hold 50, 80 or 90 in 100 prices."},
    )
    all = forms.BooleanField(required=False)
    known_category = forms.ChoiceField(
        label="Category",
        required=False,
        error_messages={"invalid_choice": "There is no such category. Choose one from the list."},
    )
    known_maker = forms.CharField(label="Maker", required=False, max_length=300)
    known_materials = forms.CharField(label="Materials and technique", required=False, max_length=500)
    known_size = SizeField(label="Largest side, cm", required=False, max_length=100)

    def __init__(
        self, data: QueryDict | Mapping[str, Any], categories: Sequence[Category], *, of_item: bool = False
    ) -> None:
        """An item says itself what it is: then nothing is typed."""
        super().__init__(data)
        self.parents = {category.pk: category.parent_id for category in categories}
        field = self.fields["known_category"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "Not known"), *((str(category.pk), category.name) for category in categories)]
        self.fields["known_size"].widget.attrs["inputmode"] = "decimal"
        if of_item:
            self.fields = {name: field for name, field in self.fields.items() if not name.startswith("known_")}
        self.full_clean()
        for shown in self.known:
            shown.field.widget.attrs |= {"class": "input", **({"aria-invalid": "true"} if shown.errors else {})}

    @property
    def known(self) -> list[forms.BoundField]:
        """The fields about the thing itself."""
        return [self[name] for name in self.fields if name.startswith("known_")]

    @property
    def is_raw(self) -> bool:
        """Whether it comes from the form as a browser sends it, not from an address of ours."""
        return "rows" in self.data or "lot" in self.data

    @property
    def choice(self) -> Choice:
        """What the form says; what is wrong with it says nothing."""
        given = self.cleaned_data
        shown, used = given.get("rows", ()), given.get("use", ())
        elsewhere = [key for key in given.get("out", ()) if key not in shown]
        category = int(given.get("known_category") or 0) or None
        return Choice(
            out=tuple([*elsewhere, *(key for key in shown if key not in used)][:MOST]),
            pinned=given.get("pin", ()),
            coverage=None if given.get("cover") == COVERAGE else given.get("cover"),
            known=Facts(
                category=category,
                parent=self.parents.get(category) if category else None,
                maker=given.get("known_maker", ""),
                materials=given.get("known_materials", ""),
                size=given.get("known_size"),
            ),
            all_rows=given.get("all", False),
        )
