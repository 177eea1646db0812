"""The indexes that take part, each library behind the same few questions."""

from bench.index.rivals.annoys import PlainAnnoy
from bench.index.rivals.base import Rival
from bench.index.rivals.exacts import FaissFlat, Numpy
from bench.index.rivals.graphs import FaissHnsw, Hnswlib, Usearch
from bench.index.rivals.inverted import FaissIvf
from bench.index.rivals.ours import ours

# In the order in which they run: what is quickly built comes first.
RIVALS: dict[str, Rival] = {
    rival.name: rival
    for rival in (
        ours("signature"),
        ours("annoy"),
        Numpy(),
        FaissFlat(),
        FaissIvf(),
        PlainAnnoy("annoy 256"),
        PlainAnnoy("annoy 1280", raw=True),
        Usearch(),
        Hnswlib(),
        FaissHnsw(),
    )
}
