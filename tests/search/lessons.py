"""Features whose truth is known, to learn from: each object's own signal under what differs from photo to photo."""

import numpy as np

from search.training.examples import Examples, Ints

NONE = np.empty((0, 2), np.int64)


def lessons(
    objects: int = 120,
    photos: int = 2,
    *,
    seed: int = 1,
    width: int = 40,
    kinds: int = 4,
    first_kind: int = 0,
    alike: Ints = NONE,
    apart: Ints = NONE,
) -> Examples:
    """`objects` of `photos` photos each, dealt to `kinds` categories.

    Half of the numbers differ as much from photo to photo of one object as the other half does from object to object:
    whitening can't tell one half from the other, a head that has seen which photos belong together can.
    """
    random = np.random.default_rng(seed)
    half = width // 2
    kind = np.arange(objects) % kinds
    middles = 1.5 * np.random.default_rng(98).standard_normal((20, half))  # the same whatever the seed
    signal = random.standard_normal((objects, half)) + middles[first_kind + kind]
    which = np.repeat(np.arange(objects), photos)
    own = signal[which] + 0.2 * random.standard_normal((len(which), half))
    light = 1.8 * random.standard_normal((len(which), half))
    mixed = np.hstack([own, light]) @ np.linalg.qr(np.random.default_rng(99).standard_normal((width, width)))[0]
    return Examples(
        features=mixed.astype(np.float16),
        objects=which.astype(np.int64),
        object_names=tuple(f"object {number}" for number in range(objects)),
        categories=kind[which].astype(np.int64),
        category_names=tuple(f"kind-{first_kind + number}" for number in range(kinds)),
        makers=np.full(len(which), -1, np.int64),
        alike=alike,
        apart=apart,
    )
