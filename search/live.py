"""What is searched: follows the CURRENT pointer and the features stored since; never without an answer."""

import logging
import threading
import time
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.db import connection
from django.db.models import Count, Q
from numpy.typing import NDArray

from catalog.models import Photo
from search import features
from search.encoder import Encoder, EncoderError, load_encoder
from search.head import Head, HeadError, WhiteningHead, load_head
from search.heads.serving import serving_head
from search.hot import HotPart
from search.index import directory as place
from search.index import manifest as names
from search.index.base import IndexRefused
from search.index.reader import Build, open_build, searched_with
from search.models import Feature, IndexBuild
from search.recall import shortfall
from search.view import View
from search.wanted import encoder_of

log = logging.getLogger(__name__)
_CHECK_SECONDS = 2.0  # how often the CURRENT pointer is looked at
_RETRY_SECONDS = 60.0  # how often a build that was refused is tried again: a disk may come back
_NO_INDEX = "There is no usable index; every photo is compared until the next build."


@dataclass(frozen=True)
class Hit:
    photo_id: int
    score: float


class Live:
    """Keeps one process' view up to date. Threads may share it."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._lock = threading.RLock()
        self._view: View | None = None
        self._pointer: tuple[int, int] | None = None
        self._checked_at = -_CHECK_SECONDS
        self._refused_at: float | None = None
        self._complete: tuple[int, int] | None = None  # a view, and a state of the catalogue that it has all of
        self._doubted: set[str] = set()  # builds of which every byte is to be hashed before they are used

    def view(self, state: int | None = None) -> View:
        """What is searchable now: the newest good build and every feature stored since.

        `state` is what `catalogue_state` said just now, for whoever has asked: where it is as before, so are features.
        """
        if time.monotonic() - self._checked_at >= _CHECK_SECONDS:
            self._follow_pointer()
        view = self._view or self._reload()
        if view.head is None:
            return self._reload() if Feature.objects.exists() else view
        if (view.serial, state) == self._complete:
            return view
        fresh = list(features.after(view.encoder, view.hot.newest, view.head.width))
        if not fresh:
            self._complete = None if state is None else (view.serial, state)
            return view
        with self._lock:
            if view is not self._view:
                return self.view(state)  # another thread was quicker, and saw as much
            self._view = view.with_hot(fresh)
            outgrown = view.build is None and self._view.size >= 2 * view.fitted_on
            return self._reload() if outgrown else self._view

    def search(self, seen: NDArray[np.floating[Any]], k: int, allowed: Collection[int] | None = None) -> list[Hit]:
        """The k searchable photos nearest to raw features (d,), of `allowed` only where that is given.

        Hidden and deleted ones are passed over; fewer than k come back only where there are fewer. It takes raw
        features, not a vector: between two calls the view may change, and the head with it.
        """
        view, wanted = self.view(), 4 * k
        if view.head is None:
            return []
        query = view.head.project(seen[None])
        part = None if allowed is None else view.part(np.fromiter(allowed, np.int64))
        while True:
            ids, scores = view.nearest(query, wanted, part)
            shown = set(Photo.objects.searchable().filter(pk__in=ids.tolist()).values_list("pk", flat=True))
            found = zip(ids.tolist(), scores.tolist(), strict=True)
            hits = [Hit(photo_id, score) for photo_id, score in found if photo_id in shown]
            if len(hits) >= k or len(ids) < wanted:
                return hits[:k]
            wanted *= 8

    def _follow_pointer(self) -> None:
        # One thread looks; the others go on with what they have, unless they have nothing.
        if not self._lock.acquire(blocking=self._view is None):
            return
        try:
            self._checked_at = now = time.monotonic()
            retry = self._refused_at is not None and now - self._refused_at > _RETRY_SECONDS
            if self._view is not None and (retry or place.pointer_state(self._root) != self._pointer):
                self._reload()
        finally:
            self._lock.release()

    def _reload(self) -> View:
        with self._lock:
            self._pointer, self._refused_at = place.pointer_state(self._root), None
            build, note = self._best_build()
            if build is None:
                self._view = self._of_database(note)
            elif self._view and self._view.build and self._view.build.manifest is build.manifest:
                self._view = replace(self._view, build=build, note=note)
            else:
                self._view = View.of_build(build, note)
                if build.believed:
                    threading.Thread(
                        target=self._hash_in_background,
                        args=(build,),
                        name=f"hash {build.manifest.build_id}",
                        daemon=True,
                    ).start()
            return self._view

    def _best_build(self) -> tuple[Build | None, str]:
        """The first of CURRENT, the one that serves, and older ones, that can be trusted; what is to be said about it.

        The one that serves stays good even where its files are gone: they are mapped.
        """
        wanted = place.current(self._root)
        usable = Q(state=IndexBuild.State.READY) | Q(build_id=wanted)
        known = {row.build_id: row for row in IndexBuild.objects.filter(usable)}
        served = self._view.build if self._view else None
        serving = served.manifest.build_id if served else None
        for build_id in dict.fromkeys([wanted, serving, *sorted(known, reverse=True)]):
            row = known.get(build_id or "")
            if served and build_id == serving:
                return self._as_hard_as(served, row), _note(served, wanted)
            if row and (build := self._opened(row)):
                return build, _note(build, wanted)
        return None, _NO_INDEX if IndexBuild.objects.exists() else ""

    def _as_hard_as(self, build: Build, row: IndexBuild | None) -> Build:
        """The build searched with the effort that a recall check has noted in its row."""
        if row is None or row.effort == build.effort:
            return build
        try:
            return searched_with(build, self._root / row.build_id, row.effort)
        except IndexRefused as refusal:
            log.error("Index build %s can't be searched harder: %s.", row.build_id, refusal)
            return build

    def _opened(self, row: IndexBuild) -> Build | None:
        build_id = row.build_id
        try:
            build = open_build(
                self._root / build_id, exact_below=settings.EXACT_BELOW, hash_all=build_id in self._doubted
            )
            # A build of another database (restored from a backup, say) would speak of other photos.
            if build.manifest.digest != row.manifest.get("digest"):
                raise IndexRefused("its manifest is not the one in the database")
        except IndexRefused as refusal:
            self._alarm(build_id, str(refusal))
            return None
        if build.fault:
            self._alarm(build_id, build.fault)
        return self._as_hard_as(build, row)

    def _alarm(self, build_id: str, reason: str) -> None:
        self._refused_at = time.monotonic()
        log.error("Index build %s is refused: %s.", build_id, reason)
        IndexBuild.objects.filter(build_id=build_id).update(
            state=IndexBuild.State.FAILED, is_current=False, error=f"Refused by a reader: {reason}."[:500]
        )

    def _hash_in_background(self, build: Build) -> None:
        """Hash the big files that were believed; where one is damaged, open anew without belief."""
        build_id = build.manifest.build_id
        try:
            checked = open_build(self._root / build_id, hash_all=True)
            reason = checked.fault
        except IndexRefused as refusal:
            reason = str(refusal)
        if reason and (self._root / build_id).is_dir():  # a build that was swept away meanwhile is no damaged one
            with self._lock:
                self._doubted.add(build_id)
                self._view = None
                self._reload()
        connection.close()

    def _of_database(self, note: str) -> View:
        """No build: the features straight from the database, of the encoder that has seen the most photos."""
        counted = Feature.objects.values("encoder").annotate(photos=Count("id")).order_by("-photos").first()
        if counted is None:
            return View.of_nothing(note)
        encoder, fitted_on = counted["encoder"], 1 << 60
        head = self._head_left_over(encoder)
        if head is None:
            width = features.width_of(encoder)
            sample = features.sample(encoder, features.newest(encoder), width)
            head, fitted_on = WhiteningHead.fit(sample, settings.HEAD_DIM), len(sample)
        empty = replace(
            View.of_nothing(note), encoder=encoder, head=head, hot=HotPart.empty(head.dim, 0), fitted_on=fitted_on
        )
        return empty.with_hot(features.after(encoder, 0, head.width))

    def _head_left_over(self, encoder: str) -> Head | None:
        """The head of the newest build that still has one (likeness then stays what it was), else a promoted one."""
        for build_id in (
            IndexBuild.objects.filter(encoder=encoder).order_by("-started_at").values_list("build_id", flat=True)
        ):
            try:
                return load_head(self._root / build_id / names.HEAD)
            except HeadError:
                continue
        try:
            return serving_head(encoder)
        except HeadError:
            log.exception("The promoted head can't be used; whitening takes its place.")
            return None


def _note(build: Build, wanted: str | None) -> str:
    if build.fault:
        return "The index file is damaged; every vector is compared until the next build."
    if wanted and build.manifest.build_id != wanted:
        return "The newest index is damaged; an older one answers until the next build."
    return shortfall(build.manifest.build_id)


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


def query_encoder(view: View | None = None) -> Encoder:
    """The network that queries must be embedded with: the one whose vectors are searched, now or in that view.

    That is the setting's, except while a new one has not seen all photos yet. Raises EncoderError where the
    network of the index can't be had any more.
    """
    view = view or live().view()
    encoder = load_encoder(view.build.manifest.encoder_setting if view.build else None)
    if view.encoder and encoder.name != view.encoder:
        # Without its files a build is still remembered, and with it how its network was called for.
        if known := encoder_of(IndexBuild.objects.filter(encoder=view.encoder).first()):
            return known
        raise EncoderError(
            f"The index was made with {view.encoder}, but {encoder.name} is set up. Search goes on when all photos "
            "are embedded with it; to have the old one back meanwhile, set ENCODER and ENCODER_WEIGHTS as before."
        )
    return encoder
