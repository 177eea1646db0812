"""What a search is asked for and what it answers: small frozen values."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from catalog.models import Category, Item, Photo


class Band(enum.Enum):
    """How alike, in words; `label` is for people. What the words mean in numbers stands in `search.bands`."""

    SAME_PHOTO = "this very photo"
    VERY_LIKE = "very like"
    LIKE = "like"
    RELATED = "related"

    @property
    def label(self) -> str:
        return self.value


@dataclass(frozen=True)
class Filters:
    """What an item must be to count as an answer. Prices are hammer prices: a filter on them means sold items."""

    categories: tuple[int, ...] = ()
    price_min: Decimal | None = None
    price_max: Decimal | None = None
    sold_from: date | None = None
    sold_to: date | None = None
    status: str = "any"  # any, sold or passed
    maker: str = ""
    words: str = ""


@dataclass(frozen=True)
class Match:
    """An item, by the photo of it that is nearest; `likeness` is a cosine."""

    item: Item
    photo: Photo
    likeness: float
    band: Band


@dataclass(frozen=True)
class CategoryGuess:
    """A category that the matches speak for; the shares of all guesses make 1."""

    category: Category
    share: float


@dataclass(frozen=True)
class IndexFacts:
    """What answered: how many photos it knows, how many wait, how old it is; `note` says what is out of order."""

    photos: int
    waiting: int
    built_at: datetime | None
    encoder: str
    engine: str
    exact: bool
    note: str


@dataclass(frozen=True)
class Answer:
    """Matches at or above the cut-off, best first; `nearest_below` names up to three that fell short of it."""

    matches: tuple[Match, ...]
    nearest_below: tuple[Match, ...]
    guesses: tuple[CategoryGuess, ...]
    index: IndexFacts
    took: Mapping[str, float] = field(default_factory=dict)  # milliseconds by step

    @property
    def nothing_similar(self) -> bool:
        return not self.matches
