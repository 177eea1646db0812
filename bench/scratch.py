"""A database and an index of the bench's own, away from the house's; import it before anything of Django."""

import atexit
import os
import tempfile

import django

_folder = tempfile.TemporaryDirectory(prefix="hindsight-bench-")
atexit.register(_folder.cleanup)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ["DATABASE_URL"] = os.environ.get("BENCH_DATABASE_URL") or f"sqlite:///{_folder.name}/bench.sqlite3"
os.environ["INDEX_DIR"] = f"{_folder.name}/index"
django.setup()
