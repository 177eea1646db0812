"""A handful of processes run as one: the dead start again, and nobody is left behind."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

from tests.services.servers import wait_until
from tests.test_settings import ROOT
from worker.supervisor import LONGEST_PAUSE, STEADY_SECONDS, Child, Supervisor


def python(script: str) -> list[str]:
    return [sys.executable, "-c", textwrap.dedent(script)]


def child(name: str, script: str) -> Child:
    return Child(name, python(script), os.environ)


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def written(path: Path) -> list[int]:
    return [int(line) for line in path.read_text().splitlines()] if path.exists() else []


def test_whoever_dies_again_and_again_waits_longer_each_time() -> None:
    broken = child("broken", "")
    broken.started = time.monotonic()
    assert [broken.note_death() for _ in range(7)] == [1, 2, 4, 8, 16, LONGEST_PAUSE, LONGEST_PAUSE]
    broken.started = time.monotonic() - STEADY_SECONDS - 1
    assert broken.note_death() == 0


def test_a_child_that_ends_is_started_again(tmp_path: Path) -> None:
    starts = tmp_path / "starts"
    said: list[str] = []
    supervisor = Supervisor(
        [child("web", f"import os; open({str(starts)!r}, 'a').write(f'{{os.getpid()}}\\n'); raise SystemExit(3)")],
        said.append,
    )
    threading.Timer(2.5, supervisor.stop).start()
    supervisor.run(every=0.05)
    assert len(written(starts)) == 2
    assert said[0] == "web ended (exit status 3); it starts again in 1 s."


def test_a_stuck_child_is_replaced(tmp_path: Path) -> None:
    starts = tmp_path / "starts"
    said: list[str] = []
    script = f"import os, time; open({str(starts)!r}, 'a').write(f'{{os.getpid()}}\\n'); time.sleep(60)"
    beat = child("beat", script)
    beat.stuck = lambda: len(written(starts)) == 1
    supervisor = Supervisor([beat], said.append)
    threading.Timer(3, supervisor.stop).start()
    supervisor.run(every=0.05, look_closer_every=0.3, trust_for=0.5)
    assert len(written(starts)) == 2
    assert said[0] == "beat is running but gives no sign of life; it is stopped and started again."


def test_stopping_ends_children_and_grandchildren(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    script = f"""
        import os, subprocess, sys, time
        other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
        open({str(pids)!r}, "a").write(f"{{os.getpid()}}\\n{{other.pid}}\\n")
        time.sleep(60)
    """
    supervisor = Supervisor([child("worker", script)], print)

    def stop_when_started() -> None:
        wait_until(lambda: len(written(pids)) == 2, "started")
        supervisor.stop()

    threading.Thread(target=stop_when_started).start()
    supervisor.run(every=0.05)
    wait_until(lambda: not any(is_running(pid) for pid in written(pids)), "both have ended")


def test_asked_twice_it_does_not_wait_for_the_stubborn(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    stubborn = f"""
        import os, signal, time
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        open({str(ready)!r}, "w").write(f"{{os.getpid()}}\\n")
        time.sleep(60)
    """
    said: list[str] = []
    supervisor = Supervisor([child("worker", stubborn)], said.append)

    def ask_twice() -> None:
        wait_until(lambda: bool(written(ready)), "started")
        supervisor.stop()
        supervisor.stop()  # the same Ctrl-C by another way
        time.sleep(1)
        supervisor.stop()

    threading.Thread(target=ask_twice).start()
    began = time.monotonic()
    supervisor.run(every=0.05)
    assert 1 < time.monotonic() - began < 60  # what the stubborn one has in mind
    assert said == ["worker did not stop in time and is killed."]
    assert not is_running(written(ready)[0])


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent was killed")
def test_a_killed_supervisor_leaves_no_orphans(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    inner = f"import os, time; open({str(pids)!r}, 'a').write(f'{{os.getpid()}}\\n'); time.sleep(60)"
    outer = f"""
        import os, sys
        from worker.supervisor import Child, Supervisor
        command = [sys.executable, "-c", {inner!r}]
        Supervisor([Child(name, command, os.environ) for name in ("web", "worker")], print).run()
    """
    supervisor = subprocess.Popen(python(outer), cwd=ROOT)
    wait_until(lambda: len(written(pids)) == 2, "both have started")
    supervisor.send_signal(signal.SIGKILL)
    supervisor.wait()
    wait_until(lambda: not any(is_running(pid) for pid in written(pids)), "both have ended")
