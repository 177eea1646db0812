"""A process with the settings of production, seen from outside: headers, cookies, TLS, and what an error tells."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from tests.test_settings import PRODUCTION, ROOT

pytestmark = pytest.mark.slow

# Not the test's own process: its settings are those of tests, and a browser's cookies are named when Django starts.
SCRIPT = """
import json, django
from django.conf import settings
settings.MIGRATION_MODULES = {app.rpartition(".")[2]: None for app in settings.INSTALLED_APPS}  # tables as they are now
settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
django.setup()
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
call_command("migrate", run_syncdb=True, verbosity=0)
User.objects.create_user("mia", password="correct horse battery", is_staff=True)
told = {}
def note(name, response):
    cookies = {key: dict(morsel) for key, morsel in response.cookies.items()}
    told[name] = {"status": response.status_code, "headers": dict(response.headers), "cookies": cookies,
                  "body": b"".join(response).decode()}
browser = Client(headers={"host": "sales.example.com"})
note("plain", browser.get("/sell/"))
note("health", browser.get("/healthz"))
note("page", browser.get("/login/", secure=True))
note("login", browser.post("/login/", {"username": "mia", "password": "correct horse battery"}, secure=True))
note("missing", browser.get("/no/such/page/", secure=True))
note("other host", Client(headers={"host": "evil.example"}).get("/login/", secure=True))
print(json.dumps(told))
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Any:
    environment = {
        "PATH": os.environ["PATH"],
        "DATA_DIR": str(tmp_path_factory.mktemp("production")),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "LOG_LEVEL": "ERROR",
        **PRODUCTION,
    }
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_browsers_come_back_only_over_tls(told: Any) -> None:
    assert (told["plain"]["status"], told["plain"]["headers"]["Location"]) == (301, "https://sales.example.com/sell/")
    assert told["page"]["headers"]["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains; preload"
    assert told["health"]["status"] == 200, "the load balancer asks without TLS"


def test_pages_say_how_browsers_should_treat_them(told: Any) -> None:
    headers = told["page"]["headers"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "DENY"
    assert "'unsafe" not in headers["Content-Security-Policy"]
    assert not {"Server", "X-Powered-By"} & set(headers)


@pytest.mark.parametrize(("answer", "name"), [("page", "__Host-csrf"), ("login", "__Host-sid")])
def test_cookies_are_for_this_host_over_tls_alone(told: Any, answer: str, name: str) -> None:
    cookie = told[answer]["cookies"][name]
    assert cookie["secure"] is True
    assert cookie["path"] == "/"
    assert cookie["domain"] == ""
    assert cookie["samesite"] == "Lax"
    assert cookie["httponly"] == (True if name == "__Host-sid" else "")  # scripts of ours send the token along


def test_what_is_missing_tells_nothing_of_the_house(told: Any) -> None:
    missing = told["missing"]
    assert missing["status"] == 404
    for word in ("Using the URLconf", "config.urls", "DEBUG", "Traceback"):
        assert word not in missing["body"]


def test_another_host_is_refused(told: Any) -> None:
    assert told["other host"]["status"] == 400
    assert "evil.example" not in told["other host"]["body"]
