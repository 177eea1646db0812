"""What a build takes over from the one before: the whitening head, and the rows that were projected with it."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from django.conf import settings
from django.db.models import Max

from search.head import Head, HeadError, WhiteningHead, load_head
from search.heads.serving import fit_whitening, serving_head
from search.index import manifest as names
from search.index.base import IndexRefused
from search.index.builder import Kept
from search.index.reader import Build, open_build
from search.models import Feature, IndexBuild

log = logging.getLogger(__name__)
_CHUNK = 8_192  # rows that are copied at a time


@dataclass(frozen=True, eq=False)
class ChosenHead:
    """`seen_up_to`: whitening was fitted on features up to this one; 0 for a trained head."""

    head: Head
    seen_up_to: int


@dataclass(frozen=True, eq=False)
class Inheritance:
    """Rows of an earlier build that stand for the features up to `up_to`; without any, 0 and no build."""

    up_to: int = 0
    build: Build | None = None

    def rows(self) -> Iterator[Kept]:
        """The photos whose feature is still there, with their vectors.

        Asked for by ranges of photos: an index alone then answers, where features' own rows are 2 kB and more each.
        """
        if self.build is None:
            return
        build, there = self.build, Feature.objects.filter(encoder=self.build.manifest.encoder, id__lte=self.up_to)
        for start in range(0, build.size, _CHUNK):
            held = build.photo_ids[build.by_id[start : start + _CHUNK]]
            still = there.filter(photo_id__gte=int(held[0]), photo_id__lte=int(held[-1]))
            rows = np.sort(build.rows_of(np.fromiter(still.values_list("photo_id", flat=True), np.int64)))
            yield np.asarray(build.photo_ids[rows]), np.asarray(build.vectors[rows])


def choose_head(encoder: str, up_to: int, before: IndexBuild | None) -> ChosenHead:
    """The promoted head; else the whitening that serves, which keeps every likeness what it was; else a new whitening.

    A new one is fitted when the photos that the old one has not seen come to half of those that it has. Raises
    HeadError where the promoted head is damaged.
    """
    if trained := serving_head(encoder):
        return ChosenHead(trained, 0)
    if before and before.encoder == encoder and not _outgrown(before):
        try:
            head = load_head(settings.INDEX_DIR / before.build_id / names.HEAD)
        except HeadError as error:
            log.warning("The whitening of %s can't be kept: %s", before.build_id, error)
        else:
            if isinstance(head, WhiteningHead) and head.dim == min(settings.HEAD_DIM, head.width):
                return ChosenHead(head, before.head_up_to)
    return ChosenHead(fit_whitening(encoder, up_to), up_to)


def inherit(encoder: str, head: Head, before: IndexBuild | None) -> Inheritance:
    """The rows of `before` where the same head projected the same network's features; every byte is checked first."""
    if before is None or (before.encoder, before.head) != (encoder, head.name):
        return Inheritance()
    try:
        build = open_build(settings.INDEX_DIR / before.build_id, hash_all=True)
    except IndexRefused as refusal:
        log.warning("Nothing is copied from %s: %s.", before.build_id, refusal)
        return Inheritance()
    if build.manifest.digest != before.manifest.get("digest"):
        return Inheritance()
    return Inheritance(build.manifest.max_feature_id, build)


def _outgrown(before: IndexBuild) -> bool:
    """A whitening that the house went back from counts as seen: else the next build would bring it back."""
    if before.head_up_to == 0:
        return True
    withdrawn = IndexBuild.objects.filter(encoder=before.encoder, withdrawn_at__isnull=False)
    seen_up_to = max(before.head_up_to, withdrawn.aggregate(Max("head_up_to"))["head_up_to__max"] or 0)
    found = Feature.objects.filter(encoder=before.encoder)
    return 2 * found.filter(id__gt=seen_up_to).count() >= found.filter(id__lte=seen_up_to).count()
