"""`python -m search.index.verify DIR`: proves a build in a process of its own: a bad index can kill its reader."""

import sys
from pathlib import Path

import numpy as np

from search.index.base import IndexRefused
from search.index.manifest import Canary
from search.index.reader import Build, open_build, stamp

_ROUNDING = 1e-4  # another machine's matrix product may round the last digits otherwise


def verify(directory: Path) -> Build:
    """Check every byte and ask every canary; raises IndexRefused. Leaves the stamp that later openings believe."""
    build = open_build(directory, hash_all=True)
    if build.fault:
        raise IndexRefused(build.fault)
    for canary in build.manifest.canaries:
        _ask(build, canary)
    stamp(directory, build.manifest)
    return build


def _ask(build: Build, canary: Canary) -> None:
    rows, scores = build.index.search(np.asarray(build.vectors[canary.row]), len(canary.photo_ids))
    expected = np.asarray(canary.scores, np.float32)
    if scores.shape != expected.shape or not np.allclose(scores, expected, atol=_ROUNDING):
        raise IndexRefused(f"the canary of row {canary.row} is answered with other scores")
    # Neighbours as near as the last one may change places with it.
    certain = {photo for photo, score in zip(canary.photo_ids, expected, strict=True) if score > expected[-1] + 1e-3}
    if not certain <= set(build.photo_ids[rows].tolist()):
        raise IndexRefused(f"the canary of row {canary.row} is answered with other photos")


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print("usage: python -m search.index.verify DIRECTORY", file=sys.stderr)
        return 2
    try:
        build = verify(Path(arguments[0]))
    except IndexRefused as refusal:
        print(f"refused: {refusal}", file=sys.stderr)
        return 1
    print(f"good: {build.size} photos, {len(build.manifest.canaries)} canaries, {build.manifest.engine}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
