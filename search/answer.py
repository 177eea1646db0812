"""What a search is asked for and what it answers: small frozen values."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Generic, TypeVar

from catalog.models import Category, Item, Photo

T = TypeVar("T")


class Band(enum.Enum):
    """How alike, in words; `label` is for people. What the words mean in numbers stands in `search.likeness.bands`."""

    SAME_PHOTO = "this very photo"
    SAME_ITEM = "this very item"
    LIKELY_SAME = "likely the same item"
    VERY_LIKE = "very like"
    LIKE = "like"
    RELATED = "related"

    @property
    def label(self) -> str:
        return self.value

    @property
    def of_the_item(self) -> bool:
        """Whether the words are about the very item, not about things like it."""
        return self in (Band.SAME_PHOTO, Band.SAME_ITEM, Band.LIKELY_SAME)

    @property
    def sure(self) -> bool:
        """Whether at least 99 in 100 such answers were right: said apart from what only looks like it."""
        return self in (Band.SAME_PHOTO, Band.SAME_ITEM)


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
    """An item, by the photo of it that is nearest; `likeness` is a cosine, for machines; people see the rest.

    `same` and `alike` are probabilities, 0 to 1: of the very object that was asked about, of a thing of the same kind.
    """

    item: Item
    photo: Photo
    likeness: float
    band: Band
    same: float = 0.0
    alike: float = 0.0

    @property
    def probability(self) -> float:
        """Of what the words say."""
        return self.same if self.band.of_the_item else self.alike

    @property
    def number(self) -> str:
        """ "92 % sure", "78 % same kind"; nothing beside what needs no number. Never a certainty."""
        if self.band.sure:
            return ""
        percent = min(max(round(100 * self.probability), 1), 99)
        return f"{percent}\u00a0% sure" if self.band.of_the_item else f"{percent}\u00a0% same kind"

    @property
    def explained(self) -> str:
        """What the words and the number mean, in a sentence."""
        if self.band is Band.SAME_PHOTO:
            return "The photo is a copy of the one that is searched."
        same, alike = (min(max(round(100 * share), 1), 99) for share in (self.same, self.alike))
        if self.band is Band.SAME_ITEM:
            return "At this likeness 99 in 100 answers were the very item."
        return f"Of 100 answers like this, {same} were the very item and {alike} at least a thing of the same kind."


@dataclass(frozen=True)
class CategoryGuess:
    """A category that the matches speak for; the shares of all guesses make 1."""

    category: Category
    share: float


@dataclass(frozen=True, slots=True)
class Choice(Generic[T]):
    """A value that has votes: its share of all weight, what such a share was worth, and who voted, best first."""

    value: T
    share: float
    probability: float
    voters: tuple[Match, ...]


@dataclass(frozen=True, slots=True)
class Vote(Generic[T]):
    """What a vote came to. `value` None is "unknown", and `why` says in a sentence why it is.

    `probability` is that of the value; of an unknown one, of the leader that fell short, or nought. `choices` are all
    values that have votes, best first. `parts` are those that make the value: terms of several that stand together,
    or one alone.
    """

    value: T | None
    probability: float
    voters: tuple[Match, ...]
    choices: tuple[Choice[T], ...]
    parts: tuple[Choice[T], ...] = ()
    why: str = ""

    @property
    def leader(self) -> Choice[T] | None:
        """What has the most votes, be it sure enough or not."""
        return self.choices[0] if self.choices else None

    @property
    def rivals(self) -> tuple[Choice[T], ...]:
        """What has votes and is not in the value."""
        return tuple(choice for choice in self.choices if choice not in self.parts)

    @property
    def known(self) -> bool:
        return self.value is not None


@dataclass(frozen=True, slots=True)
class Attribution:
    """What a thing is, as far as those like it tell."""

    category: Vote[Category]
    maker: Vote[str]
    period: Vote[str]
    materials: Vote[str]
    families: tuple[Choice[Category], ...] = ()  # categories with votes, each as its parent where it has one

    @property
    def known(self) -> bool:
        """Whether there is anything to say."""
        return any(vote.known for vote in (self.category, self.maker, self.period, self.materials))


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
    """Similar items, best first; none where the best falls short of the cut-off for things that were never sold.

    `nearest_below` names up to three that are not similar enough to count. What the thing is, all that was compared
    tells, likeness for likeness: the ten most alike can be sure of the category where none is similar.

    `evidence` are all offered items near enough to price by: more than are shown, because the width of a range says how
    little the far ones know. `around` are the same where none of them is similar, and there is no evidence: who says
    what the thing is may price by them. `blank` says that no photo of the question shows anything.
    """

    matches: tuple[Match, ...]
    nearest_below: tuple[Match, ...]
    attribution: Attribution
    index: IndexFacts
    took: Mapping[str, float] = field(default_factory=dict)  # milliseconds by step
    around: tuple[Match, ...] = ()
    blank: bool = False

    @property
    def evidence(self) -> tuple[Match, ...]:
        similar = {match.item.pk for match in self.matches}
        return self.around if any(match.item.pk in similar for match in self.around) else ()

    @property
    def nothing_similar(self) -> bool:
        return not self.matches

    @property
    def faint(self) -> Match | None:
        """The first match where not one is very like: people hear so before they read a price into it."""
        like = (Band.LIKE, Band.RELATED)
        return self.matches[0] if self.matches and all(match.band in like for match in self.matches) else None

    @property
    def guesses(self) -> tuple[CategoryGuess, ...]:
        """The categories that were voted for, best first, where anything similar was sold at all."""
        choices = self.attribution.category.choices
        total = sum(choice.share for choice in choices)
        return tuple(CategoryGuess(one.value, one.share / total) for one in choices) if self.matches else ()
