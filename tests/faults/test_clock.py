"""The clock of the machine jumps by an hour or a day: nothing is embedded again, nobody is locked out, beat goes on."""

import shutil
import struct
import subprocess
import sys
import time
from pathlib import Path

import pytest

from catalog.models import Photo
from search.models import Feature
from tests.faults.street import Street
from tests.faults.test_worker_kills import EMBEDDED, Watched, state
from tests.photos import photo_file
from tests.search.shelf import shelve
from tests.services.house import House
from tests.services.servers import wait_until
from tests.test_settings import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.services]
HOUR, DAY = 3600, 86_400


class Clock:
    """What the processes that run with `variables` take for the time: ours, and some seconds."""

    def __init__(self, folder: Path) -> None:
        if not sys.platform.startswith("linux") or not shutil.which("cc"):
            pytest.skip("a clock of one's own needs Linux and a C compiler")
        library, self._file = folder / "clock.so", folder / "jump"
        source = ROOT / "tests" / "faults" / "clock.c"
        subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-o", str(library), str(source)], check=True)
        self.jump(0)
        self.variables = {"LD_PRELOAD": str(library), "CLOCK_JUMP": str(self._file)}

    def jump(self, seconds: int) -> None:
        with self._file.open("r+b" if self._file.exists() else "wb") as file:
            file.write(struct.pack("l", seconds))


@pytest.fixture
def clock(tmp_path: Path) -> Clock:
    return Clock(tmp_path)


def test_the_clock_that_jumps_is_believed(clock: Clock) -> None:
    clock.jump(DAY)
    command = [sys.executable, "-c", "import time, datetime; print(time.time(), datetime.datetime.now().timestamp())"]
    told = subprocess.run(command, env=clock.variables, capture_output=True, text=True, check=True).stdout.split()
    assert [float(when) - time.time() for when in told] == [pytest.approx(DAY, abs=HOUR)] * 2


@pytest.mark.chaos
@pytest.mark.parametrize("seconds", [HOUR, DAY, -HOUR, -DAY])
def test_a_jump_while_a_photo_is_in_work_embeds_nothing_again(
    house: House, clock: Clock, tmp_path: Path, seconds: int
) -> None:
    """On SQLite, whose clock is the machine's own: the worst case. A lease seems to have ended, or never to end."""
    watched = Watched(tmp_path)
    variables = {**clock.variables, **watched.variables, "RECONCILE_SECONDS": "1"}
    done = [shelve("white", seed=seed) for seed in range(5)]
    house.worker(encoder="tests.faults.encoders:Waiting", **variables)
    house.worker("chores", **variables)
    house.process("beat", **variables)
    wait_until(lambda: {state(photo) for photo in done} == {EMBEDDED}, "the first are embedded")
    before = len(watched.starts())
    in_work = shelve("black")
    wait_until(lambda: len(watched.starts()) > before, "the network begins")

    clock.jump(seconds)
    time.sleep(5)
    watched.gate.touch()

    wait_until(lambda: state(in_work) == EMBEDDED, "it is embedded")
    after = shelve("white", seed=99)
    wait_until(lambda: state(after) == EMBEDDED, "what comes later is embedded")
    assert len(watched.starts()) <= before + 2 + 1  # two photos, and one attempt more at most
    assert not Photo.objects.exclude(status=EMBEDDED).exists()
    assert Feature.objects.count() == 7


@pytest.mark.chaos
@pytest.mark.parametrize("seconds", [DAY, -DAY])
def test_after_a_jump_people_come_in_and_the_timetable_goes_on(tmp_path: Path, clock: Clock, seconds: int) -> None:
    beat_at = "SELECT extract(epoch FROM now() - beat_at) FROM search_heartbeat WHERE name = 'beat'"
    with Street(tmp_path, whole=True, **clock.variables) as street:
        wait_until(lambda: bool(street.ask(beat_at)), "the timetable is heard", every=1)
        clock.jump(seconds)
        street.ask("DELETE FROM search_heartbeat WHERE name = 'beat' RETURNING 1")
        visitor = street.visitor()
        assert visitor.add_item("after", photo_file("red", (160, 120)).read())
        took = street.settle()
        silent = wait_until(lambda: bool(street.ask(beat_at)), "the timetable is heard again", every=1)
        print(f"embedded after {took:.0f} s; the timetable was heard again {silent:.0f} s after the jump")
        assert street.fsck()["clean"]
