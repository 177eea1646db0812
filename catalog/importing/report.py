"""What an import came to: in sentences, and as a file of the bad rows that can be mended and imported again."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from catalog.csv_lines import csv_line
from catalog.formula import disarm
from catalog.importing.work import Bad


def summary(counts: Mapping[str, int], *, dry_run: bool, with_photos: bool) -> list[str]:
    """A few lines for people."""
    would = "would be " if dry_run else ""
    lines = [
        f"{_n(counts, 'rows', 'row')} read: {_n(counts, 'created')} {would}new, "
        f"{_n(counts, 'updated')} {would}changed, {_n(counts, 'unchanged')} as they were, {_n(counts, 'bad_rows')} bad."
    ]
    if with_photos:
        lines.append(
            f"{_n(counts, 'photos', 'photo')} {would}added, {_n(counts, 'known_photos')} there already, "
            f"{_n(counts, 'photo_problems')} not taken, {_n(counts, 'unmatched_photos')} without a row."
        )
    return lines


def all_well(counts: Mapping[str, int]) -> bool:
    """Whether nobody needs to look at anything."""
    return not any(counts.get(name) for name in ("bad_rows", "photo_problems", "unmatched_photos"))


def bad_rows_csv(headers: Sequence[str], bad: Iterable[Bad]) -> Iterator[str]:
    """Lines of a CSV: row number, reason, then the row as it came."""
    yield csv_line(["row", "reason", *map(disarm, headers)])
    for each in bad:
        yield csv_line([each.number or "", disarm(each.reason), *map(disarm, each.cells)])


def _n(counts: Mapping[str, int], name: str, noun: str = "") -> str:
    number = counts.get(name, 0)
    return f"{number:,} {noun}{'s' if number != 1 else ''}" if noun else f"{number:,}"
