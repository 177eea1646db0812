"""Questions that come while the network is busy are answered by one look at all their photos."""

import threading
from collections.abc import Sequence

import numpy as np
import pytest
from PIL import Image

from search.together import Features, Lane
from tests.services.servers import wait_until
from tests.toy_encoder import ToyEncoder

COLOURS = ("red", "green", "blue", "teal", "navy", "gold", "pink")


class Slow(ToyEncoder):
    """Sees colours, as slowly as the test wants; and can't stand black."""

    def __init__(self) -> None:
        self.began, self.go_on = threading.Semaphore(0), threading.Semaphore(0)
        self.seen: list[int] = []

    def encode(self, pictures: Sequence[Image.Image]) -> Features:
        self.began.release()
        assert self.go_on.acquire(timeout=20)
        self.seen.append(len(pictures))
        if any(picture.getpixel((0, 0)) == (0, 0, 0) for picture in pictures):
            raise ValueError("black")
        return super().encode(pictures)


class Askers:
    """Threads that ask at the same moment, in a certain order."""

    def __init__(self, lane: Lane) -> None:
        self.lane = lane
        self.threads: list[threading.Thread] = []
        self.answers: dict[str, Features | Exception] = {}

    def ask(self, name: str, *colours: str) -> None:
        def run() -> None:
            try:
                self.answers[name] = self.lane.encode([Image.new("RGB", (4, 4), colour) for colour in colours])
            except ValueError as error:
                self.answers[name] = error

        before = len(self.lane._waiting)
        thread = threading.Thread(target=run)
        self.threads.append(thread)
        thread.start()
        if len(self.threads) > 1:
            wait_until(lambda: len(self.lane._waiting) > before, "the question stands in line")

    def join(self) -> None:
        for thread in self.threads:
            thread.join(20)


def test_who_comes_first_goes_alone_and_the_others_together() -> None:
    encoder = Slow()
    askers = Askers(Lane(encoder, most=16))
    askers.ask("first", "red")
    assert encoder.began.acquire(timeout=10)
    for colour in COLOURS[1:6]:
        askers.ask(colour, colour)
    encoder.go_on.release(2)
    askers.join()

    assert encoder.seen == [1, 5]
    for colour in COLOURS[1:6]:
        alone = ToyEncoder().encode([Image.new("RGB", (4, 4), colour)])
        assert np.array_equal(np.asarray(askers.answers[colour]), alone)


def test_no_more_are_shown_at_once_than_allowed() -> None:
    encoder = Slow()
    askers = Askers(Lane(encoder, most=4))
    askers.ask("first", "red")
    assert encoder.began.acquire(timeout=10)
    askers.ask("three", "red", "green", "blue")
    askers.ask("two", "teal", "navy")
    askers.ask("six", *COLOURS[:6])
    askers.ask("last", "pink")
    encoder.go_on.release(10)
    askers.join()

    assert encoder.seen == [1, 3, 2, 6, 1]
    assert {name: len(np.asarray(found)) for name, found in askers.answers.items()} == {
        "first": 1,
        "three": 3,
        "two": 2,
        "six": 6,
        "last": 1,
    }


def test_a_photo_on_which_the_network_fails_harms_nobody_else() -> None:
    encoder = Slow()
    askers = Askers(Lane(encoder, most=16))
    askers.ask("first", "red")
    assert encoder.began.acquire(timeout=10)
    askers.ask("good", "green")
    askers.ask("bad", "black")
    askers.ask("also good", "blue")
    encoder.go_on.release(10)
    askers.join()

    assert isinstance(askers.answers["bad"], ValueError)
    for name, colour in {"good": "green", "also good": "blue"}.items():
        assert np.array_equal(np.asarray(askers.answers[name]), ToyEncoder().encode([Image.new("RGB", (4, 4), colour)]))


def test_after_a_failure_the_way_is_free() -> None:
    encoder = Slow()
    lane = Lane(encoder, most=16)
    encoder.go_on.release(2)
    with pytest.raises(ValueError, match="black"):
        lane.encode([Image.new("RGB", (4, 4), "black")])

    assert lane.encode([Image.new("RGB", (4, 4), "red")]).shape == (1, 6)


def test_two_abreast_are_at_work_at_the_same_time() -> None:
    encoder = Slow()
    lane = Lane(encoder, most=16, abreast=2)
    shapes: list[tuple[int, ...]] = []
    threads = [
        threading.Thread(target=lambda: shapes.append(lane.encode([Image.new("RGB", (4, 4), "red")]).shape))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    assert encoder.began.acquire(timeout=10)
    assert encoder.began.acquire(timeout=10)  # although the first is still at it
    encoder.go_on.release(2)
    for thread in threads:
        thread.join(20)

    assert shapes == [(1, 6), (1, 6)]
