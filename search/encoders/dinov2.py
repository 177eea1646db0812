"""DINOv2 ViT-S/14 with registers: what the whole picture is, beside what its places look like on average.

Source: Oquab et al., "DINOv2: Learning Robust Visual Features without Supervision", TMLR 2024; the network with
registers as its authors published it, under Apache-2.0.
"""

import io
from dataclasses import replace

import torch
from PIL import Image
from torch import nn
from torch.nn import functional

from search import weights
from search.encoder import EncoderError
from search.encoders.inference import hold_linear_as_bf16
from search.encoders.network import NetworkEncoder, Runtime
from search.encoders.preprocessing import Fit, Preprocessing
from search.encoders.transformer import VisionTransformer, at_grid

_PATCH = 14
_POOLING = "cls1mean1"  # both of length one
INPUT = Preprocessing(224, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), Image.Resampling.BICUBIC)


def dinov2_s(size: int = INPUT.size, fit: Fit = "squash") -> NetworkEncoder:
    """768 numbers: the class token and the mean of the patches, each of length one; `size` is a multiple of 14."""
    pinned, runtime = weights.DINOV2_S, Runtime.of_settings()
    net = transformer(weights.read(pinned), pinned.file_name, size)
    # On a GPU the cast at each use costs next to nothing, and the CPU that steps in for it may know no bf16.
    if runtime.bf16 and runtime.device.type == "cpu":
        hold_linear_as_bf16(net)
    preprocessing = replace(INPUT, size=size, fit=fit)
    name = f"dinov2_s-{pinned.sha256[:8]}-{_POOLING}-{preprocessing.label}"
    return NetworkEncoder(name, _ClassAndMean(net), preprocessing, runtime)


def transformer(content: bytes, origin: str, size: int) -> VisionTransformer:
    """The network for pictures of `size` pixels a side; raises EncoderError where the content is another one's."""
    try:
        state = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
        state.pop("mask_token", None)  # stands for hidden patches, in training only
        state["pos_embed"] = at_grid(state["pos_embed"], size // _PATCH)
        with torch.device("meta"):  # no time for first numbers that are replaced at once
            net = VisionTransformer(width=384, depth=12, heads=6, patch=_PATCH, grid=size // _PATCH, registers=4)
        net.load_state_dict(state, assign=True)
    except Exception as error:  # torch raises whatever the broken archive makes it raise
        raise EncoderError(f"The weights file {origin} is not a DINOv2 ViT-S/14 that torch can read safely.") from error
    return net.float()


class _ClassAndMean(nn.Module):
    def __init__(self, net: VisionTransformer) -> None:
        super().__init__()
        self.net = net

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        tokens = self.net(pictures).float()
        blocks = tokens[:, 0], self.net.patches(tokens).mean(dim=1)
        return torch.cat([functional.normalize(block, dim=1) for block in blocks], dim=1)
