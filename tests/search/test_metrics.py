"""What the house tells those who watch it, and whom it tells."""

import os
import re
import subprocess
import sys
import time
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from prometheus_client import CollectorRegistry
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings
from ruamel.yaml import YAML

from catalog.metrics import retire
from catalog.pictures import PictureRefused, receive
from search.encoder import load_encoder
from search.models import Heartbeat
from tests.photos import photo_file
from tests.search.shelf import shelve, shelve_indexed
from tests.test_settings import ROOT
from worker.heartbeat import beat

pytestmark = pytest.mark.django_db
TOKEN = "a-long-random-word"


@pytest.fixture
def watching(settings: Settings) -> Client:
    settings.METRICS_TOKEN = TOKEN
    return Client(headers={"Authorization": f"Bearer {TOKEN}"})


def samples(client: Client) -> dict[str, float]:
    """By name and labels, as Prometheus reads them."""
    response = client.get("/metrics")
    assert response.status_code == 200
    families = text_string_to_metric_families(response.content.decode())
    return {
        " ".join([sample.name, *map("=".join, sorted(sample.labels.items()))]): sample.value
        for family in families
        for sample in family.samples
    }


def more(client: Client, before: dict[str, float]) -> dict[str, float]:
    """What has been counted since."""
    return {
        name: value - before.get(name, 0)
        for name, value in samples(client).items()
        if name.partition(" ")[0].endswith(("_total", "_count")) and value > before.get(name, 0)
    }


# --- Who may read -----------------------------------------------------------------------------------------------------


def test_strangers_find_no_such_page() -> None:
    assert Client().get("/metrics").status_code == 404


def test_cataloguers_find_no_such_page(client: Client, cataloguer: User) -> None:
    client.force_login(cataloguer)
    assert client.get("/metrics").status_code == 404


def test_managers_read_the_numbers(client: Client, manager: User) -> None:
    client.force_login(manager)
    assert "hindsight_photos_waiting" in samples(client)


@pytest.mark.parametrize("word", ["", "another-word", TOKEN + "x", "ünïcodé"])
def test_a_wrong_word_opens_nothing(settings: Settings, word: str) -> None:
    settings.METRICS_TOKEN = TOKEN
    assert Client().get("/metrics", HTTP_AUTHORIZATION=f"Bearer {word}").status_code == 404


def test_without_a_token_no_word_opens_anything() -> None:
    assert Client(headers={"Authorization": "Bearer "}).get("/metrics").status_code == 404


def test_a_network_inside_reads_the_numbers_directly_only(settings: Settings) -> None:
    settings.METRICS_ALLOW = [ip_network("10.1.0.0/16")]

    assert Client(REMOTE_ADDR="10.1.2.3").get("/metrics").status_code == 200
    assert Client(REMOTE_ADDR="10.2.2.3").get("/metrics").status_code == 404
    assert Client(REMOTE_ADDR="").get("/metrics").status_code == 404
    through_a_proxy = Client(REMOTE_ADDR="10.1.2.3", headers={"X-Forwarded-For": "203.0.113.7"})
    assert through_a_proxy.get("/metrics").status_code == 404


# --- What is told -----------------------------------------------------------------------------------------------------


def test_photos_that_wait_the_index_and_the_processes_are_told(watching: Client) -> None:
    shelve_indexed("red", "green", "blue")
    shelve("teal")
    beat(["embedder"])
    told = samples(watching)

    assert told["hindsight_photos_waiting"] == 1
    assert told["hindsight_index_photos"] == 3
    assert told["hindsight_index_hot_photos"] == 0
    assert told["hindsight_index_recall"] == 1
    assert 0 <= told["hindsight_index_age_seconds"] < 60
    assert told["hindsight_heartbeat_age_seconds part=embedder"] < 60
    assert told["hindsight_heartbeat_age_seconds part=beat"] == float("inf")
    assert told["hindsight_ready part=database"] == told["hindsight_ready part=media"] == 1


def test_a_search_is_counted_with_its_steps_and_a_result_that_is_opened(
    client: Client, cataloguer: User, watching: Client
) -> None:
    (photo,) = shelve_indexed("red")
    client.force_login(cataloguer)
    before = samples(watching)
    answer = client.post("/", {"photos": SimpleUploadedFile("a.jpg", photo_file("red").read())}, follow=True)
    address = answer.redirect_chain[-1][0]
    client.get(reverse("item", args=[photo.item_id]), headers={"Referer": f"http://testserver{address}"})
    client.get(reverse("item", args=[photo.item_id]), headers={"Referer": "http://elsewhere.example/search/"})
    counted = more(watching, before)

    assert counted["hindsight_answers_total kind=photo outcome=found"] == 1
    assert counted["hindsight_results_opened_total kind=photo"] == 1
    for step in ("read", "embed", "search", "load"):
        assert counted[f"hindsight_step_seconds_count step={step}"] == 1
    assert counted["hindsight_photos_read_total outcome=clean"] == 1
    assert sum(value for name, value in counted.items() if name.startswith("hindsight_ranges_total")) == 1
    assert counted["hindsight_request_seconds_count page=results"] == 1


def test_a_file_that_is_no_photo_is_counted_by_its_reason(watching: Client) -> None:
    before = samples(watching)
    with pytest.raises(PictureRefused):
        receive(b"%PDF-1.7 a letter", max_bytes=1000)

    assert more(watching, before)["hindsight_photos_read_total outcome=not_a_photo"] == 1


def test_responses_are_counted_by_class(watching: Client) -> None:
    before = samples(watching)
    Client().get("/nowhere/")

    assert more(watching, before)["hindsight_responses_total status=4xx"] == 1


def test_a_machine_that_is_told_to_wait_is_no_failed_request(watching: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    before = samples(watching)
    monkeypatch.setattr("search.encoder._loaded", {})

    assert Client().get("/readyz").status_code == 503
    assert "hindsight_responses_total status=5xx" not in more(watching, before)


# --- Several processes ------------------------------------------------------------------------------------------------


COUNT = "from prometheus_client import Counter; Counter('apples', 'Apples.', ['kind']).labels('red').inc({})"


def test_a_process_that_ends_leaves_its_counts_but_no_files(tmp_path: Path) -> None:
    for apples in (2, 3):
        process = subprocess.Popen(
            [sys.executable, "-c", COUNT.format(apples)], env={**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
        )
        assert process.wait(20) == 0
        retire(tmp_path, process.pid)
    registry = CollectorRegistry()
    MultiProcessCollector(registry, str(tmp_path))

    assert registry.get_sample_value("apples_total", {"kind": "red"}) == 5
    assert sorted(path.name for path in tmp_path.iterdir()) == ["counter_retired.db", "lock"]


# --- Whether it can answer --------------------------------------------------------------------------------------------


def test_it_is_ready_once_the_network_is_loaded(watching: Client) -> None:
    load_encoder()
    stranger, watcher = Client().get("/readyz"), watching.get("/readyz")

    assert (stranger.status_code, stranger.content) == (200, b"ready")
    assert watcher.content.decode().splitlines()[:3] == [
        "ready",
        "database: The database answers.",
        "network: The network is loaded.",
    ]


def test_it_is_not_ready_before_and_strangers_are_not_told_why(
    watching: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("search.encoder._loaded", {})
    monkeypatch.setattr("search.operating.readiness._BEGAN", time.monotonic())
    stranger, watcher = Client().get("/readyz"), watching.get("/readyz")

    assert (stranger.status_code, stranger.content) == (503, b"not ready")
    assert "network: The network is being loaded: this web process has just begun." in watcher.content.decode()


def test_it_is_not_ready_where_no_photo_can_be_written(watching: Client, settings: Settings, tmp_path: Path) -> None:
    load_encoder()
    (tmp_path / "a-file").touch()
    settings.MEDIA_ROOT = tmp_path / "a-file" / "media"

    assert Client().get("/readyz").status_code == 503
    assert "media: " in watching.get("/readyz").content.decode()


def test_looking_leaves_no_file_behind(settings: Settings) -> None:
    Client().get("/readyz")
    assert list(settings.MEDIA_ROOT.iterdir()) == []


# --- The alarms for Prometheus ----------------------------------------------------------------------------------------


def rules() -> list[dict[str, Any]]:
    groups = YAML(typ="safe").load((ROOT / "deploy/prometheus/alerts.yml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def test_alerts_ask_only_for_numbers_that_there_are(watching: Client) -> None:
    shelve_indexed("red", "blue")
    text = watching.get("/metrics").content.decode()
    told = dict(re.findall(r"^# TYPE (\w+) (\w+)$", text, re.MULTILINE))
    histograms = {f"{name}_bucket" for name, kind in told.items() if kind == "histogram"}
    asked = {name for rule in rules() for name in re.findall(r"\bhindsight_\w+", rule["expr"])}

    assert len(asked) >= 9
    assert asked <= set(told) | histograms


def test_labels_that_alerts_name_are_the_metrics_own(watching: Client) -> None:
    load_encoder()
    Client().get("/nowhere/")
    Heartbeat.objects.all().delete()
    names = " ".join(samples(watching))
    for rule in rules():
        for label in re.findall(r"by \(([\w, ]+)\)", rule["expr"]):
            for name in label.replace("le", "").replace("instance", "").replace(",", " ").split():
                assert f"{name}=" in names, rule["alert"]
