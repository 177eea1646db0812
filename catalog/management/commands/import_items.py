"""`manage.py import_items FILE --photos DIR|ZIP`: lots and their photos from a file into the catalogue."""

import json
import time
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from catalog.importing.layout import Layout, Profile, lay
from catalog.importing.profiles import BUILT_IN, detect, find_profile, from_json
from catalog.importing.report import all_well, bad_rows_csv, summary
from catalog.importing.run import TakenOver, carry_out, command_line_run, open_job
from catalog.importing.table import ImportRefused
from catalog.importing.tables import open_table
from catalog.importing.work import Bad, Step, work
from catalog.models import ImportProfile
from catalog.storage import StorageAway

SHOWN = 20  # bad rows on the screen
SOME_BAD = 3  # exit status: complete, but people must look at some rows or photos
PLAIN_SECONDS = 5  # between lines of progress where there is no terminal


class Command(BaseCommand):
    help = (
        "Import lots from a CSV, TSV or XLSX file, with their photos from a folder or ZIP. The same file again updates "
        "what has changed in it; after an interruption the same command goes on where it was. Exit status: 0 when "
        f"everything went in, {SOME_BAD} when some rows or photos did not, 1 when nothing could be done."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        names = ", ".join(profile.name for profile in BUILT_IN)
        add = parser.add_argument
        add("file", type=Path)
        add("--photos", type=Path, metavar="DIR|ZIP", help="where the photos are")
        add("--profile", metavar="NAME|JSON", help=f"{names}, a saved one, or a JSON file; else found by the headers")
        add("--save-profile", metavar="NAME", help="keep the JSON file's profile under this name")
        add("--set", action="append", default=[], metavar="FIELD=VALUE", help="a value for every row: sale_code=A12")
        add("--dry-run", action="store_true", help="say what would happen, change nothing")
        add("--bad-rows", type=Path, metavar="CSV", help="write the bad rows there, with reasons")
        add("--restart", action="store_true", help="begin anew, even where an import of this file was interrupted")

    def handle(self, *args: Any, **options: Any) -> None:
        source, photos = options["file"], options["photos"]
        try:
            profile = self._profile(source, options["profile"], options["save_profile"])
            fixed = dict(_pair(text) for text in options["set"])
            layout = lay(profile, open_table(source).headers, fixed)
            self._introduce(layout, photos)
            with self._progress() as watch:
                if options["dry_run"]:
                    counts, bad = _rehearse(profile, source, photos, fixed, watch)
                else:
                    run = command_line_run(profile, source, photos, fixed, restart=options["restart"])
                    if run.rows_done:
                        self.stdout.write(f"Going on after row {run.rows_done}.")
                    carry_out(run, profile, source, photos, watch=lambda run: watch(run.rows_done, run.rows_total or 0))
                    counts = Counter(run.counts)
                    bad = [Bad(row.number, row.reason, tuple(row.cells)) for row in run.bad_rows.all()]
        except (ImportRefused, TakenOver) as error:
            raise CommandError(str(error)) from error
        except StorageAway as error:
            raise CommandError(f"{error}. The same command goes on where this one stopped.") from error
        except KeyboardInterrupt:
            raise CommandError(
                "Interrupted. The same command goes on where this one stopped.", returncode=130
            ) from None
        self._report(options, counts, layout.headers, bad)

    def _profile(self, source: Path, wanted: str | None, keep_as: str | None) -> Profile:
        if not wanted:
            return detect(open_table(source).headers)
        if not wanted.endswith(".json"):
            return find_profile(wanted)
        columns, options = _profile_file(Path(wanted))
        profile = from_json(keep_as or Path(wanted).stem, columns, options)
        if keep_as:
            ImportProfile.objects.update_or_create(name=keep_as, defaults={"columns": columns, "options": options})
        return profile

    def _introduce(self, layout: Layout, photos: Path | None) -> None:
        self.stdout.write(f"Profile: {layout.profile.name}.")
        if layout.unread:
            self.stdout.write(f"Columns that are not read: {', '.join(layout.unread)}.")
        if layout.has("photos") and not photos:
            self.stdout.write("The file names photos; without --photos none are taken.")

    @contextmanager
    def _progress(self) -> Iterator[Callable[[int, int], None]]:
        """A bar on a terminal, now and then a line elsewhere."""
        if not self.stdout.isatty():
            last = time.monotonic()

            def line(done: int, total: int) -> None:
                nonlocal last
                if time.monotonic() - last >= PLAIN_SECONDS:
                    last = time.monotonic()
                    self.stdout.write(f"Row {done:,} of {total:,}")

            yield line
            return
        columns = (TextColumn("Rows"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(), transient=True) as bar:
            task = bar.add_task("rows", total=None)
            yield lambda done, total: bar.update(task, completed=done, total=total)

    def _report(self, options: dict[str, Any], counts: Counter[str], headers: Sequence[str], bad: list[Bad]) -> None:
        for line in summary(counts, dry_run=options["dry_run"], with_photos=bool(options["photos"])):
            self.stdout.write(line)
        if options["bad_rows"]:
            with options["bad_rows"].open("w", encoding="utf-8-sig", newline="") as file:
                file.writelines(bad_rows_csv(headers, bad))
        for each in bad[:SHOWN]:
            self.stdout.write(f"row {each.number}: {each.reason}" if each.number else each.reason)
        if len(bad) > SHOWN:
            self.stdout.write(f"… and {len(bad) - SHOWN:,} more (--bad-rows writes all of them to a file).")
        if not all_well(counts):
            raise CommandError("Some rows or photos did not go in; see above.", returncode=SOME_BAD)


def _rehearse(
    profile: Profile, source: Path, photos: Path | None, fixed: dict[str, str], watch: Callable[[int, int], None]
) -> tuple[Counter[str], list[Bad]]:
    """A dry run leaves nothing behind, not even a row that says there was one."""
    counts: Counter[str] = Counter()
    bad: list[Bad] = []

    with open_job(profile, source, photos, name=source.name, fixed=fixed, dry_run=True) as job:

        def note(step: Step) -> None:
            counts.update(step.counts)
            bad.extend(step.bad)
            watch(step.rows_done, job.survey.last_row)

        work(job, rows_done=0, commit=note)
    return counts, bad


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise ImportRefused(f"--set {text} has another form than FIELD=VALUE.")
    return name.strip(), value.strip()


def _profile_file(path: Path) -> tuple[Any, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise ImportRefused(f"The profile {path} can't be read as JSON: {error}.") from error
    if not isinstance(content, dict):
        raise ImportRefused(f'The profile {path} should be {{"columns": …, "options": …}}.')
    return content.get("columns"), content.get("options", {})
