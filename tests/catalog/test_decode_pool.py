"""The decode children as their users meet them: many threads, forks, kills, hangs, and answers that lie."""

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from catalog.decode import nursery
from catalog.decode import pool as pools
from catalog.decode.pool import Busy, Pool
from catalog.decode.unfit import Unfit
from tests import hostile_files as hostile

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def pool() -> Iterator[Pool]:
    made = Pool(1, 5)
    yield made
    made.close()


def child_of(pool: Pool) -> int:
    """The process id of the child that will decode next."""
    with pool.lend() as child:
        return child.pid


def gone(pid: int, seconds: float = 30) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.02)
    return False


def test_a_child_is_used_again(pool: Pool) -> None:
    first = child_of(pool)
    assert pool.decode(hostile.photo()).width == 320
    assert child_of(pool) == first


def test_a_child_is_replaced_after_its_share_of_photos(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    assert pools.IMAGES_PER_CHILD == 50
    monkeypatch.setattr(pools, "IMAGES_PER_CHILD", 3)
    first = child_of(pool)
    for _ in range(3):
        pool.decode(hostile.photo())
    assert child_of(pool) != first
    assert gone(first)


def test_a_child_whose_decoder_failed_is_replaced(pool: Pool) -> None:
    first = child_of(pool)
    with pytest.raises(Unfit, match="incomplete"):
        pool.decode(hostile.truncated("PNG"))
    assert gone(first)


def test_a_child_that_refused_by_the_header_alone_is_kept(pool: Pool) -> None:
    first = child_of(pool)
    with pytest.raises(Unfit, match="too_many_pixels"):
        pool.decode(hostile.claiming("WEBP", 9_400, 9_400))
    assert child_of(pool) == first


def test_what_is_no_photo_never_reaches_a_child() -> None:
    with pytest.raises(Unfit, match="not_a_photo"):
        Pool(1, 0).decode(b"%PDF-1.4")


def test_many_threads_share_a_few_children() -> None:
    pool = Pool(2, 30)
    seen = set()

    def decode(number: int) -> int:
        with pool.lend() as child:
            seen.add(child.pid)
            return child.decode(hostile.photo(size=(100 + number, 100))).width

    with ThreadPoolExecutor(12) as threads:
        widths = list(threads.map(decode, range(40)))
    pool.close()
    assert widths == [100 + number for number in range(40)]
    assert len(seen) <= 2


def test_a_door_with_no_child_free_says_so() -> None:
    pool = Pool(1, 0.05)
    with pool.lend(), pytest.raises(Busy):
        pool.decode(hostile.photo())
    assert pool.decode(hostile.photo()).width == 320
    pool.close()


def test_a_child_that_died_while_idle_is_replaced(pool: Pool) -> None:
    os.kill(child_of(pool), signal.SIGKILL)
    assert pool.decode(hostile.photo()).width == 320


def test_a_nursery_that_was_killed_is_replaced(pool: Pool) -> None:
    child = child_of(pool)
    mother = int(Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[1])
    assert mother != os.getpid()
    os.kill(mother, signal.SIGKILL)
    assert gone(child)
    assert pool.decode(hostile.photo()).width == 320


def test_a_photo_survives_the_kill_of_its_child(pool: Pool) -> None:
    """Somebody's `kill -9` in the middle of a photo costs no photo."""
    child = child_of(pool)
    os.kill(child, signal.SIGSTOP)
    threading.Timer(0.3, os.kill, (child, signal.SIGKILL)).start()
    assert pool.decode(hostile.photo()).width == 320


@pytest.mark.parametrize(("starved", "error"), [(0.0, Unfit), (2.0, Busy)])
def test_a_child_that_does_not_answer_is_given_up(
    pool: Pool, monkeypatch: pytest.MonkeyPatch, starved: float, error: type[Exception]
) -> None:
    """If it was at work, the photo is to blame; if it got no time on a crowded machine, the photo may come again."""
    monkeypatch.setattr(pools, "WALL_SECONDS", 0.5)
    monkeypatch.setattr(pools, "STARVED_SECONDS", starved)
    child = child_of(pool)
    os.kill(child, signal.SIGSTOP)
    with pytest.raises(error):
        pool.decode(hostile.photo())  # a stopped child would let it wait for ever
    assert gone(child)
    monkeypatch.setattr(pools, "WALL_SECONDS", 8.0)
    assert pool.decode(hostile.photo()).width == 320


@pytest.mark.parametrize(("killer", "code"), [(signal.SIGXCPU, "too_complex"), (signal.SIGSEGV, "damaged")])
def test_a_photo_that_kills_its_child_is_refused(
    pool: Pool, caplog: pytest.LogCaptureFixture, killer: signal.Signals, code: str
) -> None:
    pid = child_of(pool)
    with pool.lend() as child:
        os.kill(pid, signal.SIGSTOP)

    def kill() -> None:
        while not child.served:  # the photo is on its way
            time.sleep(0.01)
        for sign in (killer, signal.SIGCONT):
            os.kill(pid, sign)

    threading.Thread(target=kill, daemon=True).start()
    with caplog.at_level(logging.WARNING), pytest.raises(Unfit, match=code):
        pool.decode(hostile.photo())
    assert f"ended with {-killer}" in caplog.text


def test_a_thread_that_ends_takes_no_child_with_it(pool: Pool) -> None:
    """The kernel's parent-death signal means the thread that started the child."""
    thread = threading.Thread(target=pool.decode, args=[hostile.photo()])
    thread.start()
    thread.join()
    child = child_of(pool)
    time.sleep(0.2)
    assert child_of(pool) == child


def test_a_forked_process_has_its_own_children() -> None:
    """Celery forks its workers, perhaps after the parent has decoded something."""
    mine = pools.shared(1, 5)
    before = child_of(mine)
    forked = os.fork()
    if not forked:
        theirs = pools.shared(1, 5)
        fine = theirs is not mine and child_of(theirs) != before and theirs.decode(hostile.photo()).width == 320
        theirs.close()
        os._exit(0 if fine else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(forked, 0)[1]) == 0
    assert pools.shared(1, 5) is mine
    assert child_of(mine) == before


def test_children_end_with_their_parent() -> None:
    program = (
        "import sys, time; from catalog.decode.pool import Pool; pool = Pool(1, 5)\n"
        "with pool.lend() as child: print(child.pid, flush=True)\ntime.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE) as parent:
        assert parent.stdout
        child = int(parent.stdout.readline())
        assert not gone(child, 0.1)
        parent.kill()
    assert gone(child)


def test_a_child_is_locked_in_and_knows_no_secret(pool: Pool) -> None:
    os.environ["SECRET_OF_THE_TEST"] = "hunter2"
    with pool.lend() as child:
        command = Path(f"/proc/{child.pid}/cmdline").read_bytes()
        limits = Path(f"/proc/{child.pid}/limits").read_text()
        assert b"hunter2" not in command
        if os.geteuid() == 0:  # a child is not dumpable: only root may look at its environment
            assert b"SECRET_OF_THE_TEST" not in Path(f"/proc/{child.pid}/environ").read_bytes()
        assert child.lost == []
        assert {"limits", "no new privileges"} <= set(child.guards)
    assert "Max open files            16" in limits
    assert "Max file size             0" in limits
    assert "Max address space         1500000000" in limits


def test_a_child_is_small(pool: Pool) -> None:
    with pool.lend() as child:
        child.decode(hostile.photo())
        status = Path(f"/proc/{child.pid}/status").read_text()
    peak = int(status.split("VmHWM:")[1].split()[0])  # kB
    assert peak < 120_000


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ({}, b""),
        ({"width": 320, "height": 240, "phash": "0" * 16}, b"<html><script>alert(1)</script>"),
        ({"width": 320, "height": 240, "phash": "0" * 16}, hostile.telling()),
        ({"width": 320, "height": 240, "phash": "<b>"}, hostile.photo()),
        ({"width": 2**40, "height": 240, "phash": "0" * 16}, hostile.photo()),
        ({"width": "320", "height": 240, "phash": "0" * 16}, hostile.photo()),
        ({"width": 100, "height": 240, "phash": "0" * 16}, hostile.photo()),
    ],
)
def test_a_child_that_was_taken_over_can_not_pass_anything_but_a_plain_jpeg(
    head: dict[str, object], body: bytes
) -> None:
    with pytest.raises(Unfit, match="damaged"):
        pools._checked(head, body)
    assert pools._checked({"width": 320, "height": 240, "phash": "0" * 16}, hostile.photo()).width == 320


def test_a_child_that_fails_at_its_start_tells_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nursery, "_PROGRAM", "raise SystemExit('no Pillow on this machine')")
    with pytest.raises(Busy, match="no Pillow on this machine"):
        Pool(1, 1).decode(hostile.photo())


def test_a_child_that_can_not_start_makes_the_door_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    with pytest.raises(Busy, match="could not be started"):
        Pool(1, 1).decode(hostile.photo())
