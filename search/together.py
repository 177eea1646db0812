"""Photos that several people ask with at the same moment are shown to the network at once.

Nobody waits for others to come: whoever finds the network free goes at once. Those who come meanwhile wait, and the
first of them to get in takes all that wait along.
"""

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.conf import settings
from numpy.typing import NDArray
from PIL import Image

from search.encoder import Encoder
from search.operating.metrics import TOGETHER

Features = NDArray[np.float32]


@dataclass(eq=False)
class _Wish:
    """One question's photos, and what became of them."""

    pictures: Sequence[Image.Image]
    features: Features | None = None
    error: Exception | None = None

    @property
    def settled(self) -> bool:
        return self.features is not None or self.error is not None


class Lane:
    """The way to one network. Threads may share it."""

    def __init__(self, encoder: Encoder, *, most: int, abreast: int = 1) -> None:
        """`most` photos are shown at once (a question with more goes alone), and so often side by side."""
        self._encoder, self._most = encoder, most
        self._free = abreast
        self._waiting: deque[_Wish] = deque()
        self._moved = threading.Condition()

    def encode(self, pictures: Sequence[Image.Image]) -> Features:
        """As the encoder's own `encode`, float32 (n, dim); what it raises concerns these photos alone."""
        wish = _Wish(pictures)
        with self._moved:
            self._waiting.append(wish)
        while wishes := self._turn_of(wish):
            try:
                self._serve(wishes)
            finally:
                with self._moved:
                    self._free += 1
                    self._moved.notify_all()
        if wish.error:
            raise wish.error
        assert wish.features is not None
        return wish.features

    def _turn_of(self, wish: _Wish) -> list[_Wish]:
        """Wait until the wish is settled, by whoever took it along (nothing), or it is our turn to serve these."""
        with self._moved:
            # One that was taken along but isn't settled yet is in the hands of somebody who will tell.
            self._moved.wait_for(lambda: wish.settled or (self._free and wish in self._waiting))
            if wish.settled:
                return []
            self._free -= 1
            return self._next()

    def _next(self) -> list[_Wish]:
        """The wishes that wait longest, as many as are shown at once."""
        taken = [self._waiting.popleft()]
        count = len(taken[0].pictures)
        while self._waiting and count + len(self._waiting[0].pictures) <= self._most:
            count += len(self._waiting[0].pictures)
            taken.append(self._waiting.popleft())
        return taken

    def _serve(self, wishes: Sequence[_Wish]) -> None:
        try:
            features = self._encoder.encode([picture for wish in wishes for picture in wish.pictures])
        except Exception as error:  # whatever a network may raise; alone, the photo that caused it is found
            if len(wishes) == 1:
                wishes[0].error = error
            else:
                for wish in wishes:
                    self._serve([wish])
            return
        TOGETHER.observe(len(features))
        start = 0
        for wish in wishes:
            wish.features = features[start : start + len(wish.pictures)]
            start += len(wish.pictures)


_lanes: dict[Encoder, Lane] = {}
_making = threading.Lock()


def encode_together(encoder: Encoder, pictures: Sequence[Image.Image]) -> Features:
    """Raw features, float32 (n, dim), of a question's photos; raises what the encoder raises."""
    if settings.QUERY_BATCH < 2:
        return encoder.encode(pictures)
    with _making:
        if encoder not in _lanes:
            _lanes[encoder] = Lane(encoder, most=settings.QUERY_BATCH, abreast=settings.QUERY_ABREAST)
    return _lanes[encoder].encode(pictures)
