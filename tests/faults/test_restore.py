"""A backup of an older house comes back on a new machine, whose PostgreSQL has not even tables."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.street import Street
from tests.photos import photo_file
from tests.services.servers import PATIENCE, PostgresServer
from tests.test_settings import ROOT

pytestmark = [pytest.mark.chaos, pytest.mark.services]
LAST_OF_SEARCH = "SELECT name FROM django_migrations WHERE app = 'search' ORDER BY name"


def test_a_backup_of_an_older_version_comes_back_on_an_empty_server(tmp_path: Path) -> None:
    with Street(tmp_path / "old", whole=True) as old:
        visitor = old.visitor()
        item = visitor.add_item("vase", photo_file("teal", (160, 120)).read())
        assert item
        assert visitor.set_price(item, 120)
        old.settle()
        *_, before, last = [name for (name,) in old.ask(LAST_OF_SEARCH)]
        old.manage("migrate", "search", before, "--verbosity", "0")
        said = old.manage("backup", str(tmp_path / "backup")).stdout
        assert "1 files" in said

    with PostgresServer() as server:
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATABASE_URL": server.url,
            "DATA_DIR": str(tmp_path / "new"),
            "INDEX_DIR": str(tmp_path / "new" / "index"),
            "ENCODER": "tests.toy_encoder:ToyEncoder",
            "HEAD_DIM": "16",
        }

        def manage(*words: str) -> str:
            command = [sys.executable, "manage.py", *words]
            done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=PATIENCE)
            assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
            return done.stdout

        assert manage("restore", str(tmp_path / "backup")).endswith("All is back, and every invariant holds.\n")
        assert last in manage("showmigrations", "--plan")
        told = json.loads(manage("fsck", "--json", "--settled"))
        assert (told["clean"], told["looked_at"]["photo files"]) == (True, 1)
        sold = "from catalog.models import Item; print(Item.objects.get().hammer, Item.objects.create(title='next').pk)"
        assert manage("shell", "-v", "0", "-c", sold).split() == ["120.00", str(item + 1)]
