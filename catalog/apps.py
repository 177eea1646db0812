"""The catalogue: what was sold."""

from importlib import import_module
from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate


class CatalogConfig(AppConfig):
    name = "catalog"
    verbose_name = "Catalogue"

    def ready(self) -> None:
        import_module("catalog.removal")  # models are loaded only now
        import_module("catalog.audited")
        post_migrate.connect(_grant_roles, sender=self)
        post_migrate.connect(_protect_what_only_grows, sender=self)


def _grant_roles(**kwargs: Any) -> None:
    from catalog.roles import CATALOG_GRANTS, grant  # models are loaded only now

    grant("catalog", CATALOG_GRANTS)


def _protect_what_only_grows(using: str, **kwargs: Any) -> None:
    from catalog.append_only import restore

    restore(connections[using])
