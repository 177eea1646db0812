"""Features of photos in files, for benches that ask other questions; kept as the evaluation keeps them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import Progress

from search.encoder import Encoder
from search.evaluation.datasets import opened, shot_of
from search.evaluation.seen import features_of
from search.features import Float16


def features(encoder: Encoder, paths: Sequence[Path]) -> Float16:
    """float16 (n, dim) of n ≥ 1 photos, as the database keeps them; what was seen before is not read again."""
    shots = [shot_of(path) for path in paths]
    with Progress(transient=True, console=Console(stderr=True)) as progress:  # the table alone goes to stdout
        bar = progress.add_task(encoder.name)
        seen = features_of(
            encoder, shots, opened, lambda what, done, of: progress.update(bar, completed=done, total=of)
        )
    return np.stack([seen[shot.digest] for shot in shots])
