"""Networks that misbehave for the tests: each is the toy encoder until a photo of a certain colour comes."""

import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.toy_encoder import ToyEncoder


class Logged(ToyEncoder):
    """Writes a line for each photo that it sees to FAULT_LOG: the process, and what its colour is like."""

    def encode(self, pictures: Sequence[Image.Image]) -> NDArray[np.float32]:
        features = super().encode(pictures)
        with Path(os.environ["FAULT_LOG"]).open("a") as log:
            for red, green, blue in features[:, :3]:
                log.write(f"{os.getpid()} {'dark' if max(red, green, blue) < 0.2 else 'light'}\n")
        return features


class LongToLoad(Logged):
    """Needs longer than the four seconds that Celery gives a child unasked, as a network on a busy core does."""

    def __init__(self) -> None:
        time.sleep(6)


class Newer(Logged):
    """The same under another name, and slower: a network that is to take over."""

    name = "toy-newer"

    def encode(self, pictures: Sequence[Image.Image]) -> NDArray[np.float32]:
        time.sleep(0.05)
        return super().encode(pictures)


class Waiting(Logged):
    """Does not come back from a dark photo until the file FAULT_GATE is there."""

    def encode(self, pictures: Sequence[Image.Image]) -> NDArray[np.float32]:
        features = super().encode(pictures)
        while (features[:, :3].max(axis=1) < 0.2).any() and not Path(os.environ["FAULT_GATE"]).exists():
            time.sleep(0.02)
        return features


class Poisoned(Logged):
    """A dark photo kills the process, as a fault in native code does."""

    def encode(self, pictures: Sequence[Image.Image]) -> NDArray[np.float32]:
        features = super().encode(pictures)
        if (features[:, :3].max(axis=1) < 0.2).any():
            os.kill(os.getpid(), signal.SIGKILL)
        return features
