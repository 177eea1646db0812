"""The profiles that there are, built in or saved, and which of them a file's headers fit."""

from collections.abc import Sequence
from typing import Any

from catalog.importing.layout import DATE_ORDERS, FIELDS, SEVERAL, Profile, checked_fixed, lacking, places_of
from catalog.importing.table import ImportRefused
from catalog.models import ImportProfile


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
    fits = [(len(places_of(profile, headers)), profile) for profile in known if not lacking(profile, headers)]
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
