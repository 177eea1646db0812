"""Staff say what a result is: what is kept of it, who may, and what never outlives its hours."""

import numpy as np
import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.models import Item
from search.asking import ask as put_question
from search.asking import own_copy
from search.judging.judging import NothingToJudge, judge, judged_pairs, verdicts, withdraw
from search.likeness.calibrating import calibrate
from search.models import Judgement, Query
from search.retention import sweep
from tests.search.pages import answer, asked, picture, said_by
from tests.search.shelf import rebuilt, shelve, shelve_embedded, sold_item

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf() -> dict[str, Item]:
    return {photo.item.title: photo.item for photo in shelve_embedded("red", "darkred", "blue")}


def judge_at(client: Client, query: Query, item: Item, verdict: str, **headers: str) -> int:
    address = f"/search/{query.key}/judge/{item.pk}/?status=sold"
    return client.post(address, {"verdict": verdict}, headers=headers).status_code


def test_a_judgement_says_what_was_asked_found_and_by_whom(
    staff: Client, cataloguer: User, shelf: dict[str, Item]
) -> None:
    build = rebuilt().build_id
    query = asked(staff)

    assert judge_at(staff, query, shelf["darkred"], "alike") == 302

    kept = Judgement.objects.get()
    assert (kept.asked, kept.query_photo, kept.query_item) == (query.key, query.photos.get(), None)
    assert (kept.item, kept.photo, kept.verdict) == (shelf["darkred"], shelf["darkred"].photos.get(), "alike")
    assert (kept.encoder, kept.build, kept.by) == ("toy-mean-colour", build, cataloguer)
    assert kept.head.startswith("whitened")
    match = next(match for match in answer(staff, query).context["answer"].matches if match.item.title == "darkred")
    assert kept.likeness == pytest.approx(match.likeness, abs=1e-5)
    assert bytes(kept.vector) == bytes(query.photos.get().vector)


def test_a_plain_form_leads_back_to_the_result_with_the_filters(staff: Client, shelf: dict[str, Item]) -> None:
    query, red = asked(staff), shelf["red"]
    response = staff.post(f"/search/{query.key}/judge/{red.pk}/?status=sold", {"verdict": "same"})
    assert response["Location"] == f"/search/{query.key}/?status=sold#result-{red.pk}"

    page = said_by(answer(staff, query))
    assert page.count("Not alike") >= 3
    assert 'aria-pressed="true"' in answer(staff, query).content.decode()


def test_another_verdict_replaces_the_first_and_an_empty_one_takes_it_back(
    staff: Client, shelf: dict[str, Item]
) -> None:
    query, red = asked(staff), shelf["red"]
    for verdict in ("alike", "same"):
        judge_at(staff, query, red, verdict)
    assert Judgement.objects.get().verdict == "same"
    judge_at(staff, query, red, "")
    assert not Judgement.objects.exists()


def test_colleagues_judge_for_themselves(cataloguer: User, manager: User, shelf: dict[str, Item]) -> None:
    for user, verdict in ((cataloguer, "same"), (manager, "not_alike")):
        judge(shelf["red"], shelf["darkred"], verdict, user)
    assert verdicts(shelf["red"], cataloguer) == {shelf["darkred"].pk: "same"}
    assert verdicts(shelf["red"], manager) == {shelf["darkred"].pk: "not_alike"}
    withdraw(shelf["red"], shelf["darkred"], manager)
    assert [pair.verdict for pair in judged_pairs()] == ["same"]


def test_items_like_an_item_are_judged_too(staff: Client, shelf: dict[str, Item]) -> None:
    red, darkred = shelf["red"], shelf["darkred"]
    response = staff.post(f"/like/{red.pk}/judge/{darkred.pk}/", {"verdict": "not_alike"})
    assert response["Location"] == f"/like/{red.pk}/#result-{darkred.pk}"
    pair = next(judged_pairs("toy-mean-colour"))
    assert (pair.query_item_id, pair.item_id, pair.features) == (red.pk, darkred.pk, None)
    assert "Your judgement of darkred" in staff.get(f"/like/{red.pk}/").content.decode()
    assert "Your judgement of darkred" in staff.get(f"/items/{red.pk}/").content.decode()


def test_with_scripts_only_the_form_comes_back(staff: Client, shelf: dict[str, Item]) -> None:
    query, red = asked(staff), shelf["red"]
    address = f"/search/{query.key}/judge/{red.pk}/"
    response = staff.post(address, {"verdict": "same"}, headers={"HX-Request": "true"})
    assert response.content.decode().strip().startswith("<form")
    assert 'data-judge="same"' in response.content.decode()


def test_the_pairs_carry_the_features_that_were_asked_with(staff: Client, shelf: dict[str, Item]) -> None:
    query = asked(staff)
    judge_at(staff, query, shelf["red"], "same")
    pair = next(judged_pairs("toy-mean-colour"))
    assert pair.features is not None
    np.testing.assert_array_equal(pair.features, np.frombuffer(query.photos.get().vector, "<f2"))
    assert list(judged_pairs("another network")) == []


def test_viewers_see_no_form_and_may_not_judge(client: Client, viewer: User, cataloguer: User) -> None:
    shelve_embedded("red")
    query = put_question([picture("red")], kind=Query.Kind.STAFF, owner=cataloguer)
    client.force_login(viewer)
    assert "Your judgement" not in answer(client, query).content.decode()
    assert judge_at(client, query, Item.objects.get(), "same") == 403
    assert not Judgement.objects.exists()


def test_what_a_seller_showed_is_judged_without_its_features(manager: User, shelf: dict[str, Item]) -> None:
    query = put_question([picture("red")], kind=Query.Kind.SELLER, owner=None)
    questions = [query, own_copy(query, manager)]

    for question in questions:
        judge(question, shelf["red"], "same", manager)
    Query.objects.update(expires_at="2020-01-01T00:00Z")
    sweep()

    kept = [(bytes(row.vector), row.query_photo, row.asked) for row in Judgement.objects.order_by("pk")]
    assert kept == [(b"", None, question.key) for question in questions]


@pytest.mark.parametrize(("verdict", "status"), [("lovely", 400), ("same", 409)])
def test_what_can_not_be_judged_is_refused(staff: Client, shelf: dict[str, Item], verdict: str, status: int) -> None:
    bare = sold_item("bare")
    assert judge_at(staff, asked(staff), bare, verdict) == status
    assert not Judgement.objects.exists()


def test_a_hidden_item_is_not_judged(manager: User, shelf: dict[str, Item]) -> None:
    draft = sold_item("draft", status=Item.Status.DRAFT, hammer=None)
    shelve("red", item=draft, seed=7)
    with pytest.raises(NothingToJudge):
        judge(shelf["red"], draft, "same", manager)


def test_only_a_post_judges_and_a_stranger_nothing(client: Client, staff: Client, shelf: dict[str, Item]) -> None:
    query = asked(staff)
    assert staff.get(f"/search/{query.key}/judge/{shelf['red'].pk}/").status_code == 405
    assert judge_at(Client(), query, shelf["red"], "same") == 302  # to the log-in
    assert not Judgement.objects.exists()


def test_a_page_asks_once_for_all_judgements(staff: Client) -> None:
    shelve_embedded(*["red"] * 12)
    query = asked(staff)
    answer(staff, query)
    with CaptureQueriesContext(connection) as queries:
        answer(staff, query)
    assert sum("search_judgement" in each["sql"] for each in queries) == 1


def test_judgements_are_exported_as_text_that_no_spreadsheet_runs(
    staff: Client, manager: User, shelf: dict[str, Item]
) -> None:
    Item.objects.filter(pk=shelf["darkred"].pk).update(title="=HYPERLINK(1)")
    judge(shelf["red"], shelf["darkred"], "alike", manager)
    judge_at(staff, asked(staff), shelf["red"], "same")
    rows = {"action": "export", "_selected_action": list(Judgement.objects.values_list("pk", flat=True))}

    response = staff.post("/admin/search/judgement/", rows)

    lines = response.getvalue().decode("utf-8-sig").splitlines()
    assert response["Content-Disposition"].startswith('attachment; filename="judgements-')
    assert lines[0].startswith("at,by,verdict,asked,query_item")
    assert sum("'=HYPERLINK(1)" in line for line in lines) == 1
    assert sum(",manager,alike," in line for line in lines) == 1
    assert len(lines) == 3


def test_the_lists_of_judgements_and_calibrations_open(staff: Client, cataloguer: User, shelf: dict[str, Item]) -> None:
    judge_at(staff, asked(staff), shelf["red"], "same")
    rebuilt()
    calibrate()
    assert "The same" in said_by(staff.get("/admin/search/judgement/"))
    assert "whitened" in said_by(staff.get("/admin/search/calibration/"))
    one = Judgement.objects.get()
    assert staff.get(f"/admin/search/judgement/{one.pk}/change/").status_code == 200
    assert staff.post(f"/admin/search/judgement/{one.pk}/delete/", {"post": "yes"}).status_code == 403
