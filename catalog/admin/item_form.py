"""The form of an item: its facts, the version that was read, and photos to add."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import models

from catalog.admin.conflict import Conflict
from catalog.models import Item, Photo
from catalog.money import format_amount
from catalog.pictures import (
    ACCEPTED,
    DoorBusy,
    DuplicatePhoto,
    Picture,
    PictureNotStored,
    PictureRefused,
    find_copies,
    receive,
    save_photo,
)

GROUPS: list[tuple[str, list[str | tuple[str, ...]]]] = [
    ("Lot", [("sale", "lot"), "status"]),
    (
        "What it is",
        ["title", "description", "category", "maker", ("origin", "period"), "materials", "dimensions", "condition"],
    ),
    (
        "Money",
        [("estimate_low", "estimate_high"), ("start_price", "reserve"), ("hammer", "total"), "currency"],
    ),
    ("Finding it", ["excluded_from_search", ("object_key", "source_key")]),
]
FIELDS = [name for _, rows in GROUPS for row in rows for name in ([row] if isinstance(row, str) else row)]

TELLABLE = ["category", "maker", "origin", "period", "materials"]  # an address may tell these to an empty form


class SeveralFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Any number of files; what they hold is looked at by the door alone."""

    widget = SeveralFiles

    def clean(self, data: Any, initial: Any = None) -> "list[UploadedFile[Any]]":
        return [file for file in data if file] if isinstance(data, list) else []


class ItemForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs only
    read_version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    new_photos = FilesField(
        label="Add photos",
        required=False,
        widget=SeveralFiles(attrs={"accept": "image/*"}),
        help_text=f"{ACCEPTED}; several at once. They come last; put them in order once they are saved.",
    )
    conflict: Conflict | None = None
    told: Mapping[str, str] = {}

    class Meta:
        model = Item
        fields = FIELDS
        widgets = {
            "title": forms.TextInput(attrs={"class": "vTextField long"}),
            "maker": forms.TextInput(attrs={"class": "vTextField long"}),
            "materials": forms.TextInput(attrs={"class": "vTextField long"}),
            "dimensions": forms.TextInput(attrs={"class": "vTextField long"}),
            "description": forms.Textarea(attrs={"class": "vLargeTextField", "rows": 6}),
            "condition": forms.Textarea(attrs={"class": "vLargeTextField", "rows": 3}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["read_version"] = self.instance.version
        self._take_what_is_told()

    def _take_what_is_told(self) -> None:
        """Into fields that are empty, and only to be shown: what is saved is what somebody sends."""
        for name, text in self.told.items():
            if name not in self.fields or getattr(self.instance, name):
                continue
            try:
                value = self.fields[name].clean(text)
            except forms.ValidationError:  # a category that went, a text that is too long
                self.initial.pop(name, None)
            else:
                self.initial[name] = value.pk if isinstance(value, models.Model) else value

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for name in ("title", "description", "condition"):
            data[name] = (data.get(name) or "").replace("\r\n", "\n")  # as an import reads them
        if self.conflict:
            raise forms.ValidationError(self.conflict.sentences)
        return data


@dataclass(frozen=True)
class Arrival:
    """A photo that came with the form, and what the door made of it."""

    name: str
    picture: Picture | None = None
    problem: str = ""


def receive_all(files: "Sequence[UploadedFile[Any]]") -> list[Arrival]:
    """Every photo through the door. Done before the database is touched: a photo can take seconds."""
    arrivals = []
    for file in files:
        name = file.name or "photo"
        try:
            arrivals.append(Arrival(name, receive(cast(BinaryIO, file.file), max_bytes=settings.PHOTO_MAX_BYTES)))
        except (PictureRefused, DoorBusy) as error:
            arrivals.append(Arrival(name, problem=str(error)))
    return arrivals


@dataclass(frozen=True)
class Added:
    """What was kept of the arrivals, and what people should be told."""

    count: int
    problems: tuple[str, ...]
    twins: tuple[str, ...]


def add_photos(item: Item, arrivals: Sequence[Arrival]) -> Added:
    """Save the pictures under the item; the same photo under another item is allowed, and said."""
    count, problems, twins = 0, [], []
    for arrival in arrivals:
        if not arrival.picture:
            problems.append(f"{arrival.name}: {arrival.problem}")
            continue
        others = [photo for photo in find_copies(arrival.picture) if photo.item_id != item.pk]
        try:
            save_photo(item, arrival.picture, role=Photo.Role.FRONT, original_name=arrival.name)
        except (DuplicatePhoto, PictureNotStored) as error:
            problems.append(f"{arrival.name}: {error}")
            continue
        count += 1
        places = [f"{where(other.item)}{outcome(other.item)}" for other in others]
        twins += [f"{arrival.name}: this very photo is already at {place}." for place in places]
    return Added(count, tuple(problems), tuple(twins))


def outcome(item: Item) -> str:
    """What came of it: ", sold for €1,250"."""
    if item.status == Item.Status.SOLD:
        return f", sold for {format_amount(item.hammer, item.currency)}"
    return ", offered and not sold" if item.status == Item.Status.PASSED else ""


def where(item: Item) -> str:
    """ "lot 27A of Autumn sale (4 October 2025)" """
    if item.sale and item.lot:
        return f"lot {item.lot} of {item.sale}"
    return f"“{item.title}”"
