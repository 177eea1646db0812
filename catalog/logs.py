"""How a log line is written: as text or as JSON, with the name of its request and without anybody's personal data."""

import json
import logging
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import groupby

from catalog.request_id import current

# What a call may hand over as `extra=`; anything else that libraries hang on a record, a whole request above all, stays
# out of the log.
FACTS = ("photos", "build", "task", "status_code", "seconds")
_HIDDEN = (
    # 64 as in RFC 5321; without end, a word of 8,000 letters would be looked through from each of them anew.
    (re.compile(r"[\w.+%-]{1,64}@[\w-]+(\.[\w-]+)+"), "(e-mail)"),
    (re.compile(r"(?<![\d.])(?!127\.|0\.0\.0\.0)\d{1,3}(\.\d{1,3}){3}(?![\d.])"), "(address)"),
    (re.compile(r"(/(?:sell|media)/)[\w:.=-]{8,}"), r"\1(sealed)"),  # who knows such an address is let in
)
_MOST_RANGES = 40


def without_personal_data(text: str) -> str:
    """The same without e-mail addresses, addresses of visitors, and the sealed part of our own links."""
    for pattern, shown in _HIDDEN:
        text = pattern.sub(shown, text)
    return text


def id_ranges(ids: Iterable[int]) -> str:
    """Many ids in few words: "17, 20–45, 60"; after forty ranges it breaks off with "…"."""
    ordered = sorted(set(ids))
    runs = [[number for _, number in run] for _, run in groupby(enumerate(ordered), lambda pair: pair[1] - pair[0])]
    words = [f"{run[0]}–{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs]
    return ", ".join(words if len(words) <= _MOST_RANGES else [*words[:_MOST_RANGES], "…"])


class LineFormatter(logging.Formatter):
    """For people: "2026-11-21 17:40:02,113 INFO search.ingest [1f3a…] Photo 17 was embedded."."""

    def __init__(self) -> None:
        super().__init__("{asctime} {levelname} {name}: {message}", style="{")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the library's name
        line = super().formatMessage(record)
        name = _request_of(record)
        return f"{line} [{name}]" if name else line

    def format(self, record: logging.LogRecord) -> str:
        return without_personal_data(super().format(record))


class JsonFormatter(logging.Formatter):
    """For machines: one object a line, times in UTC."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "process": record.process,
        }
        if name := _request_of(record):
            line["request"] = name
        line |= {fact: getattr(record, fact) for fact in FACTS if hasattr(record, fact)}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return without_personal_data(json.dumps(line, ensure_ascii=False, default=str))


def _request_of(record: logging.LogRecord) -> str:
    """The request that this thread works on, or the one that Django hangs on its own records after it has ended."""
    return current() or str(getattr(getattr(record, "request", None), "request_id", ""))
