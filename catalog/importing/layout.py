"""Which column of a file is which of our fields: a profile says it for a kind of file, a layout for one file."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from catalog.importing.table import ImportRefused

FIELDS = {
    "source_key": "key of the item",
    "object_key": "same object",
    "sale_code": "sale number",
    "sale_title": "sale title",
    "sale_date": "sale date",
    "lot": "lot number",
    "title": "title",
    "description": "description",
    "category": "category",
    "maker": "maker",
    "origin": "origin",
    "period": "style and period",
    "materials": "materials and techniques",
    "dimensions": "dimensions",
    "height": "height",
    "width": "width",
    "depth": "depth",
    "dimension_unit": "unit of height, width and depth",
    "condition": "condition",
    "estimate_low": "low estimate",
    "estimate_high": "high estimate",
    "start_price": "start price",
    "reserve": "reserve",
    "hammer": "hammer price",
    "total": "price with premium",
    "currency": "currency",
    "status": "status",
    "sold": "sold (yes or no)",
    "photos": "photos",
    "photo_roles": "roles of the photos",
}
DATE_ORDERS = {
    "": "as ISO (2018-12-31)",
    "day-first": "day first (31/12/2018)",
    "month-first": "month first (12/31/2018)",
}
SEVERAL = ("photos",)  # fields that may be spread over several columns


@dataclass(frozen=True)
class Profile:
    """How one kind of file is read."""

    name: str
    columns: Mapping[str, tuple[str, ...]]  # our field -> the file's headers
    needs: tuple[str, ...] = ("title",)  # without these columns it is another kind of file
    asks: tuple[str, ...] = ()  # fields that must come from --set where the file has no column for them
    dates: str = ""  # how 3/4/2018 is meant; "" refuses it
    separator: str = "|;"  # signs between several photos in one cell
    spill: tuple[str, ...] = ()  # fields whose text, where too long, is cut there and kept whole in the description
    fixed: Mapping[str, str] = field(default_factory=dict)  # values for every row, over those of the file


@dataclass(frozen=True)
class Layout:
    """A profile laid over the headers of one file."""

    profile: Profile
    headers: tuple[str, ...]
    places: Mapping[str, tuple[int, ...]]  # our field -> indexes of cells

    @property
    def unread(self) -> list[str]:
        used = {place for places in self.places.values() for place in places}
        return [header for place, header in enumerate(self.headers) if header and place not in used]

    def has(self, name: str) -> bool:
        return name in self.places or name in self.profile.fixed


def checked_fixed(values: Any) -> dict[str, str]:
    """Values for every row. Raises ImportRefused where one is for no field of ours."""
    if not isinstance(values, dict):
        raise ImportRefused("The option “set” should be {field: value}.")
    for name, value in values.items():
        if name not in FIELDS or name in ("source_key", "lot", *SEVERAL):
            raise ImportRefused(f"“{name}” can't be set for every row. What can: {', '.join(_settable())}.")
        if not isinstance(value, str):
            raise ImportRefused(f"The value set for {FIELDS[name]} should be a text.")
    return dict(values)


def _settable() -> list[str]:
    return [name for name in FIELDS if name not in ("source_key", "lot", *SEVERAL)]


def lay(profile: Profile, headers: tuple[str, ...], fixed: Mapping[str, str] | None = None) -> Layout:
    """The profile over these headers, with further values for every row.

    Raises ImportRefused where a column or value is missing that the profile needs.
    """
    profile = dataclasses.replace(profile, fixed={**profile.fixed, **checked_fixed(dict(fixed or {}))})
    missing = lacking(profile, headers)
    if missing:
        raise ImportRefused(
            f"The profile “{profile.name}” needs the column {', '.join(missing)}. "
            f"The file has: {', '.join(header for header in headers if header)}."
        )
    mapping = Layout(profile, headers, places_of(profile, headers))
    asked = [name for name in profile.asks if not mapping.has(name)]
    if asked:
        examples = " ".join(f"--set {name}=…" for name in asked)
        raise ImportRefused(
            f"The profile “{profile.name}” doesn't say the {' and '.join(FIELDS[name] for name in asked)}: "
            f"give it for every row (on the command line: {examples})."
        )
    return mapping


def lacking(profile: Profile, headers: Sequence[str]) -> list[str]:
    places = places_of(profile, headers)
    return [profile.columns[name][0] for name in profile.needs if name not in places and name not in profile.fixed]


def places_of(profile: Profile, headers: Sequence[str]) -> dict[str, tuple[int, ...]]:
    """Headers are the same whatever their case; where a file has both, the exact one is meant."""
    exact = {header: place for place, header in enumerate(headers)}
    folded = {header.casefold(): place for place, header in reversed(list(enumerate(headers)))}
    found = {
        name: tuple(place for header in wanted if (place := exact.get(header, folded.get(header.casefold(), -1))) >= 0)
        for name, wanted in profile.columns.items()
    }
    return {name: places for name, places in found.items() if places}
