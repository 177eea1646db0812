"""A head learns from photos of which it is known what they show."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from search.evaluation.signatures import lsh
from search.head import HeadError, LearnedHead, WhiteningHead, load_head
from search.heads.projection import normalised
from search.training.examples import Examples, drawn, foreign_half, held_out
from search.training.learn import BITS, FEWEST_OBJECTS, Learned, NothingToLearn, learn_head
from search.training.signature import alone, signature_planes
from search.training.trial import Comparison, score
from search.training.tuning import Plan, _Net, tune
from tests.search.learned import learned_head
from tests.search.lessons import lessons

pytestmark = pytest.mark.network
DIM = 16
QUICK = Plan(epochs=3)


def silent(what: str, done: int, of: int) -> None:
    """Nobody watches."""


@pytest.fixture(scope="module")
def taught() -> Learned:
    return learn_head(lessons(80), DIM, QUICK, silent)


@pytest.fixture(scope="module")
def unseen() -> Examples:
    """Other objects of the same house."""
    return lessons(40, seed=5)


def test_a_trained_head_finds_by_what_whitening_can_not_tell_from_the_light(taught: Learned, unseen: Examples) -> None:
    white = WhiteningHead.fit(lessons(80).features, DIM)

    whitened = score(white.project(unseen.features), unseen.objects)
    trained = score(taught.head.project(unseen.features), unseen.objects)

    assert whitened.mean < 0.3
    assert trained.mean > 0.95
    assert Comparison.of(trained, whitened).is_better
    assert not Comparison.of(whitened, trained).is_better
    assert not Comparison.of(trained, trained).is_better


def test_what_was_learned_from_some_categories_helps_in_others(taught: Learned) -> None:
    abroad = taught.facts["map_abroad"]

    assert abroad[str(taught.facts["strength"])] > abroad["0.0"]
    assert taught.facts["no_worse_abroad"]


@pytest.mark.slow
def test_the_same_seed_gives_the_same_head_and_another_one_another() -> None:
    few = lessons(FEWEST_OBJECTS, width=16)

    first, again, other = (learn_head(few, 8, replace(QUICK, seed=seed), silent) for seed in (1, 1, 2))

    assert again.head.name == first.head.name
    assert other.head.name != first.head.name


def test_numpy_projects_as_torch_does() -> None:
    random = np.random.default_rng(3)
    axes, rows = (random.standard_normal(shape).astype(np.float32) for shape in ((8, 20), (50, 20)))
    net = _Net(axes, kinds=3)
    with torch.no_grad():
        net.added.add_(torch.randn_like(net.added) / 10)
        expected = net(torch.from_numpy(rows)).numpy()

    assert np.allclose(normalised(rows @ net.map().T), expected, atol=1e-6)


@pytest.mark.slow
def test_a_signature_that_has_learned_finds_more_than_random_planes_of_as_many_bits(
    taught: Learned, unseen: Examples
) -> None:
    examples = lessons(80)
    vectors, asked = (taught.head.project(each.features) for each in (examples, unseen))

    planes = signature_planes(vectors, examples, asked, unseen.objects, bits=8, seed=0)

    assert planes.shape == (8, DIM + 1)
    assert alone(asked, unseen.objects, planes) > 1.1 * alone(asked, unseen.objects, lsh(vectors, 8))


def test_one_pass_gives_what_each_output_gives_alone(taught: Learned, unseen: Examples) -> None:
    assert len(taught.head.planes) == BITS
    seen = taught.head.see(unseen.features)

    vectors = taught.head.project(unseen.features)
    told = taught.head.categories(unseen.features)
    assert told is not None
    assert np.array_equal(seen.vectors, vectors)
    assert np.array_equal(seen.categories.probabilities, told.probabilities)
    planes = taught.head.planes
    assert np.array_equal(seen.signature, vectors @ planes[:, :-1].T + planes[:, -1] > 0)


def test_categories_are_told_with_probabilities_and_strange_things_are_none_of_them(taught: Learned) -> None:
    told, untold = (taught.head.categories(lessons(40, seed=5, first_kind=first).features) for first in (0, 10))

    assert told is not None
    assert untold is not None
    assert np.allclose(told.probabilities.sum(axis=1), 1, atol=1e-5)
    assert (told.probabilities.argmax(axis=1) == lessons(40).categories).mean() > 0.9
    assert told.likeliest(0, 2)[0][0] == "kind-0"
    assert told.known.mean() > 0.8
    assert untold.known.mean() < told.known.mean() - 0.2
    assert told.names == lessons(80).category_names


def test_an_object_is_on_one_side_of_every_split() -> None:
    examples = lessons(200, 3)

    for chosen in (held_out(examples), drawn(examples, 0.3, seed=1), foreign_half(examples, seed=1)):
        assert chosen is not None
        sides = np.unique(np.stack([examples.objects, chosen]), axis=1)
        assert sides.shape[1] == 200
        assert 0.1 < chosen.mean() < 0.9


def test_an_object_once_held_out_stays_so_when_the_catalogue_grows() -> None:
    few, many = lessons(50), lessons(300)

    assert np.array_equal(held_out(few), held_out(many)[: few.count])


def test_categories_of_one_half_are_not_in_the_other() -> None:
    examples = lessons(80, kinds=5)

    foreign = foreign_half(examples, seed=3)

    assert foreign is not None
    assert not set(examples.categories[foreign]) & set(examples.categories[~foreign])
    assert foreign_half(lessons(80, kinds=1), seed=3) is None


def test_a_part_of_the_examples_keeps_the_judgements_on_its_photos() -> None:
    examples = lessons(10, alike=np.array([[0, 2], [4, 6]]), apart=np.array([[2, 8]]))

    part = examples.of(examples.objects >= 2)

    assert part.count == 16
    assert part.alike.tolist() == [[0, 2]]
    assert part.apart.tolist() == []


@pytest.mark.parametrize(("verdict", "nearer"), [("alike", True), ("apart", False)])
def test_what_staff_judged_draws_together_or_pushes_apart(verdict: str, nearer: bool) -> None:
    plain = lessons(40)
    # Two objects of one category: photos 0 and 8 are of objects 0 and 4.
    judged = replace(plain, **{verdict: np.array([[0, 8], [1, 9]])})  # type: ignore[arg-type]
    axes = np.eye(DIM, 40, dtype=np.float32)

    def likeness(examples: Examples) -> float:
        rows = plain.features.astype(np.float32)
        plan = Plan(epochs=5, patience=5, judged_weight=5.0, rate=0.01)
        # Nothing is kept back to stop by: the last map counts.
        found = tune(axes, rows, examples, examples, rows, plan, lambda done, of: None).last
        vectors = normalised(rows @ found.T)
        return float(vectors[0] @ vectors[8] + vectors[1] @ vectors[9])

    assert (likeness(judged) > likeness(plain)) is nearer


def test_a_catalogue_with_too_few_pairs_is_told_so_and_nothing_is_trained() -> None:
    with pytest.raises(NothingToLearn, match="Only 24 objects have several photos"):
        learn_head(lessons(24), DIM, QUICK, silent)


def test_a_saved_head_comes_back_whole(taught: Learned, unseen: Examples, tmp_path: Path) -> None:
    taught.head.save(tmp_path / "head")

    back = load_head(tmp_path / "head")

    assert isinstance(back, LearnedHead)
    assert back.name == taught.head.name
    assert np.array_equal(back.project(unseen.features), taught.head.project(unseen.features))
    assert back.category_names == taught.head.category_names
    assert back.threshold == taught.head.threshold


def test_a_tampered_head_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "head"
    learned_head().save(path)
    good = path.read_bytes()

    for place in np.random.default_rng(5).integers(0, len(good), 50):
        path.write_bytes(good[:place] + bytes([good[place] ^ 0x55]) + good[place + 1 :])
        with pytest.raises(HeadError, match="checksum is wrong"):
            load_head(path)


@pytest.mark.parametrize(
    "wrong",
    [
        {"planes": np.zeros((8, 9), np.float32)},
        {"axes": np.full((4, 6), np.nan, np.float32)},
        {"category_names": ("chairs",)},
        {"mean": np.zeros(6, np.float64)},
    ],
    ids=["planes of another width", "not finite", "a name too few", "another precision"],
)
def test_arrays_that_are_no_head_are_refused(wrong: dict[str, object], tmp_path: Path) -> None:
    replace(learned_head(), **wrong).save(tmp_path / "head")  # type: ignore[arg-type]

    with pytest.raises(HeadError, match="don't fit each other"):
        load_head(tmp_path / "head")


def test_another_networks_features_are_refused() -> None:
    with pytest.raises(HeadError, match=r"takes features \(n, 6\)"):
        learned_head().project(np.ones((2, 7), np.float32))
