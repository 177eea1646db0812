"""Two builds that answer differently, and as many copies of them under names of their own as a test wants."""

import os
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from django.conf import settings

from search.head import WhiteningHead
from search.index import directory as place
from search.index.base import Vectors
from search.index.builder import Recipe, build
from search.index.choice import options_of
from search.index.manifest import FILE, Manifest
from search.models import IndexBuild
from search.rebuild import mark_current

WIDTH = 256


@dataclass(frozen=True)
class Pattern:
    """A whole build, outside the index directory, that copies are made of."""

    directory: Path
    manifest: Manifest


def pattern(folder: Path, engine: str, photos: int, seed: int) -> Pattern:
    """A build of random unit vectors; each seed has photos, vectors and a head of its own."""
    random = np.random.default_rng(seed)
    turned = np.linalg.qr(random.standard_normal((WIDTH, WIDTH)))[0].astype(np.float32)
    features = random.standard_normal((photos, WIDTH)).astype(np.float32)
    recipe = Recipe("bench", "bench", engine, options_of(engine), max_feature_id=0)
    head = WhiteningHead(np.zeros(WIDTH, np.float32), turned)
    ids = np.arange(photos) + 1 + 10 * seed * photos
    manifest = build(folder, f"pattern-{seed}", head, recipe, [(ids, features)])
    return Pattern(folder / manifest.build_id, manifest)


def queries(count: int) -> Vectors:
    return np.random.default_rng(99).standard_normal((count, WIDTH)).astype(np.float32)


def publish(of: Pattern) -> str:
    """A copy as a new build becomes the current one, as a rebuild does it; its name.

    The files are hard links: each copy has maps and names of its own, and takes no room.
    """
    build_id = place.new_build_id()
    temporary = place.temporary(settings.INDEX_DIR, build_id)
    for path in of.directory.iterdir():
        if path.name in of.manifest.files:
            os.link(path, temporary / path.name)
    manifest = replace(of.manifest, build_id=build_id).sealed()
    manifest.write(temporary)
    place.publish(temporary, settings.INDEX_DIR, build_id)
    IndexBuild.objects.create(
        build_id=build_id,
        engine=manifest.engine,
        encoder=manifest.encoder,
        head=manifest.head,
        photo_count=manifest.count,
        state=IndexBuild.State.READY,
        manifest={"digest": manifest.digest},
    )
    place.point_to(settings.INDEX_DIR, build_id)
    mark_current(build_id)
    return build_id


def retire(build_id: str) -> None:
    """Take the files away from under whoever still reads them."""
    IndexBuild.objects.filter(build_id=build_id).update(state=IndexBuild.State.RETIRED)
    shutil.rmtree(settings.INDEX_DIR / build_id)


def bytes_of(of: Pattern) -> int:
    return sum(facts.size for facts in of.manifest.files.values()) + (of.directory / FILE).stat().st_size
