"""What is compared: each recipe is a way from a photo to features and from features to answers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
from django.conf import settings

from search.encoder import Encoder, load_encoder
from search.evaluation import signatures
from search.evaluation.colours import ColourLayout
from search.evaluation.questions import Shot
from search.evaluation.searchers import ExactCosine, PlainAnnoy, RankedAgain, Searcher, Signature
from search.evaluation.seen import Watch
from search.features import Float16
from search.head import Float32, LearnedHead, WhiteningHead
from search.training.examples import Examples, numbered
from search.training.learn import learn_head
from search.training.tuning import Plan

BITS = 256
CANDIDATES = 100  # a small part even of a small catalogue, so that what signatures miss is seen
HOUSE, LEARNED = "whitened", "head"
PROFILES = ("light", "strong")  # one of them may be the house's network, whose line is called HOUSE


@dataclass(eq=False)
class Lessons:
    """Photos that a recipe may learn from: never of an object that it is asked about. What was learned is kept."""

    shots: Sequence[Shot]
    seen: Mapping[str, Float16]  # features by digest
    seed: int
    watch: Watch

    @property
    def features(self) -> Float16:
        """float16 (n, d), raw"""
        return np.stack([self.seen[shot.digest] for shot in self.shots])

    @cached_property
    def whitening(self) -> WhiteningHead:
        return WhiteningHead.fit(self.features, settings.HEAD_DIM)

    @cached_property
    def trained(self) -> LearnedHead:
        """As `manage.py train` trains; raises NothingToLearn where too few objects have several photos."""
        objects, object_names = numbered([shot.object for shot in self.shots])
        categories, category_names = numbered([shot.category for shot in self.shots])
        no_pairs = np.empty((0, 2), np.int64)
        unknown = np.full(len(self.shots), -1, np.int64)
        examples = Examples(
            self.features, objects, object_names, categories, category_names, unknown, no_pairs, no_pairs
        )
        return learn_head(examples, settings.HEAD_DIM, Plan(seed=self.seed), self.watch).head


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


def _trained(gallery: Float32, lessons: Lessons) -> Searcher:
    return ExactCosine(gallery, lessons.trained)


def _taught(gallery: Float32, lessons: Lessons) -> Searcher:
    return Signature(gallery, lessons.trained, lessons.trained.planes)


def _taught_again(gallery: Float32, lessons: Lessons) -> Searcher:
    return RankedAgain(gallery, lessons.trained, lessons.trained.planes, bits=BITS, candidates=CANDIDATES)


def _untaught_on_trained(gallery: Float32, lessons: Lessons) -> Searcher:
    head = lessons.trained
    return Signature(gallery, head, signatures.itq(head.project(lessons.features), BITS, lessons.seed))


def _untaught(make: Callable[[Float32, int, int], Float32], gallery: Float32, lessons: Lessons) -> Searcher:
    head = lessons.whitening
    return Signature(gallery, head, make(head.project(lessons.features), BITS, lessons.seed))


def _untaught_again(gallery: Float32, lessons: Lessons) -> Searcher:
    head = lessons.whitening
    planes = signatures.itq(head.project(lessons.features), BITS, lessons.seed)
    return RankedAgain(gallery, head, planes, bits=BITS, candidates=CANDIDATES)


RECIPES = {
    "colours": Recipe("Colour histogram and layout", ColourLayout, as_it_comes, is_quick=True),
    "writeup": Recipe("VGG16, 25,088 numbers, plain Annoy", partial(load_encoder, "vgg16"), _plain_annoy),
    "stock": Recipe("MobileNetV2, features as they come", partial(load_encoder, "mobilenet_v2"), as_it_comes),
    "light": Recipe("Light profile, whitened", partial(load_encoder, "light"), whitened, learns=True),
    "strong": Recipe("Strong profile, whitened", partial(load_encoder, "strong"), whitened, learns=True),
    "whitened": Recipe("The house's network, whitened", None, whitened, learns=True),
    "head": Recipe("Trained head", None, _trained, learns=True),
    "signature": Recipe(
        f"Trained head, learned signature, best {CANDIDATES} ranked again", None, _taught_again, learns=True
    ),
    "signature-alone": Recipe("Trained head, learned signature alone", None, _taught, learns=True),
    "itq-trained": Recipe("Trained head, ITQ signature alone", None, _untaught_on_trained, learns=True),
    "itq-again": Recipe(f"Whitened, ITQ signature, best {CANDIDATES} ranked again", None, _untaught_again, learns=True),
    "itq": Recipe("Whitened, ITQ signature alone", None, partial(_untaught, signatures.itq), learns=True),
    "pca": Recipe("Whitened, signs of PCA alone", None, partial(_untaught, signatures.pca_signs), learns=True),
    "lsh": Recipe("Whitened, random signature (LSH) alone", None, partial(_untaught, signatures.lsh), learns=True),
}
