"""I5 and I6: the index holds what is searchable, nothing searchable is missing, and one network made all of it."""

from collections.abc import Iterable, Iterator

import numpy as np
from django.conf import settings
from django.db import DatabaseError
from numpy.typing import NDArray

from catalog.models import Photo
from catalog.soundness import Looked, Violation
from search.encoder import EncoderError
from search.features import is_sound, unpack
from search.head import HeadError
from search.index import directory as place
from search.index.base import IndexRefused
from search.index.builder import BuildFailed
from search.index.reader import Build, open_build
from search.live import Live
from search.models import Feature, IndexBuild
from search.rebuild import rebuild_index
from search.wanted import current_build

Ids = NDArray[np.int64]
_SAMPLE = 20  # photos that are asked for by their own features
_THEMSELVES = 0.999  # a cosine: it found itself, or its twin


def index(looked: Looked, *, deep: bool) -> Iterator[Violation]:
    """The build that serves, beside the features stored since."""
    row, pointer = current_build(), place.current(settings.INDEX_DIR)
    if row is None and pointer is None:
        yield from _found(looked)  # before the first build every feature is compared
        return
    if row is None or pointer != row.build_id:
        told = row.build_id if row else "none"
        yield _wrong("I5", f"The pointer names the build {pointer or 'none'}, the database {told}.")
        return
    try:
        build = open_build(settings.INDEX_DIR / row.build_id, hash_all=deep)
    except IndexRefused as refusal:
        yield _wrong("I5", f"The build {row.build_id} can't be used: {refusal}.")
        return
    looked["ids in the index"] += build.size
    if build.fault:
        yield _wrong("I5", f"The engine's file of the build {row.build_id} can't be used: {build.fault}.")
    yield from _of_one_network(row, build)
    yield from _complete(looked, row, build)
    yield from _found(looked)


def _of_one_network(row: IndexBuild, build: Build) -> Iterator[Violation]:
    said, told = (row.encoder, row.head), (build.manifest.encoder, build.manifest.head)
    if said != told:
        yield _wrong("I6", f"The build {row.build_id} is of {' and '.join(told)}, its row says {' and '.join(said)}.")
    if row.manifest.get("digest") != build.manifest.digest:
        yield _wrong("I6", f"The manifest of the build {row.build_id} is not the one that the database knows.")


def _complete(looked: Looked, row: IndexBuild, build: Build) -> Iterator[Violation]:
    """Whatever was embedded before the build is in it; whatever is in it and gone is for the database to pass over."""
    embedded = Feature.objects.filter(encoder=row.encoder, photo__status=Photo.Status.EMBEDDED)
    cold = _ids(embedded.filter(pk__lte=row.max_feature_id).values_list("photo_id", flat=True).iterator())
    hot = _ids(embedded.filter(pk__gt=row.max_feature_id).values_list("photo_id", flat=True).iterator())
    looked["photos embedded since the build"] += len(hot)
    held = np.asarray(build.photo_ids)
    looked["ids of photos that are gone, passed over"] += len(np.setdiff1d(held, np.concatenate([cold, hot])))
    for photo_id in np.setdiff1d(cold, held):
        yield _wrong(
            "I5", f"Photo {photo_id} is searchable but neither in the build {row.build_id} nor embedded since."
        )


def _found(looked: Looked) -> Iterator[Violation]:
    """A search through the whole way: some photos, asked for by their own features, find themselves and only living."""
    live, chance = Live(settings.INDEX_DIR), np.random.default_rng(0)
    view = live.view()
    ids = _ids(Photo.objects.searchable().values_list("pk", flat=True).order_by("pk").iterator())
    for photo_id in chance.choice(ids, min(_SAMPLE, len(ids)), replace=False):
        feature = Feature.objects.filter(photo=int(photo_id), encoder=view.encoder).first()
        if feature is None or view.head is None or len(feature.vector) != 2 * view.head.width:
            continue  # I3 tells
        seen = unpack([feature.vector])
        if not is_sound(seen)[0]:
            continue
        looked["photos asked for"] += 1
        hits = live.search(seen[0], 10)
        if not any(hit.photo_id == photo_id or hit.score > _THEMSELVES for hit in hits):
            yield _wrong("I5", f"Photo {photo_id} does not find itself in the index.")


def _ids(found: Iterable[int]) -> Ids:
    return np.fromiter(found, np.int64)


def _wrong(invariant: str, sentence: str) -> Violation:
    return Violation(invariant, sentence, rebuild)


def rebuild() -> str:
    """One rebuild mends all that is wrong with an index: it is only a cache."""
    try:
        return rebuild_index(afresh=True).message
    except (BuildFailed, EncoderError, HeadError, OSError, DatabaseError) as error:
        return f"The index could not be built again: {error}"
