"""The write-up's recipe as an encoder: VGG16's last pooling laid flat, 7 × 7 × 512 = 25,088 numbers."""

import io
import pickle
from typing import Any

import numpy as np
import torch

from search import weights
from search.encoder import EncoderError
from search.encoders.network import NetworkEncoder, Runtime
from search.encoders.preprocessing import Preprocessing
from search.encoders.torchvision_nets import encoder_name, load_features
from search.encoders.torchvision_ops import models


def vgg16() -> NetworkEncoder:
    """VGG16 with torchvision's IMAGENET1K_V1 convolutions, which the pinned package carries for another framework."""
    pinned = weights.VGG16
    with torch.device("meta"):  # no memory and no time for the classifier's 120 million numbers, which are cut off
        net = models.vgg16(weights=None)
    load_features(net, _state_dict(weights.read(pinned)), pinned.file_name)
    preprocessing = Preprocessing.of_transforms(models.VGG16_Weights.IMAGENET1K_V1.transforms())
    name = encoder_name("vgg16", pinned.sha256, preprocessing)
    return NetworkEncoder(name, net, preprocessing, Runtime.of_settings())


def _state_dict(content: bytes) -> dict[str, torch.Tensor]:
    """The pickle's kernels are (height, width, in, out) and numbered by convolution; torch wants (out, in, h, w)."""
    # Places of the convolutions in torchvision's `features`, in order.
    places = (0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28)
    state = {}
    try:
        layers = _ArraysOnly(io.BytesIO(content)).load()["VGG16_0"]
        for number, place in enumerate(places):
            layer = layers[f"Conv_{number}"]
            kernel = np.ascontiguousarray(layer["kernel"].transpose(3, 2, 0, 1))
            state[f"features.{place}.weight"] = torch.from_numpy(kernel)
            state[f"features.{place}.bias"] = torch.from_numpy(np.array(layer["bias"]))
    except (pickle.UnpicklingError, KeyError, TypeError) as error:
        raise EncoderError(f"The weights file {weights.VGG16.file_name} has another form than expected.") from error
    return state


class _ArraysOnly(pickle.Unpickler):
    """Unpickles numpy arrays in dicts; a pickle that names anything else is refused before it runs."""

    _ALLOWED: dict[tuple[str, str], Any] = {
        ("numpy.core.multiarray", "_reconstruct"): np.empty(0).__reduce__()[0],
        ("numpy", "ndarray"): np.ndarray,
        ("numpy", "dtype"): np.dtype,
    }

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in self._ALLOWED:
            raise pickle.UnpicklingError(f"{module}.{name} has no place in a weights file")
        return self._ALLOWED[module, name]
