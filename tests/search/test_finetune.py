"""Fine-tuning a network on the house's own photos."""

import colorsys
import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw
from torch import nn

from search.encoders.finetuned import Start
from search.encoders.network import Runtime
from search.encoders.preprocessing import Preprocessing
from search.training.finetune import Album, NothingToLearn, Outcome, Plan, Progress, Score, finetune

pytestmark = pytest.mark.network
RUNTIME = Runtime(torch.device("cpu"), bf16=False, batch=32, threads=1)
PLAN = Plan("tiny", trainable="all", epochs=2, objects_a_step=8, rate=3e-3, held_near=0.0, seed=4)


class Stopped(Exception):
    """The training was killed."""


def picture(thing: int, shot: int) -> Image.Image:
    """A thing is known by its colour and its stripes; its wall changes from shot to shot."""
    grey = int(np.random.default_rng((thing, shot)).integers(40, 220))
    photo = Image.new("RGB", (64, 64), (grey, grey, grey))
    draw = ImageDraw.Draw(photo)
    red, green, blue = (int(255 * part) for part in colorsys.hsv_to_rgb(0.618 * thing % 1, 1, 0.9))
    draw.ellipse((8, 8, 56, 56), fill=(red, green, blue))
    for line in range(12, 52, 5 + thing % 6):
        draw.line((line, 12, line, 52), fill="black" if thing % 2 else "white", width=2)
    return photo


def album(things: int = 30, shots: int = 2) -> Album:
    known = [(thing, shot) for thing in range(things) for shot in range(shots)]
    return Album(tuple(f"thing {thing}" for thing, _ in known), lambda photo: picture(*known[photo]), f"{things}")


def trainee() -> Start:
    torch.manual_seed(0)
    net = nn.Sequential(
        nn.Conv2d(3, 8, 5, 2), nn.ReLU(), nn.Conv2d(8, 16, 3, 2), nn.ReLU(), nn.AdaptiveAvgPool2d(2), nn.Flatten()
    )
    return Start(net, net, Preprocessing(32, (0.5, 0.5, 0.5), (0.25, 0.25, 0.25)), (net[2],), str)


def trained(checkpoint: Path, plan: Plan = PLAN, tell: Callable[[str, int, int], None] | None = None) -> Outcome:
    return finetune(trainee(), album(), plan, RUNTIME, checkpoint, tell or (lambda what, done, of: None))


def weights(outcome: Outcome) -> dict[str, torch.Tensor]:
    loaded: dict[str, torch.Tensor] = torch.load(io.BytesIO(outcome.weights), weights_only=True)
    return loaded


def test_training_makes_things_known_again_in_photos_by_phone(tmp_path: Path) -> None:
    outcome = trained(tmp_path / "c.pt", Plan(**{**PLAN.__dict__, "epochs": 5}))

    losses = outcome.progress.losses
    assert np.mean(losses[-3:]) < np.mean(losses[:3])
    assert outcome.after.by_phone > outcome.before.by_phone
    assert outcome.is_better


def test_the_network_that_is_kept_is_the_best_one_that_was_met(tmp_path: Path) -> None:
    outcome = trained(tmp_path / "c.pt")

    assert outcome.after.overall == max(score.overall for score in outcome.progress.scores)


def test_the_same_seed_gives_the_same_network(tmp_path: Path) -> None:
    one, other = weights(trained(tmp_path / "1.pt")), weights(trained(tmp_path / "2.pt"))

    assert all(torch.equal(one[name], other[name]) for name in one)


def test_a_killed_training_goes_on_where_it_was_and_ends_the_same(tmp_path: Path) -> None:
    def killed_in_the_second_epoch(what: str, done: int, of: int) -> None:
        if what.startswith("epoch 2"):
            raise Stopped

    with pytest.raises(Stopped):
        trained(tmp_path / "c.pt", tell=killed_in_the_second_epoch)
    seen: list[str] = []
    resumed = trained(tmp_path / "c.pt", tell=lambda what, done, of: seen.append(what))

    assert set(seen) == {"epoch 2 of 2"}
    whole = weights(trained(tmp_path / "other.pt"))
    assert all(torch.allclose(value, weights(resumed)[name], atol=1e-6) for name, value in whole.items())


def test_a_checkpoint_of_another_plan_is_not_gone_on_with(tmp_path: Path) -> None:
    trained(tmp_path / "c.pt")
    seen: list[str] = []

    trained(tmp_path / "c.pt", Plan(**{**PLAN.__dict__, "seed": 5}), lambda what, done, of: seen.append(what))

    assert seen[0] == "epoch 1 of 2"


def test_only_the_last_blocks_move_unless_all_are_asked_for(tmp_path: Path) -> None:
    before = trainee().net.state_dict()

    after = weights(trained(tmp_path / "c.pt", Plan(**{**PLAN.__dict__, "trainable": "last"})))

    assert torch.equal(before["0.weight"], after["0.weight"])
    assert not torch.equal(before["2.weight"], after["2.weight"])


def test_too_few_objects_with_several_photos_are_too_little_to_learn_from(tmp_path: Path) -> None:
    with pytest.raises(NothingToLearn, match="Only 5 objects have two photos"):
        finetune(trainee(), album(5), PLAN, RUNTIME, tmp_path / "c.pt", lambda what, done, of: None)


def test_an_outcome_that_is_worse_on_photos_as_they_are_is_not_better() -> None:
    assert Outcome(b"", Score(0.5, 0.5), Score(0.6, 0.6), Progress()).is_better
    assert not Outcome(b"", Score(0.5, 0.5), Score(0.49, 0.9), Progress()).is_better
    assert not Outcome(b"", Score(0.5, 0.5), Score(0.5, 0.5), Progress()).is_better
