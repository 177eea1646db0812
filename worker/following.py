"""A job belongs to the request that gave it: the request's name travels in the headers of the message."""

from contextvars import Token
from typing import Any

from celery import Task, signals

from catalog import request_id

_HEADER = "request_id"
_tokens: dict[str, Token[str]] = {}


@signals.before_task_publish.connect
def name_the_request(headers: dict[str, Any], **kwargs: Any) -> None:
    headers.setdefault(_HEADER, request_id.current())


@signals.task_prerun.connect
def work_on_it(task_id: str, task: Task[..., Any], **kwargs: Any) -> None:
    """A job of the timetable, which no request gave, goes by its own id."""
    given = task.request.get(_HEADER)
    _tokens[task_id] = request_id.begin(given if request_id.well_formed(given) else task_id)


@signals.task_postrun.connect
def done_with_it(task_id: str, **kwargs: Any) -> None:
    if token := _tokens.pop(task_id, None):
        request_id.end(token)
