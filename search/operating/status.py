"""The state of the index in plain values, for the command line and the staff's status page."""

from typing import Any

from django.conf import settings
from django.utils import timezone

from catalog.models import Photo
from search.live import live
from search.models import IndexBuild
from search.operating.alarms import alarms
from search.rebuild import rebuild_due

_BUILDS_SHOWN = 10


def index_status() -> dict[str, Any]:
    view = live().view()
    current = IndexBuild.objects.filter(build_id=view.build.manifest.build_id).first() if view.build else None
    age = (timezone.now() - view.built_at).total_seconds() if view.built_at else None
    return {
        "photos_searched": view.size,
        "of_these_embedded_since_the_build": view.hot.size,
        "waiting": Photo.objects.waiting().count(),
        "failed": Photo.objects.filter(status=Photo.Status.FAILED).count(),
        "encoder": view.encoder,
        "encoder_of_the_settings": settings.ENCODER,
        "engine": view.engine,
        "every_vector_compared": view.exact,
        "build": view.build.manifest.build_id if view.build else None,
        "age_seconds": None if age is None else round(age),
        "rebuild_due": rebuild_due(),
        "recall": _recall(current),
        "alarms": alarms(),
        "note": view.note,
        "builds": [_build(row) for row in IndexBuild.objects.all()[:_BUILDS_SHOWN]],
    }


def _recall(row: IndexBuild | None) -> dict[str, Any] | None:
    """What the last check of a build came to."""
    last = row.recall_checks.first() if row else None
    if last is None:
        return None
    return {
        "k": last.k,
        "mean": last.mean,
        "fifth_percentile": last.fifth_percentile,
        "approximate_ms": last.approximate_ms,
        "exact_ms": last.exact_ms,
        "queries": last.queries,
        "effort": last.effort,
        "checked_at": last.checked_at,
    }


def _state(row: IndexBuild) -> str:
    if row.is_current:
        return "current"
    return "withdrawn" if row.state == IndexBuild.State.READY and row.withdrawn_at else row.state


def _build(row: IndexBuild) -> dict[str, Any]:
    took = (row.finished_at - row.started_at).total_seconds() if row.finished_at else None
    return {
        "build": row.build_id,
        "state": _state(row),
        "photos": row.photo_count,
        "engine": row.engine,
        "encoder": row.encoder,
        "head": row.head,
        "recall": _recall(row),
        "seconds": None if took is None else round(took, 1),
        "error": row.error,
    }
