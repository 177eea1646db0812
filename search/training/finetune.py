"""Fine-tunes a network on the house's own photos: two photos of one object are drawn together, other objects apart.

Each step shows the network two photos of each of some objects (where there is only one, that one twice), all made to
look as if taken by phone, and lowers the multi-similarity loss of their features (Wang et al., "Multi-Similarity Loss
with General Pair Weighting for Deep Metric Learning", CVPR 2019), seen through the whitening that is searched. The
weights are held near where they began (L2-SP, Li et al., ICML 2018): what the network knew of the world it keeps.
"""

import copy
import hashlib
import io
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from pytorch_metric_learning.losses import MultiSimilarityLoss
from torch import nn

from search.encoders.finetuned import Start
from search.encoders.network import Runtime
from search.head import WhiteningHead
from search.training.phone import as_by_phone

Float32 = NDArray[np.float32]
_CHECKPOINT_STEPS = 20
_PATIENCE = 3  # epochs without a better network, after which there is no point in going on
_HELD_OUT = 0.15  # of the objects with several photos


class NothingToLearn(Exception):
    """The catalogue has too little to train on; the message is a sentence."""


@dataclass(frozen=True)
class Plan:
    """How to fine-tune; the same plan on the same photos gives the same network on the same kind of machine."""

    base: str
    trainable: str = "last"  # the last blocks, or all
    epochs: int = 8
    objects_a_step: int = 16
    rate: float = 1e-4
    held_near: float = 0.01
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Album:
    """What there is to learn from: photos by number, and the object that each shows. `look` opens one of them."""

    objects: tuple[str, ...]  # one for each photo
    look: Callable[[int], Image.Image]
    digest: str

    def by_object(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for photo, name in enumerate(self.objects):
            found.setdefault(name, []).append(photo)
        return found


@dataclass(frozen=True)
class Score:
    """How many held-out photos find another photo of their object first, as they are and as if taken by phone."""

    plain: float
    by_phone: float

    @property
    def overall(self) -> float:
        return (self.plain + self.by_phone) / 2


@dataclass
class Progress:
    """How far a training has come; all of it is in the checkpoint."""

    epoch: int = 0
    step: int = 0
    before: Score | None = None
    scores: list[Score] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)

    @property
    def best(self) -> int:
        return int(np.argmax([score.overall for score in self.scores])) if self.scores else -1

    @property
    def is_over(self) -> bool:
        return len(self.scores) - 1 - self.best >= _PATIENCE


@dataclass(frozen=True, eq=False)
class Outcome:
    """The best network that was met, as a state dict's bytes, and how it compares with the one it came from."""

    weights: bytes
    before: Score
    after: Score
    progress: Progress

    @property
    def is_better(self) -> bool:
        return self.after.overall > self.before.overall and self.after.plain >= self.before.plain


def finetune(
    trainee: Start,
    album: Album,
    plan: Plan,
    runtime: Runtime,
    checkpoint: Path,
    tell: Callable[[str, int, int], None],
) -> Outcome:
    """Train, or go on from `checkpoint` where that is of the same plan and photos; it is removed by the caller.

    `tell(what, done, of)` is called as it goes. Raises NothingToLearn.
    """
    run = _Run(trainee, album, plan, runtime, checkpoint)
    progress = run.resumed()
    if progress.before is None:
        progress.before = run.score()
        run.save(progress)
    while progress.epoch < plan.epochs and not progress.is_over:
        for loss in run.epoch(progress):
            progress.losses.append(loss)
            progress.step += 1
            tell(f"epoch {progress.epoch + 1} of {plan.epochs}", progress.step, run.steps)
            if progress.step % _CHECKPOINT_STEPS == 0:
                run.save(progress)
        progress.scores.append(run.score())
        progress.epoch, progress.step = progress.epoch + 1, 0
        if progress.best == len(progress.scores) - 1:
            run.keep_best()
        run.save(progress)
    after = progress.scores[progress.best] if progress.scores else progress.before
    return Outcome(run.best_weights(), progress.before, after, progress)


class _Run:
    """One training: network, optimiser, and the photos that are trained on and held out."""

    def __init__(self, trainee: Start, album: Album, plan: Plan, runtime: Runtime, checkpoint: Path) -> None:
        torch.manual_seed(plan.seed)
        torch.set_num_threads(runtime.threads)
        self._trainee, self._album, self._plan, self._runtime, self._file = trainee, album, plan, runtime, checkpoint
        self._taught, self._held_out = _split(album, plan.seed)
        self._net = trainee.net.to(runtime.device)
        # Running means of a few photos a step would only make batch norms worse: they stay as they were.
        self._net.eval().requires_grad_(plan.trainable == "all")
        for block in trainee.last:
            block.requires_grad_(True)
        self._learning = {name: value for name, value in self._net.named_parameters() if value.requires_grad}
        self._began = {name: value.detach().clone() for name, value in self._learning.items()}
        self._optimiser = torch.optim.AdamW(self._learning.values(), lr=plan.rate, weight_decay=0.0)
        self._loss = MultiSimilarityLoss()
        self._best: dict[str, torch.Tensor] = copy.deepcopy(self._began)
        self._scaler = torch.amp.GradScaler(
            runtime.device.type, enabled=runtime.device.type == "cuda" and not runtime.bf16
        )
        self._whitening: WhiteningHead | None = None

    @property
    def steps(self) -> int:
        """Steps of an epoch."""
        return max(1, len(self._taught) // self._plan.objects_a_step)

    # --- one epoch ------------------------------------------------------------------------------------------------
    def epoch(self, progress: Progress) -> Iterator[float]:
        """The losses of the steps that are left of the epoch, each after its step was taken."""
        names = sorted(self._taught)
        order = np.random.default_rng((self._plan.seed, progress.epoch)).permutation(len(names))
        for step in range(progress.step, self.steps):
            chosen = order[step * self._plan.objects_a_step :][: self._plan.objects_a_step]
            yield self._step(
                [names[place] for place in chosen], np.random.default_rng((self._plan.seed, progress.epoch, step))
            )

    def _step(self, names: Sequence[str], dice: np.random.Generator) -> float:
        whitening = self._whitened()  # before the step: it looks through the network as it came
        photos = [dice.choice(self._taught[name], 2, replace=len(self._taught[name]) < 2).tolist() for name in names]
        pictures = [self._by_phone(photo, dice) for pair in photos for photo in pair]
        labels = torch.arange(len(names)).repeat_interleave(2).to(self._runtime.device)
        with self._autocast():
            features = self._net(self._inputs(pictures)).flatten(1)
        mean, axes = (torch.from_numpy(part).to(features.device) for part in (whitening.mean, whitening.axes))
        seen = nn.functional.normalize((nn.functional.normalize(features.float()) - mean) @ axes.T)
        strayed = sum(((value - self._began[name]) ** 2).sum() for name, value in self._learning.items())
        loss = self._loss(seen, labels)
        self._optimiser.zero_grad()
        self._scaler.scale(loss + self._plan.held_near * strayed).backward()
        self._scaler.step(self._optimiser)
        self._scaler.update()
        return float(loss.detach())

    def _by_phone(self, photo: int, dice: np.random.Generator) -> Image.Image:
        return as_by_phone(self._album.look(photo), self._trainee.preprocessing.size, dice)

    def _inputs(self, pictures: Sequence[Image.Image]) -> torch.Tensor:
        how = self._trainee.preprocessing
        pixels = torch.from_numpy(how.pixels(pictures)).to(self._runtime.device).permute(0, 3, 1, 2).float().div(255)
        mean, std = (torch.tensor(part, device=pixels.device).view(1, 3, 1, 1) for part in (how.mean, how.std))
        return (pixels - mean) / std

    def _autocast(self) -> torch.autocast:
        kind = torch.bfloat16 if self._runtime.bf16 or self._runtime.device.type == "cpu" else torch.float16
        return torch.autocast(
            self._runtime.device.type, kind, enabled=self._runtime.bf16 or self._runtime.device.type == "cuda"
        )

    def _whitened(self) -> WhiteningHead:
        """The whitening of the network as it came: the space in which the features are compared."""
        if self._whitening is None:
            now = {name: value.detach().clone() for name, value in self._learning.items()}
            self._put(self._began)
            self._whitening = WhiteningHead.fit(self._features(self._one_of_each(2_000), None))
            self._put(now)
        return self._whitening

    # --- how good it is -------------------------------------------------------------------------------------------
    def score(self) -> Score:
        """R@1 of the held-out photos, each asking for another photo of its object, among them and taught ones."""
        asked = [photo for _, photos in sorted(self._held_out.items()) for photo in photos]
        taught = self._one_of_each(1_000)
        others = self._features(taught, None)
        head = WhiteningHead.fit(others)
        stored = head.project(np.concatenate([self._features(asked, None), others]))
        by_phone = head.project(self._features(asked, np.random.default_rng((self._plan.seed, 1))))
        objects = np.array([self._album.objects[photo] for photo in (*asked, *taught)])
        plain = stored[: len(asked)]
        return Score(_first_is_right(plain, stored, objects), _first_is_right(by_phone, stored, objects))

    def _one_of_each(self, most: int) -> list[int]:
        """A photo of each of some taught objects, for ever the same ones."""
        names = sorted(self._taught)
        order = np.random.default_rng((self._plan.seed, 2)).permutation(len(names))[:most]
        return [self._taught[names[place]][0] for place in order]

    def _features(self, photos: Sequence[int], dice: np.random.Generator | None) -> Float32:
        """Features (n, d) of photos as they are, or with dice as if taken by phone."""
        found = []
        for start in range(0, len(photos), self._runtime.batch):
            some = photos[start : start + self._runtime.batch]
            pictures = [self._by_phone(photo, dice) if dice else self._album.look(photo) for photo in some]
            with torch.inference_mode(), self._autocast():
                found.append(self._net(self._inputs(pictures)).flatten(1).float().cpu().numpy())
        return np.concatenate(found)

    # --- what survives a kill -------------------------------------------------------------------------------------
    def _identity(self) -> str:
        return hashlib.sha256(repr((asdict(self._plan), self._album.digest)).encode()).hexdigest()

    def save(self, progress: Progress) -> None:
        """The whole state, or the one before: never half of one."""
        state = {
            "identity": self._identity(),
            "progress": {**asdict(progress), "scores": [asdict(score) for score in progress.scores]},
            "net": {name: value.detach().cpu() for name, value in self._learning.items()},
            "best": self._best,
            "optimiser": self._optimiser.state_dict(),
        }
        self._file.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._file.with_suffix(".new")
        with fresh.open("wb") as file:
            torch.save(state, file)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._file)

    def resumed(self) -> Progress:
        """Where the checkpoint stands; the beginning where there is none, or one of another plan or other photos."""
        if not self._file.is_file():
            return Progress()
        state = torch.load(self._file, map_location="cpu", weights_only=True)
        if state["identity"] != self._identity():
            return Progress()
        self._put(state["net"])
        self._best = state["best"]
        self._optimiser.load_state_dict(state["optimiser"])
        kept = state["progress"]
        before = Score(**kept.pop("before")) if kept["before"] else kept.pop("before")
        return Progress(**{**kept, "scores": [Score(**score) for score in kept["scores"]]}, before=before)

    def keep_best(self) -> None:
        self._best = {name: value.detach().cpu().clone() for name, value in self._learning.items()}

    def best_weights(self) -> bytes:
        self._put(self._best)
        content = io.BytesIO()
        torch.save(
            {name: value.cpu().contiguous() for name, value in self._trainee.whole.state_dict().items()}, content
        )
        return content.getvalue()

    def _put(self, values: dict[str, torch.Tensor]) -> None:
        with torch.no_grad():
            for name, value in values.items():
                self._learning[name].copy_(value)


def _split(album: Album, seed: int) -> tuple[dict[str, list[int]], dict[str, list[int]]]:
    """Objects to teach with and objects held out, the latter with several photos each; never one object in both."""
    photos = album.by_object()
    several = sorted(name for name, shown in photos.items() if len(shown) > 1)
    if len(several) < 20:
        raise NothingToLearn(
            f"Only {len(several)} objects have two photos or more; 20 are the least from which anything can be learned."
        )
    out = np.random.default_rng((seed, 0)).permutation(len(several))[: max(5, round(_HELD_OUT * len(several)))]
    held = {several[place] for place in out}
    return {name: shown for name, shown in photos.items() if name not in held}, {name: photos[name] for name in held}


def _first_is_right(queries: Float32, stored: Float32, objects: NDArray[np.str_]) -> float:
    """Share of n queries (n, d) whose nearest of m ≥ n stored vectors (m, d) shows the same of `objects` (m,).

    The first n stored ones are the queries' own photos, and are left out of their own answers.
    """
    scores = queries @ stored.T
    np.fill_diagonal(scores, -np.inf)
    return float((objects[scores.argmax(axis=1)] == objects[: len(queries)]).mean())
