"""A binary signature a photo, all of them scanned with SIMD; the best candidates are ranked again by exact cosine."""

import logging
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.index.base import IndexRefused, Mask, Rows, VectorIndex, Vectors, best, cosines
from search.index.exact import ExactIndex

logging.getLogger("faiss.loader").setLevel(logging.WARNING)  # it tells of every wheel that this one is not
import faiss  # noqa: E402

PLANES, CODES = "planes.npy", "signatures.bin"
_SAMPLE, _ROUNDS = 20_000, 30  # vectors that the rotation is fitted on, and its steps: more of either changed nothing
_CHUNK = 50_000  # vectors at a time
_BLOCK = 32  # FAISS lays the codes of 32 vectors side by side
_NIBBLE = 4  # bits that one SIMD look-up turns into a number
_OVERFETCH = 4  # candidates a wanted row, where many rows are wanted
_MANY = 0.25  # above this share of all vectors, reading them all is quicker
_FEW = 10_000  # rows, up to which comparing each of them is quicker than scanning every signature


@dataclass(frozen=True, eq=False)
class MappedSignatures:
    """Bits are compared with the query's distances from their planes, not with its bits.

    A sum of ± those distances tells more than a count of equal bits: of a million photos' 20 nearest, 2,000 candidates
    of 256 bits hold 99.4 % in this way and 91.8 % by Hamming distance, at the same cost (docs/benchmarks.md).
    """

    vectors: Vectors  # (n, dim), unit length
    planes: Vectors  # (bits, dim + 1), the last column the offset
    scan: Any  # faiss.IndexIVFPQFastScan with a single list
    lists: Any  # faiss.OnDiskInvertedLists: the mapped file, which `scan` does not own
    candidates: int

    @property
    def size(self) -> int:
        return len(self.vectors)

    @property
    def dim(self) -> int:
        return int(self.vectors.shape[1])

    def search(self, vector: Vectors, k: int, rows: Mask | None = None) -> tuple[Rows, Vectors]:
        """See VectorIndex.search. The scan itself passes over rows that are not wanted."""
        wanted = max(self.candidates, k * _OVERFETCH)
        count = self.size if rows is None else int(np.count_nonzero(rows))
        if wanted >= _MANY * count or (rows is not None and count <= _FEW):
            return ExactIndex(self.vectors).search(vector, k, rows)
        found = np.sort(self.nearest_signatures(vector, wanted, rows))  # in order of place: pages are read once
        if len(found) < k:  # a vector on all planes at once is like nothing
            return ExactIndex(self.vectors).search(vector, k, rows)
        scores = cosines(self.vectors[found], vector)
        order = best(scores, k)
        return found[order], scores[order]

    def nearest_signatures(self, vector: Vectors, count: int, rows: Mask | None = None) -> Rows:
        """The rows (≤ count,) whose signatures suit a unit vector (dim,) best, in no order."""
        query = _distances(self.planes, vector[None])
        if rows is None:
            found = self.scan.search(query, count)[1][0]
        else:
            bitmap = np.packbits(rows, bitorder="little")  # FAISS keeps a pointer to it while it searches
            chosen = faiss.IDSelectorBitmap(bitmap)
            found = self.scan.search(query, count, params=faiss.SearchParametersIVF(nprobe=1, sel=chosen))[1][0]
        return np.asarray(found[found >= 0], np.int64)


@dataclass(frozen=True)
class SignatureEngine:
    """`bits` a photo where the head brings no planes of its own; `candidates` of them are compared exactly."""

    bits: int
    candidates: int
    name: str = "signature"
    files: tuple[str, ...] = (PLANES, CODES)
    packages: tuple[str, ...] = ("faiss-cpu",)

    def build(self, vectors: Vectors, directory: Path, planes: Vectors | None = None) -> None:
        """Write planes and signatures; without `planes` those of rotations fitted on the vectors (see `itq`)."""
        planes = fitted_planes(vectors, self.bits) if planes is None else _padded(planes, vectors.shape[1])
        np.save(directory / PLANES, planes, allow_pickle=False)
        scan = _empty_scan(len(planes))
        for start in range(0, len(vectors), _CHUNK):
            scan.add(_distances(planes, vectors[start : start + _CHUNK]))
        codes = _packed_codes(scan)
        with (directory / CODES).open("wb") as file:
            codes.tofile(file)
            np.arange(_room(len(vectors)), dtype=np.int64).tofile(file)  # the rows' numbers: FAISS wants them there

    def open(self, vectors: Vectors, directory: Path) -> VectorIndex:
        planes, count = _read_planes(directory / PLANES, vectors.shape[1]), len(vectors)
        size, expected = (directory / CODES).stat().st_size, _room(count) * (len(planes) // 8 + 8)
        if size != expected:
            raise IndexRefused(f"{CODES} has {size} bytes instead of {expected}.")
        scan = _empty_scan(len(planes))
        lists = _mapped_lists(directory / CODES, count, len(planes))
        scan.replace_invlists(lists, False)
        scan.ntotal = count
        index = MappedSignatures(vectors, planes, scan, lists, self.candidates)
        _probe(index)
        return index


def fitted_planes(vectors: Vectors, bits: int) -> Vectors:
    """Planes (bits, dim + 1) of as many rotations as make the bits, fitted on a sample of unit vectors (n, dim)."""
    dim = vectors.shape[1]
    rows = np.unique(np.linspace(0, len(vectors) - 1, min(len(vectors), _SAMPLE)).astype(np.int64))
    sample = np.ascontiguousarray(vectors[rows])
    axes = np.hstack([itq(sample, min(dim, bits), seed) for seed in range(-(-bits // dim))])[:, :bits]
    return _padded(np.pad(axes.T, ((0, 0), (0, 1))), dim)  # whitening has put the middle of the photos at zero


def itq(sample: Vectors, bits: int, seed: int = 0) -> Vectors:
    """An orthonormal basis (dim, bits) in which the signs of vectors (n, dim) lose as little as can be.

    Source: Gong and Lazebnik, "Iterative Quantization: A Procrustean Approach to Learning Binary Codes", CVPR 2011,
    section 3.2: the signs in the present basis, then the basis that turns the vectors nearest to them, in turn.
    """
    random = np.random.default_rng(seed).standard_normal((sample.shape[1], bits))
    basis: Vectors = np.linalg.qr(random)[0].astype(np.float32)
    for _ in range(_ROUNDS):
        signs = np.where(sample @ basis > 0, np.float32(1), np.float32(-1))
        left, _, right = np.linalg.svd(sample.T @ signs, full_matrices=False)
        basis = np.asarray(left @ right, np.float32)
    return basis


def _padded(planes: NDArray[Any], dim: int) -> Vectors:
    """Planes (bits, dim + 1) of whole bytes: planes of zeros say nothing of any photo."""
    if planes.ndim != 2 or planes.shape[1] != dim + 1 or not len(planes) or not np.isfinite(planes).all():
        raise ValueError(f"Planes for vectors of {dim} numbers have the shape (bits, {dim + 1}), not {planes.shape}.")
    return np.pad(planes.astype(np.float32), ((0, -len(planes) % 8), (0, 0)))


def _distances(planes: Vectors, vectors: Vectors) -> Vectors:
    """Signed distances (n, bits) of vectors (n, dim) from planes; a bit is whether they are positive."""
    return np.ascontiguousarray(vectors @ planes[:, :-1].T + planes[:, -1], np.float32)


def _room(count: int) -> int:
    return -(-count // _BLOCK) * _BLOCK


def _empty_scan(bits: int) -> Any:
    """FAISS's scan of four-bit codes, with the sixteen patterns of four signs as its code book.

    "Fast scan": André, Kermarrec and Le Scouarnec, "Cache locality is not enough", VLDB 2015. The inverted file with
    a single list is there because its list may be a mapped file and its search passes over rows that aren't wanted.
    """
    single = faiss.IndexFlatIP(bits)
    single.add(np.zeros((1, bits), np.float32))
    scan = faiss.IndexIVFPQFastScan(single, bits, 1, bits // _NIBBLE, _NIBBLE, faiss.METRIC_INNER_PRODUCT)
    scan.by_residual = False
    patterns = ((np.arange(16)[:, None] >> np.arange(_NIBBLE)) & 1) * 2.0 - 1.0
    faiss.copy_array_to_vector(np.tile(patterns.astype(np.float32), (bits // _NIBBLE, 1, 1)).ravel(), scan.pq.centroids)
    scan.is_trained = True
    return scan


def _packed_codes(scan: Any) -> NDArray[np.uint8]:
    """The codes of the single list as they lie in memory: a view, which lives as long as `scan`."""
    lists = faiss.downcast_InvertedLists(scan.invlists)
    blocks = -(-lists.list_size(0) // lists.n_per_block)
    return np.asarray(faiss.rev_swig_ptr(lists.get_codes(0), blocks * lists.block_size))


def _mapped_lists(path: Path, count: int, bits: int) -> Any:
    """The file as FAISS's list on disk: mapped read-only, so that all processes share one copy."""
    lists = faiss.OnDiskInvertedLists(1, bits // 8, os.fspath(path))
    lists.read_only = True
    lists.prefetch_nthread = 0  # it would start 32 threads to read what is in memory already
    single, all_lists = faiss.OnDiskOneList(), faiss.OnDiskOneListVector()
    single.size, single.capacity, single.offset = count, _room(count), 0
    all_lists.push_back(single)
    lists.lists, lists.totsize = all_lists, path.stat().st_size
    lists.do_mmap()
    return lists


def _read_planes(path: Path, dim: int) -> Vectors:
    try:
        planes = np.load(path, allow_pickle=False)
        return _padded(planes, dim)
    except (OSError, ValueError, EOFError) as error:
        raise IndexRefused(f"{PLANES} holds no planes for vectors of {dim} numbers: {error}") from error


def _probe(index: MappedSignatures) -> None:
    """Raise IndexRefused where this FAISS reads the file otherwise than the one that wrote it."""
    for row in sorted({0, index.size // 2, index.size - 1}):
        vector = np.asarray(index.vectors[row])
        alike = index.nearest_signatures(vector, min(index.size, index.candidates))
        if not len(alike) or cosines(index.vectors[alike], vector).max() < 1 - 1e-4:
            raise IndexRefused(f"{CODES} does not hold the signature of row {row} where it should be.")
