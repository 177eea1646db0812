"""The second step: codes of RFC 6238, taken once; recovery codes; who must have it; how it is set up and taken away."""

import re
from xml.etree import ElementTree

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts import second_factor, totp
from accounts.models import RecoveryCode, SecondFactor
from catalog.models import AuditEntry
from tests.accounts.conftest import Clock
from tests.accounts.logins import code_now, codes_on, is_in, log_in, with_second_step
from tests.search.pages import said_by

pytestmark = pytest.mark.django_db

RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # "12345678901234567890" in Base32


@pytest.mark.parametrize(
    ("seconds", "code"),  # RFC 6238, appendix B (SHA-1), the last six of its eight digits
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_codes_are_those_of_the_rfc(seconds: int, code: str) -> None:
    assert totp.code_at(RFC_SECRET, seconds // totp.STEP) == code


@pytest.mark.parametrize(("counter", "code"), [(0, "755224"), (1, "287082"), (9, "520489")])  # RFC 4226, appendix D
def test_codes_are_those_of_the_rfc_beneath(counter: int, code: str) -> None:
    assert totp.code_at(RFC_SECRET, counter) == code


def test_a_code_of_the_half_minute_before_or_after_is_taken_and_no_other() -> None:
    here = 1_000_000
    taken = [
        ahead
        for ahead in range(-5, 6)
        if totp.matching_step(RFC_SECRET, totp.code_at(RFC_SECRET, here + ahead), here * totp.STEP, after=0)
    ]
    assert taken == [-1, 0, 1]


def test_a_secret_is_random_and_long_enough() -> None:
    secrets = {totp.new_secret() for _ in range(50)}
    assert len(secrets) == 50
    assert {len(secret) for secret in secrets} == {32}  # 160 bits


def test_the_password_alone_no_longer_lets_in(client: Client, viewer: User, later: Clock) -> None:
    with_second_step(viewer)
    response = log_in(client, "viewer")
    assert response["Location"] == "/login/code/"
    assert not is_in(client)
    assert "six digits" in said_by(client.get("/login/code/"))
    wrong = client.post("/login/code/", {"code": "000000"})
    assert "This code is wrong" in said_by(wrong)
    assert not is_in(client)
    client.post("/login/code/", {"code": code_now(viewer)})
    assert is_in(client)


def test_the_way_on_survives_the_second_step(client: Client, viewer: User, later: Clock) -> None:
    with_second_step(viewer)
    log_in(client, "viewer", next="/admin/")
    assert client.post("/login/code/", {"code": code_now(viewer)})["Location"] == "/admin/"


def test_the_way_on_leads_to_no_other_site(client: Client, viewer: User, later: Clock) -> None:
    with_second_step(viewer)
    log_in(client, "viewer", next="https://evil.example/")
    assert client.post("/login/code/", {"code": code_now(viewer)})["Location"] == "/"


def test_a_code_is_taken_once(client: Client, viewer: User, later: Clock) -> None:
    with_second_step(viewer)
    code = code_now(viewer)
    assert second_factor.lets_in(viewer, code)
    assert not second_factor.lets_in(viewer, code)
    later(seconds=31)
    assert not second_factor.lets_in(viewer, code)
    assert second_factor.lets_in(viewer, code_now(viewer))


def test_a_recovery_code_lets_in_once(client: Client, viewer: User, later: Clock) -> None:
    code, *others = with_second_step(viewer)
    assert len(others) == 9
    log_in(client, "viewer")
    client.post("/login/code/", {"code": f" {code.upper()} "})
    assert is_in(client)
    client.post("/logout/")
    log_in(client, "viewer")
    client.post("/login/code/", {"code": code})
    assert not is_in(client)
    assert second_factor.codes_left(viewer) == 9


def test_recovery_codes_are_kept_only_as_hashes(viewer: User, later: Clock) -> None:
    codes = with_second_step(viewer)
    kept = str(list(RecoveryCode.objects.values()))
    assert not [code for code in codes if code in kept]


def test_codes_cannot_be_guessed_one_after_the_other(client: Client, viewer: User, later: Clock) -> None:
    with_second_step(viewer)
    log_in(client, "viewer")
    for _ in range(5):
        client.post("/login/code/", {"code": "000000"})
    assert "tried too often" in said_by(client.post("/login/code/", {"code": code_now(viewer)}))
    assert not is_in(client)


@pytest.mark.parametrize("waited", [{"minutes": 5, "seconds": 1}, {"days": -1}])
def test_the_second_step_follows_the_first_within_minutes(
    client: Client, viewer: User, later: Clock, waited: dict[str, int]
) -> None:
    with_second_step(viewer)
    log_in(client, "viewer")
    later(**waited)
    assert client.post("/login/code/", {"code": code_now(viewer)})["Location"] == "/login/"
    assert not is_in(client)


def test_without_the_first_step_there_is_no_second(client: Client, viewer: User, later: Clock) -> None:
    with_second_step(viewer)
    assert client.post("/login/code/", {"code": code_now(viewer)})["Location"] == "/login/"


def test_a_password_changed_in_between_begins_anew(client: Client, viewer: User, later: Clock) -> None:
    with_second_step(viewer)
    log_in(client, "viewer")
    viewer.set_password("another long password")
    viewer.save()
    assert client.post("/login/code/", {"code": code_now(viewer)})["Location"] == "/login/"


def test_setting_it_up(client: Client, viewer: User, later: Clock) -> None:
    client.force_login(viewer)
    page = client.get("/account/second-step/")
    secret = SecondFactor.objects.get(user=viewer).secret
    assert secret in said_by(page).replace(" ", "")
    (drawing,) = re.findall(r"<figure[^>]*>(<svg.*?</svg>)</figure>", page.content.decode(), flags=re.DOTALL)
    assert {node.tag.rpartition("}")[2] for node in ElementTree.fromstring(drawing).iter()} == {"svg", "path"}
    assert "style" not in drawing
    assert "This code is wrong" in said_by(client.post("/account/second-step/", {"code": "123456"}))
    codes = codes_on(client.post("/account/second-step/", {"code": code_now(viewer)}))
    assert len(set(codes)) == 10
    assert second_factor.lets_in(viewer, codes[0])
    assert client.get("/account/second-step/")["Location"] == "/account/", "the secret is shown no more"
    assert AuditEntry.objects.filter(deed="second step", actor="viewer", label="set up").count() == 1


def test_the_square_says_what_an_app_reads() -> None:
    address = totp.address_of("GEZDGNBV", "mia", "Müller & Söhne")
    assert address == (
        "otpauth://totp/M%C3%BCller%20%26%20S%C3%B6hne%3Amia?secret=GEZDGNBV&issuer=M%C3%BCller+%26+S%C3%B6hne"
    )


def test_setting_it_up_ends_other_sessions(client: Client, viewer: User, later: Clock) -> None:
    other = Client()
    other.force_login(viewer)
    client.force_login(viewer)
    client.get("/account/second-step/")
    client.post("/account/second-step/", {"code": code_now(viewer)})
    assert is_in(client)
    assert not is_in(other)


@pytest.mark.parametrize(("roles", "sent_on"), [([], False), (["Viewer"], False), (["Cataloguer"], True)])
def test_whose_role_needs_it_comes_no_further_without(
    client: Client, cataloguer: User, settings: Settings, roles: list[str], sent_on: bool
) -> None:
    settings.TWO_FACTOR_ROLES = roles
    client.force_login(cataloguer)
    for address in ("/", "/admin/", reverse("admin:catalog_item_changelist"), "/account/"):
        response = client.get(address)
        assert response.get("Location") == ("/account/second-step/" if sent_on else None), address
    assert client.get("/account/second-step/").status_code == 200


def test_the_superuser_may_be_asked_too(client: Client, admin_user: User, settings: Settings) -> None:
    settings.TWO_FACTOR_ROLES = ["Administrator"]
    client.force_login(admin_user)
    assert client.get("/admin/")["Location"] == "/account/second-step/"


def test_once_set_up_everything_opens(client: Client, cataloguer: User, settings: Settings, later: Clock) -> None:
    settings.TWO_FACTOR_ROLES = ["Cataloguer"]
    client.force_login(cataloguer)
    client.get("/account/second-step/")
    client.post("/account/second-step/", {"code": code_now(cataloguer)})
    assert client.get("/").status_code == 200
    later(seconds=60)
    refused = client.post("/account/second-step/remove/", {"code": code_now(cataloguer)})
    assert refused.status_code == 403, "whose role needs it can't be rid of it"
    assert second_factor.is_set_up(cataloguer)


def test_it_is_removed_with_a_code(client: Client, viewer: User, later: Clock) -> None:
    with_second_step(viewer)
    client.force_login(viewer)
    client.post("/account/second-step/remove/", {"code": "000000"})
    assert second_factor.is_set_up(viewer)
    client.post("/account/second-step/remove/", {"code": code_now(viewer)})
    assert not second_factor.is_set_up(viewer)
    assert not RecoveryCode.objects.exists()
    assert AuditEntry.objects.filter(deed="second step", label="removed").count() == 1


def test_the_administrator_takes_it_away_for_a_lost_phone(
    client: Client, admin_user: User, viewer: User, later: Clock
) -> None:
    with_second_step(viewer)
    theirs = Client()
    theirs.force_login(viewer)
    client.force_login(admin_user)
    people = reverse("admin:auth_user_changelist")
    client.post(people, {"action": "take_away_second_step", "_selected_action": [viewer.pk]})
    assert not second_factor.is_set_up(viewer)
    assert not is_in(theirs)
    noted = AuditEntry.objects.get(deed="second step")
    assert (noted.actor, noted.label) == ("admin", "viewer")
