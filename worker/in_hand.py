"""What each embedder has in hand, written down beforehand: who comes after one that died takes it up at once."""

from collections.abc import Sequence

from billiard.process import current_process
from django.db.models.functions import Now

from search import ingest
from search.models import Heartbeat


def note(node: str, photo_ids: Sequence[int]) -> None:
    """The pool child at work on `node` (worker name@host) begins with these photos."""
    name = _name(node, getattr(current_process(), "index", 0))
    news = {"beat_at": Now(), "detail": {"photos": list(photo_ids)}}
    if not Heartbeat.objects.filter(name=name).update(**news):
        Heartbeat.objects.update_or_create(name=name, defaults=news)


def take_over(node: str) -> list[int]:
    """What an earlier worker of this name left: its leases are given up. To be called before this one works."""
    left = Heartbeat.objects.filter(name__startswith=_name(node, ""))
    photo_ids = [photo_id for row in left for photo_id in row.detail.get("photos", [])]
    left.delete()
    return photo_ids if ingest.release(photo_ids) else []


def _name(node: str, child: int | str) -> str:
    return f"{node[:40]}#{child}"
