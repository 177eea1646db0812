"""What is searched: the cold base (a build) + the hot part (embedded since) - what the database says is gone."""

import logging
import threading
import time
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from catalog.models import Photo
from search import features
from search.head import HeadError, WhiteningHead, load_head
from search.hot import HotPart
from search.index import directory as place
from search.index import manifest as names
from search.index.base import IndexRefused, Vectors, best
from search.index.reader import Build, open_build
from search.models import Feature, IndexBuild

log = logging.getLogger(__name__)
Ids = NDArray[np.int64]
_CHECK_SECONDS = 2.0  # how often the CURRENT pointer is looked at
_RETRY_SECONDS = 60.0  # how often a build that was refused is tried again: a disk may come back
_SAMPLE = 20_000
_MANY = 0.25  # asked for more than this share of all vectors, reading them all is quicker than asking an index


@dataclass(frozen=True)
class Hit:
    photo_id: int
    score: float


@dataclass(frozen=True, eq=False)
class View:
    """What was searchable at one moment, unchanging: one request works on one view."""

    encoder: str
    head: WhiteningHead | None  # None: there are no features at all
    build: Build | None
    hot: HotPart
    stale: NDArray[np.int64]  # rows of the build whose photo has a younger vector in the hot part
    note: str
    fitted_on: int = 0  # photos that the head was fitted on, where there is no build

    @property
    def size(self) -> int:
        return (self.build.size - len(self.stale) if self.build else 0) + self.hot.size

    @property
    def exact(self) -> bool:
        return self.build is None or self.build.exact

    @property
    def engine(self) -> str:
        return self.build.manifest.engine if self.build else "exact"

    @property
    def built_at(self) -> datetime | None:
        return datetime.fromisoformat(self.build.manifest.built_at) if self.build else None

    def nearest(self, vector: Vectors, n: int) -> tuple[Ids, Vectors]:
        """The n photos nearest to a unit `vector` (dim,): ids and cosines, best first; deleted ones too."""
        ids, scores = [self.hot.photo_ids], [self.hot.vectors @ vector]
        if self.build:
            wanted = n + len(self.stale)
            if wanted > _MANY * self.build.size:
                rows, found = np.arange(self.build.size), self.build.vectors @ vector
            else:
                rows, found = self.build.index.search(vector, wanted)
            if len(self.stale):
                fresh = ~np.isin(rows, self.stale)
                rows, found = rows[fresh], found[fresh]
            ids.append(self.build.photo_ids[rows])
            scores.append(found)
        return _top(ids, scores, n)

    def among(self, vector: Vectors, photo_ids: Ids, n: int) -> tuple[Ids, Vectors]:
        """As `nearest`, of the given photos only, each of them compared."""
        held, vectors = self.vectors_of(photo_ids)
        return _top([held], [vectors @ vector], n)

    def vectors_of(self, photo_ids: Ids) -> tuple[Ids, Vectors]:
        """Those of the photos that are searchable (p,), and their unit vectors (p, dim)."""
        warm = np.isin(self.hot.photo_ids, photo_ids)
        ids, vectors = self.hot.photo_ids[warm], self.hot.vectors[warm]
        if self.build:
            rows = np.setdiff1d(self.build.rows_of(photo_ids), self.stale, assume_unique=True)
            ids = np.concatenate([ids, self.build.photo_ids[rows]])
            vectors = np.concatenate([vectors, self.build.vectors[rows]])
        return ids, vectors

    def with_hot(self, batches: list[features.FeatureBatch]) -> "View":
        assert self.head
        hot = self.hot.extended(self.head, batches)
        stale = self.build.rows_of(hot.photo_ids) if self.build else self.stale
        return replace(self, hot=hot, stale=stale)


def _note(build: Build, wanted: str | None) -> str:
    if build.fault:
        return "The index file is damaged; every vector is compared until the next build."
    if wanted and build.manifest.build_id != wanted:
        return "The newest index is damaged; an older one answers until the next build."
    return ""


def _top(ids: list[Ids], scores: list[Vectors], n: int) -> tuple[Ids, Vectors]:
    all_ids, all_scores = np.concatenate(ids), np.concatenate(scores)
    order = best(all_scores, n)
    return all_ids[order], all_scores[order]


_NOTHING = View("", None, None, HotPart.empty(0, 0), np.empty(0, np.int64), "")


class Live:
    """Keeps the view of one process up to date. Threads may share it."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._lock = threading.RLock()
        self._view: View | None = None
        self._pointer: tuple[int, int] | None = None
        self._checked_at = -_CHECK_SECONDS
        self._refused: dict[str, float] = {}

    def view(self) -> View:
        """What is searchable now: the newest good build and every feature stored since."""
        if time.monotonic() - self._checked_at >= _CHECK_SECONDS:
            self._follow_pointer()
        view = self._view or self._reload()
        fresh = list(features.after(view.encoder, view.hot.newest)) if view.encoder else []
        if fresh:
            with self._lock:
                if view is self._view:
                    view = self._view = view.with_hot(fresh)
                    outgrown = view.build is None and view.hot.size >= 2 * view.fitted_on
                    return self._reload() if outgrown else view
            return self.view()  # another thread was quicker: what it saw is at least as new
        if view.head is None and Feature.objects.exists():
            return self._reload()
        return view

    def search(self, vector: Vectors, k: int, allowed: Collection[int] | None = None) -> list[Hit]:
        """The k searchable photos nearest to a unit `vector` (dim,), of `allowed` only where that is given.

        Hidden and deleted ones are passed over; fewer than k come back only where there are fewer.
        """
        view = self.view()
        wanted = 4 * k
        while True:
            if allowed is None:
                ids, scores = view.nearest(vector, wanted)
            else:
                ids, scores = view.among(vector, np.fromiter(allowed, np.int64), wanted)
            shown = set(Photo.objects.searchable().filter(pk__in=ids.tolist()).values_list("pk", flat=True))
            hits = [
                Hit(photo_id, score)
                for photo_id, score in zip(ids.tolist(), scores.tolist(), strict=True)
                if photo_id in shown
            ]
            if len(hits) >= k or len(ids) < wanted:
                return hits[:k]
            wanted *= 8

    def _follow_pointer(self) -> None:
        # One thread looks; the others go on with what they have, unless they have nothing.
        if not self._lock.acquire(blocking=self._view is None):
            return
        try:
            self._checked_at = time.monotonic()
            pointer = place.pointer_state(self._root)
            retry = any(self._checked_at - at > _RETRY_SECONDS for at in self._refused.values())
            if self._view is not None and (pointer != self._pointer or retry):
                self._reload()
        finally:
            self._lock.release()

    def _reload(self) -> View:
        with self._lock:
            self._pointer = place.pointer_state(self._root)
            self._refused.clear()
            served = self._view.build if self._view else None
            build, note = self._best_build(served)
            view = self._of_build(build, note) if build else self._of_database(note)
            self._view = view
            return view

    def _best_build(self, served: Build | None) -> tuple[Build | None, str]:
        """The first of CURRENT, what is served already, and older builds, that can be trusted; what to say about it."""
        known = {row.build_id: row for row in IndexBuild.objects.exclude(state=IndexBuild.State.BUILDING)}
        wanted, serving = place.current(self._root), served.manifest.build_id if served else None
        for build_id in dict.fromkeys([wanted, serving, *sorted(known, reverse=True)]):
            row = known.get(build_id or "")
            if served and build_id == serving:
                return served, _note(served, wanted)
            if build_id and row and (row.state == IndexBuild.State.READY or build_id == wanted):
                build = self._opened(build_id, row)
                if build:
                    return build, _note(build, wanted)
        return None, "There is no usable index; every photo is compared until the next build." if known else ""

    def _opened(self, build_id: str, row: IndexBuild) -> Build | None:
        try:
            build = open_build(self._root / build_id, exact_below=settings.EXACT_BELOW)
            # A build of another database (restored from a backup, say) would speak of other photos.
            if build.manifest.digest != row.manifest.get("digest"):
                raise IndexRefused("its manifest is not the one in the database")
        except IndexRefused as refusal:
            self._alarm(build_id, str(refusal))
            return None
        if build.fault:
            self._alarm(build_id, build.fault)
        return build

    def _alarm(self, build_id: str, reason: str) -> None:
        self._refused[build_id] = time.monotonic()
        log.error("Index build %s is refused: %s.", build_id, reason)
        IndexBuild.objects.filter(build_id=build_id).update(
            state=IndexBuild.State.FAILED, is_current=False, error=f"Refused by a reader: {reason}."[:500]
        )

    def _of_build(self, build: Build, note: str) -> View:
        if self._view and self._view.build is build:
            return replace(self._view, note=note)
        hot = HotPart.empty(build.manifest.dim, build.manifest.max_feature_id)
        return View(build.manifest.encoder, build.head, build, hot, np.empty(0, np.int64), note)

    def _of_database(self, note: str) -> View:
        """No build: the newest encoder's features straight from the database, through the last head that is left."""
        encoder = Feature.objects.order_by("-id").values_list("encoder", flat=True).first()
        if encoder is None:
            return replace(_NOTHING, note=note)
        head, fitted_on = self._head_left_over(encoder), 1 << 60
        if head is None:
            known = features.sample(encoder, features.newest(encoder), _SAMPLE)
            head, fitted_on = WhiteningHead.fit(known, settings.HEAD_DIM), len(known)
        empty = View(encoder, head, None, HotPart.empty(head.dim, 0), np.empty(0, np.int64), note, fitted_on)
        return empty.with_hot(list(features.after(encoder, 0)))

    def _head_left_over(self, encoder: str) -> WhiteningHead | None:
        for row in IndexBuild.objects.filter(encoder=encoder).order_by("-started_at"):
            try:
                return load_head(self._root / row.build_id / names.HEAD)
            except HeadError:
                continue
        return None


_live: dict[Path, Live] = {}
_making = threading.Lock()


def live() -> Live:
    """This process' reader of the index."""
    with _making:
        return _live.setdefault(settings.INDEX_DIR, Live(settings.INDEX_DIR))


def forget() -> None:
    """Let go of everything that was read, as a restart does."""
    with _making:
        _live.clear()
