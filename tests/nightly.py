"""`python -m tests.nightly …`: ten minutes of the crasher from each of three seeds of the day, then the rest of chaos.

The arguments go to each run of pytest. One closing line for each run, all of them together at the end.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime

CRASHER = "tests/faults/test_crasher.py::test_ten_minutes_of_faults_lose_nothing"
REST = ("-m", "chaos", "--deselect", CRASHER)
Run = Callable[[Sequence[str], int], tuple[int, list[str]]]


def seeds_of(day: date, count: int = 3) -> list[int]:
    """The day's seeds: whoever reads a report of that night can throw the same dice again."""
    return [int(f"{day:%Y%m%d}{place}") for place in range(1, count + 1)]


def night(seeds: Sequence[int], arguments: Sequence[str], run: Run) -> tuple[list[str], bool]:
    """The closing lines, and whether all went well."""
    lines, good = [], True
    for seed in seeds:
        status, said = run((CRASHER, *arguments), seed)
        told = [line for line in said if line.startswith("crasher, seed")]
        lines.append(f"{told[-1] if told else f'crasher, seed {seed}: came to no end'}; {_verdict(status)}")
        good &= status == 0 and bool(told)
    status, said = run((*REST, *arguments), seeds[0])
    lines.append(f"the rest of chaos, seed {seeds[0]}: {said[-1] if said else 'nothing'}; {_verdict(status)}")
    return lines, good and status == 0


def _verdict(status: int) -> str:
    return "good" if status == 0 else f"NOT GOOD (exit status {status})"


def _pytest(arguments: Sequence[str], seed: int) -> tuple[int, list[str]]:
    """Its exit status and what it said, which is shown as it comes."""
    command = [sys.executable, "-m", "pytest", "-q", "-rA", "--durations=0", *arguments]
    environment = {**os.environ, "SEED": str(seed)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        said = []
        for line in process.stdout or ():
            print(line, end="", flush=True)
            said += [line.strip()] if line.strip() else []
    return process.returncode, said


def main(arguments: Sequence[str]) -> int:
    seeds = seeds_of(datetime.now(UTC).date())
    print(f"seeds of this night: {', '.join(map(str, seeds))}", flush=True)
    lines, good = night(seeds, arguments, _pytest)
    print("\n".join(["", *lines]))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
