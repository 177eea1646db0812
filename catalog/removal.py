"""When a row goes, its files go too, after the commit; whatever a crash leaves behind, the sweep finds."""

from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models.signals import post_delete
from django.dispatch import receiver

from catalog.derivatives import delete_with_derivatives
from catalog.models import ImportRun, Photo


@receiver(post_delete, sender=Photo)
def photo_deleted(instance: Photo, **kwargs: Any) -> None:
    name = instance.file.name or ""

    def delete_files() -> None:
        delete_with_derivatives(name)

    transaction.on_commit(delete_files, robust=True)


@receiver(post_delete, sender=ImportRun)
def import_deleted(instance: ImportRun, **kwargs: Any) -> None:
    names = [file.name for file in (instance.source, instance.photos) if file]

    def delete_files() -> None:
        for name in names:
            default_storage.delete(name or "")

    transaction.on_commit(delete_files, robust=True)
