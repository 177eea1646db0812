"""A CSV line by line, for answers that are written while they are sent."""

import csv
from collections.abc import Iterable


def csv_line(cells: Iterable[object]) -> str:
    """The cells as a line with its end; whoever lets strangers' words in disarms them first (`formula`)."""
    line: str = csv.writer(_Echo()).writerow(cells)
    return line


class _Echo:
    """A file whose `write` gives the line back, and `writerow` with it."""

    def write(self, line: str) -> str:
        return line
