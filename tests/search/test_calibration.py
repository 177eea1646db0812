"""What a likeness means, fitted on pairs whose answer is known, and how a page comes to it."""

from collections.abc import Callable
from io import StringIO
from typing import Any

import numpy as np
import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pytest_django import Settings

from catalog.models import Item
from search.heads import serving as heads
from search.judging.judging import judge
from search.likeness import meaning
from search.likeness.calibrating import calibrate, calibrate_if_due, calibration_due
from search.likeness.calibration import fit_for, fit_pairs
from search.likeness.curves import Curve, can_be_fitted, fit_curve
from search.likeness.meaning import ALIKE, EVERYTHING, FIRST, LATER, cutoff_for, meaning_of
from search.likeness.pairs import UNKNOWN, Pairs, ask
from search.models import Calibration, TrainedHead
from search.similar import similar_to_item
from tests.search.learned import learned_head
from tests.search.shelf import category, rebuilt, shelve, shelve_embedded, sold_item

DIM = 16


def unit(rows: NDArray[np.floating]) -> NDArray[np.float32]:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


class Town:
    """Objects of four kinds, two photos each, scattered round their kind's middle."""

    def __init__(self, objects: int = 600, seed: int = 0) -> None:
        random = np.random.default_rng(seed)
        kinds = np.arange(objects) % 4
        middles = random.standard_normal((4, DIM))[kinds]
        shapes = middles + 0.8 * random.standard_normal((objects, DIM))
        self.objects = np.repeat(np.arange(objects), 2)
        self.categories = np.repeat(kinds, 2) + 10
        self.vectors = unit(np.repeat(shapes, 2, axis=0) + 0.5 * random.standard_normal((2 * objects, DIM)))


@pytest.fixture(scope="module")
def town() -> Town:
    return Town()


# --- Curves ----------------------------------------------------------------------------------------------------------


def test_a_curve_tells_how_often_such_pairs_were_right() -> None:
    random = np.random.default_rng(0)
    cosines = random.uniform(0, 1, 6_000)
    right = random.uniform(0, 1, 6_000) < cosines**2
    fitted = fit_curve(cosines, right, random.integers(0, 5, 6_000))
    at = np.array([0.1, 0.3, 0.5, 0.7, 0.9])
    np.testing.assert_allclose(fitted.curve.at(at), at**2, atol=0.1)
    assert fitted.errors[fitted.method] == min(fitted.errors.values())


@given(st.lists(st.tuples(st.floats(-1, 1), st.booleans()), min_size=12, max_size=60), st.integers(0, 99))
@hypothesis_settings(max_examples=30, deadline=None)
def test_whatever_the_pairs_a_curve_rises_within_its_bounds(pairs: list[tuple[float, bool]], seed: int) -> None:
    cosines, right = np.array([cosine for cosine, _ in pairs]), np.array([answer for _, answer in pairs])
    folds = np.random.default_rng(seed).integers(0, 5, len(pairs))
    if can_be_fitted(right, folds):
        promised = fit_curve(cosines, right, folds).curve.at(np.linspace(-1, 1, 50))
        assert (np.diff(promised) >= -1e-12).all()
        assert ((promised > 0) & (promised < 1)).all()


def test_a_curve_survives_json() -> None:
    curve = Curve(np.array([0.1, 0.5]), np.array([0.2, 0.9]))
    again = Curve.of_json(curve.as_json())
    assert again.at(np.array([0.3]))[0] == pytest.approx(0.55)
    assert curve.reaches(0.55) == pytest.approx(0.3, abs=0.001)
    assert curve.reaches(0.95) == 1.0


# --- Asking the catalogue --------------------------------------------------------------------------------------------


def test_a_photo_asks_what_is_left_without_itself_and_its_copies() -> None:
    vectors = unit(np.array([[1, 0, 0], [1, 0, 0], [0.9, 0.1, 0], [0, 1, 0], [0, 0, 1]]))
    asked = ask(vectors, np.array([1, 1, 1, 2, 3]), np.array([7, 7, 7, 7, 8]), {}, np.array([0]))
    assert asked.pairs.same.tolist() == [True, False, False]
    assert asked.pairs.alike.tolist() == [True, True, False]
    assert asked.pairs.first.tolist() == [True, False, False]
    assert asked.pairs.cosines[0] == pytest.approx(float(vectors[0] @ vectors[2]))
    assert asked.strangers.tolist() == [0.0]  # the only thing of another kind


def test_a_familys_other_branches_are_no_strangers() -> None:
    vectors = unit(np.array([[1, 0, 0], [0.9, 0.1, 0], [0, 1, 0.1]]))
    objects, categories = np.array([1, 2, 3]), np.array([11, 12, 20])
    alone = ask(vectors, objects, categories, {}, np.array([0]))
    family = ask(vectors, objects, categories, {11: 10, 12: 10}, np.array([0]))
    assert alone.strangers[0] > 0.9
    assert family.strangers[0] == pytest.approx(0)


def test_without_known_kinds_there_are_no_strangers() -> None:
    vectors = unit(np.eye(3))
    asked = ask(vectors, np.arange(3), np.full(3, UNKNOWN), {}, np.arange(3))
    assert len(asked.strangers) == 0
    assert not asked.pairs.known.any()


# --- Fitting ---------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_probabilities_hold_on_a_town_that_was_not_seen(town: Town) -> None:
    fit, other = fit_for(town.vectors, town.objects, town.categories), Town(seed=1)
    pairs = ask(other.vectors, other.objects, other.categories, {}, np.arange(len(other.vectors))).pairs
    for kind, chosen, right in ((FIRST, pairs.first, pairs.same), (ALIKE, pairs.known, pairs.alike)):
        curve = Curve.of_json(fit.curves[kind][EVERYTHING])
        promised = curve.at(pairs.cosines[chosen])
        assert promised.mean() == pytest.approx(right[chosen].mean(), abs=0.05)
        assert fit.facts[kind]["calibration_error"] < 0.1


@pytest.mark.slow
def test_the_first_answer_is_likelier_the_object_than_a_later_one_as_near(town: Town) -> None:
    curves = fit_for(town.vectors, town.objects, town.categories).curves
    first, later = (Curve.of_json(curves[kind][EVERYTHING]) for kind in (FIRST, LATER))
    assert first.at(np.array([0.9]))[0] > later.at(np.array([0.9]))[0]


@pytest.mark.slow
def test_the_cut_off_keeps_its_promise_for_a_kind_that_was_never_sold(town: Town) -> None:
    sold = town.categories != 13
    fit = fit_for(town.vectors[sold], town.objects[sold], town.categories[sold])
    cutoff = cutoff_for(fit.facts["strangers"], 0.2)
    never_sold = (town.vectors[~sold] @ town.vectors[sold].T).max(axis=1)
    assert 0.02 < (never_sold >= cutoff).mean() < 0.5


@pytest.mark.slow
def test_a_category_with_enough_pairs_has_a_curve_and_a_small_one_its_parents() -> None:
    town = Town(900)
    small = np.flatnonzero(town.categories == 13)[20:]
    categories = town.categories.copy()
    categories[small] = 12
    categories[np.flatnonzero(categories == 13)] = 99  # a few photos, a child of 12
    curves = fit_for(town.vectors, town.objects, categories, parents={99: 12}).curves[ALIKE]
    assert {"10", "11", "12", "99"} <= curves.keys()
    assert curves["99"] == curves["12"]


def test_too_few_photos_or_pairs_teach_nothing() -> None:
    fit = fit_for(unit(np.random.default_rng(0).standard_normal((30, DIM))), np.arange(30), np.full(30, UNKNOWN))
    assert fit.curves == {}
    assert "asked" not in fit.facts
    strangers = unit(np.random.default_rng(0).standard_normal((400, DIM)))
    fit = fit_for(strangers, np.arange(400), np.full(400, UNKNOWN))
    assert (fit.curves, fit.facts["asked"]) == ({}, 400)
    assert (fit.facts["strangers"], fit.facts["certain"]) == ([], None)


@pytest.mark.slow
def test_only_photos_that_taught_nothing_ask(town: Town) -> None:
    set_aside = town.objects % 5 == 0
    fit = fit_for(town.vectors, town.objects, town.categories, may_ask=set_aside)
    assert fit.facts["asked"] == set_aside.sum()


def test_certain_of_the_item_is_where_99_in_100_were_right() -> None:
    cosines = np.concatenate([np.linspace(0.9, 1, 100), np.linspace(0.5, 0.89, 100)])
    right = np.arange(200) < 100
    columns = right, right, right, right, np.arange(200), np.zeros(200, np.int64)
    fit = fit_pairs(Pairs(cosines, *columns), np.empty(0))
    assert fit.facts["certain"] == pytest.approx(0.89, abs=0.005)


# --- What a page reads -----------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_house_that_knows_nothing_uses_what_comes_with_the_code(settings: Settings) -> None:
    shipped = meaning_of("a network", "a head")
    assert not shipped.own
    assert shipped.same(0.95) > shipped.same(0.5) > shipped.same(0.5, first=False)
    assert shipped.alike(0.2) < shipped.alike(0.6)
    assert shipped.floor < shipped.cutoff < shipped.certain


@pytest.mark.django_db
def test_fewer_false_alarms_mean_a_higher_cut_off_and_a_set_one_wins(settings: Settings) -> None:
    settings.FALSE_ALARM_RATE = 0.05
    strict = meaning_of("a network", "a head").cutoff
    settings.FALSE_ALARM_RATE = 0.4
    assert meaning_of("a network", "a head").cutoff < strict
    settings.LIKENESS_CUTOFF = 0.123
    told = meaning_of("a network", "a head")
    assert (told.cutoff, told.floor) == (0.123, 0.123)


def flat(probability: float) -> dict[str, Any]:
    return {kind: {EVERYTHING: [[0, 1], [probability, probability]]} for kind in (FIRST, LATER, ALIKE)}


@pytest.mark.django_db
def test_a_new_head_is_understood_as_the_last_of_its_kind_until_it_is_calibrated() -> None:
    Calibration.objects.create(encoder="net", head="whitened16-aaaa", curves=flat(0.25), cutoff=0, false_alarms=0.2)
    Calibration.objects.create(encoder="net", head="trained16-bbbb", curves=flat(0.75), cutoff=0, false_alarms=0.2)
    assert meaning_of("net", "whitened16-cccc").same(0.5) == 0.25
    assert meaning_of("net", "trained16-cccc").same(0.5) == 0.75
    assert not meaning_of("another", "whitened16-aaaa").own


@pytest.mark.django_db
def test_a_page_costs_no_query_for_it(django_assert_num_queries: Callable[..., Any]) -> None:
    meaning_of("net", "head")
    with django_assert_num_queries(0):
        meaning_of("net", "head")
    Calibration.objects.create(encoder="net", head="head", curves=flat(0.5), cutoff=0, false_alarms=0.2)
    meaning.forget()
    assert meaning_of("net", "head").own


# --- The house -------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_house_calibrates_what_is_searched_once(settings: Settings) -> None:
    assert calibrate() is None
    shelve_embedded("red", "darkred", "blue")
    assert calibration_due() == ""  # without a build the head is still changing
    build = rebuilt()
    assert "has not been calibrated" in calibration_due()

    row = calibrate_if_due()

    assert row
    assert (row.encoder, row.facts["photos"], row.false_alarms) == ("toy-mean-colour", 3, settings.FALSE_ALARM_RATE)
    assert build.build_id
    assert calibrate_if_due() is None


@pytest.mark.django_db
def test_judgements_and_object_keys_are_known_pairs(cataloguer: User) -> None:
    red, darkred, crimson = (sold_item(title, category=category("Glass")) for title in ("red", "darkred", "crimson"))
    for item, key in ((red, "r"), (darkred, "r")):
        item.object_key = key
        item.save()
    for seed, item in enumerate((red, darkred, crimson)):
        shelve(item.title, item=item, seed=seed)
    shelve_embedded("blue", *["navy", "teal", "gold", "green", "white", "black"] * 4)
    rebuilt()
    alone = calibrate()
    judge(red, crimson, "same", cataloguer)
    judge(red, sold_item_like("blue"), "not_alike", cataloguer)

    taught = calibrate()

    assert alone
    assert taught
    assert (known_same(alone), alone.facts["judged"]) == (2, 0)  # red and darkred ask for each other
    assert (known_same(taught), taught.facts["judged"]) == (3, 2)  # and so does crimson


def known_same(row: Calibration) -> int:
    return int(row.facts[FIRST]["right"] + row.facts[LATER]["right"])


def sold_item_like(title: str) -> Item:
    return Item.objects.get(title=title)


@pytest.mark.django_db
def test_the_command_says_what_it_learned() -> None:
    out = StringIO()
    call_command("calibrate", stdout=out)
    assert "nothing to calibrate" in out.getvalue()
    shelve_embedded("red", "blue")
    rebuilt()
    for line in ("has not been calibrated", "No calibration is due."):
        out = StringIO()
        call_command("calibrate", if_due=True, stdout=out)
        assert line in out.getvalue()


@pytest.mark.django_db
def test_pages_follow_the_houses_own_curves(settings: Settings) -> None:
    settings.LIKENESS_CUTOFF = -1.0
    red, _ = shelve_embedded("red", "darkred")
    rebuilt()
    row = calibrate()
    assert row
    row.curves = flat(0.31)
    row.save()
    meaning.forget()
    match = similar_to_item(red.item).matches[0]
    assert match.same == pytest.approx(0.31)
    assert match.number == "31\u00a0% same kind"


@pytest.mark.slow
@pytest.mark.django_db
def test_a_trained_head_is_asked_by_what_it_has_not_learned_from() -> None:
    shelve_embedded(*["red", "blue", "navy", "teal", "gold", "green", "white", "black"] * 5)
    head = learned_head(0, width=6, dim=6)
    heads.keep(head, TrainedHead(encoder="toy-mean-colour"))
    heads.promote(head.name)
    rebuilt()

    row = calibrate()

    assert row
    assert row.head == head.name
    assert 0 < row.facts["asked"] < 20  # about one object in five
