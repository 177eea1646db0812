"""The index from the command line: rebuild it, look at it, in words and in JSON."""

import json
import re
from pathlib import Path

import pytest
from django.conf import settings as site
from django.core.management import CommandError, call_command
from pytest_django import Settings

from search.index.directory import current
from search.ingest import embed_pending
from search.models import IndexBuild
from tests.search.shelf import shelve, shelve_embedded, shelve_indexed

pytestmark = pytest.mark.django_db
Printed = pytest.CaptureFixture[str]


def test_rebuild_index_builds_and_says_so(capsys: Printed) -> None:
    shelve_embedded("red", "blue")

    call_command("rebuild_index")

    assert capsys.readouterr().out == "2 photos are in the new index.\n"
    row = IndexBuild.objects.get()
    assert (row.build_id, row.state, row.is_current, row.photo_count) == (current(site.INDEX_DIR), "ready", True, 2)
    assert (row.encoder, row.engine, row.head[:8]) == ("toy-mean-colour", "annoy", "whitened")
    assert row.finished_at is not None
    assert row.finished_at >= row.started_at


def test_rebuild_index_with_nothing_to_index_is_no_failure(capsys: Printed) -> None:
    call_command("rebuild_index")

    assert capsys.readouterr().out == "There is no embedded photo yet: nothing to index.\n"


def test_rebuild_index_if_due(capsys: Printed) -> None:
    shelve_embedded("red", "blue")

    call_command("rebuild_index", "--if-due")
    assert capsys.readouterr().out == "There is no index in use.\n2 photos are in the new index.\n"
    call_command("rebuild_index", "--if-due")
    assert capsys.readouterr().out == "No rebuild is due.\n"


def test_a_rebuild_that_can_not_be_made_is_told_and_kept(settings: Settings, tmp_path: Path) -> None:
    shelve_embedded("red", "blue")
    settings.HEAD_DIM = 4
    settings.INDEX_DIR = tmp_path / "file"
    settings.INDEX_DIR.write_text("in the way")

    with pytest.raises(CommandError, match="The index that served before goes on serving"):
        call_command("rebuild_index")


def test_index_status_as_a_table(capsys: Printed) -> None:
    shelve_indexed("red", "blue")
    shelve("green"), shelve("teal")
    embed_pending(limit=1)

    call_command("index_status")

    printed = capsys.readouterr().out
    assert re.search(r"photos searched\s*│ 3 ", printed)
    assert re.search(r"encoder\s*│ toy-mean-colour ", printed)
    assert re.search(r"recall\s*│ 100.0 % of the 1 nearest, 5th percentile 100.0 %; ", printed)
    assert re.search(rf"{current(site.INDEX_DIR)}\s*│ current\s*│ 2 ", printed)


def test_index_status_as_json(capsys: Printed) -> None:
    shelve_indexed("red", "blue")
    shelve("green"), shelve("teal")
    embed_pending(limit=1)

    call_command("index_status", "--json")

    status = json.loads(capsys.readouterr().out)
    (build,) = status.pop("builds")
    assert status.pop("age_seconds") < 60
    assert status.pop("recall") == build["recall"]
    assert status == {
        "photos_searched": 3,
        "of_these_embedded_since_the_build": 1,
        "waiting": 1,
        "failed": 0,
        "encoder": "toy-mean-colour",
        "encoder_of_the_settings": "tests.toy_encoder:ToyEncoder",
        "engine": "annoy",
        "every_vector_compared": True,
        "build": current(site.INDEX_DIR),
        "rebuild_due": "",
        "alarms": [],
        "note": "",
    }
    recall = build["recall"]
    assert (recall["k"], recall["mean"], recall["fifth_percentile"], recall["queries"]) == (1, 1.0, 1.0, 2)
    assert recall["effort"] == {}
    assert (build["state"], build["photos"], build["error"]) == ("current", 2, "")


def test_index_status_of_an_empty_house(capsys: Printed) -> None:
    call_command("index_status", "--json")

    status = json.loads(capsys.readouterr().out)
    assert (status["photos_searched"], status["build"], status["builds"]) == (0, None, [])
