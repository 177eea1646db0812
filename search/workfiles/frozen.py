"""What a workfile keeps of a sheet: every number and word of it as plain data, and the range computed from that again.

Money is text, days are ISO dates. The digest is over canonical JSON: keys in order, no spaces, and numbers by their
value, because a database may give 1e16 back as 10000000000000000.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from search.pricing import Comparable, Estimate, Facts, Model, Refusal, Subject
from search.pricing.model import METHOD
from search.sheets.sheet import Row, Sheet
from search.sheets.terms import Terms

FORMAT = 1
Frozen = dict[str, Any]


class NotReadable(ValueError):
    """The data are not a workfile's, or of a form that this version of the program doesn't know."""


def freeze(sheet: Sheet, *, about: Mapping[str, Any], index: Mapping[str, Any]) -> Frozen:
    """`about`: what is asked about, `index`: what searched, both in plain words and numbers."""
    return {
        "format": FORMAT,
        "about": dict(about),
        "index": dict(index),
        "terms": _told_terms(sheet.terms),
        "model": sheet.terms.model.to_data() if sheet.terms.model else None,
        "comparables": [_row(row) for row in sheet.rows],
        "result": told(sheet.result),
    }


def fingerprint(sheet: Sheet) -> str:
    """Of what a reader has seen: any other comparable, price or word gives another one.

    Every page with a sheet takes it, so it goes the short way: it is compared within minutes and never kept. What each
    comparable does to the range follows from the rest.
    """
    seen = (_told_terms(sheet.terms), [_seen(row) for row in sheet.rows], told(sheet.result))
    return hashlib.sha256(repr(seen).encode()).hexdigest()


def _seen(row: Row) -> tuple[Any, ...]:
    item, sale, match = row.item, row.item.sale, row.match
    return (
        (item.title, item.lot, item.maker, item.materials, item.dimensions, item.start_price, item.total),
        (item.category.name if item.category else "", sale and (sale.code, sale.title, sale.held_on)),
        (row.evidence, row.counts, row.pinned, row.found, row.foreign, row.today),
        match and (match.likeness, match.band.label, match.number),
    )


def digest(frozen: Any) -> str:
    """sha256 of the canonical JSON; raises ValueError for NaN and infinities."""
    return hashlib.sha256(_canonical(frozen).encode()).hexdigest()


def recompute(frozen: Frozen) -> Estimate | Refusal:
    """The range of what is kept, from nothing else. Raises NotReadable."""
    if not isinstance(frozen, dict) or frozen.get("format") != FORMAT:
        raise NotReadable("This workfile is of a form that this version of the program doesn't know.")
    try:
        counted = [_comparable(each) for each in frozen["comparables"] if each["counts"]]
        return _terms(frozen).estimate(counted)
    except (KeyError, TypeError, ValueError, InvalidOperation) as error:
        raise NotReadable("These are not the data of a workfile.") from error


def told(result: Estimate | Refusal) -> dict[str, Any]:
    """What was said: two results are the same where this is."""
    if isinstance(result, Refusal):
        return {"refusal": result.code, "sentence": result.sentence, "advice": result.advice}
    return {
        "low": str(result.low),
        "middle": str(result.middle),
        "high": str(result.high),
        "currency": result.currency,
        "coverage": result.coverage,
        "spelled": result.spelled,
        "basis": result.basis,
        "indicative": result.indicative,
        "other_currencies": result.other_currencies,
        "method": result.method,
        "model": result.model,
    }


def _told_terms(terms: Terms) -> dict[str, Any]:
    return {
        "on": terms.on.isoformat(),
        "currency": terms.currency,
        "coverage": terms.coverage,
        "facts": asdict(terms.subject.facts),
        "likely": [list(guess) for guess in terms.subject.likely],
        "steps": [[str(start), str(step)] for start, step in terms.steps],
        "blank": terms.blank,
    }


def _row(row: Row) -> dict[str, Any]:
    item, sale, evidence, match = row.item, row.item.sale, row.evidence, row.match
    return {
        "item": item.pk,
        "title": item.title,
        "lot": item.lot,
        "sale": sale and {"code": sale.code, "title": sale.title, "held_on": sale.held_on.isoformat()},
        "category": item.category.name if item.category else "",
        "maker": item.maker,
        "materials": item.materials,
        "dimensions": item.dimensions,
        "start_price": _text(item.start_price),
        "total": _text(item.total),
        "likeness": evidence.likeness,
        "found_likeness": match.likeness if match else None,
        "hammer": _text(evidence.hammer),
        "floor": _text(evidence.floor),
        "currency": evidence.currency,
        "sold_on": evidence.sold_on.isoformat() if evidence.sold_on else None,
        "sold": evidence.sold,
        "facts": asdict(evidence.facts),
        "counts": row.counts,
        "pinned": row.pinned,
        "found": row.found,
        "foreign": row.foreign,
        "band": match.band.label if match else "",
        "number": match.number if match else "",
        "today": _text(row.today),
        "share": row.influence.share if row.influence else None,
        "moves": row.moves,
    }


def _comparable(kept: Mapping[str, Any]) -> Comparable:
    return Comparable(
        item_id=int(kept["item"]),
        likeness=float(kept["likeness"]),
        hammer=amount(kept["hammer"]),
        currency=kept["currency"],
        sold_on=date.fromisoformat(kept["sold_on"]) if kept["sold_on"] else None,
        sold=bool(kept["sold"]),
        floor=amount(kept["floor"]),
        facts=_facts(kept["facts"]),
    )


def _terms(frozen: Frozen) -> Terms:
    kept, model = frozen["terms"], frozen["model"]
    likely = tuple((int(category), float(share)) for category, share in kept["likely"])
    return Terms(
        on=date.fromisoformat(kept["on"]),
        currency=kept["currency"],
        subject=Subject(_facts(kept["facts"]), likely),
        model=_plain(frozen) if model is None else Model.from_data(model),
        coverage=kept["coverage"],
        steps=[(Decimal(start), Decimal(step)) for start, step in kept["steps"]],
        blank=kept["blank"],
    )


def _plain(frozen: Frozen) -> Model:
    """What came with the code on the day, by the name that it had then."""
    return Model(frozen["terms"]["currency"], method=frozen["result"].get("method", METHOD))


def _facts(kept: Mapping[str, Any]) -> Facts:
    return Facts(**{field.name: kept[field.name] for field in fields(Facts) if field.name in kept})


def amount(text: str | None) -> Decimal | None:
    """Money as it is kept."""
    return None if text is None else Decimal(text)


def _text(money: Decimal | None) -> str | None:
    return None if money is None else str(money)


def _canonical(value: Any) -> str:
    match value:
        case dict():
            return "{" + ",".join(f"{json.dumps(key)}:{_canonical(value[key])}" for key in sorted(value)) + "}"
        case list() | tuple():
            return "[" + ",".join(map(_canonical, value)) + "]"
        case bool() | None | str():
            return json.dumps(value)
        case int() | float():
            return _number(value)
        case _:
            raise TypeError(f"{type(value).__name__} is nothing that JSON keeps.")


def _number(value: float) -> str:
    number = float(value)
    return str(int(number)) if number.is_integer() else json.dumps(number, allow_nan=False)
