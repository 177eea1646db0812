"""The development data's questions, under the names that the tables use."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from search.evaluation.datasets import Dataset, folder

ALL, ESTATE, AUCTION = "second-hand, all", "second-hand, estate-like", "auction"


def tasks(data: Path, photos: int | None = None, chosen: Sequence[str] = (AUCTION, ESTATE, ALL)) -> Iterator[Dataset]:
    """Second-hand: the second phone photo of a listing asks for the first. Auction: one photo of a work asks for the
    others. `photos` bounds each gallery. Raises NoQuestions where the folder holds no such data.
    """
    listings = data / "listings"
    if AUCTION in chosen:
        yield folder(data / "auction", name=AUCTION, most=photos)
    if ESTATE in chosen:
        yield folder(listings, name=ESTATE, keep=lambda row: row["estate_like"] == "1", most=photos)
    if ALL in chosen:
        yield folder(listings, name=ALL, most=photos)
