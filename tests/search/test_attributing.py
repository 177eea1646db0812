"""What a share of the votes is worth, learned from lots whose facts are known."""

import numpy as np
import pytest

from catalog.models import Category, Item
from search.answer import Attribution, Choice, Vote
from search.attribution.fitting import NEEDED, Asked, fitted, worth_of_votes
from search.attribution.vote import CATEGORY, FAMILY, MAKER, MATERIALS, PERIOD, VOTES, shipped
from search.likeness import meaning
from search.likeness.calibrating import calibrate
from search.likeness.curves import Curve
from tests.search.shelf import category, shelve_indexed, sold_item

GLASS, LAMPS = Category(pk=1, name="Glass"), Category(pk=2, name="Lamps")
NOTHING: Vote[str] = Vote(None, 0.0, (), ())


def asked(number: int, share: float, right: bool) -> Asked:
    """A glass of which the others say, with this share of the votes, what it is."""
    choice = Choice(GLASS if right else LAMPS, share, share, ())
    said = Attribution(Vote(None, share, (), (choice,)), NOTHING, NOTHING, NOTHING)
    return Asked(Item(pk=number, category=GLASS), number, said)


def lots(count: int) -> list[Asked]:
    """Shares of every size, each right as often as its square."""
    rng = np.random.default_rng(0)
    shares = rng.random(count)
    return [asked(number, float(share), bool(rng.random() < share**2)) for number, share in enumerate(shares)]


def test_a_share_is_worth_how_often_it_was_right() -> None:
    worth = fitted(lots(1500))
    curve = Curve.of_json(worth.curves[CATEGORY])
    for share in (0.3, 0.5, 0.8):
        assert float(curve.at(np.array([share]))[0]) == pytest.approx(share**2, abs=0.1)
    assert worth.facts[CATEGORY]["calibration_error"] < 0.07
    assert worth.facts[CATEGORY]["lots"] == 1500


def test_too_few_lots_teach_nothing() -> None:
    worth = fitted(lots(NEEDED - 1))
    assert worth.curves == {}
    assert worth.facts[CATEGORY]["lots"] == NEEDED - 1


def test_a_fact_that_always_comes_true_teaches_nothing_either() -> None:
    assert fitted([asked(number, 0.5, True) for number in range(500)]).curves == {}


@pytest.mark.django_db
def test_the_object_itself_has_no_vote() -> None:
    """Each object was offered twice under its maker, who made nothing else: only its own twin could name him."""
    items = [sold_item(f"{pair}", maker=f"Maker {pair}", object_key=f"{pair}") for pair in range(60) for _ in (1, 2)]
    objects = np.repeat(np.arange(60), 2)
    vectors = np.random.default_rng(0).normal(size=(60, 16)).astype(np.float32)[objects]
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    worth = worth_of_votes(vectors, np.array([item.pk for item in items]), objects)
    assert worth.facts[MAKER]["lots"] == 120
    assert worth.facts[MAKER]["right"] == 0


@pytest.mark.django_db
def test_kinds_that_lie_apart_are_told_apart_and_facts_that_nobody_wrote_teach_nothing() -> None:
    names = ["Glass", "Lamps"]
    items = [sold_item("x", category=category(names[number % 2]), materials="oak") for number in range(120)]
    centres = np.array([[1.0, 0.2], [0.2, 1.0]])
    vectors = centres[np.arange(120) % 2] + np.random.default_rng(0).normal(0, 0.02, (120, 2))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    facts = worth_of_votes(vectors, np.array([item.pk for item in items]), np.arange(120)).facts
    assert facts[CATEGORY]["right"] == facts[FAMILY]["right"] == facts[MATERIALS]["right"] == 120
    assert facts[PERIOD]["lots"] == 0


@pytest.mark.django_db
def test_a_calibration_keeps_what_votes_are_worth_and_search_reads_it() -> None:
    shelve_indexed("red", "orangered", "blue")
    row = calibrate()
    assert row
    assert row.curves[VOTES] == {}  # three lots teach nothing …
    assert row.facts[VOTES][CATEGORY]["lots"] == 0
    before = meaning.meaning_of(row.encoder, row.head).votes
    assert before.keys() == shipped().keys()
    assert before[CATEGORY] is shipped()[CATEGORY]  # … so what comes with the code counts
    row.curves[VOTES] = {CATEGORY: [[0.0, 1.0], [0.25, 0.75]]}
    row.save()
    meaning.forget()
    votes = meaning.meaning_of(row.encoder, row.head).votes
    assert votes[CATEGORY].as_json() == [[0.0, 1.0], [0.25, 0.75]]
    assert votes[MAKER] is shipped()[MAKER]
