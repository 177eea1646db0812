"""Measures each choice of features on the development data and prints one table, a line as soon as it is known."""

import argparse
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

import numpy as np  # noqa: E402  settings come before anything of ours
from django.conf import settings  # noqa: E402
from numpy.typing import NDArray  # noqa: E402

from bench.choices.blocks import BLOCKS  # noqa: E402
from bench.choices.choices import CHOICES, Score, score  # noqa: E402
from bench.quality.features import features  # noqa: E402
from bench.quality.tasks import tasks  # noqa: E402
from search.encoder import Encoder  # noqa: E402
from search.evaluation.datasets import NoQuestions  # noqa: E402
from search.evaluation.questions import Shot  # noqa: E402


def main() -> None:
    options = _options()
    chosen = [choice for choice in CHOICES if any(word in choice.label for word in options.words or [""])]
    asked = [dataset.task for dataset in tasks(options.data, options.photos)]
    if options.quick:
        asked = asked[1:]
    heads = [f"{task.name} ({len(task.gallery):,})" for task in asked]
    print(f"R@1 / R@5 / mAP\n\n| features | numbers | {' | '.join(heads)} |\n|---|---|{'---|' * len(heads)}")
    eyes, written = _Eyes(), {}
    for choice in chosen:
        scores = [score(choice, task, eyes.look) for task in asked]
        written[choice.label] = {task.name: asdict(one) for task, one in zip(asked, scores, strict=True)}
        print(f"| {choice.label} | {scores[0].numbers:,} | {' | '.join(map(_cell, scores))} |", flush=True)
    out: Path = options.json or settings.DATA_DIR / "bench" / "choices.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(written, indent=1) + "\n")
    print(f"\nWritten to {out}")


class _Eyes:
    """Loads each network once, when it is first wanted."""

    def __init__(self) -> None:
        self._loaded: dict[Callable[[], Encoder], Encoder] = {}

    def look(self, block: str, shots: Sequence[Shot]) -> NDArray[np.float32]:
        """What a block sees in photos, float32 (n, d); kept on disk from the first time on."""
        wanted = BLOCKS[block]
        if wanted.encoder not in self._loaded:
            self._loaded[wanted.encoder] = wanted.encoder()
        seen = features(self._loaded[wanted.encoder], [Path(shot.place) for shot in shots])
        return wanted.of(seen.astype(np.float32))


def _options() -> argparse.Namespace:
    shared = Path(os.environ.get("HINDSIGHT_SHARED", settings.BASE_DIR.parent / "shared"))
    parser = argparse.ArgumentParser(prog="python -m bench.choices", description=__doc__)
    parser.add_argument("words", nargs="*", default=[], help="only choices whose name has one of these in it")
    parser.add_argument("--data", type=Path, default=shared / "data", help="the folder with listings/ and auction/")
    parser.add_argument("--photos", type=int, help="about so many photos in each gallery")
    parser.add_argument("--quick", action="store_true", help="without the largest set, all second-hand photos")
    parser.add_argument("--json", type=Path, help="where to write the results")
    options = parser.parse_args()
    try:
        next(tasks(options.data))
    except NoQuestions as error:
        parser.error(f"{error} Set --data to a folder with listings/ and auction/.")
    return options


def _cell(one: Score) -> str:
    return f"{one.first:.3f} / {one.among_five:.3f} / {one.average_precision:.3f}"


if __name__ == "__main__":
    main()
