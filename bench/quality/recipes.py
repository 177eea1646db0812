"""What is compared: each recipe is a way from a photo to features and from features to answers."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

import numpy as np
from annoy import AnnoyIndex
from django.conf import settings
from numpy.typing import NDArray

from bench.quality.colours import ColourLayout
from search.encoder import Encoder, load_encoder
from search.head import WhiteningHead
from search.index.exact import ExactIndex

Features = NDArray[np.float32]
Rows = NDArray[np.int64]


class Searcher(Protocol):
    """Holds a gallery and answers with its rows, best first."""

    bytes: int
    ranks: int  # how many answers make sense to ask for

    def search(self, features: Features, k: int) -> Rows:
        """Rows (≤ k,) of the gallery nearest to one photo's raw features (d,)."""
        ...


class ExactCosine:
    """Every cosine is computed."""

    def __init__(self, gallery: Features) -> None:
        self._index = ExactIndex(_unit(gallery))
        self.bytes, self.ranks = self._index.vectors.nbytes, len(gallery)

    def search(self, features: Features, k: int) -> Rows:
        return self._index.search(_unit(features[None])[0], k)[0]


class PlainAnnoy:
    """The write-up's index: Annoy over the features as they are, its own order, its own search_k."""

    def __init__(self, gallery: Features, *, trees: int = 10) -> None:
        self._forest = AnnoyIndex(gallery.shape[1], "angular")
        self._forest.set_seed(1)
        for row, features in enumerate(gallery):
            self._forest.add_item(row, features.tolist())
        self._forest.build(trees, 1)
        with TemporaryDirectory(dir=settings.DATA_DIR / "bench") as folder:
            file = Path(folder) / "index.ann"
            self._forest.save(str(file))
            self.bytes = file.stat().st_size
        self.ranks = min(len(gallery), 101)  # asked for more, Annoy would turn into an exact search

    def search(self, features: Features, k: int) -> Rows:
        return np.asarray(self._forest.get_nns_by_vector(features.tolist(), k), np.int64)


class Whitened:
    """What the product does below EXACT_BELOW photos: its own head, fitted on the gallery, and exact search."""

    def __init__(self, gallery: Features, *, dim: int) -> None:
        self._head = WhiteningHead.fit(gallery, dim)
        self._index = ExactIndex(self._head.project(gallery))
        self.bytes, self.ranks = self._index.vectors.nbytes, len(gallery)

    def search(self, features: Features, k: int) -> Rows:
        return self._index.search(self._head.project(features[None])[0], k)[0]


def _unit(features: Features) -> Features:
    return np.asarray(features / np.linalg.norm(features, axis=1, keepdims=True), np.float32)


def _padded_mobilenet() -> Encoder:
    # Here, not above: torch costs seconds, and not every recipe needs it.
    from search.encoders.torchvision_nets import mobilenet_v2

    return mobilenet_v2(fit="pad")


@dataclass(frozen=True)
class Recipe:
    name: str
    encoder: Callable[[], Encoder]
    searcher: Callable[[Features], Searcher]


RECIPES = {
    "colours": Recipe("colour histogram and layout, exact", ColourLayout, ExactCosine),
    "writeup": Recipe("VGG16 25,088, plain Annoy (the write-up)", partial(load_encoder, "vgg16"), PlainAnnoy),
    "vgg16": Recipe("VGG16 25,088, exact", partial(load_encoder, "vgg16"), ExactCosine),
    "stock": Recipe("MobileNetV2 1,280, exact", partial(load_encoder, "mobilenet_v2"), ExactCosine),
    "padded": Recipe("MobileNetV2, padded not squashed → whitened 256", _padded_mobilenet, partial(Whitened, dim=256)),
    "ours": Recipe(
        "MobileNetV2 → whitened 256 (our default)",
        partial(load_encoder, "mobilenet_v2"),
        partial(Whitened, dim=256),
    ),
}
