"""What each object of the sample catalogue is: chosen once from its number, shared by re-offers and twins."""

import math
import random
from dataclasses import dataclass, replace
from functools import lru_cache

from catalog.sample.dice import dice
from catalog.sample.vocabulary import (
    CATEGORIES,
    CONDITION_WEIGHTS,
    CONDITIONS,
    PERIODS,
    REOFFER_SHARE,
    TWIN_SHARE,
    Category,
    Form,
)  # fmt: skip

HUES = ("cobalt", "green", "iron red", "ochre", "turquoise", "black", "plum", "rose")


@dataclass(frozen=True, slots=True)
class Design:
    """One object. `model` names the shape, which twins share; `key` names the object, which re-offers share."""

    key: str
    model: str
    category: Category
    form: Form
    maker: str
    origin: str
    maker_premium: float
    period: str
    year: int
    period_effect: float
    substance: str
    pattern: str
    hue: str
    quality: float
    size: float
    condition: int
    pair: bool

    @property
    def wear(self) -> float:
        return CONDITIONS[self.condition][2]


@lru_cache(maxsize=4096)
def first_design(seed: int, index: int) -> Design:
    """The object that item `index` would be if it were neither a twin nor a re-offer."""
    die = dice("design", seed, index)
    category = CATEGORIES[index % 12] if index < 12 else die.choice(CATEGORIES)
    form = die.choice(category.forms)
    maker, origin, premium = die.choice(category.makers)
    period, year, effect = die.choice(PERIODS)
    low, high = form.size
    name = f"S{seed}-{index:06d}"
    return Design(
        key=name,
        model=name,
        category=category,
        form=form,
        maker=maker,
        origin=origin or die.choice([place for _, place, _ in category.makers if place]),
        maker_premium=premium,
        period=period,
        year=year + die.randint(-6, 6),
        period_effect=effect,
        substance=die.choice(form.substances),
        pattern=die.choice(form.patterns),
        hue=die.choice(HUES),
        quality=die.gauss(0, 1),
        size=round(math.exp(die.uniform(math.log(low), math.log(high))), 1),
        condition=die.choices(range(len(CONDITIONS)), CONDITION_WEIGHTS)[0],
        pair=die.random() < form.pairs,
    )


def twin(design: Design, key: str, die: random.Random) -> Design:
    """The same model in another substance, pattern or colour: a different object."""
    form = design.form
    others = [word for word in form.substances if word != design.substance] or [design.substance]
    patterns = [word for word in form.patterns if word != design.pattern] or [design.pattern]
    hues = [hue for hue in HUES if hue != design.hue]
    change = die.choice(["hue", "substance", "pattern"])
    return replace(
        design,
        key=key,
        hue=die.choice(hues),
        substance=die.choice(others) if change == "substance" else design.substance,
        pattern=die.choice(patterns) if change == "pattern" or len(others) == 1 else design.pattern,
        condition=die.choices(range(len(CONDITIONS)), CONDITION_WEIGHTS)[0],
    )


@dataclass(frozen=True, slots=True)
class Ancestry:
    """Where item `index` comes from: itself, a model that it repeats, or an object that it offers again."""

    kind: str  # "first", "twin" or "again"
    source: int


@lru_cache(maxsize=4096)
def ancestry(seed: int, index: int) -> Ancestry:
    die = dice("ancestry", seed, index)
    draw, back = die.random(), die.randint(1, 90)
    if index < 24 or back > index or draw >= TWIN_SHARE + REOFFER_SHARE:
        return Ancestry("first", index)
    source = ancestry(seed, index - back)
    while source.kind != "first":  # a repeat of a repeat goes back to the first
        source = ancestry(seed, source.source)
    return Ancestry("twin" if draw < TWIN_SHARE else "again", source.source)


def design_of(seed: int, index: int) -> Design:
    parent = ancestry(seed, index)
    if parent.kind == "first":
        return first_design(seed, index)
    original = first_design(seed, parent.source)
    if parent.kind == "again":
        return original
    return twin(original, f"S{seed}-{index:06d}", dice("twin", seed, index))
