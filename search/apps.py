"""Search: what looks like what, and what it fetched."""

from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate


class SearchConfig(AppConfig):
    name = "search"

    def ready(self) -> None:
        post_migrate.connect(_grant_roles, sender=self)
        post_migrate.connect(_watch_catalogue, sender=self)


def _watch_catalogue(using: str, **kwargs: Any) -> None:
    from search.changes import watch  # models are loaded only now

    watch(connections[using])


def _grant_roles(**kwargs: Any) -> None:
    from catalog.roles import CATALOGUER, MANAGER, VIEWER, grant  # models are loaded only now

    grant(
        "search",
        {
            VIEWER: ["view_query", "view_indexbuild", "view_workfile"],
            CATALOGUER: [
                *("view_query", "add_query", "view_indexbuild", "view_enquiry", "change_enquiry"),
                *("view_judgement", "add_judgement", "view_calibration", "view_backtest"),
                *("view_workfile", "add_workfile"),
            ],
            MANAGER: [
                *("view_query", "add_query", "view_indexbuild", "watch_index", "watch_status", "view_evaluation"),
                *("view_enquiry", "change_enquiry", "delete_enquiry"),
                *("view_judgement", "add_judgement", "delete_judgement", "view_calibration", "view_backtest"),
                *("view_workfile", "add_workfile", "watch_estimates"),
            ],
        },
    )
