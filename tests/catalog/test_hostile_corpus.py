"""Every file of the shared collection of hostile images, through the door."""

import csv
import io
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from catalog.decode import pool
from catalog.pictures import SENTENCES, Picture, PictureRefused, receive

pytestmark = pytest.mark.slow
TELLTALES = (b"Exif", b"GPS", b"XMP", b"<script", b"<?php", b"PK\3\4", b"EICAR", b"%PDF")


@dataclass(frozen=True)
class Case:
    path: Path
    kind: str
    pillow_says: str  # "ok", or the exception of a plain Image.open().load()
    seconds: float
    picture: Picture | None
    code: str
    sentence: str


@pytest.fixture
def peaks(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The largest resident memory, in kB, of each decode child that has ended."""
    seen: list[int] = []
    end = pool.Child.end

    def note_and_end(child: pool.Child, *, patience: float = 0.0) -> int | None:
        with suppress(FileNotFoundError):  # buried before
            status = Path(f"/proc/{child.pid}/status").read_text()
            seen.extend(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
        return end(child, patience=patience)

    monkeypatch.setattr(pool.Child, "end", note_and_end)
    return seen


def cases(hostile: Path, only: str = "") -> Iterator[Case]:
    with (hostile / "manifest.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            if only not in row["kind"]:
                continue
            path = hostile / row["file"]
            picture, code, sentence, start = None, "", "", time.monotonic()
            try:
                picture = receive(path.read_bytes(), max_bytes=40_000_000)
            except PictureRefused as refused:
                code, sentence = refused.code, str(refused)
            yield Case(path, row["kind"], row["pillow_decode"], time.monotonic() - start, picture, code, sentence)


def test_the_whole_corpus_has_a_clear_outcome(shared_hostile: Path, peaks: list[int]) -> None:
    all_cases = list(cases(shared_hostile))
    assert len(all_cases) > 300
    for case in all_cases:
        assert (case.picture is None) == (case.code in SENTENCES) == case.sentence.endswith("."), case
        assert case.seconds < (2 if case.kind == "bomb" else 5), case
        assert case.code or not any(telltale in case.picture.jpeg for telltale in TELLTALES if case.picture), case
    assert max(peaks) < 512_000
    outcomes = {kind: {case.code for case in all_cases if case.kind == kind} for kind in ("script", "not-a-photo")}
    assert outcomes == {"script": {"not_a_photo"}, "not-a-photo": {"not_a_photo"}}
    assert {case.code for case in all_cases if case.kind in ("valid", "mismatch")} == {""}
    for case in all_cases:
        if case.kind == "truncated" and case.pillow_says != "ok":
            assert case.code in ("incomplete", "not_a_photo"), case  # the latter: cut TIFFs and BMPs
        if "zerotail" in case.path.name:
            assert case.code, case


def test_flips_that_decode_are_accepted(shared_hostile: Path) -> None:
    flips = list(cases(shared_hostile, "fuzz-flip"))
    assert {case.pillow_says == "ok" for case in flips} == {True, False}
    for case in flips:
        assert (case.picture is not None) == (case.pillow_says == "ok"), case


@pytest.mark.parametrize("orientation", range(10))
def test_the_corpus_is_turned_as_pillow_turns_it(shared_hostile: Path, orientation: int) -> None:
    data = (shared_hostile / "files" / f"syn_exif_gps_orient{orientation}.jpg").read_bytes()
    picture = receive(data, max_bytes=10**7)
    with Image.open(io.BytesIO(data)) as opened:
        upright = ImageOps.exif_transpose(opened).convert("RGB")
    stored = Image.open(io.BytesIO(picture.jpeg))
    assert stored.size == upright.size
    assert np.abs(np.asarray(stored).astype(int) - np.asarray(upright).astype(int)).mean() < 3
