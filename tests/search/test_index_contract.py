"""Every engine keeps the same promise: the nearest rows first, with exact cosines."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from pytest_django import Settings

from search.index import directory
from search.index.annoy import AnnoyEngine
from search.index.base import Engine, IndexRefused, VectorIndex, Vectors, best
from search.index.engines import engine
from search.index.exact import ExactEngine
from search.index.milvus import MilvusEngine
from search.index.reader import open_build
from search.index.signature import SignatureEngine
from tests.search.builds import make_build

ENGINES = [ExactEngine(), AnnoyEngine(trees=10, search_k=3000), SignatureEngine(bits=64, candidates=300)]
MILVUS = MilvusEngine(ef=500)
# What its server takes a second of a core and more for; test_live_engines.py filters with it in each run.
MILVUS_IN_TIME = {
    "test_the_nearest_of_many_are_found",
    "test_of_some_rows_only_the_nearest_of_them_are_found",
    "test_rows_that_are_all_far_off_are_found_too",
    "test_threads_share_an_index",
    "test_a_build_passes_its_check_in_another_process",
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "kind" in metafunc.fixturenames:
        mark = pytest.mark.chaos if metafunc.function.__name__ in MILVUS_IN_TIME else pytest.mark.slow
        engines = [*ENGINES, pytest.param(MILVUS, marks=mark)]
        metafunc.parametrize("kind", engines, ids=["exact", "annoy", "signature", "milvus"], indirect=True)


def unit_vectors(count: int, dim: int = 16, seed: int = 0) -> Vectors:
    vectors = np.random.default_rng(seed).standard_normal((count, dim)).astype(np.float32)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def opened(kind: Engine, vectors: Vectors, directory: Path) -> VectorIndex:
    kind.build(vectors, directory)
    return kind.open(vectors, directory)


@pytest.fixture
def kind(request: pytest.FixtureRequest, settings: Settings) -> Engine:
    chosen: Engine = request.param
    if chosen.name == "milvus":
        settings.MILVUS_URI = request.getfixturevalue("milvus_file")
    return chosen


def test_an_engine_tells_size_and_dim_and_writes_the_files_that_it_names(kind: Engine, tmp_path: Path) -> None:
    index = opened(kind, unit_vectors(50), tmp_path)

    assert (index.size, index.dim) == (50, 16)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(kind.files)


def test_each_vector_finds_itself_first_with_a_cosine_of_one(kind: Engine, tmp_path: Path) -> None:
    vectors = unit_vectors(400)
    index = opened(kind, vectors, tmp_path)

    for row in (0, 17, 399):
        rows, scores = index.search(vectors[row], 5)
        assert rows[0] == row
        assert scores[0] == pytest.approx(1, abs=1e-5)


def test_scores_are_exact_cosines_best_first(kind: Engine, tmp_path: Path) -> None:
    vectors = unit_vectors(2000)
    query = unit_vectors(1, seed=1)[0]
    rows, scores = opened(kind, vectors, tmp_path).search(query, 30)

    assert rows.dtype == np.int64
    assert len(set(rows.tolist())) == 30
    assert scores == pytest.approx(vectors[rows] @ query, abs=1e-6)
    assert (np.diff(scores) <= 0).all()


def test_the_nearest_of_many_are_found(kind: Engine, tmp_path: Path) -> None:
    """Annoy may miss some; with this effort hardly any of the 20 nearest."""
    vectors, queries = unit_vectors(5000), unit_vectors(40, seed=2)
    index = opened(kind, vectors, tmp_path)

    found = [set(index.search(query, 20)[0].tolist()) for query in queries]
    truth = [set(best(vectors @ query, 20).tolist()) for query in queries]

    recall = np.mean([len(a & b) / 20 for a, b in zip(found, truth, strict=True)])
    assert recall == 1 if kind.name == "exact" else recall > 0.95


def test_asked_for_more_than_there_is_all_come_back(kind: Engine, tmp_path: Path) -> None:
    vectors = unit_vectors(7)
    rows, scores = opened(kind, vectors, tmp_path).search(vectors[3], 100)

    assert sorted(rows.tolist()) == list(range(7))
    assert len(scores) == 7


def test_a_single_vector_is_an_index_too(kind: Engine, tmp_path: Path) -> None:
    vectors = unit_vectors(1)
    rows, scores = opened(kind, vectors, tmp_path).search(-vectors[0], 3)

    assert rows.tolist() == [0]
    assert scores == pytest.approx([-1], abs=1e-5)


def test_equal_photos_all_come_first_in_the_order_of_their_rows(kind: Engine, tmp_path: Path) -> None:
    vectors = unit_vectors(300)
    vectors[[5, 50, 200]] = vectors[5]
    rows, _ = opened(kind, vectors, tmp_path).search(vectors[5], 4)

    assert rows[:3].tolist() == [5, 50, 200]


def test_more_equal_photos_than_candidates_are_all_as_near(kind: Engine, tmp_path: Path) -> None:
    vectors = unit_vectors(3000)
    vectors[:2000] = vectors[0]
    rows, scores = opened(kind, vectors, tmp_path).search(vectors[0], 20)

    assert len(set(rows.tolist())) == 20
    assert scores == pytest.approx(np.ones(20), abs=1e-5)


@pytest.mark.parametrize("share", [0.5, 0.1, 0.01, 0.001])
def test_of_some_rows_only_the_nearest_of_them_are_found(kind: Engine, share: float, tmp_path: Path) -> None:
    vectors, queries = unit_vectors(8000), unit_vectors(20, seed=3)
    wanted = np.random.default_rng(0).random(8000) < share
    index = opened(kind, vectors, tmp_path)

    found = [index.search(query, 20, wanted) for query in queries]

    expected = min(20, int(np.count_nonzero(wanted)))
    assert all(len(rows) == expected and wanted[rows].all() for rows, _ in found)
    truth = [set(np.flatnonzero(wanted)[best(vectors[wanted] @ query, 20)].tolist()) for query in queries]
    recall = np.mean([len(set(rows.tolist()) & true) / expected for (rows, _), true in zip(found, truth, strict=True)])
    assert recall == 1 if kind.name == "exact" else recall > 0.97
    assert all(
        scores == pytest.approx(vectors[rows] @ q, abs=1e-6) for (rows, scores), q in zip(found, queries, strict=True)
    )


def test_rows_that_are_all_far_off_are_found_too(kind: Engine, tmp_path: Path) -> None:
    """A filter may leave only what the query is least like: no list of nearest ones holds any of it."""
    vectors, query = unit_vectors(8000), unit_vectors(1, seed=4)[0]
    farthest = best(-(vectors @ query), 1500)
    wanted = np.zeros(8000, np.bool_)
    wanted[farthest] = True

    rows, _ = opened(kind, vectors, tmp_path).search(query, 20, wanted)

    assert set(rows.tolist()) == set(farthest[-20:].tolist())


def test_of_no_rows_nothing_is_found(kind: Engine, tmp_path: Path) -> None:
    vectors = unit_vectors(500)
    rows, scores = opened(kind, vectors, tmp_path).search(vectors[0], 5, np.zeros(500, np.bool_))

    assert rows.tolist() == scores.tolist() == []


def test_threads_share_an_index(kind: Engine, tmp_path: Path) -> None:
    vectors = unit_vectors(3000)
    index = opened(kind, vectors, tmp_path)

    with ThreadPoolExecutor(8) as pool:
        firsts = list(pool.map(lambda row: int(index.search(vectors[row], 3)[0][0]), range(150)))

    assert firsts == list(range(150))


def test_an_index_over_mapped_vectors_copies_none_of_them(kind: Engine, tmp_path: Path) -> None:
    vectors = unit_vectors(3000)
    vectors.tofile(tmp_path / "vectors.f32")
    mapped = np.memmap(tmp_path / "vectors.f32", np.float32, "r", shape=vectors.shape)
    (tmp_path / "engine").mkdir()
    index = opened(kind, mapped, tmp_path / "engine")

    rows, _ = index.search(vectors[9], 3)

    assert rows[0] == 9
    assert index.vectors is mapped  # type: ignore[attr-defined]
    engine_maps = [
        line for line in Path("/proc/self/maps").read_text().splitlines() if str(tmp_path / "engine") in line
    ]
    if kind.name in ("annoy", "signature"):
        assert engine_maps
    assert all("r--s" in line for line in engine_maps)  # read-only, and shared with every other process


def test_files_for_other_vectors_are_refused(kind: Engine, tmp_path: Path) -> None:
    kind.build(unit_vectors(200), tmp_path)

    if kind.files:
        with pytest.raises(IndexRefused):
            kind.open(unit_vectors(333), tmp_path)


def test_a_build_passes_its_check_in_another_process(kind: Engine, tmp_path: Path) -> None:
    """Its canaries are answered there as here; and its sweep leaves nothing of it."""
    folder, manifest = make_build(tmp_path, 300, engine=kind.name)
    build = open_build(folder)

    assert (build.fault, build.manifest.engine, len(manifest.canaries)) == ("", kind.name, 20)
    assert set(manifest.versions) == {"numpy", *kind.packages}
    rows, _ = build.index.search(np.asarray(build.vectors[7]), 1)
    assert build.photo_ids[rows].tolist() == [1021]
    assert directory.sweep(tmp_path, []) == [manifest.build_id]
    assert list(tmp_path.iterdir()) == []


def test_where_the_engine_is_damaged_the_vectors_answer(kind: Engine, tmp_path: Path) -> None:
    folder, _ = make_build(tmp_path, 300, engine=kind.name)
    for name in kind.files:
        spoilt = bytearray((folder / name).read_bytes())
        spoilt[len(spoilt) // 2] ^= 1
        (folder / name).write_bytes(spoilt)

    build = open_build(folder)

    assert bool(build.fault) is bool(kind.files)
    assert "does not match its checksum" in build.fault or not kind.files
    assert build.index.search(np.asarray(build.vectors[7]), 1)[0].tolist() == [7]


def test_equal_vectors_make_an_equal_annoy_file(tmp_path: Path) -> None:
    kind, files = AnnoyEngine(trees=5, search_k=100), []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        kind.build(unit_vectors(200), tmp_path / name)
        files.append((tmp_path / name / "index.ann").read_bytes())

    assert files[0] == files[1]


def test_an_annoy_file_of_another_size_is_refused(tmp_path: Path) -> None:
    kind = AnnoyEngine(trees=5, search_k=100)
    kind.build(unit_vectors(200), tmp_path)

    with pytest.raises(IndexRefused, match="holds 200 vectors, not 201"):
        kind.open(unit_vectors(201), tmp_path)


def test_engines_are_chosen_by_name() -> None:
    assert engine("annoy", {"trees": 3, "search_k": 500}) == AnnoyEngine(trees=3, search_k=500)
    assert engine("exact", {}) == ExactEngine()
    with pytest.raises(IndexRefused, match="no engine 'faiss'"):
        engine("faiss", {})
    with pytest.raises(IndexRefused, match="needs the option 'trees'"):
        engine("annoy", {})


def test_the_best_places_are_in_order_and_ties_keep_their_order() -> None:
    scores = np.array([0.1, 0.9, 0.5, 0.9, -1], np.float32)

    assert best(scores, 3).tolist() == [1, 3, 2]
    assert best(scores, 99).tolist() == [1, 3, 2, 0, 4]
    assert best(scores, 0).tolist() == []
    assert best(np.empty(0, np.float32), 5).tolist() == []
