"""How the neighbourhoods of real photos change as there are more of them: what blown-up sets are compared with."""

import json
from dataclasses import asdict
from pathlib import Path

from bench.crowd import Crowd, crowd_around
from bench.index.sets import Raw
from search.heads.whitening import WhiteningHead
from search.index.base import Vectors

_HALVINGS = 4
_FILE = "real-crowds.json"


def real_crowds(folder: Path, features: Raw, head: WhiteningHead, queries: Vectors) -> dict[int, Crowd]:
    """Around held-out queries (q, dim), by number of real photos: all of them (n, d), half, a quarter …"""
    file = folder / _FILE
    if not file.exists():
        vectors = head.project(features)
        sizes = [len(vectors) >> halving for halving in range(_HALVINGS, -1, -1)]
        crowds = {size: asdict(crowd_around(queries, vectors[:size])) for size in sizes if size > 20}
        file.write_text(json.dumps(crowds))
    return read_crowds(folder)


def read_crowds(folder: Path) -> dict[int, Crowd]:
    """What `real_crowds` kept."""
    return {int(size): Crowd(**found) for size, found in json.loads((folder / _FILE).read_text()).items()}
