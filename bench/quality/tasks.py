"""The development data's questions, under the names that the tables use."""

from collections.abc import Iterator
from pathlib import Path

from search.evaluation.datasets import Dataset, folder


def tasks(data: Path, photos: int | None = None) -> Iterator[Dataset]:
    """Second-hand: the second phone photo of a listing asks for the first. Auction: one photo of a work asks for the
    others. `photos` bounds each gallery. Raises NoQuestions where the folder holds no such data.
    """
    listings = data / "listings"
    yield folder(listings, name="second-hand, all", most=photos)
    yield folder(listings, name="second-hand, estate-like", keep=lambda row: row["estate_like"] == "1", most=photos)
    yield folder(data / "auction", name="auction", most=photos)
