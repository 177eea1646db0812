"""The demonstration house: tables, sample catalogue, features, index, logins; what is there already is left alone."""

import hashlib
import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.core.management.base import CommandError, OutputWrapper

from catalog.management.commands.import_items import SOME_BAD
from catalog.models import Item, Photo
from catalog.roles import CATALOGUER, MANAGER, VIEWER
from search.backtesting.kept import due, fit_and_try_if_due
from search.ingest import rebuild_due
from worker import publishing

ADMIN = "admin"
LOGINS = {"viewer": VIEWER, "cataloguer": CATALOGUER, "manager": MANAGER, ADMIN: MANAGER}


@dataclass(frozen=True)
class Demo:
    """Everything under DATA_DIR; `out` gets a line for each step that had something to do."""

    out: OutputWrapper
    items: int

    def prepare(self) -> None:
        logging.getLogger(publishing.__name__).setLevel(logging.ERROR)  # nobody listens yet, and nothing is lost by it
        with self._step("Tables and static files"):
            call_command("migrate", verbosity=0, interactive=False)
            call_command("createcachetable", verbosity=0)
            call_command("collectstatic", verbosity=0, interactive=False)
        with self._step(f"The sample catalogue of {self.items} items, drawn once and kept"):
            call_command("render_sample", items=self.items)
        self._import()
        if Photo.objects.waiting().exists():
            with self._step("What the network sees in each photo"):
                call_command("embed_pending")
        if rebuild_due():
            with self._step("The index"):
                call_command("rebuild_index")
        if due():
            with self._step("A price model, and how its ranges would have done on past sales"):
                fit_and_try_if_due()
        self._logins()

    def _import(self) -> None:
        source = Path(settings.SAMPLE_DIR) / "items.csv"
        digest = hashlib.sha256(source.read_bytes()).hexdigest()
        stamp = settings.DATA_DIR / "demo-imported"
        # The stamp is of the file: whatever people have changed or deleted since stays so.
        if Item.objects.exists() and stamp.is_file() and stamp.read_text() == digest:
            return
        with self._step("The sample's sales into the catalogue"):
            try:
                call_command("import_items", str(source), photos=Path(settings.SAMPLE_DIR) / "photos")
            except CommandError as error:
                if error.returncode != SOME_BAD:  # photos of a larger sample that was drawn before belong to no lot
                    raise
            stamp.write_text(digest)

    def _logins(self) -> None:
        """One password for all of them, made up here and kept in a file that only its owner reads."""
        path = password_file()
        if not path.is_file():
            path.touch(mode=0o600)
            path.write_text("-".join(secrets.token_hex(2) for _ in range(4)))
        password = path.read_text().strip()
        for name, role in LOGINS.items():
            user, _ = User.objects.get_or_create(username=name)
            if user.check_password(password):
                continue
            user.is_staff, user.is_superuser = True, name == ADMIN
            user.set_password(password)
            user.save()
            user.groups.set([Group.objects.get(name=role)])

    @contextmanager
    def _step(self, what: str) -> Iterator[None]:
        began = monotonic()
        self.out.write(f"{what} …")
        yield
        self.out.write(f"  {monotonic() - began:.1f} s")


def password_file() -> Path:
    path: Path = settings.DATA_DIR / "demo-password"
    return path
