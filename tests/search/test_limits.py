"""The public page takes only so much from one visitor, and from all of them together."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.http import HttpRequest
from pytest_django import Settings

from catalog.visitors import client_address
from search.models import UploadTally
from search.seller.limits import (
    LimiterDown,
    NoPlaceFree,
    TooManyUploads,
    a_place,
    admit,
    forget_visitors,
    pseudonym,
)

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def admitted(address: str, times: int, now: datetime = NOON) -> int:
    """How many of so many uploads in a row get in."""
    count = 0
    for _ in range(times):
        try:
            admit(address, now)
        except TooManyUploads:
            continue
        count += 1
    return count


@pytest.mark.django_db
def test_the_eleventh_upload_in_ten_minutes_waits_until_the_first_is_old_enough() -> None:
    admit("192.0.2.1", NOON)
    assert admitted("192.0.2.1", 9, NOON + timedelta(minutes=5)) == 9
    with pytest.raises(TooManyUploads) as refusal:
        admit("192.0.2.1", NOON + timedelta(minutes=8))
    assert refusal.value.seconds == 120
    assert admitted("192.0.2.1", 2, NOON + timedelta(minutes=10)) == 1


@pytest.mark.django_db
def test_the_fifty_first_upload_of_a_day_is_refused() -> None:
    morning = NOON.replace(hour=0)
    moments = [morning + timedelta(minutes=11 * batch) for batch in range(6)]
    assert [admitted("192.0.2.1", 10, moment) for moment in moments] == [10, 10, 10, 10, 10, 0]


@pytest.mark.django_db
def test_visitors_have_each_their_own_allowance_and_an_ipv6_network_shares_one() -> None:
    assert admitted("192.0.2.1", 12) == 10
    assert admitted("192.0.2.2", 12) == 10
    assert admitted("2001:db8:0:1::1", 6) + admitted("2001:db8:0:1:ffff::2", 6) == 10
    assert admitted("2001:db8:0:2::1", 6) == 6


@pytest.mark.django_db
def test_an_ipv4_address_in_ipv6_dress_is_the_same_visitor() -> None:
    assert admitted("192.0.2.1", 10) == 10
    assert admitted("::ffff:192.0.2.1", 1) == 0


@pytest.mark.django_db
def test_a_burst_from_many_addresses_meets_the_limit_for_all() -> None:
    burst = [f"10.0.0.{number}" for number in range(250)]
    assert sum(admitted(address, 1) for address in burst) == 120
    assert admitted("10.1.0.1", 1, NOON + timedelta(seconds=61)) == 1


@pytest.mark.django_db
def test_a_refused_upload_is_not_counted(settings: Settings) -> None:
    settings.SELLER_PER_MINUTE_GLOBAL = 1
    assert admitted("192.0.2.1", 1) == 1
    assert admitted("192.0.2.2", 5) == 0
    assert not UploadTally.objects.filter(key=pseudonym("192.0.2.2", NOON.date())).exists()


@pytest.mark.django_db
def test_a_clock_that_was_set_back_locks_nobody_out() -> None:
    assert admitted("192.0.2.1", 10, NOON + timedelta(hours=3)) == 10
    assert admitted("192.0.2.1", 1, NOON) == 1


@pytest.mark.django_db(transaction=True)
def test_uploads_at_the_same_moment_are_counted_one_by_one() -> None:
    def one_upload(_: int) -> int:
        try:
            return admitted("192.0.2.1", 1)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(one_upload, range(24))) == 10


@pytest.mark.django_db
def test_addresses_are_kept_only_as_a_hash_that_changes_each_day() -> None:
    admit("192.0.2.1", NOON)
    kept = str(list(UploadTally.objects.values()))
    assert "192.0.2" not in kept
    assert pseudonym("192.0.2.1", NOON.date()) in kept
    assert pseudonym("192.0.2.1", NOON.date()) != pseudonym("192.0.2.1", NOON.date() + timedelta(days=1))


@pytest.mark.django_db
def test_visitors_are_forgotten_after_a_day() -> None:
    admit("192.0.2.1", NOON)
    assert forget_visitors(NOON + timedelta(hours=23)) == 0
    assert forget_visitors(NOON + timedelta(hours=25)) == 2  # the visitor, and the count for everyone
    assert not UploadTally.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_nobody_is_let_in_when_nobody_can_be_counted() -> None:
    with connection.schema_editor() as editor:
        editor.delete_model(UploadTally)
    try:
        with pytest.raises(LimiterDown):
            admit("192.0.2.1", NOON)
    finally:
        with connection.schema_editor() as editor:
            editor.create_model(UploadTally)


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, None, "198.51.100.9"),
        (0, "203.0.113.5", "198.51.100.9"),  # no proxy of ours: whatever is claimed isn't read
        (1, "203.0.113.5", "203.0.113.5"),
        (1, "1.1.1.1, 203.0.113.5", "203.0.113.5"),  # the first was written by the visitor
        (2, "1.1.1.1, 203.0.113.5, 10.0.0.2", "203.0.113.5"),
        (2, "203.0.113.5", "198.51.100.9"),  # came past one of our proxies
        (1, None, "198.51.100.9"),
        (1, "203.0.113.5:4711", "203.0.113.5"),
        (1, "[2001:db8::5]:4711", "2001:db8::5"),
        (1, "2001:db8::5", "2001:db8::5"),
        (1, "rubbish", "198.51.100.9"),
    ],
)
def test_only_our_own_proxies_are_believed(
    settings: Settings, proxies: int, forwarded: str | None, address: str
) -> None:
    settings.TRUSTED_PROXIES = proxies
    request = HttpRequest()
    request.META["REMOTE_ADDR"] = "198.51.100.9"
    if forwarded is not None:
        request.META["HTTP_X_FORWARDED_FOR"] = forwarded
    assert client_address(request) == address


def test_only_so_many_uploads_are_worked_on_at_once(settings: Settings) -> None:
    settings.SELLER_AT_ONCE = 2
    with a_place():
        with a_place(), pytest.raises(NoPlaceFree), a_place():
            pass
        with a_place():
            pass
