"""The staff's search: who may, the start page, and photos that lead to similar lots."""

import datetime as dt
import re
import uuid
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings

from catalog.models import Item, Photo
from search.asking import ask
from search.ingest import embed_pending
from search.models import Query
from tests.search.pages import a_sale, answer, asked, passed_item, picture, said_by, titles
from tests.search.sellers import upload
from tests.search.shelf import rebuilt, shelve, shelve_embedded, sold_item

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("address", ["/", "/like/1/", "/items/1/", f"/search/{uuid.UUID(int=7)}/"])
def test_strangers_are_sent_to_the_login(client: Client, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 302
    assert response["Location"].startswith("/login/?next=")


def test_an_account_without_a_role_is_told_which_it_needs(client: Client) -> None:
    client.force_login(User.objects.create_user("newcomer"))
    response = client.get("/")
    assert response.status_code == 403
    assert "put you into a group: Viewer, Cataloguer or Manager" in said_by(response)


def test_a_viewer_may_search(client: Client, viewer: User, colours_are_coarse: None) -> None:
    shelve_embedded("red", "blue")
    client.force_login(viewer)
    assert titles(answer(client, asked(client))) == ["red", "blue"]


def test_logging_in_and_out(client: Client, viewer: User) -> None:
    page = client.get("/login/")
    assert "Hindsight" in page.content.decode()
    wrong = client.post("/login/", {"username": "viewer", "password": "no"})
    assert "This user name and this password don't go together." in said_by(wrong)
    right = client.post("/login/", {"username": "viewer", "password": "correct horse battery", "next": "/items/1/"})
    assert right["Location"] == "/items/1/"
    assert client.post("/logout/")["Location"] == "/login/"
    assert client.get("/").status_code == 302


def test_a_login_leads_to_no_other_site(client: Client, viewer: User) -> None:
    elsewhere = {"username": "viewer", "password": "correct horse battery", "next": "https://evil.example/"}
    assert client.post("/login/", elsewhere)["Location"] == "/"


def test_an_empty_house_says_how_to_begin(staff: Client) -> None:
    page = said_by(staff.get("/"))
    assert "What did it sell for?" in page
    assert "manage.py import_items FILE --photos FOLDER" in page
    assert "0 photos, no index yet" in page


def test_the_start_page_shows_the_latest_sale_and_ones_own_questions(staff: Client, viewer: User) -> None:
    old = a_sale("Old sale", dt.date(2020, 1, 1))
    shelve("blue", item=sold_item("Old thing", sale=old))
    for number in range(4):
        shelve("red", item=sold_item(f"Thing {number}", hammer=Decimal(100 + number)), seed=number)
    embed_pending()
    mine = asked(staff)
    theirs = ask([picture()], kind=Query.Kind.STAFF, owner=viewer)

    page = staff.get("/")

    assert [item.title for item in page.context["latest"].items] == ["Thing 3", "Thing 2", "Thing 1", "Thing 0"]
    body = page.content.decode()
    assert str(mine.key) in body
    assert str(theirs.key) not in body
    assert "5 photos, no index yet" in said_by(page)


def test_the_form_works_without_javascript(staff: Client) -> None:
    body = " ".join(staff.get("/").content.decode().split())
    forms = re.findall(r'<form class="ask" action="/" method="post" enctype="multipart/form-data".*?</form>', body)
    assert len(forms) == 2  # the page's own, and the top bar's for scripts
    assert re.search(r'<input type="file" name="photos"[^>]* multiple', forms[1])
    assert 'type="submit"' in forms[1]
    assert "csrfmiddlewaretoken" in forms[1]


def test_no_page_has_inline_script_or_style(staff: Client) -> None:
    shelve_embedded("red", "blue")
    query = asked(staff, upload("red"), upload("blue"))
    for address in ("/", f"/search/{query.key}/", f"/like/{Item.objects.get(title='red').pk}/", "/login/"):
        response = staff.get(address)
        body = response.content.decode()
        assert not re.search(r"<[^>]+\s(style|on\w+)=", body), address
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style", body), address
        assert "script-src 'self'" in response["Content-Security-Policy"]


def test_a_photo_leads_to_the_most_similar_items_at_an_address_of_their_own(staff: Client, cataloguer: User) -> None:
    shelve_embedded("red", "blue", "orangered")

    response = staff.post("/", {"photos": [upload("red")]})

    query = Query.objects.get()
    assert response.status_code == 302
    assert response["Location"] == f"/search/{query.key}/"
    assert (query.owner, query.kind) == (cataloguer, "staff")
    page = staff.get(response["Location"])
    assert titles(page) == ["red", "orangered", "blue"]


def test_an_answer_shows_price_sale_estimate_and_likeness(staff: Client) -> None:
    sale = a_sale(title="Autumn sale", held_on=dt.date(2024, 10, 5))
    facts = {"maker": "Lucie Rie", "estimate_low": Decimal(800), "estimate_high": Decimal(1200), "lot": "27A"}
    vase = sold_item("Vase", sale=sale, hammer=Decimal(1250), total=Decimal("1562.50"), **facts)
    shelve("red", item=vase)
    passed = passed_item("Bowl", sale=sale, lot="28")
    shelve("darkred", item=passed)
    shelve_embedded("blue", "white")

    said = said_by(answer(staff, asked(staff)))

    assert "4 similar items" in said
    assert "Vase €1,250 €1,562.50 with premium Estimate €800–1,200 Lucie Rie 5 Oct 2024, Autumn sale, lot 27A" in said
    assert "Bowl Passed no bid at €80" in said
    assert re.search(r"(This very item|\d\d\s% (sure|same kind)) Vase", said)
    assert not re.search(r"\b0\.\d\d\b", said)  # a cosine tells people nothing


def test_an_answer_without_anything_very_like_says_how_sure_it_is(staff: Client) -> None:
    shelve_embedded("red", "blue", "white", "teal", "gold")
    query = asked(staff, upload("cyan"))

    whole, far = said_by(answer(staff, query)), said_by(answer(staff, query, words="gold"))

    assert "5 similar items" in whole
    assert "Nothing here is very like it" not in whole
    assert "1 faintly similar item" in far
    assert re.search(r"Nothing here is very like it\. Of 100 answers like this, \d+ were the very item", far)


def test_the_quiet_line_says_what_answered_and_how_long_it_took(staff: Client) -> None:
    shelve_embedded("red", "blue")
    rebuilt()
    shelve("green")
    query = asked(staff)

    first, again = said_by(answer(staff, query)), said_by(answer(staff, query))

    steps = r"2 photos, index 0 min old, 1 waiting, [\d,]+ ms: read \d+, embed \d+, search \d+, load \d+"
    assert re.search(steps, first)
    assert re.search(r"1 waiting, [\d,]+ ms: search \d+, load \d+", again)  # what was read and embedded once, is


def test_several_photos_make_one_question(staff: Client) -> None:
    shelve_embedded("red", "green", "yellow", "white", "blue")
    query = asked(staff, upload("red"), upload("blue"))
    assert query.photos.count() == 2
    assert set(titles(answer(staff, query))[:2]) == {"red", "blue"}


def test_a_photo_that_was_sold_before_is_told_at_once(staff: Client) -> None:
    sale = a_sale(title="Autumn sale", held_on=dt.date(2024, 10, 5))
    vase = sold_item("Vase", sale=sale, lot="27", hammer=Decimal(1250), total=Decimal(1500))
    photo = shelve("red", item=vase)
    shelve_embedded("blue", "green")
    known = picture("red")
    Photo.objects.filter(pk=photo.pk).update(phash=known.phash)
    query = ask([known], kind=Query.Kind.STAFF, owner=None)

    said = said_by(answer(staff, query))

    sentence = "We sold this very item before Vase (5 Oct 2024, Autumn sale, lot 27): hammer €1,250"
    assert f"{sentence}, €1,500 with premium" in said


def test_nothing_similar_is_said_plainly_and_the_nearest_stand_apart(staff: Client, settings: Settings) -> None:
    shelve_embedded("blue", "navy", "teal")
    settings.LIKENESS_CUTOFF = 0.99

    page = answer(staff, asked(staff))

    said = said_by(page)
    assert "Nothing like this was sold here" in said
    assert "Draw the box around the object alone" in said
    assert "The nearest, below the line Not similar enough to count as an answer;" in said
    assert len(page.context["answer"].nearest_below) == 3
    assert 'class="range"' not in page.content.decode()


def test_where_nothing_looks_like_it_the_range_says_that_it_goes_by_facts(staff: Client, settings: Settings) -> None:
    shelve_embedded("blue", "navy", "teal", "azure")
    vase = shelve("red", maker="Lumetta")
    embed_pending()
    settings.LIKENESS_CUTOFF = 0.99

    said = said_by(staff.get(f"/like/{vase.item_id}/"))

    assert "Nothing like this was sold here" in said
    assert "Hammer price by what it is" in said
    assert "Nothing that looks like it was sold: this goes by what is known of it." in said
    assert "similar things" not in said


def test_before_any_photo_is_embedded_the_page_says_so(staff: Client) -> None:
    shelve("red")
    said = said_by(answer(staff, asked(staff)))
    assert "No photo can be searched yet" in said
    assert "Photos that wait to be read: 1." in said
