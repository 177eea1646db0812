"""What a contest said, as values."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from bench.index.curve import Point


@dataclass(frozen=True)
class Result:
    """One index at one size; `failed` says why there is nothing else."""

    rival: str
    size: int
    setup: str
    raw: bool = False
    uses_matrix: bool = False
    failed: str = ""
    build_s: float = 0
    build_core_s: float = 0
    bytes: int = 0
    first_answer_s: float = 0
    points: list[Point] = field(default_factory=list)
    resident: int = 0
    effort: int = 0
    clients: dict[str, float] = field(default_factory=dict)
    filters: list[dict[str, float]] = field(default_factory=list)
    fresh: dict[str, float | None] = field(default_factory=dict)

    @classmethod
    def of_json(cls, facts: dict[str, Any]) -> Self:
        return cls(**facts | {"points": [Point(**each) for each in facts.get("points", [])]})

    @property
    def chosen(self) -> Point:
        """The effort that filters, clients and freshness were measured at."""
        return next(each for each in self.points if each.effort == self.effort)


def results_of(folder: Path) -> list[Result]:
    """All that are kept, in the order of sizes."""
    files = [file for file in folder.glob("*/*.json") if file.name != "crowd.json"]
    results = [Result.of_json(json.loads(file.read_text())) for file in files]
    return sorted(results, key=lambda each: (each.size, not each.rival.startswith("ours"), each.rival))
