"""Runs a contest's stages as processes of their own and keeps what they say, so that a stopped run can go on."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from bench.index.result import Result
from bench.index.rivals.base import Rival
from bench.index.sets import Set

_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
_TWO_THREADS = {"OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2"}


@dataclass(frozen=True)
class Limits:
    """Seconds that one stage may take, and whether what was measured is measured anew."""

    seconds: float
    again: bool = False


class StageFailed(Exception):
    """A stage took too long or died; the message says which and how, in words."""


def run(given: Set, rival: Rival, limits: Limits) -> Result:
    """The result of an index on a set: the one that is kept, or a new one."""
    slug = "".join(letter if letter.isalnum() else "-" for letter in rival.name)
    kept, place = given.place / f"{slug}.json", given.place / slug
    if kept.exists() and not limits.again:
        return Result.of_json(json.loads(kept.read_text()))
    try:
        facts = _facts(given, rival, place, limits.seconds)
    except StageFailed as failure:
        facts = {"failed": str(failure)}
    result = Result.of_json({"rival": rival.name, "size": given.size, "setup": rival.setup} | _traits(rival) | facts)
    kept.write_text(json.dumps(asdict(result), indent=1))
    return result


def _traits(rival: Rival) -> dict[str, Any]:
    return {"raw": rival.raw, "uses_matrix": rival.uses_matrix}


def _facts(given: Set, rival: Rival, place: Path, seconds: float) -> dict[str, Any]:
    """Everything that the stages say. The files are removed at the end: a million vectors fill a disk soon."""
    built = place / "built.json"
    if not built.exists():
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        built.write_text(json.dumps(_stage("build", given, rival, place, seconds, _TWO_THREADS)))
    facts: dict[str, Any] = json.loads(built.read_text())
    facts |= _stage("start", given, rival, place, seconds, _ONE_THREAD)
    facts |= _stage("measure", given, rival, place, seconds, _ONE_THREAD)
    shutil.rmtree(place)
    return facts


def _stage(name: str, given: Set, rival: Rival, place: Path, seconds: float, threads: dict[str, str]) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.index.contest", name]
    command += [str(given.folder), str(given.size), rival.name, str(place)]
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and module
            command,
            capture_output=True,
            text=True,
            timeout=seconds,
            cwd=settings.BASE_DIR,
            env=os.environ | threads,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise StageFailed(f"{name}: took more than {seconds:.0f} s") from error
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise StageFailed(f"{name}: ended with {done.returncode}: {last}")
    answer: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return answer
