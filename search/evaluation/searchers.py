"""Ways from features to answers: each holds a gallery and ranks it."""

from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol, cast

import numpy as np
from annoy import AnnoyIndex
from numpy.typing import NDArray

from search.evaluation.signatures import distances, signatures
from search.head import Float32, Head
from search.heads.projection import unit
from search.index.base import Rows, Vectors, best, cosines
from search.index.exact import ExactIndex
from search.index.signature import MappedSignatures, SignatureEngine

Answer = tuple[Rows, Vectors]


class Searcher(Protocol):
    """Holds a gallery and answers with its rows, best first."""

    @property
    def head(self) -> Head | None:
        """What makes vectors of features; None where they are compared as they are."""
        ...

    @property
    def cosines_of(self) -> str:
        """The head whose cosines the likeness is; empty where it is something else, or of features as they are."""
        ...

    @property
    def bytes(self) -> int:
        """What the index takes, for all photos."""
        ...

    @property
    def ranks(self) -> int:
        """How many answers it makes sense to ask for."""
        ...

    def search(self, features: Float32, k: int) -> Answer:
        """Rows (≤ k,) of the gallery nearest to one photo's raw features (d,), and how like they are, best first."""
        ...

    def exact(self, features: Float32, k: int) -> Rows | None:
        """What comparing everything would give; None where `search` does just that."""
        ...


class ExactCosine:
    """Every cosine is computed; of the features as they are, or of what a head makes of them."""

    def __init__(self, gallery: Float32, head: Head | None = None) -> None:
        self.head = head
        self.cosines_of = head.name if head else ""
        self.index = ExactIndex(self._vectors(gallery))

    @property
    def bytes(self) -> int:
        return self.index.vectors.nbytes

    @property
    def ranks(self) -> int:
        return self.index.size

    def search(self, features: Float32, k: int) -> Answer:
        return self.index.search(self.vector(features), k)

    def exact(self, features: Float32, k: int) -> None:
        return None

    def vector(self, features: Float32) -> Float32:
        return np.asarray(self._vectors(features[None])[0], np.float32)

    def _vectors(self, features: Float32) -> Float32:
        return self.head.project(features) if self.head else unit(features)


class PlainAnnoy:
    """The write-up's index: Annoy over the features as they are, its own order, its own search_k."""

    head, cosines_of = None, ""

    def __init__(self, gallery: Float32, *, trees: int = 10) -> None:
        self._gallery = gallery
        self._forest = AnnoyIndex(gallery.shape[1], "angular")
        self._forest.set_seed(1)
        for row, features in enumerate(gallery):
            self._forest.add_item(row, features.tolist())
        self._forest.build(trees, 1)
        with TemporaryDirectory() as folder:
            file = Path(folder) / "index.ann"
            self._forest.save(str(file))
            self.bytes = file.stat().st_size
        self.ranks = min(len(gallery), 101)  # asked for more, Annoy would turn into an exact search

    def search(self, features: Float32, k: int) -> Answer:
        rows, angles = self._forest.get_nns_by_vector(features.tolist(), k, include_distances=True)
        # Annoy's "angular" distance is the root of 2 (1 - cosine).
        return np.asarray(rows, np.int64), np.asarray(1 - np.square(angles) / 2, np.float32)

    def exact(self, features: Float32, k: int) -> Rows:
        return self._all.search(features, k)[0]

    @cached_property
    def _all(self) -> ExactCosine:
        return ExactCosine(self._gallery)


class Signature:
    """Signatures are compared bit by bit, and nothing else is."""

    cosines_of = ""

    def __init__(self, gallery: Float32, head: Head, planes: Float32) -> None:
        self.head: Head | None = head
        self._exact = ExactCosine(gallery, head)
        self._planes = planes
        self._stored: NDArray[np.uint8] = signatures(self._exact.index.vectors, planes)
        self.bytes, self.ranks = self._stored.nbytes, len(self._stored)

    def search(self, features: Float32, k: int) -> Answer:
        vector = self._exact.vector(features)
        near = -distances(self._stored, signatures(vector[None], self._planes)[0]).astype(np.float32)
        rows = best(near, k)
        return rows, np.asarray(1 + near[rows] / len(self._planes), np.float32)

    def exact(self, features: Float32, k: int) -> Rows:
        return self._exact.search(features, k)[0]


class RankedAgain:
    """The product's signature engine: a scan of all signatures, then the exact cosines of the best few."""

    def __init__(self, gallery: Float32, head: Head, planes: Float32 | None, *, bits: int, candidates: int) -> None:
        self.head: Head | None = head
        self.cosines_of = head.name
        self._exact = ExactCosine(gallery, head)
        self._folder = TemporaryDirectory()
        engine, folder = SignatureEngine(bits, candidates), Path(self._folder.name)
        engine.build(self._exact.index.vectors, folder, planes)
        self._index = cast(MappedSignatures, engine.open(self._exact.index.vectors, folder))
        self.bytes = len(self._index.planes) // 8 * len(gallery)  # the vectors lie on the disk
        self.ranks = min(candidates, len(gallery))

    def search(self, features: Float32, k: int) -> Answer:
        """Few photos the engine would compare one by one; here its signatures have to prove themselves at any size."""
        vector = self._exact.vector(features)
        rows = np.sort(self._index.nearest_signatures(vector, self.ranks))
        likeness = cosines(self._exact.index.vectors[rows], vector)
        order = best(likeness, k)
        return rows[order], likeness[order]

    def exact(self, features: Float32, k: int) -> Rows:
        return self._exact.search(features, k)[0]
