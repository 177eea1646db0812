"""Which column of a file is which of our fields: built-in and saved profiles, found by the file's own headers."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from catalog.importing.table import ImportRefused
from catalog.models import ImportProfile

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


def _same(*names: str) -> dict[str, tuple[str, ...]]:
    return {name: (name,) for name in names}


HINDSIGHT = Profile(
    "hindsight",
    _same(*(name for name in FIELDS if name not in ("height", "width", "depth", "dimension_unit", "sold"))),
    needs=("source_key", "title"),
)
LIVEAUCTIONEERS = Profile(
    "liveauctioneers",
    {
        "lot": ("LotNum",),
        "title": ("Title",),
        "description": ("Description",),
        "estimate_low": ("LowEst",),
        "estimate_high": ("HighEst",),
        "start_price": ("StartPrice",),
        "reserve": ("Reserve Price",),
        "condition": ("Condition",),
        "height": ("Height",),
        "width": ("Width",),
        "depth": ("Depth",),
        "dimension_unit": ("Dimension Unit",),
        "category": ("Category",),
        "origin": ("Origin",),
        "period": ("Style & Period",),
        "maker": ("Creator",),
        "materials": ("Materials & Techniques",),
        "source_key": ("Lot Reference Number",),
        "photos": tuple(f"ImageFile.{number}" for number in range(1, 21)),
    },
    needs=("lot", "title"),
    asks=("sale_code", "sale_date"),
)
AUCTION = Profile(
    "auction",
    {
        "source_key": ("item_id",),
        "object_key": ("group",),
        "photos": ("image",),
        "title": ("title",),
        "category": ("category",),
        "maker": ("maker",),
        "materials": ("technique",),
        "dimensions": ("dimensions",),
        "sale_code": ("sale",),
        "lot": ("lot",),
        "sale_date": ("sale_date",),
        "currency": ("currency",),
        "start_price": ("start_price",),
        "hammer": ("hammer_price",),
        "sold": ("sold",),
    },
    needs=("source_key", "photos", "sale_code", "lot", "hammer", "sold"),
    spill=("materials",),
)
BUILT_IN = (HINDSIGHT, LIVEAUCTIONEERS, AUCTION)


def from_json(name: str, columns: Any, options: Any) -> Profile:
    """A profile as it is saved. Raises ImportRefused, naming what is wrong, where it isn't one."""
    if not isinstance(columns, dict) or not isinstance(options, dict):
        raise ImportRefused("A profile needs columns and options, each as {name: value}.")
    mapped: dict[str, tuple[str, ...]] = {}
    for ours, theirs in columns.items():
        headers = tuple(theirs) if isinstance(theirs, list) else (theirs,)
        if ours not in FIELDS:
            raise ImportRefused(f"“{ours}” is none of our fields. They are: {', '.join(FIELDS)}.")
        if not headers or not all(isinstance(header, str) and header for header in headers):
            raise ImportRefused(f"The column for {FIELDS[ours]} should be the name of a header.")
        if len(headers) > 1 and ours not in SEVERAL:
            raise ImportRefused(f"Only photos may stand in several columns, not the {FIELDS[ours]}.")
        mapped[ours] = headers
    if "title" not in mapped:
        raise ImportRefused("A profile must say which column holds the title.")
    if "source_key" not in mapped and "lot" not in mapped:
        raise ImportRefused("A profile must say which column holds the item's key or its lot number.")
    unknown = sorted(set(options) - {"dates", "separator", "spill", "set"})
    if unknown:
        raise ImportRefused(f"“{unknown[0]}” is no option of a profile. They are: dates, separator, spill, set.")
    if options.get("dates", "") not in DATE_ORDERS:
        raise ImportRefused("The option “dates” should be day-first or month-first.")
    if not isinstance(options.get("separator", "|"), str) or not options.get("separator", "|"):
        raise ImportRefused("The option “separator” should be the sign between two photos in a cell.")
    spill = options.get("spill", [])
    if not isinstance(spill, list) or not set(spill) <= set(FIELDS):
        raise ImportRefused("The option “spill” should be a list of our fields.")
    return Profile(
        name,
        mapped,
        needs=tuple(name for name in ("title", "source_key", "lot") if name in mapped),
        dates=options.get("dates", ""),
        separator=options.get("separator", "|;"),
        spill=tuple(spill),
        fixed=checked_fixed(options.get("set", {})),
    )


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


def saved_profiles() -> list[Profile]:
    return [from_json(saved.name, saved.columns, saved.options) for saved in ImportProfile.objects.all()]


def find_profile(name: str) -> Profile:
    """The saved or built-in profile of that name. Raises ImportRefused with the names that there are."""
    profiles = {profile.name: profile for profile in (*BUILT_IN, *saved_profiles())}
    if name not in profiles:
        raise ImportRefused(f"There is no profile “{name}”. There are: {', '.join(profiles)}.")
    return profiles[name]


def detect(headers: Sequence[str]) -> Profile:
    """The profile that reads most of the headers. Raises ImportRefused, listing what was found and what is needed."""
    known = [*saved_profiles(), *BUILT_IN]
    fits = [(len(_places(profile, headers)), profile) for profile in known if not _lacking(profile, headers)]
    if not fits:
        needed = "; ".join(
            f"“{profile.name}” needs {', '.join(profile.columns[name][0] for name in profile.needs)}"
            for profile in known
        )
        raise ImportRefused(
            f"No profile fits this file. Its columns: {', '.join(header for header in headers if header)}. "
            f"Profiles: {needed}. Map its columns once in the admin (Import, mapping) or with a profile as JSON."
        )
    most = max(count for count, _ in fits)
    best = [profile for count, profile in fits if count == most]
    if len(best) > 1:
        raise ImportRefused(f"Several profiles fit this file: {', '.join(p.name for p in best)}. Choose one by name.")
    return best[0]


def lay(profile: Profile, headers: tuple[str, ...], fixed: Mapping[str, str] | None = None) -> Layout:
    """The profile over these headers, with further values for every row.

    Raises ImportRefused where a column or value is missing that the profile needs.
    """
    profile = dataclasses.replace(profile, fixed={**profile.fixed, **checked_fixed(dict(fixed or {}))})
    lacking = _lacking(profile, headers)
    if lacking:
        raise ImportRefused(
            f"The profile “{profile.name}” needs the column {', '.join(lacking)}. "
            f"The file has: {', '.join(header for header in headers if header)}."
        )
    mapping = Layout(profile, headers, _places(profile, headers))
    asked = [name for name in profile.asks if not mapping.has(name)]
    if asked:
        examples = " ".join(f"--set {name}=…" for name in asked)
        raise ImportRefused(
            f"The profile “{profile.name}” doesn't say the {' and '.join(FIELDS[name] for name in asked)}: "
            f"give it for every row (on the command line: {examples})."
        )
    return mapping


def _lacking(profile: Profile, headers: Sequence[str]) -> list[str]:
    places = _places(profile, headers)
    return [profile.columns[name][0] for name in profile.needs if name not in places and name not in profile.fixed]


def _places(profile: Profile, headers: Sequence[str]) -> dict[str, tuple[int, ...]]:
    """Headers are the same whatever their case; where a file has both, the exact one is meant."""
    exact = {header: place for place, header in enumerate(headers)}
    folded = {header.casefold(): place for place, header in reversed(list(enumerate(headers)))}
    found = {
        name: tuple(place for header in wanted if (place := exact.get(header, folded.get(header.casefold(), -1))) >= 0)
        for name, wanted in profile.columns.items()
    }
    return {name: places for name, places in found.items() if places}
