"""A signature is one bit a plane, compared with the query's distances from the planes; rotations lose little."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from search.index.base import IndexRefused, Vectors
from search.index.signature import MappedSignatures, SignatureEngine, fitted_planes, itq
from tests.search.test_index_contract import opened, unit_vectors


def planes_of(bits: int, dim: int, seed: int = 7) -> Vectors:
    """As a head might have learned them: neither at right angles nor through the middle."""
    return np.random.default_rng(seed).standard_normal((bits, dim + 1)).astype(np.float32)


def test_the_scan_ranks_as_the_formula_says(tmp_path: Path) -> None:
    vectors, query, planes = unit_vectors(3000), unit_vectors(1, seed=5)[0], planes_of(40, 16)
    engine = SignatureEngine(bits=64, candidates=100)
    engine.build(vectors, tmp_path, planes)
    index = engine.open(vectors, tmp_path)
    assert isinstance(index, MappedSignatures)

    found = index.nearest_signatures(query, 100)

    signs = np.where(vectors @ planes[:, :-1].T + planes[:, -1] > 0, 1, -1)
    scores = signs @ (planes[:, :-1] @ query + planes[:, -1])
    expected = set(np.argsort(-scores)[:100].tolist())
    assert len(expected & set(found.tolist())) >= 95  # the scan adds in steps of a byte


def test_a_trained_head_brings_its_own_planes(tmp_path: Path) -> None:
    vectors, planes = unit_vectors(500), planes_of(40, 16)
    engine = SignatureEngine(bits=64, candidates=50)
    engine.build(vectors, tmp_path, planes)

    kept = np.load(tmp_path / "planes.npy")

    assert np.array_equal(kept[:40], planes)
    assert (tmp_path / "signatures.bin").stat().st_size == 512 * (40 // 8 + 8)  # whole blocks of 32; a row's number
    with pytest.raises(ValueError, match=r"have the shape \(bits, 17\), not \(40, 9\)"):
        engine.build(vectors, tmp_path, planes_of(40, 8))


def test_itq_is_an_orthonormal_basis_whose_signs_lose_less_than_the_axes_do() -> None:
    spread = np.diag(np.linspace(3, 0.1, 16)).astype(np.float32)
    vectors = unit_vectors(2000) @ spread
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)

    basis = itq(vectors, 16)

    def lost(turned: NDArray[Any]) -> float:
        return float(np.linalg.norm(np.sign(turned) / 4 - turned))

    assert np.allclose(basis.T @ basis, np.eye(16), atol=1e-5)
    assert lost(vectors @ basis) < 0.9 * lost(vectors)


def test_more_bits_than_numbers_are_several_rotations() -> None:
    planes = fitted_planes(unit_vectors(500), 40)

    assert planes.shape == (40, 17)
    assert np.allclose(planes[:16, :16] @ planes[:16, :16].T, np.eye(16), atol=1e-5)
    assert not np.allclose(planes[:16], planes[16:32], atol=0.1)


def test_equal_vectors_make_equal_files(tmp_path: Path) -> None:
    files = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        SignatureEngine(bits=64, candidates=50).build(unit_vectors(700), tmp_path / name)
        files.append([(tmp_path / name / file).read_bytes() for file in ("planes.npy", "signatures.bin")])

    assert files[0] == files[1]


def test_signatures_in_another_order_than_the_vectors_are_refused(tmp_path: Path) -> None:
    """Of the right size, and of another content: as if FAISS had come to lay codes out otherwise."""
    vectors = unit_vectors(5000)
    opened(SignatureEngine(bits=64, candidates=50), vectors, tmp_path)

    with pytest.raises(IndexRefused, match="does not hold the signature of row 0 where it should be"):
        SignatureEngine(bits=64, candidates=50).open(np.ascontiguousarray(vectors[::-1]), tmp_path)


def test_planes_that_are_none_are_refused(tmp_path: Path) -> None:
    vectors = unit_vectors(200)
    engine = SignatureEngine(bits=64, candidates=50)
    engine.build(vectors, tmp_path)

    for content in (b"", b"no array", planes_of(64, 8).tobytes()):
        (tmp_path / "planes.npy").write_bytes(content)
        with pytest.raises(IndexRefused, match=r"planes.npy holds no planes for vectors of 16 numbers"):
            engine.open(vectors, tmp_path)
