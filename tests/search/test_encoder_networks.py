"""The true networks: what they see, and which files they refuse."""

import hashlib
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.conf import settings as django_settings
from numpy.typing import NDArray
from PIL import Image, ImageEnhance
from pytest_django import Settings

from search.encoder import Encoder, EncoderError, load_encoder
from tests.photos import paint

pytestmark = pytest.mark.network
Float32 = NDArray[np.float32]


@pytest.fixture
def mobilenet(settings: Settings, tmp_path: Path) -> Encoder:
    settings.ENCODER = "mobilenet_v2"
    return load_encoder()


def likeness(one: Float32, other: Float32) -> float:
    return float(one @ other / np.linalg.norm(one) / np.linalg.norm(other))


def tiled_vase(turn: int = 0, light: float = 1.0) -> Image.Image:
    """A blue-and-white check on a dark ground, turned a little and lit otherwise."""
    squares = np.indices((12, 8)).sum(axis=0) % 2
    check = Image.fromarray(np.where(squares[..., None] > 0, (240, 240, 230), (40, 60, 160)).astype(np.uint8))
    photo = Image.new("RGB", (300, 400), (50, 40, 35))
    photo.paste(check.resize((160, 240), Image.Resampling.NEAREST), (70, 80))
    return ImageEnhance.Brightness(photo.rotate(turn, fillcolor=(50, 40, 35))).enhance(light)


def test_the_default_is_mobilenet_and_its_name_tells_weights_and_input(mobilenet: Encoder) -> None:
    features = mobilenet.encode([paint("red")])

    assert mobilenet.name == "mobilenet_v2-b0353104-squash224"
    assert mobilenet.dim == 1280
    assert features.shape == (1, 1280)
    assert features.dtype == np.float32
    assert mobilenet.encode([]).shape == (0, 1280)


def test_two_photos_of_one_thing_are_nearer_than_a_third(mobilenet: Encoder) -> None:
    vase, again, other = mobilenet.encode([tiled_vase(), tiled_vase(6, 1.2), paint("goldenrod", (300, 400))])

    assert likeness(vase, again) > likeness(vase, other) + 0.1


def test_a_photo_has_the_same_features_alone_and_in_company(mobilenet: Encoder) -> None:
    photos = [paint(colour, seed=seed) for seed in range(7) for colour in ("red", "teal", "plum")]

    together = mobilenet.encode(photos)
    alone = np.concatenate([mobilenet.encode([photo]) for photo in photos])

    assert min(map(likeness, together, alone)) > 0.9995


def test_the_ends_of_a_wide_picture_are_seen(mobilenet: Encoder) -> None:
    sofa = paint("saddlebrown", (600, 200))
    cushion = sofa.copy()
    cushion.paste(tiled_vase().resize((90, 200)), (0, 0))  # a centre crop would cut off 200 pixels on either side

    plain, with_cushion = mobilenet.encode([sofa, cushion])

    assert likeness(plain, with_cushion) < 0.95


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "CMYK", "1", "I;16"])
@pytest.mark.parametrize("size", [(1, 1), (1, 500), (640, 480)])
def test_any_picture_gets_finite_features(mobilenet: Encoder, mode: str, size: tuple[int, int]) -> None:
    features = mobilenet.encode([Image.new(mode, size)])

    assert np.isfinite(features).all()
    assert np.linalg.norm(features) > 1e-3


def test_bf16_does_not_move_what_the_network_sees(settings: Settings) -> None:
    photos = [tiled_vase(turn, light) for turn in (0, 15, 40) for light in (0.6, 1.0)] + [paint("red"), paint("teal")]
    settings.ENCODER = "mobilenet_v2"

    settings.ENCODER_BF16 = "no"
    exact = load_encoder().encode(photos)
    settings.ENCODER_BF16 = "yes"
    quick = load_encoder().encode(photos)

    assert not np.array_equal(exact, quick)
    assert min(map(likeness, exact, quick)) > 0.998


def test_a_web_thread_uses_no_more_cores_than_it_may(settings: Settings) -> None:
    import torch

    settings.ENCODER, settings.ENCODER_THREADS = "mobilenet_v2", 1
    encoder, used = load_encoder(), []

    def answer() -> None:
        encoder.encode([paint("red")])
        used.append(torch.get_num_threads())

    thread = threading.Thread(target=answer)
    thread.start()
    thread.join()

    assert used == [1]


def test_threads_get_the_same_features_as_one(mobilenet: Encoder) -> None:
    photos = [paint(colour) for colour in ("red", "teal", "plum", "navy")]
    expected, got = mobilenet.encode(photos), dict[int, Float32]()
    threads = [threading.Thread(target=lambda n=n: got.update({n: mobilenet.encode(photos)})) for n in range(4)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert all(np.allclose(features, expected, atol=1e-3) for features in got.values())
    assert len(got) == 4


class TestShortOfMemory:
    """A network that, like a small GPU, has no room for more than so many photos at once."""

    def encoder(self, room: Sequence[int]) -> Any:
        """`room`: photos that fit at the first call, the second, … ; the last holds from then on."""
        import torch

        from search.encoders.network import NetworkEncoder, Runtime
        from search.encoders.preprocessing import Preprocessing

        left, sizes = list(room), list[int]()

        class Cramped(torch.nn.Module):
            def forward(self, pictures: torch.Tensor) -> torch.Tensor:
                sizes.append(len(pictures))
                if len(pictures) > (left.pop(0) if len(left) > 1 else left[0]):
                    raise torch.OutOfMemoryError("CUDA out of memory")
                return pictures.mean(dim=(2, 3))

        preprocessing = Preprocessing(8, (0, 0, 0), (1, 1, 1))
        encoder = NetworkEncoder("cramped", Cramped(), preprocessing, Runtime(torch.device("cpu"), False, 16, 1))
        return encoder, sizes

    def test_a_batch_that_does_not_fit_is_halved_until_it_does(self) -> None:
        encoder, sizes = self.encoder([3])
        colours = [(index * 15, 255, 0) for index in range(16)]

        features = encoder.encode([Image.new("RGB", (10, 10), colour) for colour in colours])

        assert np.allclose(features, np.array(colours) / 255, atol=1e-6)
        assert sizes == [1, 16, 8, 4, 2, 2, 4, 2, 2, 8, 4, 2, 2, 4, 2, 2]

    def test_where_not_even_one_photo_fits_the_cpu_embeds_it(self) -> None:
        encoder, _ = self.encoder([1, 0, 0, 9])

        assert np.allclose(encoder.encode([Image.new("RGB", (10, 10), "red")] * 2), [[1, 0, 0]] * 2)

    def test_where_the_cpu_has_no_room_either_it_is_told_in_a_sentence(self) -> None:
        encoder, _ = self.encoder([1, 0])

        with pytest.raises(EncoderError, match="not enough memory for one photo"):
            encoder.encode([Image.new("RGB", (10, 10), "red")])


def test_features_that_are_no_numbers_are_refused() -> None:
    import torch

    from search.encoders.network import NetworkEncoder, Runtime
    from search.encoders.preprocessing import Preprocessing

    class Overflowing(torch.nn.Module):
        def forward(self, pictures: torch.Tensor) -> torch.Tensor:
            return pictures.mean(dim=(2, 3)).log()

    runtime = Runtime(torch.device("cpu"), False, 16, 1)
    encoder = NetworkEncoder("overflowing", Overflowing(), Preprocessing(8, (0, 0, 0), (1, 1, 1)), runtime)

    with pytest.raises(EncoderError, match="not finite"):
        encoder.encode([Image.new("RGB", (10, 10), "black")])


@pytest.mark.parametrize("wanted", ["gpu", "cuda:77", "meta pebble", "mps:0"])
def test_a_device_that_is_not_there_is_told_in_a_sentence(settings: Settings, wanted: str) -> None:
    settings.ENCODER, settings.ENCODER_DEVICE = "mobilenet_v2", wanted

    with pytest.raises(EncoderError, match="ENCODER_DEVICE is"):
        load_encoder()


def saved(architecture: str, path: Path, **options: Any) -> Path:
    """A weights file of that network, untrained, as a house's own training would leave it."""
    import torch

    from search.encoders.torchvision_ops import models

    torch.manual_seed(1)
    options |= {"init_weights": False} if architecture == "inception_v3" else {}  # drawing them takes half a minute
    torch.save(models.get_model(architecture, weights=None, **options).state_dict(), path)
    return path


@pytest.mark.parametrize(
    ("architecture", "dim", "label"),
    [
        ("resnet18", 512, "squash224"),
        ("mobilenet_v3_small", 576, "squash224"),
        pytest.param("squeezenet1_1", 512, "squash224", marks=pytest.mark.chaos),
        pytest.param("shufflenet_v2_x0_5", 1024, "squash224", marks=pytest.mark.chaos),
        pytest.param("efficientnet_b0", 1280, "squash224", marks=pytest.mark.chaos),
        pytest.param("regnet_y_400mf", 440, "squash224", marks=pytest.mark.chaos),
        pytest.param("mnasnet0_5", 1280, "squash224", marks=pytest.mark.chaos),
        pytest.param("inception_v3", 2048, "squash299", marks=pytest.mark.slow),
    ],
)
def test_any_torchvision_network_runs_by_name_with_a_weights_file(
    settings: Settings, tmp_path: Path, architecture: str, dim: int, label: str
) -> None:
    path = saved(architecture, tmp_path / "ours.pth", num_classes=7)
    settings.ENCODER, settings.ENCODER_WEIGHTS = architecture, str(path)

    encoder = load_encoder()

    assert encoder.name == f"{architecture}-{hashlib.sha256(path.read_bytes()).hexdigest()[:8]}-{label}"
    assert encoder.encode([paint("red"), paint("teal")]).shape == (2, dim) == (2, encoder.dim)


def test_pooled_features_are_what_the_classifier_would_have_seen(settings: Settings, tmp_path: Path) -> None:
    import torch

    from search.encoders.torchvision_ops import models

    path = saved("resnet18", tmp_path / "ours.pth")
    settings.ENCODER, settings.ENCODER_WEIGHTS, settings.ENCODER_BF16 = "resnet18", str(path), "no"
    picture, seen = paint("olive", (224, 224)), []
    net = models.resnet18(weights=None).eval()
    net.load_state_dict(torch.load(path, weights_only=True))
    net.fc.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0].numpy()))
    with torch.inference_mode():
        net(models.ResNet18_Weights.DEFAULT.transforms(crop_size=224, resize_size=224)(picture)[None])

    assert np.allclose(load_encoder().encode([picture]), seen[0], rtol=1e-3, atol=1e-4)


def test_an_unknown_network_is_told_with_some_that_exist(settings: Settings) -> None:
    settings.ENCODER = "mobilenet_v9"

    with pytest.raises(EncoderError, match=r"'mobilenet_v9', which torchvision does not have.*resnet50"):
        load_encoder()


def test_a_network_without_its_weights_file_says_what_to_set(settings: Settings) -> None:
    settings.ENCODER = "resnet50"

    with pytest.raises(EncoderError, match="set ENCODER_WEIGHTS"):
        load_encoder()


def test_a_weights_file_that_is_not_there_is_told(settings: Settings, tmp_path: Path) -> None:
    settings.ENCODER, settings.ENCODER_WEIGHTS = "resnet18", str(tmp_path / "none.pth")

    with pytest.raises(EncoderError, match="can't be read: No such file"):
        load_encoder()


def test_weights_of_another_network_are_refused(settings: Settings, tmp_path: Path) -> None:
    settings.ENCODER, settings.ENCODER_WEIGHTS = "resnet18", str(saved("squeezenet1_1", tmp_path / "ours.pth"))

    with pytest.raises(EncoderError, match="does not fit the network ResNet"):
        load_encoder()


def test_a_file_that_is_not_what_its_name_says_is_refused(settings: Settings, tmp_path: Path) -> None:
    settings.ENCODER, settings.ENCODER_WEIGHTS = "resnet18", str(saved("resnet18", tmp_path / "resnet18-f37072fd.pth"))

    with pytest.raises(EncoderError, match="expected sha256 f37072fd…, found "):
        load_encoder()


class Harmful:
    """Pickles to a command, as a file from a stranger might."""

    def __init__(self, command: str) -> None:
        self.command = command

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return os.system, (self.command,)


def test_a_weights_file_never_runs_code(settings: Settings, tmp_path: Path) -> None:
    import torch

    torch.save({"fc.weight": Harmful(f"touch {tmp_path}/ran")}, tmp_path / "ours.pth")
    settings.ENCODER, settings.ENCODER_WEIGHTS = "resnet18", str(tmp_path / "ours.pth")

    with pytest.raises(EncoderError, match="can read safely"):
        load_encoder()

    assert not (tmp_path / "ran").exists()


def test_a_tampered_default_is_refused(settings: Settings, tmp_path: Path) -> None:
    settings.ENCODER, settings.WEIGHTS_DIR, settings.ENCODER_BATCH = "mobilenet_v2", tmp_path, 3
    (tmp_path / "mobilenet_v2-b0353104.pth").write_bytes(b"other numbers")

    with pytest.raises(EncoderError, match=r"expected sha256 b03531047f.*found "):
        load_encoder()


def test_the_write_ups_recipe_gives_25_088_numbers_in_torchvisions_order() -> None:
    # In the order (512, 7, 7), a bright spot at the upper left shows in the rows and columns at the upper left.
    dark, spot = Image.new("RGB", (224, 224)), Image.new("RGB", (224, 224))
    spot.paste((255, 255, 255), (8, 8, 40, 40))
    encoder = load_encoder("vgg16")

    features = encoder.encode([dark, spot])
    change = np.abs(features[1] - features[0]).reshape(512, 7, 7).sum(axis=0)

    assert encoder.name == "vgg16-2ecbe4ce-squash224"
    assert features.shape == (2, 25_088)
    assert features.min() == 0  # after the last ReLU and pooling
    assert change[:3, :3].sum() > 0.8 * change.sum()


def test_the_write_ups_weights_are_torchvisions_own() -> None:
    from search import weights
    from search.encoders.vgg16 import _state_dict

    state = _state_dict(weights.read(weights.VGG16))

    # The first kernel's red plane, as torchvision's vgg16-397923af.pth has it: right order, and red before blue.
    red = [[-0.5537, 0.1427, 0.5290], [-0.5831, 0.3566, 0.7657], [-0.6902, -0.0480, 0.4841]]
    assert np.allclose(state["features.0.weight"][0, 0].numpy(), red, atol=1e-4)
    assert len(state) == 26


def test_the_recipes_pickle_may_hold_nothing_but_arrays(tmp_path: Path) -> None:
    from search.encoders.vgg16 import _state_dict

    with pytest.raises(EncoderError, match="another form"):
        _state_dict(pickle.dumps({"VGG16_0": Harmful(f"touch {tmp_path}/ran")}))
    with pytest.raises(EncoderError, match="another form"):
        _state_dict(pickle.dumps({"VGG16_0": {}}))

    assert not (tmp_path / "ran").exists()


@pytest.mark.slow
class TestTorchvisionBesideAnyTorch:
    def run(self, code: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", code]
        return subprocess.run(command, cwd=django_settings.BASE_DIR, capture_output=True, text=True, check=False)

    @pytest.mark.chaos
    def test_without_the_declaration_the_import_dies_where_the_builds_differ(self) -> None:
        done = self.run("import torchvision")

        if done.returncode == 0:
            pytest.skip("this machine's torch and torchvision are of one build")
        assert "operator torchvision::nms does not exist" in done.stderr

    @pytest.mark.chaos  # every test of a network works with it
    def test_with_the_declaration_it_works(self) -> None:
        done = self.run("import search.encoders.torchvision_ops; import torchvision; print(torchvision.__version__)")

        assert done.returncode == 0, done.stderr

    def test_operators_that_are_there_are_left_alone(self) -> None:
        done = self.run(
            "import torch; library = torch.library.Library('torchvision', 'DEF')\n"
            "for name in ('nms', 'qnms'): library.define(name + '(Tensor dets, Tensor scores, float t) -> Tensor')\n"
            "from search.encoders.torchvision_ops import declare_missing_operators, models\n"
            "assert declare_missing_operators() is False\n"
            "assert 'float t)' in str(torch.ops.torchvision.nms.default._schema)"
        )

        assert done.returncode == 0, done.stderr


def test_a_padded_photo_keeps_its_proportions_and_makes_another_encoder() -> None:
    from search.encoders.preprocessing import Preprocessing

    wide = Preprocessing(100, (0.5, 0.5, 0.5), (1, 1, 1), fit="pad")

    (pixels,) = wide.pixels([Image.new("RGB", (400, 200), "white")])

    assert wide.label == "pad100"
    assert (pixels[25:75] == 255).all()
    assert (pixels[:25] == 128).all()
    assert (pixels[75:] == 128).all()
