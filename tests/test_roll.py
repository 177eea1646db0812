"""deploy/roll.sh with a stand-in for docker: the order of steps, and that no failure takes away what serves."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.test_settings import ROOT

DOCKER = """\
#!/bin/sh
said="$*"
asked=$(sed -n 's/^server \\([^:]*\\):.*/\\1/p' deploy/upstream.conf)
case "$said" in *"nginx -s reload") said="nginx asks $asked" ;; esac
echo "$said" >> calls
if [ -n "${FAILS:-}" ]; then case "$said" in *"$FAILS") exit 7 ;; esac; fi
case "$said" in
*"ps --services --status running") printf '%s\\n' web ${GPU:-} ;;
*"nginx cat"*) exec cat "${INSIDE:-deploy/nginx.conf}" ;;
esac
"""
STEPS = [
    "ps",
    "compose build",
    "run --rm -T migrate",
    "up web-next",
    "grep web-next",
    "nginx asks web-next",
    "up web",
    "grep web",
    "nginx asks web",
    "rm web-next",
    "up worker chores beat",
    "cat",
]
SEEN = "/etc/nginx/upstream.conf"
BACK = ["grep web", "nginx asks web", "rm web-next"]


class Machine:
    """A checkout with the script in it, and what it called."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "deploy").mkdir()
        (folder / "bin").mkdir()
        for name in ("roll.sh", "upstream.conf", "nginx.conf"):
            shutil.copy(ROOT / "deploy" / name, folder / "deploy")
        for name, script in (("docker", DOCKER), ("sleep", "#!/bin/sh\n")):
            (folder / "bin" / name).write_text(script)
            (folder / "bin" / name).chmod(0o755)

    def roll(self, *options: str, **variables: str) -> "subprocess.CompletedProcess[str]":
        environment = {"PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}", **variables}
        return subprocess.run(
            ["deploy/roll.sh", *options], cwd=self.folder, env=environment, capture_output=True, text=True
        )

    @property
    def calls(self) -> list[str]:
        return [_shortly(line) for line in (self.folder / "calls").read_text().splitlines()]

    @property
    def upstream(self) -> str:
        return (self.folder / "deploy" / "upstream.conf").read_text()


def _shortly(call: str) -> str:
    for pattern, told in (
        (r".* up --detach --no-deps --wait --wait-timeout 300 (.*)", r"up \1"),
        (r".* rm --stop --force (.*)", r"rm \1"),
        (r".*grep -q \^server (.*): /etc/nginx/upstream.conf", r"grep \1"),
        (r".* ps --services --status running", "ps"),
        (r".*cat /etc/nginx/nginx.conf", "cat"),
        (r"compose (run.*)", r"\1"),
        (r".* logs .*", "logs"),
    ):
        call = re.sub(f"^{pattern}$", told, call)
    return call


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_the_new_version_is_well_before_anything_is_replaced(machine: Machine) -> None:
    before = machine.upstream
    done = machine.roll()
    assert (done.returncode, done.stdout, done.stderr) == (0, "The new version serves.\n", "")
    assert machine.calls == STEPS
    assert machine.upstream == before
    assert not (machine.folder / "deploy" / "upstream.next").exists()


@pytest.mark.parametrize(
    ("fails", "steps", "then", "told", "serves"),
    [
        ("compose build", 2, [], "Nothing was replaced", "web"),
        ("migrate", 3, [], "Nothing was replaced", "web"),
        ("300 web-next", 4, ["logs", "rm web-next"], "the former one goes on serving", "web"),
        (f"web-next: {SEEN}", 5, BACK, "the former one goes on serving", "web"),
        ("asks web-next", 6, BACK, "the former one goes on serving", "web"),
        ("300 web", 7, ["nginx asks web-next"], "serves as web-next", "web-next"),
        ("asks web", 9, ["nginx asks web-next"], "serves as web-next", "web-next"),
        ("worker chores beat", 11, [], "not all of its workers are well", "web"),
    ],
)
def test_whatever_fails_the_version_that_serves_is_not_touched(
    machine: Machine, fails: str, steps: int, then: list[str], told: str, serves: str
) -> None:
    done = machine.roll(FAILS=fails)
    assert done.returncode != 0
    assert told in done.stderr
    assert machine.calls == STEPS[:steps] + then
    assert f"server {serves}:8000 max_fails=0 resolve;" in machine.upstream


def test_a_roll_that_ended_half_way_goes_on_without_touching_what_serves(machine: Machine) -> None:
    machine.roll(FAILS="300 web")
    (machine.folder / "calls").unlink()
    assert machine.roll().returncode == 0
    assert machine.calls == STEPS[:3] + STEPS[6:]


def test_workers_are_as_many_as_before_and_those_of_the_gpu_too(machine: Machine) -> None:
    machine.roll("--scale", "worker=3", GPU="worker-gpu")
    assert "compose --profile gpu build" in machine.calls
    assert "up --scale worker=3 worker chores beat worker-gpu" in machine.calls


def test_it_says_that_nginx_does_not_know_its_new_configuration(machine: Machine) -> None:
    (machine.folder / "former.conf").write_text("# as before")
    done = machine.roll(INSIDE="former.conf")
    assert done.returncode == 0
    assert "nginx runs with a former deploy/nginx.conf" in done.stdout
