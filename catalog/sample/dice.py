"""Named, reproducible randomness: the same words always give the same stream, whatever was drawn before."""

import hashlib
import random

import numpy as np


def number(*words: object) -> int:
    """A 64-bit number that depends on the words alone."""
    text = "|".join(str(word) for word in words)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def dice(*words: object) -> random.Random:
    return random.Random(number(*words))


def generator(*words: object) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(number(*words)))
