"""The comparables sheet: leave out, pin and add, and the range moves; its address is the whole of its state."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import QueryDict
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from catalog.models import Category, ExchangeRate, Item
from catalog.money import BID_STEPS
from search.charts.sheet import Point, Span, chart_of
from search.comparables import range_for
from search.ingest import embed_pending
from search.lookup import look_up
from search.models import Query
from search.pricing import Estimate, Facts, Influence, Subject
from search.pricing_house import subject_of
from search.sheets.brought import Brought
from search.sheets.choice import Choice, ChoiceForm
from search.sheets.sheet import Row, Sheet, sheet_of
from search.sheets.terms import Terms
from search.similar import Match, similar_to_item
from tests.search.pages import asked, said_by
from tests.search.sheets import sheet_on, shelf_of_vases
from tests.search.shelf import category, shelve, sold_item
from tests.search.test_comparables import match

HTMX = {"HX-Request": "true", "HX-Target": "sheet"}
TODAY = dt.date(2026, 11, 21)
TERMS = Terms(TODAY, "EUR", Subject(), None, None, BID_STEPS)


def row_of(sheet: Sheet, item: Item) -> Row:
    return next(row for row in sheet.rows if row.item == item)


def middle_of(sheet: Sheet) -> Decimal:
    assert isinstance(sheet.result, Estimate)
    return sheet.result.middle


# --- Leave out, pin, add ---------------------------------------------------------------------------------------------


@pytest.fixture
def vases(db: None) -> list[Match]:
    """Sold at 100 to 500, the cheapest the most alike."""
    return [match(100 * n, likeness=0.9 - 0.05 * n, year=2020 + n) for n in range(1, 6)]


def test_what_is_left_out_stays_on_the_sheet_and_counts_for_nothing(vases: list[Match]) -> None:
    whole = sheet_of(vases, Choice(), TERMS)
    without = sheet_of(vases, Choice(out=(vases[0].item.pk, vases[1].item.pk)), TERMS)
    assert [row.item for row in without.rows] == [row.item for row in whole.rows]
    assert [row.counts for row in without.rows] == [False, False, True, True, True]
    assert middle_of(without) > middle_of(whole)
    assert sum(row.share for row in without.rows) == pytest.approx(1)
    assert without.estimate
    assert without.spoken.startswith(without.estimate.spelled)
    assert without.spoken.endswith("3 of 5 comparables count.")


def test_too_few_left_is_a_refusal_and_the_chart_stays(vases: list[Match]) -> None:
    sheet = sheet_of(vases, Choice(out=tuple(each.item.pk for each in vases[:3])), TERMS)
    assert sheet.refusal
    assert sheet.refusal.code == "too-few"
    assert sheet.chart
    assert (len(sheet.chart.marks), sheet.chart.band) == (5, None)
    assert sheet.spoken.startswith("No price range. Only two things like this were sold here.")


def test_a_pinned_one_counts_in_full_as_a_thing_just_like_it(vases: list[Match]) -> None:
    dearest = vases[-1].item
    before, after = sheet_of(vases, Choice(), TERMS), sheet_of(vases, Choice(pinned=(dearest.pk,)), TERMS)
    assert row_of(after, dearest).share > row_of(before, dearest).share
    assert middle_of(after) > middle_of(before)
    like = [match(100 * n, likeness=1.0, year=2020 + n) for n in range(1, 6)]
    twins = sheet_of(like, Choice(), TERMS)
    assert row_of(sheet_of(like, Choice(pinned=(like[2].item.pk,)), TERMS), like[2].item) == replace(
        row_of(twins, like[2].item), pinned=True
    )


def test_things_that_can_not_be_compared_are_priced_by_if_they_are_brought_in(db: None) -> None:
    unseen = [match(100 + 10 * n).item for n in range(5)]
    keys = tuple(item.pk for item in unseen)
    sheet = sheet_of([], Choice(pinned=keys), TERMS, extra=[Brought(item, None) for item in unseen])
    assert [(row.found, row.pinned, row.match) for row in sheet.rows] == [(False, True, None)] * 5
    assert sheet.estimate
    assert 100 <= sheet.estimate.middle <= 140


def test_each_ones_influence_is_what_comes_of_leaving_it_out(vases: list[Match]) -> None:
    vases = [*vases, match(start_price=Decimal(150))]
    whole = sheet_of(vases, Choice(), TERMS)
    for row in whole.rows:
        without = sheet_of(vases, Choice(out=(row.item.pk,)), TERMS)
        assert row.influence
        assert row.influence.ratio == pytest.approx(float(middle_of(without) / middle_of(whole)), rel=0.1)  # bid steps
    signs = {row.moves[0] for row in whole.rows}
    assert signs >= {"+", "−"}


def test_prices_stand_as_sold_and_at_todays_level_and_unsold_ones_at_what_nobody_bid(vases: list[Match]) -> None:
    passed = match(start_price=Decimal(80), reserve=Decimal(97))
    sheet = sheet_of([*vases, passed], Choice(), TERMS)
    assert [row.price for row in sheet.rows] == ["€100", "€200", "€300", "€400", "€500", "€80"]
    assert [row.today_price for row in sheet.rows][-1] == "–"
    assert all(row.today for row in sheet.rows[:-1])
    assert row_of(sheet_of([*vases, passed], Choice(), TERMS, reserves=True), passed.item).price == "€97"


def test_other_currencies_are_shown_and_never_mixed(vases: list[Match]) -> None:
    pounds = match(5000, currency="GBP", likeness=0.99)
    sheet = sheet_of([*vases, pounds], Choice(pinned=(pounds.item.pk,)), TERMS)
    row = row_of(sheet, pounds.item)
    assert (row.foreign, row.influence, row.today) == (True, None, None)
    assert middle_of(sheet) == middle_of(sheet_of(vases, Choice(), TERMS))
    assert row.converted == ""  # the house has entered no rate
    assert sheet.chart
    assert pounds.item.pk not in [mark.key for mark in sheet.chart.marks]


def test_other_currencies_are_also_shown_at_the_houses_rate_with_its_day(vases: list[Match]) -> None:
    pounds = match(5000, currency="GBP", likeness=0.99)
    assert pounds.item.sale
    held_on = pounds.item.sale.held_on
    ExchangeRate.objects.create(source="GBP", target="EUR", rate=Decimal("1.2"), on=held_on)

    sheet = sheet_of([*vases, pounds], Choice(), TERMS)

    row = row_of(sheet, pounds.item)
    assert row.converted == f"€6,000 (£5,000 at 1.2 of {held_on:%-d %B %Y})"
    assert row.price == "£5,000"
    assert middle_of(sheet) == middle_of(sheet_of(vases, Choice(), TERMS))


@pytest.mark.parametrize(
    ("ratio", "words"),
    [(1.04, "+4 %"), (0.88, "−12 %"), (0.9971, "−0.3 %"), (1.0004, "0 %"), (1.0096, "+1 %"), (None, "no range")],
)
def test_how_far_the_middle_moves_is_told_in_words(db: None, ratio: float | None, words: str) -> None:
    row = sheet_of([match(100)], Choice(), TERMS).rows[0]
    assert replace(row, influence=Influence(0.1, ratio)).moves == words


def test_what_counts_little_is_told_in_a_line_until_it_is_asked_for(db: None) -> None:
    many = [match(100 + n, likeness=0.9 - 0.01 * n) for n in range(40)]
    out, pinned = many[30].item.pk, many[35].item.pk
    sheet = sheet_of(many, Choice(out=(out,), pinned=(pinned,)), TERMS)
    assert [row.item for row in sheet.shown] == [each.item for each in (*many[:24], many[30], many[35])]
    assert (len(sheet.counted), len(sheet.others)) == (39, 14)
    assert sheet.result == sheet_of(many, Choice(out=(out,), pinned=(pinned,), all_rows=True), TERMS).result
    assert len(sheet_of(many, Choice(all_rows=True), TERMS).shown) == 40
    assert len(sheet_of(many[:30], Choice(), TERMS).shown) == 30
    unseen = Choice(out=(many[39].item.pk, 10**9))
    assert sheet_of(many, unseen, TERMS).elsewhere == (10**9,)


# --- The form ---------------------------------------------------------------------------------------------------------


def chosen(**given: Any) -> Choice:
    return ChoiceForm(given, [Category(pk=3, name="Glass", parent_id=2)]).choice


def test_a_box_that_is_not_ticked_is_left_out() -> None:
    assert chosen(rows="4-7-9", use=["7"], out=["7", "12"]).out == (12, 4, 9)


def test_what_is_typed_is_read_as_people_write_it() -> None:
    typed = {
        "known_category": "3",
        "known_maker": " Lalique ",
        "known_materials": "glass",
        "known_size": "12 x 30,5 cm",
    }
    assert chosen(**typed).known == Facts(category=3, parent=2, maker="Lalique", materials="glass", size=30.5)


@pytest.mark.parametrize(("percent", "share"), [("50", 0.5), ("80", None), ("90", 0.9), ("", None), ("99", None)])
def test_the_coverage_is_one_of_three_of_which_80_is_the_usual(percent: str, share: float | None) -> None:
    assert chosen(cover=percent).coverage == share


def test_an_item_is_asked_for_nothing_that_it_says_itself() -> None:
    form = ChoiceForm({"known_category": "99", "known_size": "tall"}, [], of_item=True)
    assert (form.errors, form.known, form.choice) == ({}, [], Choice())


@pytest.mark.parametrize("junk", ["-1", "x", "9" * 30, "1.5", "", "\x00", "12-x-", "٣"])
def test_keys_that_name_nothing_change_nothing(junk: str) -> None:
    assert chosen(out=[junk], pin=[junk]) == Choice()


def test_an_address_names_only_so_many() -> None:
    many = [str(key) for key in range(1, 500)]
    assert (len(chosen(out=many).out), len(chosen(pin=many).pinned)) == (60, 60)


keys = st.lists(st.integers(1, 2**63 - 1), max_size=5, unique=True).map(tuple)
sizes = st.none() | st.integers(1, 49_999).map(lambda tenths: tenths / 10)
words = st.text("abc&=?/ü", max_size=10).map(str.strip)


@given(keys, keys, st.sampled_from([None, 0.5, 0.9]), words, sizes, st.booleans())
def test_an_address_says_all_of_a_choice(
    out: tuple[int, ...], pinned: tuple[int, ...], coverage: float | None, maker: str, size: float | None, every: bool
) -> None:
    choice = Choice(out, pinned, coverage, Facts(maker=maker, size=size), every)
    assert ChoiceForm(QueryDict(choice.address), []).choice == choice


# --- The pages --------------------------------------------------------------------------------------------------------


@pytest.fixture
def shelf(db: None, colours_are_coarse: None) -> dict[str, Item]:
    return shelf_of_vases()


@pytest.fixture
def query(staff: Client, shelf: dict[str, Item]) -> Query:
    return asked(staff)


def address(query: Query) -> str:
    return f"/search/{query.key}/sheet/"


def submitted(sheet: Sheet, *unticked: Item, **more: Any) -> dict[str, Any]:
    """What a browser sends: the rows, and the boxes that are ticked."""
    keys = [row.item.pk for row in sheet.rows]
    used = [row.item.pk for row in sheet.rows if row.counts and row.item not in unticked]
    return {"rows": "-".join(map(str, keys)), "use": used, **more}


def test_without_a_choice_the_range_is_the_answers(staff: Client, query: Query, shelf: dict[str, Item]) -> None:
    red = shelf["red"]
    sheet, answer = sheet_on(staff, f"/items/{red.pk}/sheet/"), similar_to_item(red)
    assert sheet.result == range_for(answer, subject=subject_of(red, answer))
    assert isinstance(sheet.result, Estimate)
    assert sheet_on(staff, address(query)).result == range_for(look_up(query))


def test_a_photo_that_shows_nothing_is_priced_by_what_is_brought_in(
    staff: Client, query: Query, shelf: dict[str, Item]
) -> None:
    query.photos.update(phash="0" * 16)
    sheet = sheet_on(staff, address(query))
    assert sheet.refusal
    assert (sheet.refusal.code, sheet.rows) == ("no-object", ())
    pins = [shelf[colour].pk for colour in ("red", "crimson", "firebrick")]
    assert isinstance(sheet_on(staff, address(query), pin=pins).result, Estimate)


def test_what_a_browser_sends_is_led_to_an_address_that_can_be_shared(
    staff: Client, query: Query, shelf: dict[str, Item]
) -> None:
    sheet, red, plate = sheet_on(staff, address(query)), shelf["red"], shelf["plate"]
    sent = submitted(sheet, red, pin=plate.pk, cover="90", status="sold", known_maker="", at="https://example.com/")
    response = staff.get(address(query), sent)
    assert response.headers["Location"] == f"{address(query)}?status=sold&out={red.pk}&pin={plate.pk}&cover=90"
    shared = sheet_on(staff, response.headers["Location"])
    assert (row_of(shared, red).counts, row_of(shared, plate).pinned) == (False, True)


def test_with_scripts_only_the_sheet_comes_back_and_the_pages_address_changes(
    staff: Client, query: Query, shelf: dict[str, Item]
) -> None:
    sent = submitted(sheet_on(staff, address(query)), shelf["red"], at="answer", maker="lalique")
    response = staff.get(address(query), sent, headers=HTMX)
    body = response.content.decode()
    assert response.headers["HX-Replace-Url"] == f"/search/{query.key}/?maker=lalique&out={shelf['red'].pk}"
    assert "HX-Request" in response.headers["Vary"]
    assert body.lstrip().startswith("<section")
    assert "data-spoken" in body
    assert "3 of 4 comparables count." in body
    around = sheet_on(staff, response.headers["HX-Replace-Url"])
    assert around.result == response.context["sheet"].result


def test_the_same_choice_stands_on_every_page_of_an_item(staff: Client, shelf: dict[str, Item]) -> None:
    red, out = shelf["red"].pk, shelf["crimson"].pk
    pages = [sheet_on(staff, f"/{page}/", out=out) for page in (f"items/{red}", f"like/{red}", f"items/{red}/sheet")]
    assert len({sheet.spoken for sheet in pages}) == 1
    assert pages[0].terms.subject.facts.maker == "Lalique"  # the item says what it is, not the address
    assert "What you know of it" not in said_by(staff.get(f"/items/{red}/sheet/"))


def test_a_filter_narrows_the_evidence_and_what_was_left_out_stays_so(
    staff: Client, query: Query, shelf: dict[str, Item]
) -> None:
    red, dark = shelf["red"].pk, shelf["darkred"].pk
    sheet = sheet_on(staff, address(query), price_min="110", out=[red, dark])
    assert red not in [row.item.pk for row in sheet.rows]
    response = staff.get(address(query), submitted(sheet, price_min="110", out=red))
    assert f"out={red}&out={dark}" in response.headers["Location"]


def test_a_lot_is_added_by_number_asked_back_where_several_sales_had_it(
    staff: Client, query: Query, shelf: dict[str, Item]
) -> None:
    sheet, other = sheet_on(staff, address(query)), shelf["other plate"]
    asked_back = staff.get(address(query), submitted(sheet, lot="27A"))
    said = said_by(asked_back)
    assert "Several sales had such a lot. Which one is meant?" in said
    assert said.index("1148/27A") < said.index("1147/27A")
    for more in ({"lot": "27A", "pin": other.pk}, {"lot": "1148/27A"}):
        response = staff.get(address(query), submitted(sheet, **more))
        assert response.headers["Location"] == f"{address(query)}?pin={other.pk}"
    row = row_of(sheet_on(staff, response.headers["Location"]), other)
    assert (row.found, row.pinned, row.counts, row.match) == (False, True, True, None)
    unknown = staff.get(address(query), submitted(sheet, lot="<b>99"))
    assert "There is no lot '<b>99'." in said_by(unknown)


def test_an_item_is_no_evidence_for_itself(staff: Client, shelf: dict[str, Item]) -> None:
    page = f"/items/{shelf['red'].pk}/sheet/"
    assert "That is the very item that is asked about" in said_by(staff.get(page, {"lot": "1142/1"}))
    assert shelf["red"] not in [row.item for row in sheet_on(staff, page, pin=shelf["red"].pk).rows]


def test_an_item_without_a_photo_is_priced_by_lots_that_are_named(staff: Client, shelf: dict[str, Item]) -> None:
    unseen = sold_item("Unseen", status=Item.Status.CATALOGUED, hammer=None)
    page = f"/items/{unseen.pk}/sheet/"
    assert f'href="{page}"' in staff.get(f"/items/{unseen.pk}/").content.decode()
    pins = [shelf[colour].pk for colour in ("red", "crimson", "firebrick")]
    assert isinstance(sheet_on(staff, page, pin=pins).result, Estimate)


def test_a_size_that_is_none_is_said_and_nothing_else_is_lost(
    staff: Client, query: Query, shelf: dict[str, Item]
) -> None:
    sent = submitted(sheet_on(staff, address(query)), shelf["red"], known_size="tall", known_maker="Lalique")
    response = staff.get(address(query), sent)
    assert response.status_code == 422
    assert "Write the size as 50, as 50.5 x 32 cm or as 20 in." in said_by(response)
    choice = response.context["sheet"].choice
    assert (choice.out, choice.known.maker, choice.known.size) == ((shelf["red"].pk,), "Lalique", None)
    for wrong, why in (({"cover": "99"}, "A range can hold 50, 80 or 90 in 100 prices."), ({"lot": "\0"}, "Null")):
        refused = staff.get(address(query), wrong)
        assert (refused.status_code, why in said_by(refused)) == (422, True)


def test_a_reserve_is_for_those_who_may_change_the_item(
    client: Client, viewer: User, staff: Client, query: Query
) -> None:
    assert "Unsold at €97" in said_by(staff.get(address(query)))
    client.force_login(viewer)
    said = said_by(client.get(address(query)))
    assert "Unsold at €80" in said
    assert "€97" not in client.get(address(query)).content.decode()


@pytest.mark.usefixtures("nothing_read_again")
@pytest.mark.parametrize("others", [1, 30])
def test_the_sheet_costs_as_many_queries_with_one_row_as_with_thirty(
    staff: Client, others: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    item = sold_item("Vase")
    shelve("red", item=item, seed=100)
    added = [sold_item(f"Added {number}", category=category("Glass")) for number in range(others)]
    for number in range(others):
        shelve("red", item=sold_item(f"Vase {number}"), seed=number)
    embed_pending()
    pins = {"pin": [each.pk for each in added]}
    staff.get(f"/items/{item.pk}/sheet/", pins)  # the first one loads what is searched
    with django_assert_num_queries(16):
        staff.get(f"/items/{item.pk}/sheet/", pins)


# --- The chart -------------------------------------------------------------------------------------------------------

amounts = st.decimals("0.01", 9_999_999, places=2)
points = st.builds(
    Point,
    key=st.integers(1, 10**9),
    day=st.none() | st.dates(),
    price=amounts,
    today=st.none() | amounts,
    sold=st.booleans(),
    counts=st.booleans(),
    pinned=st.booleans(),
    share=st.floats(0, 1),
    words=st.just("A vase"),
)


@given(st.lists(points, min_size=1, max_size=30), st.none() | st.lists(amounts, min_size=3, max_size=3).map(sorted))
def test_everything_drawn_lies_within_the_drawing(shown: list[Point], ends: list[Decimal] | None) -> None:
    chart = chart_of(shown, Span(*ends) if ends else None, currency="EUR", on=TODAY)
    assert chart
    places = [mark.x for mark in chart.marks] + [mark.y for mark in chart.marks]
    places += [mark.level for mark in chart.marks if mark.level]
    places += [tick.at for tick in (*chart.prices, *chart.dates)]
    assert all(0 <= float(place) <= 100 for place in places)
    assert len(chart.marks) == len(shown)
    assert len(chart.dates) <= 9


def point(day: dt.date | None, price: int, **facts: Any) -> Point:
    known = {"today": None, "sold": True, "counts": True, "pinned": False, "share": 0.1, "words": "A vase"} | facts
    return Point(key=price, day=day, price=Decimal(price), **known)


def test_later_is_further_right_and_dearer_is_higher() -> None:
    shown = [point(dt.date(2015 + n, 3, 1), 100 * (n + 1)) for n in range(5)]
    chart = chart_of(shown, None, currency="EUR", on=TODAY)
    assert chart
    by_key = sorted(chart.marks, key=lambda mark: mark.key)
    assert all(float(one.x) < float(other.x) and float(one.y) > float(other.y) for one, other in pairwise(by_key))
    assert [tick.label for tick in chart.dates] == ["2016", "2017", "2018", "2019"]


def test_a_short_time_is_told_in_quarters_and_what_has_no_date_stands_apart() -> None:
    shown = [point(dt.date(2025, 2, 1), 100), point(dt.date(2025, 11, 1), 200), point(None, 300)]
    chart = chart_of(shown, None, currency="EUR", on=TODAY)
    assert chart
    assert "Apr 2025" in [tick.label for tick in chart.dates]
    places = {mark.key: float(mark.x) for mark in chart.marks}
    assert places[300] == float(chart.undated) > places[200] + 5


def test_dots_of_one_day_and_price_stand_side_by_side() -> None:
    shown = [point(dt.date(2025, 2, 1), 100, share=share) for share in (0.5, 0.3, 0.2)]
    chart = chart_of(shown, None, currency="EUR", on=TODAY)
    assert chart
    assert len({mark.aside for mark in chart.marks}) == 3
    early = chart_of([*shown, point(dt.date(2035, 1, 1), 50)], None, currency="EUR", on=TODAY)
    assert early
    assert all(mark.aside >= 0 for mark in early.marks if mark.key == 100)  # never over the prices at the left
    assert [mark.aside for mark in chart.marks if float(mark.r) == 9.0] == [0]  # the heaviest stays on its day


def test_without_a_price_there_is_no_chart() -> None:
    assert chart_of([], None, currency="EUR", on=TODAY) is None
