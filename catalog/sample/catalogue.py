"""The lots of the sample catalogue in order: who offers what, when, for how much, and which photos show it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache

from catalog.sample import captions, prices
from catalog.sample.design import Design, ancestry, design_of
from catalog.sample.dice import dice
from catalog.sample.vocabulary import CONDITIONS, SALES

FIRST_YEAR = 2019
SEASONS = ((2, "Winter Interiors"), (6, "Summer Fine Art & Antiques"), (10, "Autumn Collectors' Sale"))


@dataclass(frozen=True, slots=True)
class House:
    """One sale."""

    code: str
    title: str
    day: date


@dataclass(frozen=True, slots=True)
class View:
    """One photo to take: its role, and the words that decide everything else about it."""

    role: str
    framing: str  # "whole", "turned", "close", "behind", "beneath", "above"
    words: str


@dataclass(frozen=True, slots=True)
class Lot:
    """One line of the catalogue."""

    index: int
    source_key: str
    house: House
    lot: str
    design: Design
    pricing: prices.Pricing
    views: tuple[View, ...]

    def photo_names(self) -> list[str]:
        return [f"{self.source_key}-{number}.jpg" for number in range(1, len(self.views) + 1)]


@cache
def houses() -> tuple[House, ...]:
    """The 24 sales, three a year from February 2019 to October 2026."""
    sales = []
    for number in range(SALES):
        year, (month, name) = FIRST_YEAR + number // 3, SEASONS[number % 3]
        sales.append(
            House(f"{year % 100}{'WSA'[number % 3]}", f"{name} {year}", date(year, month, 8 + (number * 5) % 14))
        )
    return tuple(sales)


def sale_number(seed: int, index: int) -> int:
    """Which sale item `index` is offered in; a re-offer comes later than its first offer where a later sale is left."""
    parent = ancestry(seed, index)
    die = dice("sale", seed, index)
    if parent.kind == "again":
        first = sale_number(seed, parent.source)
        if first < SALES - 1:
            return die.randint(first + 1, SALES - 1)
    return die.randrange(SALES)


def records(items: int, seed: int) -> Iterator[Lot]:
    """The first `items` lots of the catalogue `seed`; lot i is the same however many are asked for."""
    last = [0] * SALES
    lettered = [""] * SALES
    for index in range(items):
        number = sale_number(seed, index)
        if last[number] and dice("letter", seed, index).random() < 0.04:
            lettered[number] = chr(ord(lettered[number] or "@") + 1) if lettered[number] < "E" else ""
        else:
            lettered[number] = ""
        if not lettered[number]:
            last[number] += 1
        yield lot_at(seed, index, number, f"{last[number]}{lettered[number]}")


def lot_at(seed: int, index: int, sale: int, lot: str) -> Lot:
    design, house = design_of(seed, index), houses()[sale]
    key = f"{house.code}-{lot}"
    pricing = prices.priced(traits(design), house.day, dice("price", seed, index))
    return Lot(index, key, house, lot, design, pricing, views(design, seed, index))


def traits(design: Design) -> prices.Traits:
    return prices.Traits(
        category=design.category,
        form=design.form,
        maker_premium=design.maker_premium,
        quality=design.quality,
        condition_effect=CONDITIONS[design.condition][1],
        period_effect=design.period_effect,
        size=design.size,
        pair=design.pair,
    )


FLAT = ("Pictures", "Rugs")
MARKED = ("Vases", "Tableware", "Silver & metalware")
BACKS = ("Pictures", "Clocks", "Seating", "Furniture")


def views(design: Design, seed: int, index: int) -> tuple[View, ...]:
    """Two to four photos; a re-offer is photographed anew, but one in four keeps its first photo."""
    parent = ancestry(seed, index)
    die = dice("views", seed, index)
    again = parent.kind == "again" and die.random() < 0.25
    wanted = [("front", "whole", parent.source if again else index)]
    extra = [("front", "turned")] * 5 + [("detail", "close")] * 4
    group = design.category.name
    if group in FLAT:
        extra = [("detail", "close")] * 4 + [("front", "turned")] * 2
    if group == "Pictures":
        extra.append(("signature", "corner"))
    if group in MARKED and captions.maker_name(design):
        extra += [("mark", "beneath")] * 2
    if group in BACKS:
        extra.append(("back", "behind"))
    if design.wear >= 0.6:
        extra += [("damage", "close")] * 3
    for _ in range(min(len(set(extra)), die.choices([1, 2, 3], [58, 35, 7])[0])):
        role, framing = die.choice(extra)
        extra = [pair for pair in extra if pair != (role, framing)]
        wanted.append((role, framing, index))
    return tuple(View(role, framing, f"{seed}/{item}/{framing}") for role, framing, item in wanted)
