"""The demonstration house: made once, quick the second time, never on a real house."""

from io import StringIO

import pytest
from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from catalog.models import Item, Photo
from search.models import IndexBuild
from worker.demo import password_file


def demo() -> str:
    out = StringIO()
    call_command("demo_data", items=2, stdout=out)
    return out.getvalue()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_second_time_nothing_is_made_again() -> None:
    try:
        first = demo()
        assert "The sample's sales into the catalogue" in first
        assert "The index" in first
        assert Item.objects.count() == 2
        assert set(Photo.objects.values_list("status", flat=True)) == {Photo.Status.EMBEDDED}
        assert IndexBuild.objects.filter(is_current=True).exists()
        password = password_file().read_text()
        assert password_file().stat().st_mode & 0o777 == 0o600

        Item.objects.last().delete()  # type: ignore[union-attr]  # somebody tidied up
        second = demo()
        assert "The sample's sales into the catalogue" not in second
        assert "What the network sees" not in second
        assert Item.objects.count() == 1
        assert password_file().read_text() == password

        roles = {user.username: list(user.groups.values_list("name", flat=True)) for user in User.objects.all()}
        assert roles == {
            "viewer": ["Viewer"],
            "cataloguer": ["Cataloguer"],
            "manager": ["Manager"],
            "admin": ["Manager"],
        }
        assert authenticate(username="viewer", password=password)
        assert list(User.objects.filter(is_superuser=True).values_list("username", flat=True)) == ["admin"]
    finally:
        for name in ("demo-password", "demo-imported"):
            (settings.DATA_DIR / name).unlink(missing_ok=True)


def test_a_real_house_gets_no_demo_logins(settings: Settings) -> None:
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="This is a real house"):
        call_command("demo_data")


def test_a_sample_of_nothing_is_refused() -> None:
    with pytest.raises(CommandError, match="--items must be at least 1"):
        call_command("demo_data", items=0)
