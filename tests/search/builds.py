"""Index builds made of random features, without a database."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from search.head import WhiteningHead
from search.index.base import Options
from search.index.builder import Batch, Recipe, build
from search.index.directory import new_build_id
from search.index.manifest import Manifest

WIDTH, DIM = 24, 8
ANNOY = {"trees": 4, "search_k": 2000}
OPTIONS: dict[str, Options] = {
    "annoy": ANNOY,
    "signature": {"bits": 64, "candidates": 50},
    "milvus": {"ef": 300},
    "exact": {},
}


def random_features(count: int, seed: int = 0) -> NDArray[np.float32]:
    return np.random.default_rng(seed).standard_normal((count, WIDTH)).astype(np.float32)


def in_batches(features: NDArray[np.float32], first_id: int = 1000, size: int = 50) -> Iterator[Batch]:
    """Photo ids with gaps, as in life: `first_id`, then every third."""
    ids = first_id + 3 * np.arange(len(features))
    for start in range(0, len(features), size):
        yield ids[start : start + size], features[start : start + size]


def make_build(root: Path, count: int = 200, *, engine: str = "annoy", seed: int = 0) -> tuple[Path, Manifest]:
    """A published, verified build of random features, and its manifest."""
    features = random_features(count, seed)
    recipe = Recipe("toy", "toy:Toy", engine, OPTIONS[engine], max_feature_id=count)
    manifest = build(root, new_build_id(), WhiteningHead.fit(features, DIM), recipe, in_batches(features))
    return root / manifest.build_id, manifest
