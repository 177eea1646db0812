"""The site's settings for the tests: everything that is written goes to a folder of this run."""

import os
import tempfile
from pathlib import Path

# One folder a test process; the parent of pytest-xdist's workers cleans nothing that a child still uses.
RUN_DIR = Path(os.environ.setdefault("HINDSIGHT_TEST_DIR", tempfile.mkdtemp(prefix="hindsight-test-")))
DATA = RUN_DIR / os.environ.get("PYTEST_XDIST_WORKER", "main")
DATA.mkdir(parents=True, exist_ok=True)
os.environ["DATA_DIR"] = str(DATA)
os.environ.setdefault("ENCODER", "tests.toy_encoder:ToyEncoder")
os.environ["SECRET_KEY"] = "for-the-tests-only-" + "x" * 40
os.environ["PRODUCTION"] = "no"
os.environ["HEAD_DIM"] = os.environ.get("HEAD_DIM", "16")
os.environ["INDEX_ENGINE"] = "annoy"  # so that the smallest build has an engine's file too

from config.settings import *  # noqa: E402, F403
from config.settings import DATABASES, STORAGES  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # quick log-ins
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
WHITENOISE_AUTOREFRESH = True
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, not memory: the live server's threads then see what a real SQLite gives them.
    DATABASES["default"]["TEST"] = {"NAME": str(DATA / "test.sqlite3")}
METRICS_ALLOW: list[str] = []  # the tests' own browser asks from this machine: nobody is let in for that alone
