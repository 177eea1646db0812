"""Photos that look as if taken by phone, for training."""

import numpy as np
from PIL import Image, ImageDraw

from search.training.phone import as_by_phone


def vase(wall: str) -> Image.Image:
    picture = Image.new("RGB", (300, 400), wall)
    ImageDraw.Draw(picture).ellipse((90, 80, 210, 330), fill="#205080", outline="#102040", width=6)
    return picture


def test_the_same_dice_take_the_same_photo_and_others_take_another() -> None:
    photos = [as_by_phone(vase("white"), 96, np.random.default_rng(seed)) for seed in (1, 1, 2)]

    assert photos[0].tobytes() == photos[1].tobytes()
    assert photos[0].tobytes() != photos[2].tobytes()


def test_a_photo_keeps_its_thing_whatever_befalls_it() -> None:
    for seed in range(40):
        photo = np.asarray(as_by_phone(vase("white"), 96, np.random.default_rng(seed)), np.float32)
        red, blue = photo[20:76, 30:66, 0].mean(), photo[20:76, 30:66, 2].mean()
        assert blue > red, f"the vase of seed {seed} is no longer blue"


def test_a_plain_wall_is_sometimes_another_one() -> None:
    corners = [np.asarray(as_by_phone(vase("white"), 96, np.random.default_rng(seed)))[2, 2] for seed in range(60)]

    assert sum(corner.mean() < 140 for corner in corners) >= 5


def test_a_drawing_keeps_its_paper() -> None:
    paper = Image.new("RGB", (300, 300), "white")
    ImageDraw.Draw(paper).line((60, 60, 240, 240), fill="black", width=5)

    middles = [np.asarray(as_by_phone(paper, 96, np.random.default_rng(seed))).mean() for seed in range(60)]

    assert min(middles) > 100


def test_any_shape_and_mode_becomes_a_square_in_rgb() -> None:
    for photo in (Image.new("L", (20, 900), 80), Image.new("RGBA", (900, 20)), Image.new("RGB", (16, 16), "red")):
        assert as_by_phone(photo, 64, np.random.default_rng(0)).size == (64, 64)
        assert as_by_phone(photo, 64, np.random.default_rng(0)).mode == "RGB"
