"""A trained head of random numbers, for tests of what keeps and serves one."""

import numpy as np

from search.head import LearnedHead


def learned_head(
    seed: int = 1, *, width: int = 6, dim: int = 4, bits: int = 8, categories: tuple[str, ...] = ("chairs", "lamps")
) -> LearnedHead:
    """Of the toy encoder's width; another seed is another head."""
    random = np.random.default_rng(seed)

    def numbers(*shape: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        return random.standard_normal(shape).astype(np.float32)

    return LearnedHead(
        mean=numbers(width),
        axes=numbers(dim, width),
        planes=numbers(bits, dim + 1),
        category_planes=numbers(len(categories), dim + 1),
        category_names=categories,
        threshold=0.6,
    )
