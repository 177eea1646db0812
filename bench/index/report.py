"""Writes what was measured: JSON, Markdown tables, plots."""

from pathlib import Path

from bench.index.result import Result


def write_report(results: list[Result], folder: Path, docs: Path) -> None:
    for r in results:
        print(r.rival, r.size, r.failed)
