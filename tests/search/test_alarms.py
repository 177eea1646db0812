"""Whoever looks after the index is told on every page when it needs looking after; all staff see what it finds."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils.html import escape
from pytest_django import DjangoAssertNumQueries, Settings

from search.models import IndexBuild, RecallCheck
from search.operating import alarms as told
from search.operating.alarms import alarms
from search.rebuild import rebuild_index
from tests.search.shelf import shelve_embedded, shelve_indexed

pytestmark = pytest.mark.django_db


@pytest.fixture
def poor_recall(settings: Settings) -> str:
    """What there is to say of an index that finds nine photos in ten."""
    settings.RECALL_TARGET = 0.99
    shelve_indexed("red", "green", "blue")
    RecallCheck.objects.update(mean=0.9, fifth_percentile=0.75, k=20, effort={"search_k": 50_000})
    return "The index finds 90.0 % of the 20 nearest photos; it should find 99.0 %."


def test_all_is_well_as_a_rule(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    assert alarms() == []
    shelve_indexed("red", "green", "blue")

    with django_assert_num_queries(2):
        assert alarms() == []


def test_poor_recall_is_an_alarm(poor_recall: str) -> None:
    assert alarms() == [poor_recall]


def test_a_failed_build_is_an_alarm_until_one_succeeds(settings: Settings) -> None:
    shelve_embedded("red", "green")
    engine, settings.INDEX_ENGINE = settings.INDEX_ENGINE, "no such engine"
    with pytest.raises(Exception, match="no such engine"):
        rebuild_index()

    (alarm,) = alarms()
    assert alarm.startswith(f"The index build {IndexBuild.objects.get().build_id} failed: ")
    assert "no such engine" in alarm

    settings.INDEX_ENGINE = engine
    rebuild_index()
    assert alarms() == []


@pytest.mark.parametrize(
    "address", ["admin:index", "admin:catalog_item_changelist", "admin:search_indexbuild_changelist"]
)
def test_managers_are_told_on_every_page(client: Client, manager: User, poor_recall: str, address: str) -> None:
    client.force_login(manager)

    page = client.get(reverse(address)).content.decode()

    assert page.count(escape(poor_recall)) == 1
    assert reverse("admin:search_indexbuild_changelist") in page


def test_the_search_page_tells_managers_and_nobody_else(
    client: Client, manager: User, cataloguer: User, poor_recall: str
) -> None:
    for user, times in ((manager, 1), (cataloguer, 0)):
        client.force_login(user)
        assert client.get(reverse("search")).content.decode().count(escape(poor_recall)) == times


def test_what_managers_are_told_is_remembered_for_a_moment(
    client: Client, manager: User, poor_recall: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.force_login(manager)
    monkeypatch.setattr(told.lately, "seconds", 3600.0)
    assert escape(poor_recall) in client.get(reverse("account")).content.decode()

    RecallCheck.objects.update(mean=1.0)
    assert escape(poor_recall) in client.get(reverse("account")).content.decode()

    monkeypatch.setattr(told.lately, "seconds", 0.0)
    assert escape(poor_recall) not in client.get(reverse("account")).content.decode()


def test_staff_see_how_much_each_build_finds(client: Client, cataloguer: User, poor_recall: str) -> None:
    client.force_login(cataloguer)
    row = IndexBuild.objects.get()

    listed = client.get(reverse("admin:search_indexbuild_changelist")).content.decode()
    shown = client.get(reverse("admin:search_indexbuild_change", args=[row.pk])).content.decode()

    assert "90.0 %" in listed
    assert row.head in shown
    for words in ("90.0 % of 20", "75.0 %", "search_k 50,000"):
        assert words in shown
    assert "recall_checks-0-DELETE" not in shown


@pytest.mark.usefixtures("nothing_read_again")
def test_the_list_of_builds_is_no_slower_with_many(
    client: Client, cataloguer: User, poor_recall: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.force_login(cataloguer)
    address = reverse("admin:search_indexbuild_changelist")
    client.get(address)
    with django_assert_num_queries(9) as one:
        client.get(address)
    IndexBuild.objects.bulk_create(IndexBuild(build_id=f"b{n}", engine="exact", encoder="toy") for n in range(30))

    with django_assert_num_queries(len(one)):
        assert client.get(address).content.decode().count("b29") > 0
