"""Writes the sample catalogue to a directory: items.csv and its photos, resumable, each photo made once."""

import csv
import json
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.sample import captions
from catalog.sample.catalogue import Lot, records
from catalog.sample.vocabulary import CONDITIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

VERSION = 5  # raise it when any picture or record changes: it names the cache
COLUMNS = (
    "source_key", "object_key", "sale_code", "sale_title", "sale_date", "lot", "title", "description", "category",
        "maker", "origin", "period",
    "materials", "dimensions", "condition", "estimate_low", "estimate_high", "start_price", "reserve", "hammer",
        "total", "currency", "status",
    "photos", "photo_roles", "model_median",
)  # fmt: skip
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True, slots=True)
class Edition:
    """What a call made: all items and photos of the directory, and how many photos were rendered just now."""

    items: int
    photos: int
    rendered: int


def row(lot: Lot) -> dict[str, str]:
    """One lot under our own import headers; money with a point, dates in ISO form, absent values empty."""
    design, money = lot.design, lot.pricing
    return {
        "source_key": lot.source_key, "object_key": design.key, "sale_code": lot.house.code,
            "sale_title": lot.house.title,
        "sale_date": lot.house.day.isoformat(), "lot": lot.lot, "title": captions.title(design),
            "description": captions.description(design),
        "category": design.category.name, "maker": captions.maker_name(design), "origin": design.origin,
            "period": design.period,
        "materials": captions.materials(design), "dimensions": captions.dimensions(design),
            "condition": CONDITIONS[design.condition][0],
        "estimate_low": str(money.estimate_low), "estimate_high": str(money.estimate_high),
            "start_price": str(money.start_price),
        "reserve": str(money.reserve), "hammer": "" if money.hammer is None else str(money.hammer),
        "total": "" if money.total is None else str(money.total), "currency": "EUR",
            "status": "passed" if money.hammer is None else "sold",
        "photos": "|".join(lot.photo_names()), "photo_roles": "|".join(view.role for view in lot.views),
            "model_median": str(money.model_median),
    }  # fmt: skip


def render_catalogue(
    out: Path, *, items: int, seed: int, processes: int, progress: Callable[[int, int], None] | None = None
) -> Edition:
    """Write items.csv and photos/ for the first `items` lots; photos of the same seed and version are kept.

    `progress` is called with (photos done, photos in all). A call that was killed goes on where it stopped.
    """
    photos = out / "photos"
    photos.mkdir(parents=True, exist_ok=True)
    manifest = out / "manifest.json"
    wanted = {"version": VERSION, "seed": seed}
    if _manifest(manifest) | {"items": 0} != wanted | {"items": 0}:
        for stale in photos.glob("*.jpg"):
            stale.unlink()
        _write(manifest, json.dumps(wanted | {"items": 0}))
    lots = list(records(items, seed))
    present = {entry.name for entry in os.scandir(photos)}
    missing = [lot for lot in lots if not present.issuperset(lot.photo_names())]
    total = sum(len(lot.views) for lot in lots)
    _render_all(missing, photos, processes, total, progress)
    _write_items(out / "items.csv", lots)
    _write(manifest, json.dumps(wanted | {"items": items}))
    return Edition(len(lots), total, sum(len(set(lot.photo_names()) - present) for lot in missing))


def _manifest(path: Path) -> dict[str, int]:
    try:
        found = json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _render_all(
    lots: list[Lot], photos: Path, processes: int, total: int, progress: Callable[[int, int], None] | None
) -> None:
    done = total - sum(len(lot.views) for lot in lots)
    if progress:
        progress(done, total)
    if not lots:
        return
    with _single_threaded(), ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        for future in as_completed([pool.submit(_render_lot, lot, photos) for lot in lots]):
            done += future.result()
            if progress:
                progress(done, total)


def _render_lot(lot: Lot, photos: Path) -> int:
    from catalog.sample.render import render_photo  # the tracer is only loaded where pictures are made

    for name, view in zip(lot.photo_names(), lot.views, strict=True):
        target = photos / name
        if not target.exists():
            partial = target.with_suffix(".part")
            render_photo(lot.design, view).save(partial, "JPEG", quality=88)
            partial.replace(target)
    return len(lot.views)


@contextmanager
def _single_threaded() -> "Iterator[None]":
    """One numeric thread in each worker: two processes on two cores must not start four."""
    before = {name: os.environ.get(name) for name in THREADS}
    os.environ.update(dict.fromkeys(THREADS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.update({name: value})


def _write_items(path: Path, lots: list[Lot]) -> None:
    partial = path.with_suffix(".part")
    with partial.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(row(lot) for lot in lots)
    partial.replace(path)


def _write(path: Path, text: str) -> None:
    partial = path.with_suffix(".part")
    partial.write_text(text)
    partial.replace(path)
