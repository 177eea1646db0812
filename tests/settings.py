"""The site's settings for the tests: everything that is written goes to a folder of this run."""

import os
import tempfile
from pathlib import Path

ROOM = 2_000_000_000  # bytes: what the tests write at the same time takes a tenth of it


def _in_memory(folder: str = "/dev/shm") -> bool:
    """Whether files can go there, where each fsync of a build, a photo or a commit costs nothing."""
    try:
        facts = os.statvfs(folder)
    except OSError:
        return False
    return not facts.f_flag & os.ST_NOEXEC and facts.f_bavail * facts.f_frsize > ROOM and os.access(folder, os.W_OK)


if "TMPDIR" not in os.environ and _in_memory():
    os.environ["TMPDIR"] = "/dev/shm"
    tempfile.tempdir = None  # so that it is looked up anew: pytest's tmp_path and the tests' servers go there too

# One folder a test process; the parent of pytest-xdist's workers removes it when all are done.
ENDS_WITH_ME = "HINDSIGHT_TEST_DIR" not in os.environ
if ENDS_WITH_ME:
    os.environ["HINDSIGHT_TEST_DIR"] = tempfile.mkdtemp(prefix="hindsight-test-")
RUN_DIR = Path(os.environ["HINDSIGHT_TEST_DIR"])
DATA = RUN_DIR / os.environ.get("PYTEST_XDIST_WORKER", "main")
DATA.mkdir(parents=True, exist_ok=True)
os.environ["DATA_DIR"] = str(DATA)
os.environ.setdefault("ENCODER", "tests.toy_encoder:ToyEncoder")
os.environ["SECRET_KEY"] = "for-the-tests-only-" + "x" * 40
os.environ["PRODUCTION"] = "no"
os.environ["HEAD_DIM"] = os.environ.get("HEAD_DIM", "16")
os.environ["INDEX_ENGINE"] = "annoy"  # so that the smallest build has an engine's file too

from config.settings import *  # noqa: E402, F403
from config.settings import DATABASES, MIDDLEWARE, STORAGES  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # quick log-ins
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
WHITENOISE_AUTOREFRESH = True
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, not memory: the live server's threads then see what a real SQLite gives them.
    DATABASES["default"]["TEST"] = {"NAME": str(DATA / "test.sqlite3")}
# Once a minute it would write within somebody else's test, which may be counting queries.
MIDDLEWARE = [name for name in MIDDLEWARE if name != "search.operating.sampling.SamplingMiddleware"]
METRICS_ALLOW = []  # the tests' own browser asks from this machine: nobody is let in for that alone
