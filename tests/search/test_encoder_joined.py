"""Several networks as one, and the profiles that the settings name."""

import re
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from pytest_django import Settings

from search.encoder import Encoder, EncoderError, load_encoder, networks_of
from tests.photos import paint

TOY = "tests.toy_encoder:ToyEncoder"
HEIGHTS = "tests.search.test_encoder_joined:Heights"


class Heights:
    """Sees how tall a photo is, and nothing at all in a square one."""

    name, dim = "heights", 2

    def encode(self, pictures: Sequence[Image.Image]) -> NDArray[np.float32]:
        """float32 (n, 2)"""
        rows = [
            (max(0, picture.height - picture.width), max(0, picture.width - picture.height)) for picture in pictures
        ]
        return np.array(rows, np.float32).reshape(-1, 2)


@pytest.fixture
def joined() -> Encoder:
    return load_encoder(f"{TOY}+{HEIGHTS}")


def test_what_each_network_sees_stands_side_by_side_at_length_one(joined: Encoder) -> None:
    (features,) = joined.encode([paint("red", (30, 70))])
    (colour,) = load_encoder(TOY).encode([paint("red", (30, 70))])

    assert (joined.name, joined.dim) == ("toy-mean-colour+heights", 8)
    assert features.dtype == np.float32
    assert np.allclose(features[:6], colour / np.linalg.norm(colour))
    assert features[6:].tolist() == [1, 0]


def test_a_network_that_sees_nothing_leaves_the_others_their_say(joined: Encoder) -> None:
    (features,) = joined.encode([paint("red", (50, 50))])

    assert features[6:].tolist() == [0, 0]
    assert np.linalg.norm(features) == pytest.approx(1)


def test_no_photos_give_no_rows_of_the_joined_width(joined: Encoder) -> None:
    assert joined.encode([]).shape == (0, 8)


def test_the_order_of_the_networks_is_in_the_name(joined: Encoder) -> None:
    turned = load_encoder(f"{HEIGHTS}+{TOY}")

    assert turned.name == "heights+toy-mean-colour"
    assert turned.name != joined.name


def test_a_network_that_already_serves_is_not_loaded_twice() -> None:
    from search.encoders.joined import JoinedEncoder

    alone, together = load_encoder(TOY), load_encoder(f"{TOY}+{HEIGHTS}")

    assert isinstance(together, JoinedEncoder)
    assert together.parts[0] is alone


def test_the_profiles_name_their_networks() -> None:
    assert networks_of("light") == ["mobilenet_v2"]
    assert networks_of("strong") == ["mobilenet_v2_gem", "dinov2_s"]
    assert networks_of("resnet50") == ["resnet50"]


def test_a_weights_file_goes_with_a_single_network(settings: Settings) -> None:
    settings.ENCODER, settings.ENCODER_WEIGHTS = "strong", "ours.pth"

    with pytest.raises(EncoderError, match=re.escape("leave ENCODER_WEIGHTS empty")):
        load_encoder()
