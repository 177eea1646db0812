"""Milvus may be away when a build is made, opened, searched or removed: search answers, and nothing is forgotten."""

import logging
from pathlib import Path

import numpy as np
import pytest
from pytest_django import Settings

from search.index import directory
from search.index.base import IndexRefused
from search.index.builder import BuildFailed
from search.index.engines import environment_of
from search.index.milvus import Address, MilvusEngine, collection_of
from search.index.reader import open_build
from tests.search.builds import make_build
from tests.search.test_index_contract import opened, unit_vectors

NOBODY = "http://127.0.0.1:9"  # the port of "discard": no Milvus listens there


def test_without_an_address_a_build_fails_in_words(settings: Settings, tmp_path: Path) -> None:
    settings.MILVUS_URI = ""

    with pytest.raises(BuildFailed, match="needs MILVUS_URI: a server such as"):
        make_build(tmp_path, 30, engine="milvus")


def test_a_server_is_named_without_what_is_secret() -> None:
    assert str(Address("https://reader:secret@milvus.example.com:19530", "token")) == "https://milvus.example.com:19530"
    assert str(Address("var/milvus.db", "")) == "var/milvus.db"


def test_collections_are_named_after_their_builds_before_and_after_they_are_published() -> None:
    build_id = "20260101T000000-ab12cd34"

    assert collection_of(Path("index/.tmp-" + build_id)) == "hindsight_20260101T000000_ab12cd34"
    assert collection_of(Path("index") / build_id) == "hindsight_20260101T000000_ab12cd34"


@pytest.mark.slow
def test_a_build_that_can_not_reach_its_server_fails_and_is_swept_later(
    settings: Settings, milvus_file: str, tmp_path: Path
) -> None:
    settings.MILVUS_URI = NOBODY

    with pytest.raises(BuildFailed, match=f"Milvus at {NOBODY} can't be used"):
        make_build(tmp_path, 30, engine="milvus")

    (left,) = tmp_path.iterdir()  # a collection may exist there: what names it must stay
    assert [path.name for path in left.iterdir()] == ["milvus.json"]
    settings.MILVUS_URI = milvus_file
    directory.sweep(tmp_path, [])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_build_whose_server_is_away_answers_exactly(settings: Settings, milvus_file: str, tmp_path: Path) -> None:
    settings.MILVUS_URI = milvus_file
    folder, _ = make_build(tmp_path, 300, engine="milvus")
    settings.MILVUS_URI = NOBODY

    build = open_build(folder)

    assert build.exact
    assert f"Milvus at {NOBODY} can't be used" in build.fault
    assert build.index.search(np.asarray(build.vectors[7]), 1)[0].tolist() == [7]


@pytest.mark.slow
def test_a_collection_that_is_gone_or_too_small_is_refused(
    settings: Settings, milvus_file: str, tmp_path: Path
) -> None:
    settings.MILVUS_URI = milvus_file
    vectors, kind = unit_vectors(300), MilvusEngine(ef=100)
    index = opened(kind, vectors, tmp_path)
    from pymilvus import MilvusClient

    client = MilvusClient(milvus_file)
    client.delete(collection_of(tmp_path), ids=[3])
    client.flush(collection_of(tmp_path))
    with pytest.raises(IndexRefused, match="holds 299 vectors, not 300"):
        kind.open(vectors, tmp_path)
    client.drop_collection(collection_of(tmp_path))
    with pytest.raises(IndexRefused, match="has no collection hindsight_"):
        kind.open(vectors, tmp_path)

    assert index.search(vectors[3], 5)[0][0] == 3  # one that was open before goes on


@pytest.mark.slow
def test_a_server_that_stops_while_it_is_searched_costs_no_answer(
    settings: Settings, milvus_file: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    from milvus_lite.server_manager import server_manager_instance

    settings.MILVUS_URI = str(tmp_path / "own.db")
    (tmp_path / "build").mkdir()
    vectors = unit_vectors(3000)
    index = opened(MilvusEngine(ef=200), vectors, tmp_path / "build")
    assert index.search(vectors[3], 5)[0][0] == 3

    server_manager_instance.release_server(settings.MILVUS_URI)
    with caplog.at_level(logging.WARNING, "search.index.milvus"):
        answers = [index.search(vectors[row], 5)[0][0] for row in range(20)]

    assert answers == list(range(20))
    assert caplog.text.count("Every vector is compared for 10 s") == 1  # the others did not wait for it


@pytest.mark.slow
def test_another_process_finds_a_file_that_this_one_serves(
    settings: Settings, milvus_file: str, tmp_path: Path
) -> None:
    settings.MILVUS_URI, settings.MILVUS_TOKEN = milvus_file, "root:Milvus"
    assert environment_of(tmp_path) == {}
    opened(MilvusEngine(ef=100), unit_vectors(50), tmp_path)

    environment = environment_of(tmp_path)

    assert environment["MILVUS_URI"].startswith("http://127.0.0.1:")
    assert environment["MILVUS_TOKEN"] == "root:Milvus"
