"""What a decode child can't do, tried from inside."""

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from catalog.decode.sandbox import CPU_SECONDS

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the sandbox is Linux's")

# Each deed prints what came of it. Pillow isn't needed: the sandbox is the same for any code.
DEEDS = """
import json, os, socket, sys
sys.path.append(sys.argv[1])
import ctypes, mmap, resource, signal
from catalog.decode import sandbox

def connect(): socket.socket().connect(("127.0.0.1", int(sys.argv[3])))
def write(): open(sys.argv[4], "w").write("x")
def read(): open("/etc/passwd").read()
def look_at_parent(): open(f"/proc/{os.getppid()}/environ", "rb").read()
def start(): os.execv("/bin/true", ["/bin/true"]) if os.fork() == 0 else os.wait()
def kill(): os.kill(os.getppid(), 0)
def allocate(): mmap.mmap(-1, 2_000_000_000)
def list_folder(): os.listdir("/")
def regain(): resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))

guards = sandbox.enter(os.getppid(), system_calls=sys.argv[2] == "filtered") if sys.argv[2] != "free" else []
outcome = {"guards": guards, "environment": len(os.environ.keys() - {"LC_CTYPE"})}
for deed in (connect, write, read, look_at_parent, list_folder, kill, allocate, regain, start):
    try:
        deed()
        outcome[deed.__name__] = "done"
    except (OSError, ValueError) as error:
        outcome[deed.__name__] = type(error).__name__
print(json.dumps(outcome), flush=True)
"""


@pytest.fixture
def listening() -> object:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def outcome_of(how: str, port: object, target: Path) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", DEEDS, str(ROOT), how, str(port), str(target)],
        capture_output=True,
        env={},
        timeout=30,
        check=True,
    )
    return dict(json.loads(done.stdout))


def test_the_deeds_succeed_outside_of_the_sandbox(listening: object, tmp_path: Path) -> None:
    """Else the next tests would prove nothing."""
    outcome = outcome_of("free", listening, tmp_path / "written")
    assert {deed for deed, result in outcome.items() if result == "done"} == {
        *("connect", "write", "read", "look_at_parent", "list_folder", "kill", "allocate", "start", "regain")
    }


def test_nothing_succeeds_inside(listening: object, tmp_path: Path) -> None:
    outcome = outcome_of("filtered", listening, tmp_path / "written")
    if "system calls" not in outcome["guards"]:  # type: ignore[operator]
        pytest.skip("this machine can't filter system calls")
    assert [deed for deed, result in outcome.items() if result == "done"] == []
    assert not (tmp_path / "written").exists()
    assert outcome["environment"] == 0


def test_without_the_filter_the_limits_still_stand(listening: object, tmp_path: Path) -> None:
    outcome = outcome_of("open", listening, tmp_path / "written")
    assert outcome["allocate"] == "OSError"
    assert not (tmp_path / "written").exists() or (tmp_path / "written").stat().st_size == 0
    if "no network" in outcome["guards"]:  # type: ignore[operator]
        assert outcome["connect"] == "OSError"


@pytest.mark.slow
def test_a_photo_has_a_few_seconds_of_the_processor() -> None:
    program = (
        "import os, sys; sys.path.append(sys.argv[1]); from catalog.decode import sandbox; "
        "sandbox.CPU_SECONDS = 1; sandbox.enter(os.getppid()); sandbox.allow_cpu()\nwhile True: pass"
    )
    done = subprocess.run([sys.executable, "-I", "-S", "-c", program, str(ROOT)], timeout=20, check=False)
    assert done.returncode == -signal.SIGXCPU
    assert CPU_SECONDS == 4


@pytest.mark.slow
def test_each_photo_gets_its_own_seconds() -> None:
    program = (
        "import os, sys, time; sys.path.append(sys.argv[1]); from catalog.decode import sandbox; "
        "sandbox.CPU_SECONDS = 2; sandbox.enter(os.getppid())\n"
        "for photo in range(3):\n    sandbox.allow_cpu(); end = time.process_time() + 0.8\n"
        "    while time.process_time() < end: pass"
    )
    done = subprocess.run([sys.executable, "-I", "-S", "-c", program, str(ROOT)], timeout=30, check=False)
    assert done.returncode == 0


def test_a_child_refuses_to_run_without_its_parent() -> None:
    program = "import sys; sys.path.append(sys.argv[1]); from catalog.decode import sandbox; sandbox.enter(1 << 22)"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program, str(ROOT)], capture_output=True, timeout=20, check=False
    )
    assert done.returncode == 1
    assert b"has gone" in done.stderr
    assert os.getpid() != 1 << 22
