"""Two people edited one item: what each changed is put together; what both changed is shown to the second."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.http import QueryDict

from catalog.models import Item


@dataclass(frozen=True)
class Conflict:
    """What stands against saving, and the form as it should be shown again."""

    sentences: list[str]
    data: QueryDict  # mine, with theirs where only they changed something, on top of the version that is there now


def find_conflict(pk: str, posted: QueryDict, fields: Sequence[str]) -> Conflict | None:
    """None where nobody saved the item since the form was read. The fields are named as in the form."""
    item = Item.objects.select_related("sale", "category").filter(pk=pk).first() if pk.isdecimal() else None
    read = posted.get("read_version", "")
    if not item or not read.isdecimal() or int(read) == item.version:
        return None
    base = item.history.filter(version=int(read)).first()
    data = posted.copy()
    data["read_version"] = str(item.version)
    sentences = [
        f"{_who(item)} saved this item after you opened it. Nothing of yours is lost: look at it and save again."
    ]
    for name in fields:
        field = Item._meta.get_field(name)
        assert isinstance(field, models.Field)
        mine, theirs = posted.get(name, ""), _as_posted(field, item)
        if _same(field, mine, theirs):
            continue
        if base and _same(field, mine, _as_posted(field, base)):
            data[name] = theirs
            sentences.append(f"{_label(field)}: now “{_shown(field, theirs)}”, which you had not touched.")
        elif not base or not _same(field, theirs, _as_posted(field, base)):
            sentences.append(
                f"{_label(field)}: they wrote “{_shown(field, theirs)}”, you wrote “{_shown(field, mine)}”. "
                "Yours stands in the form; saving it replaces theirs."
            )
    return Conflict(sentences, data)


def _who(item: Item) -> str:
    last = item.history.select_related("history_user").first()
    if not last:
        return "Somebody"
    return f"{last.history_user or last.history_change_reason or 'Somebody'} ({last.history_date:%-d %B, %H:%M})"


def _as_posted(field: "models.Field[Any, Any]", item: Any) -> str:
    """The value as a form would send it: a checkbox that is off sends nothing."""
    value = getattr(item, field.attname)
    if isinstance(field, models.BooleanField):
        return "on" if value else ""
    return "" if value is None else str(value)


def _same(field: "models.Field[Any, Any]", one: str, other: str) -> bool:
    """Whether two posted texts mean the same: "100" is "100.00"."""
    return bool(_meaning(field, one) == _meaning(field, other))


def _meaning(field: "models.Field[Any, Any]", text: str) -> Any:
    text = text.replace("\r\n", "\n").strip()
    if isinstance(field, models.DecimalField):
        try:
            return field.to_python(text) if text else None
        except Exception:  # not a number: then it is what it is, and the form says so
            return text
    return text


def _shown(field: "models.Field[Any, Any]", text: str) -> str:
    """A key of another row by its name, a choice by its label, nothing as a dash."""
    if isinstance(field, models.ForeignKey) and text.isdecimal():
        found = field.related_model._default_manager.filter(pk=int(text)).first()
        return str(found or "–")
    if isinstance(field, models.BooleanField):
        return "yes" if text else "no"
    choices: Mapping[Any, Any] = dict(field.flatchoices)
    return str(choices.get(text, text)) or "–"


def _label(field: "models.Field[Any, Any]") -> str:
    return str(field.verbose_name).capitalize()
