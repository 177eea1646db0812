"""The development data's questions, under the names that the tables use."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from search.evaluation.datasets import Dataset, folder
from search.evaluation.questions import fewer


def tasks(data: Path, photos: int | None = None) -> Iterator[Dataset]:
    """Second-hand: the second phone photo of a listing asks for the first. Auction: one photo of a work asks for the
    others. `photos` bounds each gallery. Raises NoQuestions where the folder holds no such data.
    """
    for dataset in (
        folder(data / "listings", name="second-hand, all"),
        folder(data / "listings", name="second-hand, estate-like", keep=lambda row: row["estate_like"] == "1"),
        folder(data / "auction", name="auction"),
    ):
        yield replace(dataset, task=fewer(dataset.task, photos))
