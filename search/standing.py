"""Which of several learned things serves: one is promoted, the one before retires, and there is a way back to it.

`kind` is always the rows of which one serves: all networks, or the heads of one network.
"""

from typing import TypeVar

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from search.models import Network, Standing, TrainedHead

Learned = TypeVar("Learned", TrainedHead, Network)


def serving(kind: QuerySet[Learned]) -> Learned | None:
    return kind.filter(standing=Standing.SERVING).first()


def promote(kind: QuerySet[Learned], row: Learned) -> None:
    """Let the row serve from now on; the one before retires."""
    with transaction.atomic():
        if kind.select_for_update().get(pk=row.pk).standing == Standing.SERVING:
            return
        kind.filter(standing=Standing.SERVING).update(standing=Standing.RETIRED)
        row.standing, row.promoted_at = Standing.SERVING, timezone.now()
        row.save(update_fields=["standing", "promoted_at"])


def demote(kind: QuerySet[Learned]) -> None:
    """Take what serves out of service, whatever served before it; it is a candidate again."""
    kind.filter(standing=Standing.SERVING).update(standing=Standing.CANDIDATE)


def go_back(kind: QuerySet[Learned], row: Learned) -> str:
    """Take the row, which serves, out of service: the name of what served before and does again, or ""."""
    with transaction.atomic():
        demote(kind)
        earlier = kind.filter(standing=Standing.RETIRED, promoted_at__lt=row.promoted_at)
        before = earlier.order_by("-promoted_at").first()
        if before is None:
            return ""
        before.standing = Standing.SERVING
        before.save(update_fields=["standing"])
    return before.name
