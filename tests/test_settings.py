"""A bad value stops the start with a sentence that says what to set."""

import ast
import os
import re
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

ROOT = Path(__file__).resolve().parents[1]
SETTINGS = ROOT / "config" / "settings.py"
PRODUCTION = {
    "PRODUCTION": "yes",
    "SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "ALLOWED_HOSTS": "sales.example.com",
}
# What `manage.py run` and gunicorn read besides config/settings.py.
READERS = [ROOT / "config" / "settings.py", ROOT / "deploy" / "gunicorn.conf.py"]


def settings_read() -> set[str]:
    """The names that our configuration reads through config.env."""
    names = {"PORT"}
    for path in READERS:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
                module, name = node.func.value, node.args[0]
                if isinstance(module, ast.Name) and module.id == "env" and isinstance(name, ast.Constant):
                    names.add(str(name.value))
    return names


def explained() -> dict[str, tuple[str, str]]:
    """The names of .env.example, each with its default and the comment above it."""
    found: dict[str, tuple[str, str]] = {}
    comment = ""
    for line in (ROOT / ".env.example").read_text().splitlines():
        if setting := re.fullmatch(r"# ([A-Z][A-Z0-9_]*)=(.*)", line):
            found[setting[1]] = (setting[2], comment)
        else:
            comment = line
    return found


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Reads config/settings.py afresh with the given variables and no others; its names as a dict."""

    def read_settings(**variables: str) -> dict[str, Any]:
        for name in list(os.environ):
            monkeypatch.delenv(name)
        monkeypatch.setattr("config.env.read_dotenv", lambda path: None)  # a developer's own file is not the subject
        for name, value in {"DATA_DIR": str(tmp_path / "data"), **variables}.items():
            monkeypatch.setenv(name, value)
        return runpy.run_path(str(ROOT / "config" / "settings.py"))

    return read_settings


def manage(*command: str, data: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """`manage.py …` in a process of its own, with these settings and no others."""
    environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(data), **variables}
    return subprocess.run(
        [sys.executable, "manage.py", *command], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60
    )


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("DEBUG", "perhaps", "DEBUG is 'perhaps'. Set it to yes or no."),
        ("PRODUCTION", "maybe", "PRODUCTION is 'maybe'. Set it to yes or no."),
        ("BROKER", "rabbit", "BROKER is 'rabbit'. Set it to one of: embedded, files."),
        ("INDEX_ENGINE", "magic", "INDEX_ENGINE is 'magic'. Set it to one of: auto, annoy, signature, exact, milvus."),
        ("ENCODER_BF16", "half", "ENCODER_BF16 is 'half'. Set it to one of: auto, yes, no."),
        ("LOG_LEVEL", "loud", "LOG_LEVEL is 'loud'. Set it to one of: DEBUG, INFO, WARNING, ERROR."),
        ("HEAD_DIM", "many", "HEAD_DIM is 'many'. Set it to a whole number, such as 256."),
        ("HEAD_DIM", "1", "HEAD_DIM is 1. Set it to a whole number between 2 and 4096."),
        ("HEAD_DIM", "5000", "HEAD_DIM is 5000. Set it to a whole number between 2 and 4096."),
        ("ENCODER_BATCH", "0", "ENCODER_BATCH is 0. Set it to a whole number between 1 and 1024."),
        ("ENCODER_THREADS", "-1", "ENCODER_THREADS is -1. Set it to a whole number between 1 and 256."),
        ("EMBED_ATTEMPTS", "0", "EMBED_ATTEMPTS is 0. Set it to a whole number between 1 and 20."),
        ("EMBED_LEASE_SECONDS", "1", "EMBED_LEASE_SECONDS is 1. Set it to a whole number at least 5."),
        ("EXACT_BELOW", "-5", "EXACT_BELOW is -5. Set it to a whole number at least 0."),
        ("REBUILD_AFTER_MINUTES", "1.5", "REBUILD_AFTER_MINUTES is '1.5'. Set it to a whole number, such as 60."),
        ("TASK_SECONDS", "5", "TASK_SECONDS is 5. Set it to a whole number at least 12."),
        ("MEDIA_LINK_SECONDS", "3600", "MEDIA_LINK_SECONDS is 3600. Set it to a whole number between 60 and 600."),
        ("DECODE_WAIT_SECONDS", "nan", "DECODE_WAIT_SECONDS is nan. Set it to a number between 0.1 and 60."),
        ("LIKENESS_CUTOFF", "high", "LIKENESS_CUTOFF is 'high'. Set it to a number, such as 0.35."),
        ("LIKENESS_CUTOFF", "2", "LIKENESS_CUTOFF is 2. Set it to a number between -1 and 1."),
        ("TRUSTED_PROXIES", "9", "TRUSTED_PROXIES is 9. Set it to a whole number between 0 and 5."),
        ("EMAIL_PORT", "70000", "EMAIL_PORT is 70000. Set it to a whole number between 1 and 65535."),
        (
            "TWO_FACTOR_ROLES",
            "Manager,Boss",
            "TWO_FACTOR_ROLES has Boss. Set it to any of Viewer, Cataloguer, Manager and Administrator, with commas.",
        ),
        ("CURRENCY", "euro", "CURRENCY is 'euro'. Set it to a three-letter code such as EUR."),
        (
            "REDIS_URL",
            "http://redis",
            "REDIS_URL has another form than redis://:password@host:6379/0. Set it so, or not at all.",
        ),
        (
            "REDIS_URL",
            "redis://h:p",
            "REDIS_URL has another form than redis://:password@host:6379/0. Set it so, or not at all.",
        ),
        ("TIME_ZONE", "Mars", "TIME_ZONE is 'Mars'. Set it to a name such as Europe/Berlin."),
        ("MEDIA_ACCEL", "media", "MEDIA_ACCEL is 'media'. Set it to a location such as /protected-media/."),
        ("ENCODER_DEVICE", "gpu", "ENCODER_DEVICE is 'gpu'. Set it to auto, cpu or cuda."),
        (
            "SECRET_KEY_FILE",
            "/nowhere/key",
            "SECRET_KEY_FILE names '/nowhere/key', which can't be read: No such file or directory.",
        ),
        ("DATA_DIR", "/dev/null/var", "DATA_DIR is /dev/null/var, which can't be made: Not a directory."),
    ],
)
def test_a_bad_value_is_refused_with_what_to_set(read: Any, variable: str, value: str, sentence: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        read(**{variable: value})
    assert str(refused.value) == sentence


@pytest.mark.parametrize(
    "url", ["nonsense", "mysql://root@db/house", "postgres://", "postgres://db:port/house", "sqlite://", "sqlite:///"]
)
def test_a_database_that_is_none_is_refused(read: Any, url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"^DATABASE_URL must be .+; it has another form\.$"):
        read(DATABASE_URL=url)


def numbers_and_choices() -> list[str]:
    """Every setting that is not free text."""
    calls = re.findall(r'env\.(?:integer|number|flag)\("(\w+)"|env\.text\("(\w+)",[^\n]+choices=', SETTINGS.read_text())
    return sorted({name or other for name, other in calls})


@pytest.mark.parametrize("variable", numbers_and_choices())
def test_nonsense_is_refused_by_name(read: Any, variable: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=rf"^{variable} is 'nonsense'\. Set it to "):
        read(**{variable: "nonsense", **({} if variable == "PRODUCTION" else PRODUCTION)})


def test_an_empty_value_counts_as_not_set(read: Any) -> None:
    assert read(TIME_ZONE="", HEAD_DIM=" ", DATABASE_URL="")["HEAD_DIM"] == 256


def test_what_a_database_url_asks_for_is_kept(read: Any) -> None:
    options = read(DATABASE_URL="postgres://u:p@db/house?sslmode=require")["DATABASES"]["default"]["OPTIONS"]
    assert options["sslmode"] == "require"
    assert "statement_timeout=10s" in options["options"]


def test_a_folder_may_have_any_name(read: Any, tmp_path: Path) -> None:
    settings = read(DATA_DIR=str(tmp_path / "our house #1 & 50%?"))
    assert settings["DATABASES"]["default"]["NAME"] == str(tmp_path / "our house #1 & 50%?" / "db.sqlite3")


@pytest.mark.parametrize(
    ("missing", "sentence"),
    [
        ("SECRET_KEY", "SECRET_KEY is empty. In production set it to 50 or more random characters."),
        ("ALLOWED_HOSTS", "ALLOWED_HOSTS is empty. In production set it to the site's host names, with commas."),
    ],
)
def test_production_needs_its_own_values(read: Any, missing: str, sentence: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        read(**{name: value for name, value in PRODUCTION.items() if name != missing})
    assert str(refused.value) == sentence


def test_a_value_may_come_from_a_file(read: Any, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("a-key-from-a-container-secret\n")
    assert read(SECRET_KEY_FILE=str(tmp_path / "key"))["SECRET_KEY"] == "a-key-from-a-container-secret"


def test_a_value_in_the_environment_wins_over_its_file(read: Any, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from the file")
    assert read(SECRET_KEY="from the environment", SECRET_KEY_FILE=str(tmp_path / "key"))["SECRET_KEY"] == (
        "from the environment"
    )


def test_without_settings_everything_is_local(read: Any, tmp_path: Path) -> None:
    settings = read()
    assert settings["DATABASES"]["default"]["NAME"] == str(tmp_path / "data" / "db.sqlite3")
    assert settings["CELERY_BROKER_URL"] == f"redis+socket://{tmp_path / 'data' / 'broker' / 'broker.sock'}"
    assert settings["STORAGES"]["default"]["BACKEND"] == "catalog.storage.MediaStorage"


def test_a_socket_in_a_deep_folder_gets_a_short_address(read: Any, tmp_path: Path) -> None:
    socket = read(DATA_DIR=str(tmp_path / ("deep" * 30)))["BROKER_SOCKET"]
    assert len(str(socket)) < 108
    assert str(os.getuid()) in socket.parent.name


def test_one_bucket_and_two_addresses_make_a_large_house(read: Any) -> None:
    settings = read(
        DATABASE_URL="postgres://hindsight:secret@db:5432/hindsight",
        REDIS_URL="redis://:secret@redis:6379/0",
        S3_BUCKET="photos",
    )
    assert settings["DATABASES"]["default"]["ENGINE"] == "config.postgresql"
    assert settings["DATABASES"]["default"]["CONN_HEALTH_CHECKS"] is True
    assert settings["CELERY_BROKER_URL"] == "redis://:secret@redis:6379/0"
    assert settings["STORAGES"]["default"]["OPTIONS"]["querystring_auth"] is True


def test_an_upload_waits_a_second_at_most_for_the_broker(read: Any) -> None:
    settings = read(REDIS_URL="redis://127.0.0.1:6379/0")
    publishing = settings["CELERY_BROKER_TRANSPORT_OPTIONS"]
    assert (publishing["socket_timeout"], publishing["socket_connect_timeout"]) == (1, 0.5)
    assert publishing["max_retries"] == 0
    assert settings["CELERY_TASK_PUBLISH_RETRY"] is False


def test_jobs_are_json_and_survive_their_worker(read: Any) -> None:
    settings = read()
    assert settings["CELERY_ACCEPT_CONTENT"] == ["json"]
    assert settings["CELERY_TASK_ACKS_LATE"] is True
    assert settings["CELERY_TASK_REJECT_ON_WORKER_LOST"] is False
    # The longest ordinary job ends before the broker hands it to somebody else.
    assert settings["CELERY_TASK_TIME_LIMIT"] < settings["WORKER_TRANSPORT_OPTIONS"]["visibility_timeout"]


def test_every_setting_is_explained_and_nothing_else() -> None:
    only_containers = {"POSTGRES_PASSWORD", "REDIS_PASSWORD", "HTTP_PORT", "HTTPS_PORT"}
    assert set(explained()) == settings_read() | only_containers


def test_the_defaults_that_are_explained_are_the_true_ones(read: Any) -> None:
    paths = {"DATA_DIR", "INDEX_DIR"}  # relative to the checkout in the example
    defaults = {name: value for name, (value, _) in explained().items() if value and name not in paths}
    unset, set_to_defaults = read(), read(**defaults)
    assert {name: unset[name] for name in unset if name.isupper()} == {
        name: set_to_defaults[name] for name in set_to_defaults if name.isupper()
    }


@pytest.mark.slow
def test_a_refused_start_says_one_sentence_and_no_traceback(tmp_path: Path) -> None:
    done = manage("check", data=tmp_path, HEAD_DIM="many")
    assert done.returncode == 1
    assert done.stderr == "Hindsight can't start. HEAD_DIM is 'many'. Set it to a whole number, such as 256.\n"


@pytest.mark.slow
def test_django_finds_nothing_to_warn_of_in_production(tmp_path: Path) -> None:
    done = manage("check", "--deploy", "--fail-level", "WARNING", data=tmp_path, **PRODUCTION)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_no_migration_is_missing(tmp_path: Path) -> None:
    done = manage("makemigrations", "--check", "--dry-run", data=tmp_path)
    assert done.returncode == 0, done.stdout
