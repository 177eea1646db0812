"""Binary signatures that nobody taught, beside which a learned one has to prove itself.

All are hyperplanes (bits, dim + 1), the offset last, as `Head.planes` are: bit b of a unit vector v is set where
`v @ planes[b, :-1] + planes[b, -1] > 0`.
"""

import numpy as np
from numpy.typing import NDArray

from search.head import Float32
from search.index.signature import fitted_planes

Bits = NDArray[np.uint8]


def lsh(vectors: Float32, bits: int, seed: int = 0) -> Float32:
    """Random hyperplanes through nought, (bits, dim + 1); the vectors (n, dim) teach it nothing but their width.

    Source: Charikar, "Similarity estimation techniques from rounding algorithms", STOC 2002, section 3.
    """
    normals = np.random.default_rng(seed).standard_normal((bits, vectors.shape[1]))
    return np.pad(normals, ((0, 0), (0, 1))).astype(np.float32)


def pca_signs(vectors: Float32, bits: int, seed: int = 0) -> Float32:
    """On which side of the mean a vector lies along each principal axis of (n, dim): (min(bits, dim), dim + 1).

    Source: Gong and Lazebnik, "Iterative quantization", CVPR 2011, section 2.1 (there the "PCA-Direct" baseline).
    """
    mean, axes = _principal(vectors, bits)
    return _through(mean, axes)


def itq(vectors: Float32, bits: int, seed: int = 0) -> Float32:
    """What the signature engine makes for itself: the mean's sides after iterative quantization, (bits, dim + 1).

    Source: see `search.index.signature.itq`, whose start is fixed: the seed changes nothing.
    """
    return fitted_planes(vectors, bits)


def signatures(vectors: Float32, planes: Float32) -> Bits:
    """Packed bits, uint8 (n, ⌈bits / 8⌉), of unit vectors (n, dim)."""
    return np.packbits(vectors @ planes[:, :-1].T + planes[:, -1] > 0, axis=1)


def distances(stored: Bits, asked: Bits) -> NDArray[np.int64]:
    """In how many bits each of n signatures (n, bytes) differs from one (bytes,): (n,)."""
    return np.asarray(np.bitwise_count(stored ^ asked).sum(axis=1, dtype=np.int64))


def _principal(vectors: Float32, bits: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The mean (dim,) and the min(bits, dim) strongest axes."""
    mean = vectors.mean(axis=0, dtype=np.float64)
    centred = vectors - mean
    values, axes = np.linalg.eigh(centred.T @ centred)
    return mean, axes[:, np.argsort(values)[::-1][:bits]].T


def _through(mean: NDArray[np.float64], normals: NDArray[np.float64]) -> Float32:
    return np.hstack([normals, -(normals @ mean)[:, None]]).astype(np.float32)
