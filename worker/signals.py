"""What has just been saved is told to the workers, after the commit; whoever saves knows nothing of it."""

from typing import Any

from celery import Task
from django.db import transaction
from django.db.models.signals import post_save
from django.dispatch import receiver

from catalog.models import ImportRun, Photo
from worker import tasks
from worker.publishing import publish


@receiver(post_save, sender=Photo)
def photo_saved(instance: Photo, created: bool, raw: bool, **kwargs: Any) -> None:
    if created and not raw and instance.status == Photo.Status.PENDING:
        _after_commit(tasks.embed, [instance.pk])


@receiver(post_save, sender=ImportRun)
def import_asked_for(instance: ImportRun, raw: bool, **kwargs: Any) -> None:
    if not raw and instance.state == ImportRun.State.PENDING:
        _after_commit(tasks.run_imports)


def _after_commit(task: Task[..., Any], *args: Any) -> None:
    def tell() -> None:  # a function with a name: Django's own log line about a failed hook needs one
        publish(task, *args)

    transaction.on_commit(tell, robust=True)
