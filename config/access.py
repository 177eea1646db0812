"""Who may come in at which address, by the address's name. What is not listed here is closed to everybody.

The views ask for their rights themselves; this is the door before them, so that one which forgets to ask is shut.
"""

import logging
from collections.abc import Callable
from enum import Enum
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.deprecation import MiddlewareMixin

log = logging.getLogger(__name__)


class Door(Enum):
    OPEN = "whoever has the address"
    PERSON = "whoever is logged in"
    STAFF = "staff: each page of the admin then asks for its own right"


DOORS: dict[str, Door | tuple[str, ...]] = {
    "media": Door.OPEN,  # the signature in the address is the right
    "healthz": Door.OPEN,
    "readyz": Door.OPEN,
    "metrics": Door.OPEN,  # for machines: the view asks for a network or a token
    "status": ("search.watch_status",),
    "login": Door.OPEN,
    "logout": Door.OPEN,  # also when somebody else has ended the session
    "login-code": Door.OPEN,  # whoever gave the right password is in the session, and not yet in
    "account": Door.PERSON,
    "second-step": Door.PERSON,
    "remove-second-step": Door.PERSON,
    "sign-out-elsewhere": Door.PERSON,
    "seller": Door.OPEN,
    "seller-answer": Door.OPEN,  # the seal in the address is the right
    "seller-enquiry": Door.OPEN,
    "seller-forget": Door.OPEN,
    "search": ("search.view_query",),
    "results": ("search.view_query",),
    "add-photos": ("search.view_query",),
    "crop": ("search.view_query",),
    "remove-photo": ("search.view_query",),
    "judge": ("search.view_query", "search.add_judgement"),
    "like": ("search.view_query",),
    "judge-like": ("search.view_query", "search.add_judgement"),
    "item": ("catalog.view_item",),
    "sheet": ("search.view_query",),
    "sheet-save": ("search.view_query", "search.add_workfile"),
    "item-sheet": ("search.view_query", "catalog.view_item"),
    "item-sheet-save": ("search.view_query", "catalog.view_item", "search.add_workfile"),
    "workfiles": ("search.view_workfile",),
    "workfile": ("search.view_workfile",),
    "workfile-csv": ("search.view_workfile",),
    "prices": ("search.view_backtest",),
    "prices-run": ("search.view_backtest",),
    "quality": ("search.view_evaluation",),
    "quality-run": ("search.view_evaluation",),
    "statistics": ("catalog.view_item",),
    "statistics-csv": ("catalog.view_item",),
    "warnings": ("search.watch_estimates",),
    "warnings-csv": ("search.watch_estimates",),
    "verdict": ("catalog.change_item",),
    "admin:login": Door.OPEN,
    "admin:logout": Door.OPEN,
}


def door_of(name: str) -> Door | tuple[str, ...] | None:
    """Who may come in, or None: nobody."""
    return DOORS.get(name, Door.STAFF if name.startswith("admin:") else None)


class AccessMiddleware(MiddlewareMixin):
    """Refuses whoever is not let in by DOORS; LoginRequiredMiddleware has sent strangers to the login before."""

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        match = request.resolver_match
        assert match is not None
        if not _lets_in(match.view_name, request):
            raise PermissionDenied


def _lets_in(name: str, request: HttpRequest) -> bool:
    door, user = door_of(name), request.user
    if door is None:
        log.error("The address %r has no entry in config/access.py: nobody may come in.", name)
        return False
    if door is Door.OPEN:
        return True
    if isinstance(door, tuple):
        return user.has_perms(door)
    return user.is_authenticated and (door is Door.PERSON or user.is_staff)
