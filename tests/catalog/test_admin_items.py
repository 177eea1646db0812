"""Cataloguers manage items in the admin: lists, photos, bulk actions, and two people at one item."""

import datetime as dt
import io
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from catalog.models import Item, Photo
from catalog.pictures import receive, save_photo
from tests.catalog.factories import CategoryFactory, ItemFactory, PhotoFactory, SaleFactory
from tests.photos import photo_file

pytestmark = pytest.mark.django_db
LIST = "admin:catalog_item_changelist"


@pytest.fixture
def desk(client: Client, cataloguer: User) -> Client:
    client.force_login(cataloguer)
    return client


@pytest.fixture
def managers_desk(client: Client, manager: User) -> Client:
    client.force_login(manager)
    return client


def page(item: Item) -> str:
    return reverse("admin:catalog_item_change", args=[item.pk])


def form_of(client: Client, address: str) -> dict[str, Any]:
    """What a browser would send if nothing were changed."""
    response = client.get(address)
    assert response.status_code == 200
    form = response.context["adminform"].form
    sent: dict[str, Any] = {}
    for bound in [
        *form,
        *(field for inline in response.context["inline_admin_formsets"] for f in inline.formset for field in f),
    ]:
        value = bound.value()
        if value is not None and value is not False and value != "" and not isinstance(value, list):
            sent[bound.html_name] = "on" if value is True else str(value)
    for inline in response.context["inline_admin_formsets"]:
        for bound in inline.formset.management_form:
            sent[bound.html_name] = str(bound.value())
    return sent


def save(client: Client, item: Item, **changes: Any) -> Any:
    return client.post(page(item), form_of(client, page(item)) | changes, follow=True)


def words(response: Any) -> str:
    return " ".join(response.content.decode().split())


def told(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def upload(colour: str, name: str, seed: int = 0) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, photo_file(colour, seed=seed).read(), "image/jpeg")


# --- The list ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 30])
def test_the_list_asks_as_few_questions_for_thirty_items_as_for_one(
    desk: Client, count: int, django_assert_max_num_queries: Any
) -> None:
    for item in ItemFactory.create_batch(count, sold=True):
        PhotoFactory.create_batch(2, item=item)
    with django_assert_max_num_queries(16):
        response = desk.get(reverse(LIST))
    assert words(response).count('class="thumbnail"') == count


def test_lots_stand_in_natural_order(desk: Client) -> None:
    sale = SaleFactory.create()
    for lot in ("10", "27A", "2", "27"):
        ItemFactory.create(sale=sale, lot=lot)
    shown = desk.get(reverse(LIST)).context["cl"].result_list
    assert [item.lot for item in shown] == ["2", "10", "27", "27A"]


@pytest.mark.parametrize(
    ("chosen", "titles"),
    [
        ("some", {"Searchable", "Waiting", "Failed"}),
        ("none", {"Bare"}),
        ("waiting", {"Waiting"}),
        ("failed", {"Failed"}),
        ("searchable", {"Searchable"}),
    ],
)
def test_items_are_found_by_the_state_of_their_photos(desk: Client, chosen: str, titles: set[str]) -> None:
    ItemFactory.create(title="Bare")
    PhotoFactory.create(item__title="Searchable", status="embedded")
    PhotoFactory.create(item__title="Waiting", status="pending")
    PhotoFactory.create(item__title="Failed", status="failed", failure="no memory")
    response = desk.get(reverse(LIST), {"photos": chosen})
    assert {item.title for item in response.context["cl"].result_list} == titles


@pytest.mark.parametrize("query", ["blue vase", "moorcroft", "27A", "A12"])
def test_items_are_found_by_words_lot_sale_and_maker(desk: Client, query: str) -> None:
    found = ItemFactory.create(
        title="Large blue vase", maker="Moorcroft", lot="27A", sale=SaleFactory.create(code="A12")
    )
    ItemFactory.create(title="Chair")
    assert list(desk.get(reverse(LIST), {"q": query}).context["cl"].result_list) == [found]


def test_the_sale_filter_shows_an_old_sale_that_was_chosen(desk: Client) -> None:
    item = ItemFactory.create(sale=SaleFactory.create(code="OLD", title="The old sale", held_on=dt.date(1999, 1, 1)))
    SaleFactory.create_batch(31)
    response = desk.get(reverse(LIST), {"sale": str(item.sale_id)})
    assert list(response.context["cl"].result_list) == [item]
    assert "The old sale" in words(response)
    assert desk.get(reverse(LIST), {"sale": "x'; DROP"}).context["cl"].result_count == 1


def test_prices_are_not_edited_in_the_list(desk: Client) -> None:
    ItemFactory.create(sold=True)
    assert desk.get(reverse(LIST)).context["cl"].list_editable == ()


# --- One item ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 30])
def test_an_items_page_asks_as_few_questions_with_thirty_photos_as_with_one(
    desk: Client, count: int, django_assert_max_num_queries: Any
) -> None:
    item = ItemFactory.create()
    PhotoFactory.create_batch(count, item=item)
    with django_assert_max_num_queries(18):
        response = desk.get(page(item))
    assert words(response).count('class="thumbnail"') == count


def test_a_change_is_saved_with_who_and_when(desk: Client, cataloguer: User) -> None:
    item = ItemFactory.create(title="Vase")
    save(desk, item, title="Blue vase")
    item.refresh_from_db()
    assert (item.title, item.version) == ("Blue vase", 2)
    assert item.history.first().history_user == cataloguer
    history = words(desk.get(reverse("admin:catalog_item_history", args=[item.pk])))
    assert "Title: Vase → Blue vase" in history
    assert "cataloguer" in history


def test_saving_what_was_not_changed_leaves_the_item_alone(desk: Client) -> None:
    item = ItemFactory.create(sold=True, description="two\nlines")
    save(desk, item)
    assert Item.objects.values_list("version", flat=True).get() == 1
    assert item.history.count() == 1


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"status": "sold"}, "A sold item has a hammer price above zero"),
        ({"estimate_low": "300", "estimate_high": "200"}, "The low estimate can&#x27;t be above the high one"),
        ({"hammer": "abc"}, "Enter a number"),
        ({"title": ""}, "This field is required"),
    ],
)
def test_facts_that_cannot_be_are_refused_in_words(desk: Client, changes: dict[str, str], sentence: str) -> None:
    item = ItemFactory.create(title="Vase")
    assert sentence in words(save(desk, item, **changes))
    assert Item.objects.get().version == 1


def test_only_the_fields_of_the_form_can_be_set(desk: Client) -> None:
    item = ItemFactory.create(title="Vase")
    save(desk, item, title="Bowl", version="77", lot_order="x", created_at="1999-01-01", id="5")
    item.refresh_from_db()
    assert (item.title, item.version, item.created_at.year > 2000) == ("Bowl", 2, True)


def test_an_item_made_by_hand_gets_a_key_so_that_an_export_can_come_back(desk: Client) -> None:
    address = reverse("admin:catalog_item_add")
    desk.post(address, form_of(desk, address) | {"title": "Vase"})
    assert (Item.objects.get().source_key or "").startswith("by-hand-")


def test_a_viewer_looks_and_changes_nothing(client: Client, viewer: User) -> None:
    client.force_login(viewer)
    photo = PhotoFactory.create(item__title="Vase")
    shown = client.get(page(photo.item))
    assert (shown.status_code, 'name="title"' in words(shown)) == (200, False)
    assert client.post(page(photo.item), {"title": "Bowl"}).status_code == 403
    assert client.post(reverse(LIST), {"action": "mark_passed", "_selected_action": photo.item_id}).status_code == 302
    photo.item.refresh_from_db()
    assert (photo.item.title, photo.item.status) == ("Vase", "catalogued")


def test_strangers_and_outsiders_see_nothing(client: Client, db: None) -> None:
    item = ItemFactory.create()
    assert client.get(page(item)).status_code == 302
    client.force_login(User.objects.create_user("guest", is_staff=True))
    assert client.get(page(item)).status_code == 403
    assert client.get(reverse(LIST)).status_code == 403


def test_an_address_that_is_no_item_says_so(desk: Client) -> None:
    assert desk.get(reverse("admin:catalog_item_change", args=[999_999])).status_code == 302
    assert desk.post("/admin/catalog/item/x%27y/change/", {"read_version": "1"}).status_code == 302


# --- Two people -------------------------------------------------------------------------------------------------------


def test_the_second_of_two_is_shown_both_values_and_nothing_is_lost(desk: Client, manager: User) -> None:
    item = ItemFactory.create(title="Vase", maker="", description="Blue")
    mine = form_of(desk, page(item)) | {"title": "Fine vase", "condition": "Chip to the rim"}
    theirs = Item.objects.get(pk=item.pk)
    theirs._history_user = manager  # type: ignore[attr-defined]  # read by simple_history
    theirs.title, theirs.maker = "Cracked vase", "Moorcroft"
    theirs.save()

    answer = desk.post(page(item), mine)
    said = " ".join(words(answer).split())
    assert answer.status_code == 200
    assert "manager (" in said
    assert "Title: they wrote “Cracked vase”, you wrote “Fine vase”." in said
    assert "Maker: now “Moorcroft”, which you had not touched." in said
    assert Item.objects.get().title == "Cracked vase"
    form = answer.context["adminform"].form
    assert (form["title"].value(), form["maker"].value(), form["condition"].value()) == (
        "Fine vase", "Moorcroft", "Chip to the rim",
    )  # fmt: skip

    again = {name: mine.get(name, "") for name in mine} | {
        "maker": "Moorcroft",
        "read_version": form["read_version"].value(),
    }
    desk.post(page(item), again)
    item.refresh_from_db()
    assert (item.title, item.maker, item.condition, item.version) == ("Fine vase", "Moorcroft", "Chip to the rim", 3)


def test_the_same_change_by_two_people_is_no_conflict_of_values(desk: Client) -> None:
    item = ItemFactory.create(sold=True, hammer=Decimal("120.00"))
    mine = form_of(desk, page(item)) | {"hammer": "130", "total": ""}
    Item.objects.get().save()
    theirs = Item.objects.get()
    theirs.hammer, theirs.total = Decimal(130), None
    theirs.save()
    assert "they wrote" not in words(desk.post(page(item), mine))


def test_photos_chosen_in_a_conflict_are_not_saved_behind_ones_back(desk: Client) -> None:
    item = ItemFactory.create(title="Vase")
    mine = form_of(desk, page(item)) | {"title": "Bowl", "new_photos": [upload("red", "a.jpg")]}
    Item.objects.get().save()
    assert "choose the photos to add once more" in words(desk.post(page(item), mine))
    assert Photo.objects.count() == 0


# --- Photos -----------------------------------------------------------------------------------------------------------


def test_several_photos_are_added_at_once(desk: Client) -> None:
    item = ItemFactory.create()
    answer = save(desk, item, new_photos=[upload("red", "a.jpg"), upload("blue", "b.jpg")])
    assert "2 photos added." in told(answer)
    assert [(p.original_name, p.position, p.status) for p in item.photos.all()] == [
        ("a.jpg", 0, "pending"), ("b.jpg", 1, "pending"),
    ]  # fmt: skip
    item.refresh_from_db()
    assert item.version == 1


def test_what_is_no_photo_is_said_and_the_others_are_kept(desk: Client) -> None:
    item = ItemFactory.create(title="Vase")
    text = SimpleUploadedFile("notes.jpg", b"<script>alert(1)</script>", "image/jpeg")
    answer = save(desk, item, title="Bowl", new_photos=[text, upload("red", "a.jpg")])
    assert any(sentence.startswith("notes.jpg: This file is not a photo") for sentence in told(answer))
    assert (item.photos.count(), Item.objects.get().title) == (1, "Bowl")
    assert "<script>alert" not in words(answer)


def test_a_photo_that_is_there_already_is_told_with_its_lot(desk: Client) -> None:
    sale = SaleFactory.create(title="Autumn sale")
    first = ItemFactory.create(sale=sale, lot="27A", sold=True)
    save(desk, first, new_photos=[upload("red", "a.jpg")])
    second = ItemFactory.create()
    answer = save(desk, second, new_photos=[upload("red", "copy.jpg")])
    assert "copy.jpg: this very photo is already at lot 27A of Autumn sale (4 October 2025), sold for €120." in told(
        answer
    )
    again = save(desk, second, new_photos=[upload("red", "twice.jpg")])
    assert "twice.jpg: This item has this very photo already." in told(again)
    assert Photo.objects.count() == 2


def test_photos_are_put_in_order_and_named(desk: Client) -> None:
    item = ItemFactory.create()
    first, second = (
        save_photo(item, receive(photo_file(colour).read(), max_bytes=10**7), role="front", original_name=colour)
        for colour in ("red", "blue")
    )
    sent = form_of(desk, page(item)) | {"photos-0-position": "5", "photos-1-role": "mark"}
    desk.post(page(item), sent)
    assert [(p.pk, p.role, p.position) for p in item.photos.all()] == [(second.pk, "mark", 0), (first.pk, "front", 1)]


def test_a_deleted_photo_takes_its_files_with_it(desk: Client, django_capture_on_commit_callbacks: Any) -> None:
    item = ItemFactory.create()
    save_photo(item, receive(photo_file("red").read(), max_bytes=10**7), role="front", original_name="a.jpg")
    desk.get(page(item))
    sent = form_of(desk, page(item)) | {"photos-0-DELETE": "on"}
    with django_capture_on_commit_callbacks(execute=True):
        desk.post(page(item), sent)
    assert Photo.objects.count() == 0
    assert [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()] == []


def test_a_failed_photo_says_why_and_can_be_tried_again(desk: Client) -> None:
    photo = PhotoFactory.create(status="failed", failure="not enough memory", attempts=3)
    shown = words(desk.get(page(photo.item)))
    assert "Failed: not enough memory" in shown
    answer = save(desk, photo.item, _retry_photo=str(photo.pk), title="Changed too")
    photo.refresh_from_db()
    assert (photo.status, photo.attempts, photo.failure) == ("pending", 0, "")
    assert answer.redirect_chain[-1][0] == page(photo.item)
    assert Item.objects.get().title == "Changed too"


def test_only_photos_of_this_item_are_tried_again(desk: Client) -> None:
    item, other = ItemFactory.create(), PhotoFactory.create(status="failed", attempts=3)
    save(desk, item, _retry_photo=str(other.pk))
    other.refresh_from_db()
    assert other.status == "failed"


# --- The list of photos -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 30])
def test_the_list_of_photos_asks_few_questions(desk: Client, count: int, django_assert_max_num_queries: Any) -> None:
    PhotoFactory.create_batch(count)
    with django_assert_max_num_queries(12):
        desk.get(reverse("admin:catalog_photo_changelist"))


def test_failed_photos_come_first_then_those_that_wait(desk: Client) -> None:
    for status in ("embedded", "pending", "failed", "embedded"):
        PhotoFactory.create(status=status)
    shown = desk.get(reverse("admin:catalog_photo_changelist")).context["cl"].result_list
    assert [photo.status for photo in shown] == ["failed", "pending", "embedded", "embedded"]


def test_many_failed_photos_are_tried_again_at_once(desk: Client) -> None:
    photos = PhotoFactory.create_batch(2, status="failed", attempts=3)
    address = reverse("admin:catalog_photo_changelist")
    desk.post(address, {"action": "retry", "_selected_action": [photo.pk for photo in photos]})
    assert set(Photo.objects.values_list("status", "attempts")) == {("pending", 0)}


# --- Bulk actions -----------------------------------------------------------------------------------------------------


def act(client: Client, action: str, items: list[Item], **more: Any) -> Any:
    chosen = [item.pk for item in items]
    return client.post(reverse(LIST), {"action": action, "_selected_action": chosen, **more}, follow=True)


def test_a_category_is_set_for_many_after_a_question(desk: Client) -> None:
    items = ItemFactory.create_batch(2)
    glass = CategoryFactory.create(name="Glass")
    asked = act(desk, "set_category", items)
    assert "Set the category" in words(asked)
    assert not Item.objects.filter(category=glass).exists()
    act(desk, "set_category", items, answered="yes", category=str(glass.pk))
    assert set(Item.objects.values_list("category__name", "version")) == {("Glass", 2)}
    assert items[0].history.first().category_id == glass.pk


def test_the_question_names_all_that_were_chosen_across_pages(desk: Client) -> None:
    items = ItemFactory.create_batch(3)
    act(desk, "set_category", items[:1], select_across="1")
    glass = CategoryFactory.create(name="Glass")
    act(desk, "set_category", items[:1], select_across="1", answered="yes", category=str(glass.pk))
    assert Item.objects.filter(category=glass).count() == 3


def test_catalogued_items_are_marked_as_passed_at_once(desk: Client) -> None:
    items = [ItemFactory.create(), ItemFactory.create(status="draft")]
    act(desk, "mark_passed", items)
    assert sorted(Item.objects.values_list("status", flat=True)) == ["draft", "passed"]


def test_sold_items_are_marked_as_passed_only_after_a_question(desk: Client) -> None:
    item = ItemFactory.create(sold=True)
    assert "1 of them are sold" in words(act(desk, "mark_passed", [item]))
    item.refresh_from_db()
    assert item.status == "sold"
    act(desk, "mark_passed", [item], answered="yes")
    item.refresh_from_db()
    assert (item.status, item.hammer, item.total) == ("passed", None, None)
    assert item.history.all()[1].hammer == Decimal(120)


def test_items_are_taken_out_of_search_and_put_back(desk: Client) -> None:
    item = ItemFactory.create(sold=True)
    act(desk, "exclude_from_search", [item])
    assert not Item.objects.searchable().exists()
    act(desk, "include_in_search", [item])
    assert Item.objects.searchable().exists()


def test_photos_of_many_items_are_embedded_again(desk: Client) -> None:
    photos = PhotoFactory.create_batch(2, status="embedded")
    assert "2 photos are on the to-do list again." in told(act(desk, "embed_again", [photo.item for photo in photos]))
    assert set(Photo.objects.values_list("status", flat=True)) == {"pending"}


@pytest.mark.parametrize(
    ("action", "kind"),
    [
        ("export_csv", "text/csv; charset=utf-8"),
        ("export_xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("export_liveauctioneers", "text/csv; charset=windows-1252"),
    ],
)
def test_chosen_items_are_exported(desk: Client, action: str, kind: str) -> None:
    items = ItemFactory.create_batch(2, title="=Vase")
    answer = act(desk, action, items)
    content = answer.getvalue() if answer.streaming else answer.content
    assert answer["Content-Type"] == kind
    assert "attachment" in answer["Content-Disposition"]
    assert (b"'=Vase" in content) or content.startswith(b"PK")


def test_a_manager_merges_two_records_of_one_lot(managers_desk: Client) -> None:
    kept = ItemFactory.create(sold=True, title="Vase", maker="", version=1)
    double = ItemFactory.create(title="Vase again", maker="Moorcroft")
    shared = PhotoFactory.create(item=kept)
    PhotoFactory.create(item=double, sha256=shared.sha256)
    moving = PhotoFactory.create(item=double)
    assert "Merge these items" in words(act(managers_desk, "merge_items", [kept, double]))
    act(managers_desk, "merge_items", [kept, double], answered="yes", keep=str(kept.pk))
    kept.refresh_from_db()
    assert (Item.objects.count(), kept.maker, kept.hammer, kept.version) == (1, "Moorcroft", Decimal(120), 2)
    assert set(kept.photos.all()) == {shared, moving}
    assert Item.history.filter(id=double.pk, history_type="-").get().history_change_reason.startswith("Merged into")


def test_a_merge_never_loses_a_price(managers_desk: Client) -> None:
    kept, double = ItemFactory.create(sold=True), ItemFactory.create(sold=True)
    answer = act(managers_desk, "merge_items", [kept, double], answered="yes", keep=str(kept.pk))
    assert "has a hammer price, which would be lost" in told(answer)[0]
    assert Item.objects.count() == 2


def test_a_cataloguer_cannot_merge(desk: Client) -> None:
    items = ItemFactory.create_batch(2)
    act(desk, "merge_items", items, answered="yes", keep=str(items[0].pk))
    assert Item.objects.count() == 2


# --- Everything -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["item", "photo", "sale", "category", "importrun", "importprofile"])
def test_no_page_of_the_admin_needs_inline_script_or_style(managers_desk: Client, kind: str) -> None:
    PhotoFactory.create(status="failed", failure="x")
    for address in ("changelist", "add"):
        response = managers_desk.get(reverse(f"admin:catalog_{kind}_{address}"))
        if response.status_code == 200:
            assert " style=" not in words(response)
            assert "<style" not in words(response)
            assert "onclick" not in words(response)
            assert "script-src 'self'" in response["Content-Security-Policy"]


def test_payloads_in_texts_are_shown_as_texts(managers_desk: Client) -> None:
    payload = '"><img src=x onerror=alert(1)>'
    item = ItemFactory.create(title=payload, maker=payload, lot=payload[:20], sale__title=payload)
    photo = PhotoFactory.create(item=item, original_name=payload, status="failed", failure=payload)
    for address in (
        reverse(LIST),
        page(item),
        reverse("admin:catalog_item_history", args=[item.pk]),
        reverse("admin:catalog_photo_changelist"),
        reverse("admin:catalog_photo_change", args=[photo.pk]),
    ):
        assert "<img src=x" not in words(managers_desk.get(address))
    assert "<img src=x" not in words(act(managers_desk, "set_category", [item]))


def test_a_smaller_copy_of_a_photo_is_told_too_and_found_in_the_list(desk: Client) -> None:
    first = ItemFactory.create(title="Vase", passed=True)
    save(desk, first, new_photos=[detailed(640, "a.jpg")])
    second = ItemFactory.create(title="Again")
    ItemFactory.create(title="Other")
    answer = save(desk, second, new_photos=[detailed(320, "small.jpg")])
    assert any(sentence.endswith(", offered and not sold.") for sentence in told(answer))
    listed = desk.get("/admin/catalog/item/", {"photos": "again"}).context["cl"].result_list
    assert {item.title for item in listed} == {"Vase", "Again"}


def detailed(width: int, name: str) -> SimpleUploadedFile:
    """A photo with something in it, at one of its sizes."""
    shapes = Image.fromarray(np.random.default_rng(3).integers(0, 255, (9, 12, 3), dtype=np.uint8))
    file = io.BytesIO()
    shapes.resize((width, width * 3 // 4), Image.Resampling.BICUBIC).save(file, "JPEG", quality=85)
    return SimpleUploadedFile(name, file.getvalue(), "image/jpeg")
