"""The learned part: a linear map that draws photos of one object together and mined strangers apart."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from pytorch_metric_learning.distances import CosineSimilarity
from pytorch_metric_learning.losses import ContrastiveLoss, SupConLoss, TripletMarginLoss
from pytorch_metric_learning.miners import BatchHardMiner
from torch import nn
from torch.nn import functional

from search.heads.projection import Float32, normalised
from search.training.examples import UNKNOWN, Examples, Ints
from search.training.trial import score

Watch = Callable[[int, int], None]  # how much is done, of how much
Pairs = NDArray[np.int64]  # (p, 2) rows


@dataclass(frozen=True)
class Plan:
    """How the map is learned; the same plan on the same examples gives the same map on the same kind of machine."""

    seed: int = 0
    epochs: int = 12
    patience: int = 3  # epochs without a better map, after which there is no point in going on
    objects_a_step: int = 192
    strangers_a_step: int = 128
    rate: float = 1e-3
    noise: float = 0.1  # of each coordinate's deviation: photos that nobody took
    held_near: float = 0.05  # how dear it is to leave the map that it began with
    triplet_weight: float = 0.2
    kind_weight: float = 0.05  # of telling categories apart
    judged_weight: float = 0.5  # of staff's "alike" and "not alike"
    maker_weight: float = 0.02  # of two objects by one maker in one category


@dataclass(frozen=True, eq=False)
class Tuned:
    """The best map of all epochs, and how the learning went."""

    axes: Float32  # (dim, K)
    last: Float32  # (dim, K), the last epoch's
    epochs: int
    best_epoch: int
    scores: tuple[float, ...]  # mAP on the objects that were kept back, the start's first


def tune(
    axes: Float32,
    coordinates: Float32,
    examples: Examples,
    kept_back: Examples,
    early: Float32,
    plan: Plan,
    watch: Watch,
) -> Tuned:
    """Learn from examples with coordinates (n, K), starting at the map (dim, K); stop by those that were kept back.

    `early` (m, K) are the coordinates of `kept_back`. Losses: a contrastive one over all pairs of a batch (Khosla et
    al., "Supervised Contrastive Learning", NeurIPS 2020), triplets of the hardest of each batch (Hermans et al., arXiv
    1703.07737), a contrastive one on what staff judged, and, much weaker, categories and makers. Multi-similarity
    (Wang et al., CVPR 2019) was tried in the first one's place: it found nothing beyond the closed solution.
    """
    torch.manual_seed(plan.seed)
    dice = np.random.default_rng(plan.seed)
    net = _Net(axes, len(examples.category_names))
    optimiser = torch.optim.Adam(net.parameters(), lr=plan.rate)
    lesson = _Lesson(coordinates, examples, plan)
    best, best_epoch = net.map(), 0
    scores = [score(normalised(early @ best.T), kept_back.objects).mean]
    for epoch in range(1, plan.epochs + 1):
        for rows, pairs in _batches(examples, dice, plan):
            optimiser.zero_grad()
            lesson.loss(net, rows, pairs).backward()  # type: ignore[no-untyped-call]
            optimiser.step()
        scores.append(score(normalised(early @ net.map().T), kept_back.objects).mean)
        watch(epoch, plan.epochs)
        if scores[-1] > scores[best_epoch]:
            best, best_epoch = net.map(), epoch
        elif epoch - best_epoch >= plan.patience:
            break
    return Tuned(best, net.map(), len(scores) - 1, best_epoch, tuple(scores))


class _Net(nn.Module):
    """The map as what it began with and what was added, with the plane of each category beside it."""

    start: torch.Tensor

    def __init__(self, axes: Float32, kinds: int) -> None:
        super().__init__()
        # The scale of a map does not change its cosines; this one makes a rate mean the same on every catalogue.
        self.register_buffer("start", torch.from_numpy(axes * float(np.sqrt(len(axes)) / np.linalg.norm(axes))))
        self.added = nn.Parameter(torch.zeros_like(self.start))
        self.kinds = nn.Linear(len(axes), kinds) if kinds else None

    def forward(self, coordinates: torch.Tensor) -> torch.Tensor:
        return functional.normalize(coordinates @ (self.start + self.added).T, dim=1)

    def map(self) -> Float32:
        return np.asarray((self.start + self.added).detach().numpy(), np.float32)


class _Lesson:
    """The losses of one batch."""

    def __init__(self, coordinates: Float32, examples: Examples, plan: Plan) -> None:
        self._rows = torch.from_numpy(coordinates)
        self._noise = plan.noise * self._rows.std(dim=0)
        self._objects = torch.from_numpy(examples.objects)
        self._kinds = torch.from_numpy(examples.categories)
        self._plan = plan
        self._contrastive = SupConLoss(temperature=0.1)
        self._triplet, self._hardest = TripletMarginLoss(margin=0.1), BatchHardMiner()
        self._judged = ContrastiveLoss(pos_margin=0.6, neg_margin=0.2, distance=CosineSimilarity())
        self._by_maker = ContrastiveLoss(pos_margin=0.2, neg_margin=1, distance=CosineSimilarity())

    def loss(self, net: _Net, rows: Ints, pairs: "_Judged") -> torch.Tensor:
        place = torch.from_numpy(rows)
        seen = self._rows[place]
        vectors = net(seen + self._noise * torch.randn_like(seen))
        objects = self._objects[place]
        total = self._contrastive(vectors, objects)
        total = total + self._plan.triplet_weight * self._triplet(vectors, objects, self._hardest(vectors, objects))
        total = total + self._plan.held_near * net.added.square().sum() / net.start.square().sum()
        known = self._kinds[place] != UNKNOWN
        if net.kinds is not None and known.any():
            guesses = net.kinds(16 * vectors[known])
            total = total + self._plan.kind_weight * functional.cross_entropy(guesses, self._kinds[place][known])
        total = total + self._plan.judged_weight * self._of_pairs(net, self._judged, pairs.alike, pairs.apart)
        none = np.empty((0, 2), np.int64)
        return total + self._plan.maker_weight * self._of_pairs(net, self._by_maker, pairs.makers, none)  # type: ignore[no-any-return]

    def _of_pairs(self, net: _Net, loss: ContrastiveLoss, near: Pairs, far: Pairs) -> torch.Tensor:
        """A contrastive loss on given pairs; strangers among them are not looked for."""
        if not len(near) and not len(far):
            return torch.zeros(())
        rows, inverse = np.unique(np.concatenate([near, far]), return_inverse=True)
        places = torch.from_numpy(inverse.reshape(-1, 2))
        together, strange = places[: len(near)], places[len(near) :]
        vectors = net(self._rows[torch.from_numpy(rows)])
        tuples = (together[:, 0], together[:, 1], strange[:, 0], strange[:, 1])
        found: torch.Tensor = loss(vectors, torch.arange(len(rows)), indices_tuple=tuples)
        return found


@dataclass(frozen=True, eq=False)
class _Judged:
    """Pairs of rows that go with one batch."""

    alike: Pairs
    apart: Pairs
    makers: Pairs


def _batches(examples: Examples, dice: np.random.Generator, plan: Plan) -> Iterator[tuple[Ints, _Judged]]:
    """Two photos of each of some objects, photos of strangers beside them, and some judged pairs."""
    order = np.argsort(examples.objects, kind="stable")
    starts = np.searchsorted(examples.objects[order], np.arange(len(examples.object_names) + 1))
    counts = np.diff(starts)
    several, alone = np.flatnonzero(counts > 1), order[starts[:-1][counts == 1]]
    makers = _by_one_maker(examples, dice)
    for start in range(0, len(several), plan.objects_a_step):
        if start == 0:
            several = dice.permutation(several)
        chosen = several[start : start + plan.objects_a_step]
        left = (dice.random(len(chosen)) * counts[chosen]).astype(np.int64)
        right = (left + 1 + (dice.random(len(chosen)) * (counts[chosen] - 1)).astype(np.int64)) % counts[chosen]
        rows = [order[starts[chosen] + left], order[starts[chosen] + right], _some(alone, plan.strangers_a_step, dice)]
        yield (
            np.concatenate(rows),
            _Judged(*(_some(pairs, 64, dice) for pairs in (examples.alike, examples.apart, makers))),
        )


def _by_one_maker(examples: Examples, dice: np.random.Generator) -> Pairs:
    """Pairs (p, 2) of neighbours in a shuffled list of photos by maker and category, of different objects."""
    rows = dice.permutation(np.flatnonzero((examples.makers != UNKNOWN) & (examples.categories != UNKNOWN)))
    rows = rows[np.lexsort((examples.categories[rows], examples.makers[rows]))]
    left, right = rows[:-1], rows[1:]
    pairs = np.stack([left, right], axis=1)
    fits = (examples.makers[left] == examples.makers[right]) & (examples.categories[left] == examples.categories[right])
    return np.asarray(pairs[fits & (examples.objects[left] != examples.objects[right])])


def _some(rows: Ints, most: int, dice: np.random.Generator) -> Ints:
    return rows if len(rows) <= most else rows[dice.choice(len(rows), most, replace=False)]
