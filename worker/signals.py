"""What has just been saved is told to the workers, after the commit; whoever saves knows nothing of it."""

from functools import partial
from typing import Any

from django.db import transaction
from django.db.models.signals import post_save
from django.dispatch import receiver

from catalog.models import ImportRun, Photo
from worker import tasks
from worker.publishing import publish


@receiver(post_save, sender=Photo)
def photo_saved(instance: Photo, created: bool, raw: bool, **kwargs: Any) -> None:
    if created and not raw and instance.status == Photo.Status.PENDING:
        transaction.on_commit(partial(publish, tasks.embed, [instance.pk]), robust=True)


@receiver(post_save, sender=ImportRun)
def import_asked_for(instance: ImportRun, created: bool, raw: bool, **kwargs: Any) -> None:
    if created and not raw and instance.state == ImportRun.State.PENDING:
        transaction.on_commit(partial(publish, tasks.run_imports), robust=True)
