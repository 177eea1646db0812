"""New builds are checked by another process in the tests too, but forked from one that has loaded numpy already.

Loading it takes a sixth of a second of a core, and the tests make hundreds of builds. What is checked, and what is made
of how the checker ends, stays the builder's own; tests/search/test_index_build.py starts checkers as the product does.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import traceback
from pathlib import Path
from typing import Any

from search.index import verify

ROOT = Path(__file__).resolve().parents[1]
Done = subprocess.CompletedProcess[str]


class Nursery:
    """Stands where the builder has `subprocess`."""

    TimeoutExpired = subprocess.TimeoutExpired

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._mine = os.getpid()
        self._one_at_a_time = threading.Lock()

    def run(self, command: list[str], **how: Any) -> Done:
        """As subprocess.run with text captured, for `python -m search.index.verify DIRECTORY`; any other is started.

        So is that of a process which was forked off the tests: what it asked, and was killed before it heard, would be
        answered to somebody else.
        """
        if command[:-1] != [_PYTHON, "-m", "search.index.verify"] or os.getpid() != self._mine:
            return subprocess.run(command, **how)
        with self._one_at_a_time:
            status, told = self._asked({"directory": command[-1], "env": how["env"], "seconds": how["timeout"]})
        return subprocess.CompletedProcess(command, status, "", told)

    def _asked(self, question: dict[str, Any]) -> tuple[int, str]:
        self._process = self._process or _started()
        assert self._process.stdin
        assert self._process.stdout
        try:
            print(json.dumps(question), file=self._process.stdin, flush=True)
            status, told = json.loads(self._process.stdout.readline())
        except BaseException:
            self.close()
            raise
        return status, told

    def close(self) -> None:
        if self._process:
            self._process.kill()
            self._process.communicate()
            self._process = None


_PYTHON = sys.executable


def _started() -> subprocess.Popen[str]:
    alone = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "tests.checker"]
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=alone,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def _forked(directory: str, env: dict[str, str], seconds: int) -> tuple[int, str]:
    """How a child that checks the build ended, as subprocess gives it, and what it wrote."""
    reading, writing = os.pipe()
    if (pid := os.fork()) == 0:
        os.dup2(writing, 1)
        os.dup2(writing, 2)
        signal.alarm(seconds)
        os.environ.clear()
        os.environ.update(env)
        try:
            status = verify.main([directory])
        except BaseException:
            traceback.print_exc()
            status = 1
        sys.stdout.flush()
        os._exit(status)
    os.close(writing)
    with os.fdopen(reading, errors="replace") as told:
        said = told.read()
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), said


def _serve() -> None:
    for line in sys.stdin:
        asked = json.loads(line)
        if (Path(asked["directory"]) / "signatures.bin").exists():
            from search.index import signature  # noqa: F401 - FAISS too is loaded once
        print(json.dumps(_forked(**asked)), flush=True)


if __name__ == "__main__":
    _serve()
