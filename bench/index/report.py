"""Writes what was measured: JSON, Markdown tables, plots."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from bench.crowd import Crowd
from bench.index import tables
from bench.index.plots import write_plots
from bench.index.result import Result
from bench.index.trend import read_crowds


def write_report(results: Sequence[Result], folder: Path, docs: Path) -> str:
    """`results.json` and `results.md` in the folder, plots in `docs`; the Markdown."""
    (folder / "results.json").write_text(json.dumps([asdict(each) for each in results], indent=1) + "\n")
    blown_up = {
        int(file.parent.name): Crowd(**json.loads(file.read_text()))
        for file in sorted(folder.glob("*/crowd.json"), key=lambda file: int(file.parent.name))
    }
    markdown = "\n\n".join(
        [
            tables.crowds(read_crowds(folder), blown_up),
            tables.contests(results),
            tables.equal_recall(results),
            tables.filtered(results),
            tables.fresh(results),
        ]
    )
    (folder / "results.md").write_text(markdown + "\n")
    write_plots(results, docs)
    return markdown
