"""Looks a stored question up: its photos are compared with what was sold, whichever network is searched just now."""

from collections.abc import Sequence

from search.asking import features_of
from search.live import query_encoder
from search.models import Query
from search.similar import Answer, Filters, WrongEncoder, find_similar


def look_up(query: Query, *, filters: Filters | None = None, k: int = 24, phashes: Sequence[str] = ()) -> Answer:
    """The k items most like what the query's photos show; see `find_similar`. Raises EncoderError, WrongEncoder."""
    try:
        return _look_up(query, filters, k, phashes)
    except WrongEncoder:  # another network took over between the two steps
        return _look_up(query, filters, k, phashes)


def _look_up(query: Query, filters: Filters | None, k: int, phashes: Sequence[str]) -> Answer:
    encoder = query_encoder()
    features = features_of(query, encoder)
    return find_similar(features, filters=filters, k=k, phashes=phashes, encoder=encoder.name)
