"""What is compared: each recipe is a way from a photo to features and from features to answers."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial

from django.conf import settings

from search.encoder import Encoder, load_encoder
from search.evaluation import signatures
from search.evaluation.colours import ColourLayout
from search.evaluation.searchers import ExactCosine, PlainAnnoy, Searcher, Signature
from search.head import Float32, Head, WhiteningHead

BITS = 256
HOUSE = "whitened"
PROFILES = ("light", "strong")  # one of them may be the house's network, whose line is called HOUSE


@dataclass(eq=False)
class Lessons:
    """Photos that a recipe may learn from: never of an object that it is asked about."""

    features: Float32  # (n, d), raw
    objects: tuple[str, ...]  # (n,)
    categories: tuple[str, ...]  # (n,), empty where none is known
    seed: int = 0

    @cached_property
    def whitening(self) -> WhiteningHead:
        return WhiteningHead.fit(self.features, settings.HEAD_DIM)


@dataclass(frozen=True)
class Recipe:
    """`encoder` None: the network that serves, whose features the house has. `learns`: from lessons, fold by fold.
    `is_quick`: looks at every photo even where others look at a sample.
    """

    name: str
    encoder: Callable[[], Encoder] | None
    searcher: Callable[[Float32, Lessons], Searcher]
    learns: bool = False
    is_quick: bool = False


def as_it_comes(gallery: Float32, lessons: Lessons) -> Searcher:
    return ExactCosine(gallery)


def _plain_annoy(gallery: Float32, lessons: Lessons) -> Searcher:
    return PlainAnnoy(gallery)


def whitened(gallery: Float32, lessons: Lessons) -> Searcher:
    return ExactCosine(gallery, lessons.whitening)


def _untaught(make: Callable[[Float32, int, int], Float32], gallery: Float32, lessons: Lessons) -> Searcher:
    return _signed(lessons.whitening, make(lessons.whitening.project(lessons.features), BITS, lessons.seed), gallery)


def _ranked_again(gallery: Float32, lessons: Lessons) -> Searcher:
    head = lessons.whitening
    planes = signatures.itq(head.project(lessons.features), BITS, lessons.seed)
    return _signed(head, planes, gallery, settings.SIGNATURE_CANDIDATES)


def _signed(head: Head, planes: Float32, gallery: Float32, candidates: int = 0) -> Searcher:
    return Signature(gallery, head, planes, candidates=candidates)


RECIPES = {
    "colours": Recipe("Colour histogram and layout", ColourLayout, as_it_comes, is_quick=True),
    "writeup": Recipe("VGG16, 25,088 numbers, plain Annoy", partial(load_encoder, "vgg16"), _plain_annoy),
    "stock": Recipe("MobileNetV2, features as they come", partial(load_encoder, "mobilenet_v2"), as_it_comes),
    "light": Recipe("Light profile, whitened", partial(load_encoder, "light"), whitened, learns=True),
    "strong": Recipe("Strong profile, whitened", partial(load_encoder, "strong"), whitened, learns=True),
    "whitened": Recipe("The house's network, whitened", None, whitened, learns=True),
    "itq-again": Recipe("Whitened, ITQ signature, best ranked again", None, _ranked_again, learns=True),
    "itq": Recipe("Whitened, ITQ signature alone", None, partial(_untaught, signatures.itq), learns=True),
    "pca": Recipe("Whitened, signs of PCA alone", None, partial(_untaught, signatures.pca_signs), learns=True),
    "lsh": Recipe("Whitened, random signature (LSH) alone", None, partial(_untaught, signatures.lsh), learns=True),
}
