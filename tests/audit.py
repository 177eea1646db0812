"""`make audit`: is any installed package known to be vulnerable, are pins exact, and what is installed at all?

Asks an advisory service about every package of this environment, those that came along included. Exit status: 0 all
is well, 1 something must be changed, 2 no service answers that knows advisories, and nothing was learned. The bill of
materials (CycloneDX) is written in any case. `make` ends with 2 for either: programs call `python -m tests.audit`.
"""

import argparse
import datetime as dt
import json
import re
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
LISTS = ["requirements.txt", "tests/requirements.txt", "deploy/weights.txt", "deploy/weights-bench.txt"]
FLOORS = {"pillow": (13, 0, 0)}  # two critical and thirteen high advisories before it; photos come from strangers
CANARY = {"pillow": "9.0.0"}  # vulnerable for years: a service that knows nothing of it (a bare mirror) knows nothing
CLEAN, RED, OFFLINE = 0, 1, 2
ELSEWHERE = """\
No advisory service could be asked, for the reason above: nothing was learned of vulnerabilities.
Ask where there is one: .venv/bin/pip freeze > freeze.txt here, and in a checkout on a machine with a way out
    make audit ARGS="--freeze freeze.txt"
or give a service of your own that speaks OSV's protocol: make audit ARGS="--osv https://osv.example.com/v1/query"
The bill of materials is what other scanners read."""
_PIN = re.compile(r"[A-Za-z0-9._-]+(\[[a-z0-9,_-]+\])?==[^\s;*]+( --hash=sha256:[0-9a-f]{64})*")


def installed() -> dict[str, str]:
    """Name and version of each package here, without the local part that tells CPU from CUDA builds."""
    found = {
        package.metadata["Name"].lower(): package.version.partition("+")[0] for package in metadata.distributions()
    }
    return dict(sorted(found.items()))


def listed(path: Path) -> dict[str, str]:
    """The same of another machine, from what `pip freeze` said there."""
    pins = re.findall(r"^([A-Za-z0-9._-]+)==([^\s+]+)", path.read_text(), re.M)
    return {name.lower(): version for name, version in pins}


def loose_pins(paths: Sequence[Path]) -> list[str]:
    """Requirements that leave open which version is installed."""
    loose = []
    for path in paths:
        text = re.sub(r"\\\n\s*", "", path.read_text())
        lines = (line.partition(" #")[0].strip() for line in text.splitlines())
        loose += [f"{path.name}: {line}" for line in lines if line and line[0] != "#" and not _PIN.fullmatch(line)]
    return loose


def below_floor(packages: Mapping[str, str]) -> list[str]:
    return [
        f"{name} {packages[name]} is older than {'.'.join(map(str, floor))}"
        for name, floor in FLOORS.items()
        if name in packages and tuple(map(int, re.findall(r"\d+", packages[name])[:3])) < floor
    ]


def advisories(packages: Mapping[str, str], service: Sequence[str] = ()) -> tuple[int, list[str]]:
    """What is known of these versions: the exit status, and a line for each advisory."""
    with tempfile.TemporaryDirectory() as folder:
        pins = Path(folder) / "installed.txt"
        pins.write_text("".join(f"{name}=={version}\n" for name, version in packages.items()))
        options = [
            "--requirement",
            str(pins),
            "--no-deps",
            "--disable-pip",
            "--format",
            "json",
            "--progress-spinner",
            "off",
        ]
        cache = ["--cache-dir", f"{folder}/cache"]
        done = subprocess.run(
            [sys.executable, "-m", "pip_audit", *options, *cache, *service], capture_output=True, text=True
        )
    try:
        answer = json.loads(done.stdout)
    except json.JSONDecodeError:
        return OFFLINE, [done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "no answer"]
    found = [
        f"{package['name']} {package['version']}: {flaw['id']}"
        + (f", mended in {' or '.join(flaw['fix_versions'])}" if flaw["fix_versions"] else ", not mended yet")
        for package in answer["dependencies"]
        for flaw in package.get("vulns", [])
    ]
    return (RED if found else CLEAN), found


def bill_of_materials(packages: Mapping[str, str]) -> dict[str, Any]:
    """CycloneDX 1.6: every package with its version and the name that scanners know it by."""
    parts = [
        {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl}
        for name, version in packages.items()
        for purl in [f"pkg:pypi/{name.replace('_', '-')}@{version}"]
    ]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid4()}",
        "version": 1,
        "metadata": {
            "timestamp": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            "component": {"type": "application", "bom-ref": "hindsight", "name": "hindsight"},
        },
        "components": parts,
    }


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bill", type=Path, default=ROOT / "var" / "sbom.json", help="where the bill is written")
    parser.add_argument("--osv", default="", help="address of an OSV service of your own, in place of the index's")
    parser.add_argument("--freeze", type=Path, help="packages of another machine: a file with what `pip freeze` said")
    chosen = parser.parse_args(arguments)
    service = ["--vulnerability-service", "osv", "--osv-url", chosen.osv] if chosen.osv else []
    packages = listed(chosen.freeze) if chosen.freeze else installed()
    chosen.bill.parent.mkdir(parents=True, exist_ok=True)
    chosen.bill.write_text(json.dumps(bill_of_materials(packages), indent=1))
    print(f"{len(packages)} packages; the bill of materials is {chosen.bill}")
    wrong = [*loose_pins([ROOT / name for name in LISTS]), *below_floor(packages)]
    status, found = advisories(CANARY, service)
    if status == CLEAN:
        status, found = (
            OFFLINE,
            [f"Who answers knows no advisory for {name} {old}." for name, old in CANARY.items()],
        )
    elif status == RED:
        status, found = advisories(packages, service)
    for line in [*wrong, *found]:
        print(f"  {line}")
    if status == OFFLINE:
        print(ELSEWHERE)
    elif not found:
        print("No advisory is known for any of them.")
    return RED if wrong else status


if __name__ == "__main__":
    sys.exit(main())
