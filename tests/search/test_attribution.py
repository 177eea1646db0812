"""What a thing is, by a vote of the items most like it."""

import random
from typing import Any

import numpy as np
import pytest

from catalog.models import Category, Item, Photo
from search.answer import Band, Match
from search.attribution.vote import KINDS, VOTERS, attribute, shipped
from search.likeness.curves import Curve

GLASS, LAMPS = Category(pk=1, name="Glass"), Category(pk=2, name="Lamps")
SEATS = Category(pk=10, name="Seating")
CHAIRS, STOOLS, SOFAS = (
    Category(pk=pk, name=name, parent=SEATS) for pk, name in ((11, "Chairs"), (12, "Stools"), (13, "Sofas"))
)
# A share of the votes taken for the probability itself, so that the tests say nothing about any house's lots.
PLAIN = {kind: Curve(np.array([0.0, 1.0]), np.array([0.0, 1.0])) for kind in KINDS}


def like(likeness: float, **facts: Any) -> Match:
    like.count += 1  # type: ignore[attr-defined]
    return Match(Item(pk=like.count, **facts), Photo(), likeness, Band.LIKE)  # type: ignore[attr-defined]


like.count = 0  # type: ignore[attr-defined]


def test_the_most_alike_have_the_most_weight() -> None:
    one, many = like(0.9, category=GLASS), [like(0.5, category=LAMPS) for _ in range(10)]
    vote = attribute([one, *many], PLAIN).category
    assert vote.value == GLASS
    assert vote.voters == (one,)
    assert [(rival.value, len(rival.voters)) for rival in vote.rivals] == [(LAMPS, 10)]


def test_what_is_split_evenly_is_unknown() -> None:
    vote = attribute([like(0.8, category=GLASS), like(0.8, category=LAMPS)], PLAIN).category
    assert not vote.known
    assert vote.voters == ()
    assert vote.why == "The nearest items disagree."
    assert {choice.value for choice in vote.rivals} == {GLASS, LAMPS}
    assert vote.leader
    assert vote.probability == vote.leader.probability < 0.5


def test_what_is_hardly_alike_decides_nothing_however_much_it_agrees() -> None:
    assert not attribute([like(0.2, category=GLASS)], PLAIN).category.known
    assert attribute([like(0.2, category=GLASS)], PLAIN).category.why == "Too little is like it."
    assert attribute([like(0.7, category=GLASS)], PLAIN).category.value == GLASS


def test_nothing_like_it_leaves_everything_unknown() -> None:
    said = attribute([])
    assert not said.known
    for vote in (said.category, said.maker, said.period, said.materials):
        assert (vote.value, vote.probability, vote.leader, vote.why) == (None, 0.0, None, "Too little is like it.")


def test_a_fact_that_nobody_states_is_unknown() -> None:
    vote = attribute([like(0.9, maker="Rie"), like(0.9, maker="Rie")], PLAIN).period
    assert (vote.known, vote.why) == (False, "None of the nearest items says.")


def test_one_maker_is_one_however_it_is_written() -> None:
    spelled = ["SALVADOR DALÍ - 1904-1989", "Dali, Salvador", "SALVADOR DALÍ - 1904-1989"]
    vote = attribute([like(0.8, maker=maker) for maker in spelled], PLAIN).maker
    assert vote.value == "SALVADOR DALÍ - 1904-1989"
    assert len(vote.voters) == 3
    assert vote.rivals == ()


def test_lots_that_name_nobody_speak_against_a_maker() -> None:
    named = [like(0.8, maker="Rie"), like(0.8, maker="Rie")]
    assert attribute(named, PLAIN).maker.known
    vote = attribute([*named, *(like(0.8) for _ in range(3))], PLAIN).maker
    assert (vote.known, vote.why) == (False, "Too few of the nearest items say.")


def test_an_object_that_was_offered_ten_times_has_one_vote() -> None:
    offered = [like(0.8, category=GLASS, object_key="one") for _ in range(10)]
    vote = attribute([*offered, like(0.81, category=LAMPS), like(0.8, category=LAMPS)], PLAIN).category
    assert vote.value == LAMPS
    assert [len(rival.voters) for rival in vote.rivals] == [1]


def test_the_parent_is_sure_where_the_category_is_not() -> None:
    vote = attribute([like(0.8, category=each) for each in (CHAIRS, STOOLS, SOFAS)], PLAIN).category
    assert vote.value == SEATS
    assert len(vote.voters) == 3
    assert {rival.value for rival in vote.rivals} == {CHAIRS, STOOLS, SOFAS}
    assert vote.probability > 0.9


def test_a_category_without_a_parent_is_not_made_surer_by_having_none() -> None:
    said = attribute([like(0.8, category=each) for each in (GLASS, LAMPS, CHAIRS)], PLAIN)
    assert not said.category.known


def test_materials_are_those_that_stand_first_with_somebody() -> None:
    texts = [
        "serigrafia sobre papel, assinada, sinais de uso",
        "serigrafia sobre papel, assinada e numerada 3/100",
        "Serigrafia sobre papel, assinada",
    ]
    vote = attribute([like(0.8, materials=text) for text in texts], PLAIN).materials
    assert vote.value == "serigrafia sobre papel"
    assert len(vote.voters) == 3
    assert vote.rivals == ()


def test_several_materials_stand_together_each_with_its_own_probability() -> None:
    texts = ["oak, brass", "oak, brass", "brass", "oak, brass, leather", "pine"]
    vote = attribute([like(0.8, materials=text) for text in texts], PLAIN).materials
    assert vote.value == "brass, oak"
    assert [len(part.voters) for part in vote.parts] == [4, 3]
    assert vote.probability == vote.parts[1].probability < vote.parts[0].probability
    assert [rival.value for rival in vote.rivals] == ["pine"]


def test_what_a_share_is_worth_is_read_off_the_curves() -> None:
    twice_as_sure = {**PLAIN, "category": Curve(np.array([0.0, 0.45, 1.0]), np.array([0.0, 0.9, 0.95]))}
    matches = [like(0.8, category=GLASS), like(0.8, category=LAMPS), like(0.75, category=LAMPS)]
    unsure = attribute(matches, PLAIN).category
    sure = attribute(matches, twice_as_sure).category
    assert unsure.leader
    assert sure.leader
    assert sure.leader.share == unsure.leader.share
    assert sure.probability > 0.9
    assert sum(choice.probability for choice in sure.choices) <= 1


def test_neither_order_nor_more_than_the_nearest_matter() -> None:
    matches = [like(0.9 - 0.02 * place, category=(GLASS, LAMPS)[place % 3 == 0], maker="Rie") for place in range(40)]
    shuffled = random.Random(1).sample(matches, len(matches))
    assert attribute(shuffled) == attribute(matches) == attribute(matches[:VOTERS])


@pytest.mark.parametrize("kind", KINDS)
def test_more_votes_never_make_a_value_less_likely(kind: str) -> None:
    curve = shipped()[kind]
    worth = curve.at(np.linspace(0, 1, 101))
    assert (np.diff(worth) >= 0).all()
    assert 0 < worth[0] < worth[-1] < 1
