"""What a vote tells, as people see it: each fact with its probability and its voters; and as fields of a form."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.urls import reverse

from catalog.models import Category, Item
from search.answer import Attribution, Choice, Match, Vote

FORM_FACTS = ("category", "maker", "period", "materials")
RIVALS = 3  # other values that are worth naming
LEAST, PERHAPS = 0.05, 0.2  # … from this probability on, and at first sight from this
NAMED = 8  # voters that are named; of more, how many they are


@dataclass(frozen=True, slots=True)
class Rival:
    value: str
    probability: float
    voters: tuple[Match, ...]

    @property
    def number(self) -> str:
        return percent(self.probability)


@dataclass(frozen=True, slots=True)
class Told:
    """One fact. Without `value` it is unknown, and `why` is a sentence; `field` is its name in an item's form."""

    field: str
    label: str
    value: str
    number: str
    written: str  # as the form's field takes it
    voters: tuple[Match, ...]
    rivals: tuple[Rival, ...]
    why: str

    @property
    def perhaps(self) -> Rival | None:
        """What an unknown fact may well be."""
        first = next(iter(self.rivals), None)
        return first if first and first.probability >= PERHAPS else None

    @property
    def named(self) -> Sequence[Match]:
        return self.voters[:NAMED]

    @property
    def unnamed(self) -> int:
        return max(0, len(self.voters) - NAMED)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The facts in question, and how to put those that are known into a form."""

    facts: tuple[Told, ...]
    fields: Mapping[str, str] = field(default_factory=dict)

    @property
    def known(self) -> bool:
        return bool(self.fields)

    @property
    def add_address(self) -> str:
        """The form of a new item, filled."""
        return f"{reverse('admin:catalog_item_add')}?{self.query}"

    @property
    def query(self) -> str:
        return urlencode(self.fields)


def suggestion_of(attribution: Attribution, item: Item | None = None) -> Suggestion:
    """All facts, or of an item those that nobody has written down yet and of which there is anything to say."""
    facts = tuple(told for told in _told(attribution) if item is None or _helps(told, item))
    return Suggestion(facts, {told.field: told.written for told in facts if told.value})


def _helps(told: Told, item: Item) -> bool:
    return not getattr(item, told.field) and bool(told.value or told.rivals)


def _told(said: Attribution) -> Iterator[Told]:
    category = said.category.value
    yield _fact("category", "Category", said.category, str(category.pk) if category else "")
    for name, label in (("maker", "Maker"), ("period", "Style and period"), ("materials", "Materials")):
        vote: Vote[str] = getattr(said, name)
        yield _fact(name, label, vote, vote.value or "")


def _fact(name: str, label: str, vote: Vote[Category] | Vote[str], written: str) -> Told:
    return Told(
        field=name,
        label=label,
        value=str(vote.value) if vote.known else "",
        number=percent(vote.probability) if vote.known else "",
        written=written,
        voters=vote.voters,
        rivals=tuple(_rival(choice) for choice in vote.rivals if choice.probability >= LEAST)[:RIVALS],
        why=vote.why,
    )


def _rival(choice: Choice[Category] | Choice[str]) -> Rival:
    return Rival(str(choice.value), choice.probability, choice.voters)


def percent(probability: float) -> str:
    """Never a certainty, neither way."""
    return f"{min(max(round(100 * probability), 1), 99)}\u00a0%"
