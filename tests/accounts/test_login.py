"""Logging in: how often it may fail, that nobody learns who has an account, and that nobody is kept out for good."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from pytest_django import Settings

from accounts import throttle
from accounts.models import LoginTally
from catalog.models import AuditEntry
from tests.accounts.conftest import Clock
from tests.accounts.logins import PASSWORD, is_in, log_in
from tests.search.pages import said_by

pytestmark = pytest.mark.django_db

HERE, ELSEWHERE = "203.0.113.7", "198.51.100.9"


def fail(client: Client, times: int, name: str = "viewer", address: str = HERE) -> None:
    for _ in range(times):
        assert "don't go together" in said_by(log_in(client, name, "wrong password", address=address))


def test_the_sixth_try_is_refused_even_with_the_right_password(client: Client, viewer: User, later: Clock) -> None:
    fail(client, 5)
    later(minutes=14)
    assert "tried too often. Please wait 1 minute." in said_by(log_in(client, "viewer"))
    assert not is_in(client)
    later(minutes=15, seconds=1)
    log_in(client, "viewer")
    assert is_in(client)


def test_somebody_elses_failures_keep_nobody_out(client: Client, viewer: User, later: Clock) -> None:
    fail(client, 5)
    log_in(client, "viewer", address=ELSEWHERE)
    assert is_in(client)


def test_four_failures_and_a_success_are_forgiven(client: Client, viewer: User, later: Clock) -> None:
    for _ in range(3):
        fail(client, 4)
        log_in(client, "viewer")
        assert is_in(client)
        client.post("/logout/")


def test_failures_spread_over_a_day_lock_nobody_out(client: Client, viewer: User, later: Clock) -> None:
    for round_ in range(12):
        later(minutes=4 * round_)
        fail(client, 1)
    log_in(client, "viewer")
    assert is_in(client)


def test_the_wait_grows_and_is_never_for_good(client: Client, viewer: User, later: Clock) -> None:
    at, waits = 0.0, []
    for address in (f"2001:db8:1:2::{n}" for n in range(1, 8)):  # one network, as it may look from ever new addresses
        later(minutes=at)
        fail(client, 5, address=address)
        with pytest.raises(throttle.TooManyAttempts) as refusal:
            throttle.attempt("viewer", address)
        waits.append(refusal.value.minutes)
        at += max(waits[-1], 61)  # the network's own limit of twenty an hour is not what this is about
    assert waits == [15, 30, 60, 120, 240, 240, 240]
    later(minutes=at)
    log_in(client, "viewer", address="2001:db8:1:2::1")
    assert is_in(client)


def test_what_is_tried_while_closed_makes_it_no_longer(client: Client, viewer: User, later: Clock) -> None:
    fail(client, 5)
    for minute in range(1, 15):
        later(minutes=minute)
        log_in(client, "viewer", "wrong password")
    later(minutes=15, seconds=1)
    log_in(client, "viewer")
    assert is_in(client)


def test_a_network_fails_twenty_times_an_hour(client: Client, viewer: User, later: Clock) -> None:
    for n in range(20):
        later(minutes=n)
        fail(client, 1, name=f"guess{n}")
    assert "wait 41 minutes" in said_by(log_in(client, "viewer"))
    log_in(client, "viewer", address=ELSEWHERE)
    assert is_in(client)
    client.post("/logout/")
    later(minutes=60, seconds=1)
    log_in(client, "viewer")
    assert is_in(client)


def test_a_clock_that_was_set_back_keeps_nobody_out(client: Client, viewer: User, later: Clock) -> None:
    fail(client, 5)
    later(days=-2)
    log_in(client, "viewer")
    assert is_in(client)


def test_nobody_learns_which_names_exist(client: Client, viewer: User, settings: Settings) -> None:
    """The same words, the same status, and the same work: each hashes one password."""
    User.objects.create_user("gone", password=PASSWORD, is_active=False)
    hashed = []

    class Counting(PBKDF2PasswordHasher):
        iterations = 10

        def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
            hashed.append(password)
            return super().encode(password, salt, iterations)

    settings.PASSWORD_HASHERS = [f"{__name__}.{Counting.__name__}"]
    globals()[Counting.__name__] = Counting
    for user in User.objects.all():
        user.set_password(PASSWORD)
        user.save()
    said = {}
    for name, password in (("viewer", "wrong"), ("nobody-at-all", "wrong"), ("gone", "wrong"), ("gone", PASSWORD)):
        hashed.clear()
        response = log_in(client, name, password, address=ELSEWHERE)
        said[name, password] = (response.status_code, said_by(response), len(hashed))
    assert len(set(said.values())) == 1, said
    ((status, _, times),) = set(said.values())
    assert (status, times) == (200, 1)


def test_names_are_counted_alike_whether_they_exist_or_not(client: Client, viewer: User) -> None:
    for name in ("viewer", "nobody-at-all"):
        fail(client, 5, name=name)
        assert "Please wait 15 minutes" in said_by(log_in(client, name))


def test_capital_letters_are_no_way_round(client: Client, viewer: User) -> None:
    for name in ("viewer", "Viewer", "VIEWER", "vIewer", "viEwer"):
        fail(client, 1, name=name)
    assert "Please wait" in said_by(log_in(client, "viewer"))


def test_neither_names_nor_addresses_are_kept(client: Client, viewer: User, later: Clock) -> None:
    fail(client, 2)
    kept = str(list(LoginTally.objects.values()))
    assert "viewer" not in kept
    assert HERE not in kept
    later(days=1, minutes=1)
    assert throttle.forget_attempts() == 2
    assert not LoginTally.objects.exists()


def test_logins_and_failures_stand_in_the_log(client: Client, viewer: User) -> None:
    log_in(client, "viewer", "my-secret-password")
    log_in(client, "my-secret-password", "viewer")
    log_in(client, "viewer")
    client.post("/logout/")
    noted = list(AuditEntry.objects.order_by("pk").values_list("deed", "actor", "label", "address")[1:])
    assert [entry for entry in noted if "log" in entry[0]] == [
        ("login failed", "viewer", "", HERE),
        ("login failed", "", "no such account", HERE),
        ("login", "viewer", "", HERE),
        ("logout", "viewer", "", "127.0.0.1"),
    ]
    assert "my-secret" not in str(list(AuditEntry.objects.values()))


def test_the_admin_has_no_login_of_its_own(client: Client, viewer: User) -> None:
    asked = client.get("/admin/", follow=True)
    assert asked.redirect_chain[-1][0] == "/login/?next=/admin/"
    assert client.post("/admin/login/", {"username": "viewer", "password": PASSWORD}).status_code == 302
    assert not is_in(client)
    log_in(client, "viewer", next="/admin/")
    assert client.get("/admin/").status_code == 200


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("elevenchars", "at least 12 characters"),
        ("104729224737", "entirely numeric"),
        ("password1234", "too common"),
        ("QWERTYQWERTY", "too common"),
        ("chippendale-room", "similar to the username"),
    ],
)
def test_weak_passwords_are_refused(password: str, why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        validate_password(password, User(username="chippendale-rooms"))


@pytest.mark.parametrize(
    "password", ["four words of mine", "x y" * 40, "пароль для аукциона", "aaaaaaaaaaab", "correct horse battery"]
)
def test_long_passwords_without_rules_of_composition_are_taken(client: Client, viewer: User, password: str) -> None:
    validate_password(password, viewer)
    viewer.set_password(password)
    viewer.save()
    log_in(client, "viewer", password)
    assert is_in(client)


@pytest.mark.django_db(transaction=True)
def test_tries_at_the_same_moment_are_counted_one_by_one() -> None:
    def one(_: int) -> bool:
        try:
            throttle.attempt("viewer", HERE)
        except throttle.TooManyAttempts:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(8) as crowd:
        assert sum(crowd.map(one, range(24))) == throttle.FAILURES
