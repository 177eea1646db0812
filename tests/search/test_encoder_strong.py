"""The strong profile with its true weights: DINOv2-S, and beside it MobileNetV2 pooled in two ways."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pytest_django import Settings

from search.encoder import Encoder, EncoderError, load_encoder
from search.features import as_stored, is_sound
from tests.photos import paint
from tests.search.test_encoder_networks import likeness, tiled_vase

pytestmark = pytest.mark.network
Float32 = NDArray[np.float32]
LIGHT = "mobilenet_v2-b0353104-squash224"
GEM = "mobilenet_v2-b0353104-avg1gem1-squash224"
DINO = "dinov2_s-cb9c1628-cls1mean1-squash224"


@pytest.fixture
def strong() -> Encoder:
    return load_encoder("strong")


def test_each_profile_tells_networks_weights_pooling_and_input_in_its_name(strong: Encoder) -> None:
    assert (strong.name, strong.dim) == (f"{GEM}+{DINO}", 2048)
    assert load_encoder("dinov2_s").name == DINO
    assert load_encoder("light") is load_encoder("mobilenet_v2")
    assert load_encoder("light").name == LIGHT
    assert len({LIGHT, GEM, DINO, strong.name}) == 4
    assert len(strong.name) <= 100  # what the database keeps of it


def test_another_size_or_shape_is_another_encoder() -> None:
    from search.encoders.dinov2 import dinov2_s

    assert dinov2_s(112, "pad").name == DINO.replace("squash224", "pad112")


@pytest.mark.parametrize("name", ["dinov2_s", "mobilenet_v2_gem", "strong"])
def test_two_photos_of_one_thing_are_nearer_than_a_third(name: str) -> None:
    vase, again, other = load_encoder(name).encode([tiled_vase(), tiled_vase(6, 1.2), paint("goldenrod", (300, 400))])

    assert likeness(vase, again) > likeness(vase, other) + 0.1


def test_both_networks_have_the_same_say_and_survive_being_stored(strong: Encoder) -> None:
    features = strong.encode([tiled_vase(), paint("teal"), paint("black")])
    stored = as_stored(features)

    assert np.allclose(np.linalg.norm(features[:, :1280], axis=1), 1, atol=1e-5)
    assert np.allclose(np.linalg.norm(features[:, 1280:], axis=1), 1, atol=1e-5)
    assert is_sound(stored).all()
    assert min(map(likeness, features, stored.astype(np.float32))) > 0.999999


def test_a_photo_has_the_same_features_alone_and_in_company(strong: Encoder) -> None:
    photos = [tiled_vase(), paint("teal"), tiled_vase(30)]

    together = strong.encode(photos)
    alone = np.concatenate([strong.encode([photo]) for photo in photos])

    assert min(map(likeness, together, alone)) > 0.9995


@pytest.mark.chaos
def test_bf16_does_not_move_what_the_networks_see(settings: Settings) -> None:
    photos = [tiled_vase(turn, light) for turn in (0, 40) for light in (0.6, 1.0)] + [paint("red")]

    settings.ENCODER_BF16 = "no"
    exact = load_encoder("strong").encode(photos)
    settings.ENCODER_BF16 = "yes"
    quick = load_encoder("strong").encode(photos)

    assert not np.array_equal(exact, quick)
    assert min(map(likeness, exact, quick)) > 0.998


@pytest.mark.slow
def test_the_transformer_is_the_published_one() -> None:
    """The same tokens as another implementation's, timm's, from the same weights."""
    import torch

    from search import weights
    from search.encoders import torchvision_ops  # noqa: F401 - before timm, which imports torchvision
    from search.encoders.dinov2 import transformer

    # isort: split
    import timm
    from timm.models.vision_transformer import checkpoint_filter_fn

    content = weights.read(weights.DINOV2_S)
    options: dict[str, Any] = {"pretrained": False, "num_classes": 0, "img_size": 112}
    theirs: Any = timm.create_model("vit_small_patch14_reg4_dinov2", **options).eval()
    state = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    theirs.load_state_dict(checkpoint_filter_fn(state, theirs))
    ours = transformer(content, "dinov2s.pt", 112).eval()
    picture = torch.rand((1, 3, 112, 112), generator=torch.Generator().manual_seed(1))

    with torch.inference_mode():
        assert torch.allclose(ours(picture), theirs.forward_features(picture), atol=1e-4)


def test_the_generalised_mean_hears_what_the_average_drowns() -> None:
    import torch

    from search.encoders.pooling import AverageAndGem

    maps = torch.zeros(1, 2, 7, 7)
    maps[0, 0] = 0.2  # everywhere a little
    maps[0, 1, 3, 3] = 9.8  # as much in all, at one place

    (pooled,) = AverageAndGem(torch.nn.Identity())(maps)
    average = torch.tensor([1, 1]) / 2**0.5

    assert pooled[1] > 2 * pooled[0]
    assert pooled[0] > average[0] * 0.99  # the average is still in it


@pytest.mark.parametrize("name", ["dinov2_s", "strong"])
def test_tampered_weights_are_refused(settings: Settings, tmp_path: Path, name: str) -> None:
    settings.WEIGHTS_DIR, settings.ENCODER_BATCH = tmp_path, 5  # a batch that no other test has loaded it with
    (tmp_path / "dinov2s.pt").write_bytes(b"other numbers")

    with pytest.raises(EncoderError, match=r"expected sha256 cb9c162889.*found "):
        load_encoder(name)


def test_weights_of_another_network_are_refused() -> None:
    import torch

    from search.encoders.dinov2 import transformer

    other = io.BytesIO()
    torch.save({"fc.weight": torch.zeros(3, 3)}, other)

    with pytest.raises(EncoderError, match="is not a DINOv2 ViT-S/14"):
        transformer(other.getvalue(), "other.pth", 224)
