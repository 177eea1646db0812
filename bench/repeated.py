"""`python -m bench.repeated`: what is won where the same is asked again: a search, a filter, a photo's features."""

import argparse
import statistics
import time
from itertools import pairwise

from bench import scratch  # noqa: F401  first: it chooses the database

# isort: split
import numpy as np
from django.core.management import call_command
from django.test import override_settings
from numpy.typing import NDArray

from bench.large_house import build, price_limit, stock
from bench.search.photos import source
from catalog.models import Item
from catalog.pictures import Picture, receive
from search.answer import Filters
from search.asking import ask, forget
from search.index.base import Vectors
from search.models import Query
from search.similar import find_similar

_ASKED, _PHOTOS = 50, 20


def main() -> None:
    options = _options()
    call_command("migrate", verbosity=0)
    random = np.random.default_rng(0)
    vectors = _unit(random.standard_normal((options.photos, 256)))
    stock(np.zeros(options.photos, np.int64))
    build("signature", vectors)
    queries = _unit(vectors[:_ASKED] + 0.05 * random.standard_normal((_ASKED, 256)))
    shares = {f"{share:.0%} pass": Filters(price_max=price_limit(share)) for share in (0.01, 0.1, 0.5)}
    print("| milliseconds, p50 | first | again | another photo, the same filter |\n|---|---|---|---|")
    with override_settings(LIKENESS_CUTOFF=-1.0, EXACT_BELOW=0):
        for name, wanted in {"no filter": Filters(), **shares}.items():
            print(f"| a search, {name} | {' | '.join(f'{ms:.2f}' for ms in _searches(queries, wanted))} |", flush=True)
    first, again = _embeddings()
    print(f"| keeping and embedding a question's photo | {first:.0f} | {again:.0f} | – |")


def _searches(queries: Vectors, wanted: Filters) -> tuple[float, float, float]:
    """The search step of a page: after a change of the catalogue, the same again, another photo after that."""
    find_similar(queries[:1], filters=wanted)  # opens the index
    rows = []
    for query, other in pairwise(queries):
        Item.objects.filter(pk=1).update(estimate_low=1)  # whatever is changed: nothing is remembered past it
        asked = (query, query, other)
        rows.append([find_similar(vector[None], filters=wanted).took["search"] for vector in asked])
    first, again, another = (statistics.median(column) for column in zip(*rows, strict=True))
    return first, again, another


def _embeddings() -> tuple[float, float]:
    """Of photos that nobody has asked with, and of the same ones again."""
    pictures = [receive(path.read_bytes(), max_bytes=1 << 30) for path in source().paths[:_PHOTOS]]
    first, again = ([_milliseconds(picture) for picture in pictures] for _ in range(2))
    forget(Query.objects.all())
    return statistics.median(first), statistics.median(again)


def _milliseconds(picture: Picture) -> float:
    began = time.perf_counter()
    ask([picture], kind=Query.Kind.STAFF, owner=None)
    return 1000 * (time.perf_counter() - began)


def _unit(vectors: NDArray[np.float64]) -> Vectors:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.repeated", description=__doc__)
    parser.add_argument("--photos", type=int, default=100_000, help="in the catalogue, two an item")
    return parser.parse_args()


if __name__ == "__main__":
    main()
