"""How long a login lasts, and what ends it."""

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import Session
from catalog.models import AuditEntry
from tests.accounts.conftest import Clock
from tests.accounts.logins import PASSWORD, is_in, log_in
from tests.search.pages import said_by

pytestmark = pytest.mark.django_db


def test_an_hour_without_a_click_ends_it(client: Client, viewer: User, later: Clock) -> None:
    client.force_login(viewer)
    for minutes in (59, 118, 177):
        later(minutes=minutes)
        assert is_in(client)
    later(minutes=177 + 61)
    assert not is_in(client)
    later(minutes=177 + 62)
    assert not is_in(client)


def test_half_a_day_ends_it_however_busy(client: Client, viewer: User, later: Clock) -> None:
    client.force_login(viewer)
    for half_hours in range(1, 24):
        later(minutes=30 * half_hours)
        assert is_in(client), half_hours
    later(hours=12, seconds=1)
    assert not is_in(client)


def test_a_session_that_does_not_know_when_it_began_ends(client: Client, viewer: User) -> None:
    client.force_login(viewer)
    session = client.session
    del session["began"]
    session.save()
    assert not is_in(client)


def test_a_login_gets_a_key_of_its_own(client: Client, viewer: User) -> None:
    """Whoever planted a session before gains nothing by it."""
    session = client.session
    session["planted"] = True
    session.save()
    planted = session.session_key
    log_in(client, "viewer")
    assert is_in(client)
    assert client.session.session_key != planted
    assert not Session.objects.filter(session_key=planted).exists()


def test_the_back_button_shows_nothing_after_a_logout(client: Client, viewer: User) -> None:
    client.force_login(viewer)
    key = client.session.session_key or ""
    for page in ("/", "/account/", "/admin/", "/items/1/"):
        assert "no-store" in client.get(page)["Cache-Control"], page
    client.post("/logout/")
    assert not is_in(client)
    client.cookies["sessionid"] = key
    assert not is_in(client)
    assert not Session.objects.filter(session_key=key).exists()


def test_a_changed_password_ends_all_other_sessions(client: Client, viewer: User) -> None:
    other = Client()
    other.force_login(viewer)
    client.force_login(viewer)
    new = "another long password"
    client.post(
        reverse("admin:password_change"), {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    )
    assert is_in(client)
    assert not is_in(other)
    assert Session.objects.filter(account_id=viewer.pk).count() == 1
    assert AuditEntry.objects.filter(deed="password", actor="viewer").count() == 1


def test_a_deactivated_account_is_out_at_once_and_stays_out(client: Client, viewer: User) -> None:
    client.force_login(viewer)
    viewer.is_active = False
    viewer.save()
    assert not is_in(client)
    viewer.is_active = True
    viewer.save()
    assert not is_in(client)


def test_the_administrator_signs_somebody_out_everywhere(client: Client, admin_user: User, viewer: User) -> None:
    theirs = [Client(), Client()]
    for browser in theirs:
        browser.force_login(viewer)
    client.force_login(admin_user)
    people = reverse("admin:auth_user_changelist")
    page = client.post(people, {"action": "sign_out", "_selected_action": [viewer.pk]}, follow=True)
    assert "signed out everywhere" in said_by(page)
    assert not any(is_in(browser) for browser in theirs)
    assert is_in(client)
    noted = AuditEntry.objects.get(deed="sign out")
    assert (noted.actor, noted.label, noted.after) == ("admin", "viewer", {"sessions": 2})


def test_a_person_signs_out_everywhere_else(client: Client, viewer: User, manager: User) -> None:
    mine, somebody = Client(), Client()
    mine.force_login(viewer)
    somebody.force_login(manager)
    client.force_login(viewer)
    assert "in 1 other browser." in said_by(client.get("/account/"))
    client.post("/account/sign-out-elsewhere/")
    assert (is_in(client), is_in(mine), is_in(somebody)) == (True, False, True)


def test_sessions_live_in_the_database_and_say_whose_they_are(client: Client, viewer: User) -> None:
    client.force_login(viewer)
    assert Session.objects.get(session_key=client.session.session_key).account_id == viewer.pk


def test_a_click_costs_no_writing(
    client: Client, viewer: User, later: Clock, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.force_login(viewer)
    later(seconds=30)
    with django_assert_num_queries(2):  # the session, the person
        client.get("/account/second-step/remove/")


@pytest.mark.parametrize("name", ["auth_user", "auth_group"])
def test_a_right_to_change_people_that_was_given_by_mistake_opens_nothing(
    client: Client, manager: User, name: str
) -> None:
    manager.user_permissions.set(Permission.objects.filter(content_type__app_label="auth"))
    client.force_login(manager)
    assert client.get(reverse(f"admin:{name}_changelist")).status_code == 403
    own = reverse("admin:auth_user_change", args=[manager.pk])
    sent = {"username": "manager", "is_superuser": "on", "is_staff": "on", "is_active": "on"}
    assert client.post(own, sent).status_code == 403
    manager.refresh_from_db()
    assert not manager.is_superuser


def test_the_administrator_grants_a_role_and_it_is_noted(client: Client, admin_user: User, viewer: User) -> None:
    client.force_login(admin_user)
    managers = Group.objects.get(name="Manager")
    sent = {
        "username": "viewer",
        "is_staff": "on",
        "is_active": "on",
        "groups": [managers.pk],
        "date_joined_0": "2026-01-01",
        "date_joined_1": "00:00:00",
    }
    response = client.post(reverse("admin:auth_user_change", args=[viewer.pk]), sent)
    assert response.status_code == 302, response.context["errors"]
    noted = AuditEntry.objects.filter(deed="role", actor="admin").order_by("pk")
    assert [entry.after for entry in noted] == [{"removed": ["Viewer"]}, {"added": ["Manager"]}]
