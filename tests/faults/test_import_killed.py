"""An import that is killed at any moment goes on: in the end everything is there once, and nothing else."""

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import uuid
from contextlib import closing
from pathlib import Path

import pytest
from django.db import connection

from catalog.importing.work import BATCH_ROWS
from tests.catalog.importing import lots, write_csv, write_photos
from tests.services.servers import PATIENCE

ROOT = Path(__file__).resolve().parents[2]
# What differs from run to run: moments, keys that chance decides, and how the import itself came along.
FACTS = {
    "items": "SELECT i.source_key, s.code, i.lot, i.title, i.hammer, i.status, i.version, c.name FROM catalog_item i "
    "JOIN catalog_sale s ON s.id = i.sale_id JOIN catalog_category c ON c.id = i.category_id ORDER BY 1",
    "photos": "SELECT i.source_key, p.key, p.sha256, p.stored_sha256, p.position, p.role, p.original_name "
    "FROM catalog_photo p JOIN catalog_item i ON i.id = p.item_id ORDER BY 1, 2",
    "history": "SELECT source_key, count(*) FROM catalog_historicalitem GROUP BY 1 ORDER BY 1",
    "bad rows": "SELECT number, reason FROM catalog_badrow ORDER BY 1, 2",
}


class Site:
    """A catalogue of its own, with its database and its files, that processes of their own import into."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            **os.environ,
            "DATA_DIR": str(folder),
            "DATABASE_URL": f"sqlite:///{folder / 'db.sqlite3'}",
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "HINDSIGHT_TEST_DIR": str(folder),
            "PYTEST_XDIST_WORKER": "site",
        }

    def furnish(self) -> None:
        """With the tables that this run has made already: to migrate once more takes seconds."""
        self.folder.mkdir()
        with (
            closing(sqlite3.connect(connection.settings_dict["NAME"])) as ours,
            closing(sqlite3.connect(self.folder / "db.sqlite3")) as its,
        ):
            ours.backup(its)

    def start_import(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "manage.py", "import_items", "--skip-checks", *words],
            cwd=ROOT, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip

    def ask(self, query: str) -> list[tuple[object, ...]]:
        with sqlite3.connect(f"file:{self.folder / 'db.sqlite3'}?mode=ro", uri=True, timeout=30) as database:
            return database.execute(query).fetchall()

    def rows_done(self) -> int:
        return int(str((self.ask("SELECT max(rows_done) FROM catalog_importrun") or [(0,)])[0][0] or 0))

    def holds(self) -> dict[str, list[tuple[object, ...]]]:
        return {name: self.ask(query) for name, query in FACTS.items()}

    def files(self) -> set[str]:
        return {path.name for path in (self.folder / "site" / "media").rglob("*") if path.is_file()}


def kill_somewhere(site: Site, words: list[str], chance: random.Random) -> bool:
    """Start the import and kill it at some moment of its first or second batch; False where it was done by then."""
    before = site.rows_done()
    with site.start_import(*words) as process:
        first_step = chance.random() < 0.7
        while process.poll() is None and first_step and site.rows_done() == before:
            time.sleep(0.02)
        time.sleep(chance.uniform(0, 0.25 if first_step else 1.2))
        process.send_signal(signal.SIGKILL)
        process.communicate()
    return not site.ask("SELECT 1 FROM catalog_importrun WHERE state = 'done'")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "kills", [pytest.param(2, marks=pytest.mark.slow), pytest.param(20, marks=pytest.mark.chaos)], ids=str
)
def test_an_import_killed_again_and_again_ends_as_one_that_never_was(tmp_path: Path, seed: int, kills: int) -> None:
    chance = random.Random(seed)
    row_count = (kills + 2) * BATCH_ROWS
    rows = lots(row_count, photos="")
    rows[70]["hammer"] = "abc"
    file = write_csv(tmp_path / "lots.csv", rows)
    names = [f"A1-{number}.jpg" for number in range(1, row_count + 1, 2)]
    photos = write_photos(tmp_path / "photos", *names, "stray.jpg", size=(400, 300))
    words = [str(file), "--photos", str(photos)]

    whole, killed = Site(tmp_path / "whole"), Site(tmp_path / "killed")
    whole.furnish()
    shutil.copytree(whole.folder, killed.folder)
    with whole.start_import(*words) as process:
        said, _ = process.communicate(timeout=PATIENCE)
        assert process.returncode == 3, said  # one bad row, one stray photo

    progress = [0]
    while len(progress) <= kills and kill_somewhere(killed, words, chance):
        progress.append(killed.rows_done())
    if not killed.ask("SELECT 1 FROM catalog_importrun WHERE state = 'done'"):
        with killed.start_import(*words) as process:
            said, _ = process.communicate(timeout=PATIENCE)
            assert process.returncode == 3, said

    assert len(progress) > kills / 2, f"seed {seed}: the import was done before it could be killed often ({progress})"
    assert progress == sorted(progress), f"seed {seed}: a finished batch was done again"
    assert killed.holds() == whole.holds(), f"seed {seed}"
    stored = {f"{uuid.UUID(str(key))}.jpg" for (key,) in killed.ask("SELECT key FROM catalog_photo")}
    assert {name for name in killed.files() if not name.startswith(".new-")} == stored, f"seed {seed}: orphan photos"
