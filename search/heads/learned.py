"""A head that was trained on the house's own catalogue, as search runs it: numpy alone, one pass for all it knows."""

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from search.heads.projection import Features, Float32, HeadError, Projection, sealed, write_durably


@dataclass(frozen=True, eq=False)
class CategoryProbabilities:
    """What each of n photos probably is, among the categories that the head has learned."""

    names: tuple[str, ...]  # slugs of c categories
    probabilities: Float32  # (n, c), each row sums to one
    threshold: float  # below it the likeliest category is not to be believed

    @property
    def known(self) -> NDArray[np.bool_]:
        """bool (n,): False where the answer is "none of these"."""
        return np.asarray(self.probabilities.max(axis=1, initial=0) >= self.threshold)

    def likeliest(self, row: int, most: int) -> list[tuple[str, float]]:
        """The likeliest `most` categories of one photo with their probabilities, the likeliest first."""
        order = np.argsort(-self.probabilities[row], kind="stable")[:most]
        return [(self.names[place], float(self.probabilities[row, place])) for place in order]


@dataclass(frozen=True, eq=False)
class Seen:
    """All that one pass gives for n photos."""

    vectors: Float32  # (n, dim), unit length
    signature: NDArray[np.bool_]  # (n, bits)
    categories: CategoryProbabilities


@dataclass(frozen=True, eq=False)
class LearnedHead(Projection):
    """One small network with three outputs: a unit vector, category probabilities, a binary signature.

    The map to the vector is linear, so it costs what whitening costs; categories and signature are read off the
    vector. After "Visual Search at eBay", arXiv 1706.03154, sections 4.2 and 4.3, where one pass of a network gives
    the category and the signature.
    """

    kind: ClassVar[str] = "trained"

    planes: Float32  # (bits, dim + 1), the offset last
    category_planes: Float32  # (c, dim + 1), the offset last; already divided by the calibrated temperature
    category_names: tuple[str, ...]  # slugs
    threshold: float  # of the likeliest category's probability; below it the answer is "none of these"

    def see(self, features: Features) -> Seen:
        """Everything about raw features (n, d) in one pass.

        Raises HeadError where the width is another encoder's, or a row is zero or not finite.
        """
        vectors = self.project(features)
        signature = vectors @ self.planes[:, :-1].T + self.planes[:, -1] > 0
        return Seen(vectors, np.asarray(signature), self._categories(vectors))

    def categories(self, features: Features) -> CategoryProbabilities | None:
        """What raw features (n, d) probably show; None where it was trained without categories."""
        return self._categories(self.project(features)) if self.category_names else None

    def _categories(self, vectors: Float32) -> CategoryProbabilities:
        logits = vectors @ self.category_planes[:, :-1].T + self.category_planes[:, -1]
        weights = np.exp(logits - logits.max(axis=1, initial=-np.inf, keepdims=True))
        return CategoryProbabilities(self.category_names, weights / weights.sum(axis=1, keepdims=True), self.threshold)

    def save(self, path: Path) -> None:
        """A checksum and the arrays, on the disk when this returns."""
        write_durably(path, self.as_file())

    def as_file(self) -> bytes:
        """What `save` writes; the same head gives the same bytes."""
        arrays = io.BytesIO()
        np.savez(arrays, allow_pickle=False, **self._arrays())
        return sealed(arrays.getvalue())

    @classmethod
    def of_arrays(cls, content: bytes) -> "LearnedHead":
        """From the arrays as numpy packed them; raises HeadError where the arrays are not a head's."""
        try:
            with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
                head = cls(
                    mean=arrays["mean"],
                    axes=arrays["axes"],
                    planes=arrays["planes"],
                    category_planes=arrays["category_planes"],
                    category_names=tuple(arrays["category_names"].tolist()),
                    threshold=float(arrays["threshold"]),
                )
        except (KeyError, ValueError, OSError, zipfile.BadZipFile) as error:
            raise HeadError(f"These are not the arrays of a trained head: {error}.") from error
        head.check()
        return head

    def check(self) -> None:
        """Raise HeadError unless the arrays fit each other and every number is finite."""
        dim = self.dim
        fits = (
            self.axes.shape == (dim, self.width)
            and self.planes.ndim == 2
            and self.planes.shape[1] == dim + 1
            and self.category_planes.shape == (len(self.category_names), dim + 1)
        )
        numbers = (self.mean, self.axes, self.planes, self.category_planes)
        if not fits or not all(array.dtype == np.float32 and np.isfinite(array).all() for array in numbers):
            raise HeadError("The arrays of this trained head don't fit each other, or are not finite.")

    def _arrays(self) -> dict[str, NDArray[np.generic]]:
        return {
            **super()._arrays(),
            "planes": self.planes,
            "category_planes": self.category_planes,
            "category_names": np.array(self.category_names, dtype=np.str_),
            "threshold": np.array(self.threshold, np.float64),
        }
