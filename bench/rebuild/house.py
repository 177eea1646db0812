"""So many photos with features in the bench's own database, and more of them later."""

from collections.abc import Sequence

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray
from PIL import Image

from bench.large_house import stock

WIDTH = 1_280
_AT_ONCE = 5_000


class Blind:
    """Stands for the network whose features are in the database already: a rebuild only asks for its name."""

    name = "bench"
    dim = WIDTH

    def encode(self, pictures: Sequence[Image.Image]) -> NDArray[np.float32]:
        raise NotImplementedError


def fill(count: int) -> None:
    """`count` photos, two an item; none has features yet."""
    stock(np.zeros(count, np.int64))


def embed(first: int, last: int) -> None:
    """Features of the photos first…last: 1,280 numbers whose spread falls off as a network's does, in 500 crowds."""
    random = np.random.default_rng(first)
    spread = np.arange(1, WIDTH + 1, dtype=np.float32) ** -0.5
    crowds = np.random.default_rng(0).standard_normal((500, WIDTH)).astype(np.float32) * spread
    for start in range(first, last + 1, _AT_ONCE):
        ids = range(start, min(start + _AT_ONCE, last + 1))
        own = random.standard_normal((len(ids), WIDTH), np.float32) * spread
        features = (crowds[random.integers(0, len(crowds), len(ids))] + own).astype("<f2")
        rows = [(photo, Blind.name, row.tobytes()) for photo, row in zip(ids, features, strict=True)]
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO search_feature (photo_id, encoder, vector, created_at) "
                "VALUES (%s, %s, %s, CURRENT_TIMESTAMP)",
                rows,
            )
