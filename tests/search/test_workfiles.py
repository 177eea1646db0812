"""Workfiles: an estimate stays as it was made, gives the same range again, and keeps what it may keep."""

import csv
import datetime as dt
import io
import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from catalog.append_only import released
from catalog.models import Item
from catalog.money import BID_STEPS
from search.asking import own_copy
from search.models import Query, Workfile
from search.pricing import Comparable, Facts, Model, Subject
from search.pricing.conformal import Scores
from search.pricing.hedonic import Hedonic
from search.pricing.model import Reading
from search.retention import sweep
from search.seller.enquiries import send_enquiry
from search.sheets.choice import Choice
from search.sheets.sheet import Row, Sheet
from search.sheets.terms import Terms
from search.workfiles.frozen import Frozen, digest, freeze, recompute, told
from search.workfiles.saved import check
from tests.search.pages import asked, said_by
from tests.search.sellers import asked as asked_by_seller
from tests.search.sheets import save, saved, shelf_of_vases

TODAY = dt.date(2026, 11, 21)


@pytest.fixture
def shelf(db: None, colours_are_coarse: None) -> dict[str, Item]:
    return shelf_of_vases()


def page(client: Client, workfile: Workfile) -> str:
    response = client.get(workfile.get_absolute_url())
    assert response.status_code == 200
    return said_by(response)


def files() -> set[Path]:
    return {path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()}


def rows_of(client: Client, workfile: Workfile) -> list[list[str]]:
    content = client.get(f"{workfile.get_absolute_url()}csv/").content.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(content)))


# --- What is kept ----------------------------------------------------------------------------------------------------


def test_a_workfile_outlives_what_it_tells_of(staff: Client, shelf: dict[str, Item]) -> None:
    red, crimson, plate = shelf["red"], shelf["crimson"], shelf["plate"]
    workfile = saved(staff, f"/items/{red.pk}/sheet/?out={crimson.pk}&pin={plate.pk}&cover=90", "Seen by hand.")
    before = page(staff, workfile)
    kept = {photo.file.name: photo.file.read() for photo in workfile.photos.all()}
    Item.objects.all().delete()

    assert page(staff, workfile) == before
    for fact in ("Workfile 1", "Seen by hand.", "to hold 90", "crimson", "left out", "pinned", "Lalique", "30 cm"):
        assert fact in before
    assert "Recomputed from what is kept: the same." in before
    assert {photo.file.name: photo.file.read() for photo in workfile.photos.all()} == kept
    assert [photo.comparable is None for photo in workfile.photos.all()].count(True) == 1
    assert check(workfile).good


def test_a_question_that_is_forgotten_leaves_its_workfile(staff: Client, shelf: dict[str, Item]) -> None:
    query = asked(staff)
    workfile = saved(staff, f"/search/{query.key}/sheet/?known_maker=Lalique&known_size=30")
    sweep(timezone.now() + dt.timedelta(days=4000))
    assert not Query.objects.exists()
    assert "Maker Lalique Size 30 cm" in page(staff, workfile)
    own = workfile.photos.get(comparable=None)
    assert own.file.name
    assert (Path(settings.MEDIA_ROOT) / own.file.name).read_bytes().startswith(b"\xff\xd8")


def test_workfiles_are_numbered_and_listed(staff: Client, shelf: dict[str, Item]) -> None:
    red = shelf["red"]
    numbers = [saved(staff, f"/items/{red.pk}/sheet/").number for _ in range(3)]
    assert numbers == [1, 2, 3]
    assert saved(staff, f"/items/{shelf['crimson'].pk}/sheet/").number == 1
    said = said_by(staff.get(f"/items/{red.pk}/"))
    assert "Workfiles: 3 of" in said
    listed = said_by(staff.get("/workfiles/"))
    assert listed.index("crimson 1") < listed.index("red 3") < listed.index("red 1")


@pytest.mark.parametrize("act", ["change", "delete", "delete a photo"])
def test_the_database_changes_no_workfile(staff: Client, shelf: dict[str, Item], act: str) -> None:
    workfile = saved(staff, f"/items/{shelf['red'].pk}/sheet/")
    acts = {
        "change": lambda: Workfile.objects.update(note="Other"),
        "delete": lambda: Workfile.objects.all()._raw_delete("default"),
        "delete a photo": lambda: workfile.photos.all()._raw_delete("default"),
    }
    with pytest.raises(DatabaseError, match="only grows"), transaction.atomic():
        acts[act]()
    assert check(Workfile.objects.get()).good


def test_what_was_changed_all_the_same_is_shown_as_damaged(staff: Client, shelf: dict[str, Item]) -> None:
    workfile = saved(staff, f"/items/{shelf['red'].pk}/sheet/")
    workfile.frozen["comparables"][0]["hammer"] = "9999.00"
    with released(connection):
        workfile.save()
    said = page(staff, workfile)
    assert "This workfile is damaged." in said
    assert "the same." not in said
    assert rows_of(staff, workfile)[5][2:] == ["DAMAGED: not as it was saved"]
    with released(connection):
        Workfile.objects.update(frozen=["nonsense"])
    assert "Nothing of it can be read." in page(staff, workfile)


def test_where_photos_can_not_be_stored_nothing_is_kept(staff: Client, shelf: dict[str, Item]) -> None:
    (Path(settings.MEDIA_ROOT) / "workfiles").write_bytes(b"in the way")
    before = files()
    response = save(staff, f"/items/{shelf['red'].pk}/sheet/")
    assert response.status_code == 503
    assert "The workfile's photos could not be stored" in said_by(response)
    assert not Workfile.objects.exists()
    assert {path for path in files() - before if path.suffix == ".jpg"} == set()


def test_a_photo_that_is_not_what_was_stored_is_not_copied(staff: Client, shelf: dict[str, Item]) -> None:
    photo = shelf["red"].photos.get()
    (Path(settings.MEDIA_ROOT) / (photo.file.name or "")).write_bytes(b"<script>")
    workfile = saved(staff, f"/items/{shelf['red'].pk}/sheet/")
    assert not workfile.photos.filter(comparable=None).exists()
    assert "No photo" in page(staff, workfile)


# --- Who, and whose --------------------------------------------------------------------------------------------------


def test_who_looks_saves_nothing(client: Client, viewer: User, staff: Client, shelf: dict[str, Item]) -> None:
    address = f"/items/{shelf['red'].pk}/sheet/"
    workfile = saved(staff, address)
    client.force_login(viewer)
    assert "Save as a workfile" not in said_by(client.get(address))
    assert client.post(f"{address}save/", {"seen": ""}).status_code == 403
    assert "Recomputed" in page(client, workfile)


def test_a_reserve_is_in_no_page_or_file_of_those_who_may_not_know_it(
    client: Client, viewer: User, staff: Client, shelf: dict[str, Item]
) -> None:
    workfile = saved(staff, f"/items/{shelf['red'].pk}/sheet/")
    assert "at €97" in page(staff, workfile)
    client.force_login(viewer)
    assert "at €80" in page(client, workfile)
    assert "97" not in [cell.removesuffix(".00") for row in rows_of(client, workfile) for cell in row]


def test_what_moved_since_it_was_seen_is_looked_at_again(staff: Client, shelf: dict[str, Item]) -> None:
    address = f"/items/{shelf['red'].pk}/sheet/"
    seen = staff.get(address).context["seen"]
    Item.objects.filter(pk=shelf["crimson"].pk).update(hammer=Decimal(5000))
    response = staff.post(f"{address}save/", {"seen": seen, "note": "As I saw it"})
    assert response.status_code == 409
    assert "The evidence has changed since you looked" in said_by(response)
    assert "As I saw it" in response.content.decode()
    assert not Workfile.objects.exists()
    assert staff.post(f"{address}save/", {"seen": response.context["seen"]}).status_code == 302


def test_a_sellers_photos_are_in_no_workfile(client: Client, staff: Client, shelf: dict[str, Item]) -> None:
    query = asked_by_seller(Client(), "red")
    assert staff.get(f"/search/{query.key}/sheet/").status_code == 404  # not sent to the specialists
    details = {"name": "Ann Seller", "email": "ann@example.com", "phone": "", "message": ""}
    send_enquiry(query, answer_shown={}, link=lambda enquiry: "https://example.com/", **details)
    copy = own_copy(query, User.objects.get(username="cataloguer"))
    for each in (query, copy):
        workfile = saved(staff, f"/search/{each.key}/sheet/")
        assert workfile.photos.exists()
        assert not workfile.photos.filter(comparable=None).exists()
        assert "A seller’s photos are not kept in a workfile." in page(staff, workfile)
        assert not {"ann", "seller@"} & set(json.dumps(workfile.frozen).lower().split('"'))


# --- As CSV ----------------------------------------------------------------------------------------------------------


def test_the_csv_has_every_comparable_and_no_formula(staff: Client, shelf: dict[str, Item]) -> None:
    Item.objects.filter(pk=shelf["crimson"].pk).update(title='=HYPERLINK("http://evil")', maker="@SUM(A1)")
    workfile = saved(staff, f"/items/{shelf['red'].pk}/sheet/", "+1 for the foot")
    response = staff.get(f"{workfile.get_absolute_url()}csv/")
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in response.headers["Content-Disposition"]
    rows = rows_of(staff, workfile)
    assert ["Note", "'+1 for the foot"] in rows
    header = rows.index(next(row for row in rows if row[:1] == ["Counts"]))
    comparables = [dict(zip(rows[header], row, strict=True)) for row in rows[header + 1 :]]
    assert len(comparables) == 5
    hostile = next(row for row in comparables if "HYPERLINK" in row["Title"])
    assert (hostile["Title"][0], hostile["Maker"], hostile["Hammer"]) == ("'", "'@SUM(A1)", "120.00")
    assert not any(cell[:1] in tuple("=+-@\t\r") for row in rows for cell in row)


# --- The same range again ---------------------------------------------------------------------------------------------

amounts = st.decimals("0.01", 9_999_999, places=2)
facts = st.builds(
    Facts,
    category=st.none() | st.integers(1, 5),
    maker=st.sampled_from(["", "Lalique", "Gallé"]),
    materials=st.sampled_from(["", "glass, blown"]),
    size=st.none() | st.floats(0.1, 5000),
)


@st.composite
def comparables(draw: st.DrawFn) -> list[Comparable]:
    shown = []
    for key in draw(st.lists(st.integers(1, 10**9), unique=True, max_size=12)):
        sold = draw(st.booleans())
        shown.append(
            Comparable(
                item_id=key,
                likeness=draw(st.floats(-1, 1)),
                hammer=draw(amounts) if sold else None,
                currency=draw(st.sampled_from(["EUR", "EUR", "EUR", "GBP"])),
                sold_on=draw(st.none() | st.dates(dt.date(1990, 1, 1), TODAY)),
                sold=sold,
                floor=None if sold else draw(st.none() | amounts),
                facts=draw(facts),
            )
        )
    return shown


def _row(each: Comparable) -> Row:
    return Row(Item(pk=each.item_id, title="A vase"), None, each, counts=True, pinned=False, found=True)


def frozen(shown: list[Comparable], terms: Terms) -> Frozen:
    rows = tuple(
        Row(Item(pk=each.item_id, title="A vase"), None, each, counts=True, pinned=False, found=True) for each in shown
    )
    return freeze(Sheet(rows, terms.estimate(shown), terms, Choice()), about={}, index={})


FITTED = Model(
    "EUR",
    Hedonic(
        level=5.1,
        worth={"category 1": 0.3, "maker lalique": 0.7, "materials glass": 1 / 3, "size": 0.2, "time 1": -0.1},
        rarity={"materials": {"glass": 1.7}},
        typical=3.0,
        first=dt.date(2015, 1, 1),
        last=dt.date(2026, 6, 30),
    ),
    gap=0.15,
    readings={"photo": Reading(scores=Scores((-0.5, 0.1, 1 / 3), (1, 2, None), (None, None, None), (1, 2, 3)))},
    drift=1.1,
)


EARLIER = replace(FITTED, method="adjusted-comparables-1")


@hypothesis_settings(max_examples=50)
@given(
    comparables(),
    st.sampled_from([None, 0.5, 0.8, 0.9]),
    facts,
    st.sampled_from([None, FITTED, EARLIER]),
    st.booleans(),
)
def test_what_is_frozen_gives_the_same_range(
    shown: list[Comparable], coverage: float | None, known: Facts, model: Model | None, blank: bool
) -> None:
    terms = Terms(TODAY, "EUR", Subject(known, ((1, 0.25), (2, 0.75))), model, coverage, BID_STEPS, blank)
    kept = frozen(shown, terms)
    back = json.loads(json.dumps(kept))  # as a database gives it back
    assert told(recompute(back)) == told(terms.estimate(shown)) == back["result"]
    assert digest(back) == digest(kept)


def test_what_was_computed_without_a_model_is_still_called_by_the_method_of_its_day() -> None:
    shown = [
        Comparable(key, 0.9, Decimal(100 + key), "EUR", TODAY, sold=True, facts=Facts(category=1)) for key in range(5)
    ]
    kept = frozen(shown, Terms(TODAY, "EUR", Subject(), None, None, BID_STEPS))
    kept["result"]["method"] = EARLIER.method
    assert told(recompute(kept)) == kept["result"]


json_values: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(json_values, json_values)
def test_the_digest_tells_any_two_data_apart_and_knows_numbers_by_their_value(one: Any, other: Any) -> None:
    assert digest(json.loads(json.dumps(one))) == digest(one)
    assert (digest(one) == digest(other)) == (_plain(one) == _plain(other))
    assert digest({"likeness": 1e16}) == digest({"likeness": 10**16})


def _plain(value: Any) -> str:
    """Apart from the kind of number, JSON as it is; True is no 1."""
    return json.dumps(value, sort_keys=True, default=str, cls=_ByValue)


class _ByValue(json.JSONEncoder):
    def encode(self, value: Any) -> str:
        return super().encode(self._of(value))

    def _of(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._of(each) for key, each in value.items()}
        if isinstance(value, list):
            return [self._of(each) for each in value]
        return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_what_is_no_number_is_refused(number: float) -> None:
    with pytest.raises(ValueError):
        digest({"likeness": number})
