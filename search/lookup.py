"""Looks a stored question up: its photos are compared with what was sold, whichever network is searched just now."""

from collections.abc import Sequence

from search.asking import features_of
from search.live import live, query_encoder
from search.models import Query
from search.similar import Answer, Filters, find_similar


def look_up(query: Query, *, filters: Filters | None = None, k: int = 24, phashes: Sequence[str] = ()) -> Answer:
    """The k items most like what the query's photos show; see `find_similar`. Raises EncoderError.

    Network and vectors come from one view, so another network that takes over meanwhile changes nothing.
    """
    view = live().view()
    encoder = query_encoder(view)
    features = features_of(query, encoder)
    return find_similar(features, filters=filters, k=k, phashes=phashes, encoder=encoder.name, view=view)
