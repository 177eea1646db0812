"""torchvision's classification networks as encoders: the pooled features that its classifier would see."""

import hashlib
import io
import re
from pathlib import Path
from typing import Any

import torch
from torch import nn

from search import weights
from search.encoder import EncoderError
from search.encoders.inference import fold_batch_norms, keep_exact
from search.encoders.network import NetworkEncoder, Runtime
from search.encoders.pooling import POOLING, AverageAndGem
from search.encoders.preprocessing import Fit, Preprocessing
from search.encoders.torchvision_ops import models

_HEADS = ("fc", "classifier", "heads", "head")  # what torchvision's networks call their classifier
_AUXILIARY = ("AuxLogits.", "aux1.", "aux2.")  # further classifiers that only training needs
_EXACT_CONVOLUTIONS = 3  # see search.encoders.inference for what it brings
_EXAMPLES = "mobilenet_v2, vgg16, resnet50, efficientnet_b0, convnext_tiny, vit_b_16"


def mobilenet_v2(fit: Fit = "squash") -> NetworkEncoder:
    """MobileNetV2 with torchvision's IMAGENET1K_V1 weights, 1,280 features pooled as its classifier would see them."""
    return encoder_of("mobilenet_v2", weights.read(weights.MOBILENET_V2), weights.MOBILENET_V2.file_name, fit)


def mobilenet_v2_gem() -> NetworkEncoder:
    """The same network and weights, pooled by the average and the generalised mean together, 1,280 numbers."""
    return gem_encoder_of(weights.read(weights.MOBILENET_V2), weights.MOBILENET_V2.file_name)


def from_weights_file(architecture: str, weights_file: str) -> NetworkEncoder:
    """Any network of torchvision's classification zoo with a state dict saved as a .pth file."""
    known = models.list_models(module=models)
    if architecture not in known:
        raise EncoderError(
            f"ENCODER is {architecture!r}, which torchvision does not have. Set it to one such as: {_EXAMPLES}."
        )
    if not weights_file:
        raise EncoderError(f"ENCODER is {architecture!r}: set ENCODER_WEIGHTS to the path of its weights file (.pth).")
    path = Path(weights_file)
    content = weights.read_file(path)
    promised = re.search(r"-([0-9a-f]{8,64})\.pth$", path.name)  # torch's habit: the name ends in the hash
    found = hashlib.sha256(content).hexdigest()
    if promised and not found.startswith(promised[1]):
        raise EncoderError(
            f"The weights file {path} is not what its name says and was not loaded: "
            f"expected sha256 {promised[1]}…, found {found}."
        )
    return encoder_of(architecture, content, str(path))


def bare_network(
    architecture: str, content: bytes, origin: str, fit: Fit = "squash"
) -> tuple[nn.Module, Preprocessing, str]:
    """The network as it was trained, without its classifier; what it wants of a photo; the name of its features.

    Raises EncoderError where the content is no state dict of that network.
    """
    digest = hashlib.sha256(content).hexdigest()
    net = models.get_model(architecture, weights=None, **_options(architecture))
    load_features(net, _state_dict(content, origin), origin)
    if hasattr(net, "transform_input"):
        net.transform_input = True  # Inception and GoogLeNet were trained on another scale and convert inside
    preprocessing = Preprocessing.of_transforms(_weights_entry(architecture, digest).transforms(), fit)
    return net, preprocessing, encoder_name(architecture, digest, preprocessing)


def encoder_of(architecture: str, content: bytes, origin: str, fit: Fit = "squash") -> NetworkEncoder:
    """The same network made quick (search.encoders.inference), as an encoder."""
    net, preprocessing, name = bare_network(architecture, content, origin, fit)
    make_quick(net)
    return NetworkEncoder(name, net, preprocessing, Runtime.of_settings())


def gem_encoder_of(content: bytes, origin: str) -> NetworkEncoder:
    """MobileNetV2 with other weights, pooled in both ways; raises EncoderError where the content is not its."""
    net, preprocessing, name = bare_network("mobilenet_v2", content, origin)
    make_quick(net)
    return NetworkEncoder(pooled_name(name), pooled(net), preprocessing, Runtime.of_settings())


def pooled(net: nn.Module) -> AverageAndGem:
    """The network's last maps, pooled by the average and the generalised mean."""
    return AverageAndGem(net.get_submodule("features"))


def pooled_name(name: str) -> str:
    architecture, digest, label = name.rsplit("-", 2)
    return f"{architecture}-{digest}-{POOLING}-{label}"


def make_quick(net: nn.Module) -> None:
    """The same features in less time: see search.encoders.inference."""
    fold_batch_norms(net)
    keep_exact(net, _EXACT_CONVOLUTIONS)


def encoder_name(architecture: str, sha256: str, preprocessing: Preprocessing) -> str:
    """Architecture, weights and input: whatever of them changes, the vectors change, and so does the name."""
    return f"{architecture}-{sha256[:8]}-{preprocessing.label}"


def _options(architecture: str) -> dict[str, bool]:
    # Left alone, these two draw first weights for many seconds, and bring classifiers that only training needs.
    return {"init_weights": False, "aux_logits": False} if architecture in {"googlenet", "inception_v3"} else {}


def _state_dict(content: bytes, origin: str) -> dict[str, torch.Tensor]:
    try:
        state = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises whatever the broken archive makes it raise
        raise EncoderError(f"The weights file {origin} is not a state dict that torch can read safely.") from error
    if not isinstance(state, dict) or not all(isinstance(value, torch.Tensor) for value in state.values()):
        raise EncoderError(f"The weights file {origin} holds no plain state dict (names and tensors).")
    return state


def _weights_entry(architecture: str, sha256: str) -> Any:
    """torchvision's own record of these weights; for weights of the house's own training, its default record."""
    entries = models.get_model_weights(architecture)
    return next((entry for entry in entries if f"-{sha256[:8]}." in entry.url), entries.DEFAULT)


def load_features(net: nn.Module, state: dict[str, torch.Tensor], origin: str) -> None:
    """Cut the classifier off `net` and load the rest; the file's classifier may have any number of classes."""
    head = cut_classifier(net)
    misfit = f"The weights file {origin} does not fit the network {type(net).__name__}."
    try:
        missing, unexpected = net.load_state_dict(state, strict=False, assign=True)
    except RuntimeError as error:
        raise EncoderError(misfit) from error
    if missing or not all(name.startswith((f"{head}.", *_AUXILIARY)) for name in unexpected):
        raise EncoderError(misfit)
    net.float()  # a file saved in half precision is welcome


def cut_classifier(net: nn.Module) -> str:
    """Replace the classifier of `net` from its first linear layer on by nothing; returns the classifier's name."""
    name = next((name for name in _HEADS if hasattr(net, name)), None)
    if name is None:
        raise EncoderError(f"The network {type(net).__name__} has no classifier that can be cut off.")
    head = getattr(net, name)
    if not isinstance(head, nn.Sequential):
        setattr(net, name, nn.Identity())
        return name
    linear = next((place for place, layer in enumerate(head) if isinstance(layer, nn.Linear)), None)
    if linear is not None:
        for place in range(linear, len(head)):
            head[place] = nn.Identity()
    else:  # SqueezeNet classifies by a convolution and pools after it
        head[[isinstance(layer, nn.Conv2d) for layer in head].index(True)] = nn.Identity()
    return name
