"""What can be joined: each block is some of the numbers that one network, or none, sees in a photo."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageOps
from torch import nn

from search import weights
from search.encoder import Encoder
from search.encoders.dinov2 import INPUT, transformer
from search.encoders.network import NetworkEncoder, Runtime
from search.encoders.preprocessing import Fit, Preprocessing
from search.encoders.torchvision_nets import bare_network, make_quick
from search.encoders.transformer import VisionTransformer

_POOLINGS = ("average", "gem", "max")
_PLACES = ("class", "mean", "max")
_SIDE = 128  # pixels of a picture whose colours are counted


@dataclass(frozen=True)
class Block:
    """Columns of an encoder's features: `part` of `parts` of equal width."""

    encoder: Callable[[], Encoder]
    part: int = 0
    parts: int = 1

    def of(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """(n, dim / parts) of all features (n, dim)."""
        width = features.shape[1] // self.parts
        return features[:, self.part * width : (self.part + 1) * width]


def mobilenet(size: int = 224, fit: Fit = "squash") -> NetworkEncoder:
    """MobileNetV2's last map in three poolings: average, generalised mean of power 3, maximum; 3 × 1,280 numbers."""
    pinned = weights.MOBILENET_V2
    net, usual, name = bare_network("mobilenet_v2", weights.read(pinned), pinned.file_name)
    make_quick(net)
    preprocessing = Preprocessing(size, usual.mean, usual.std, usual.resample, fit)
    name = f"three-poolings-{name.rpartition('-')[0]}-{preprocessing.label}"
    return NetworkEncoder(name, _ThreePoolings(net.get_submodule("features")), preprocessing, Runtime.of_settings())


def dinov2(size: int = 224, fit: Fit = "squash") -> NetworkEncoder:
    """DINOv2-S' class token, mean of its patches and their maximum: 3 × 384 numbers."""
    pinned = weights.DINOV2_S
    net = _ThreePlaces(transformer(weights.read(pinned), pinned.file_name, size))
    preprocessing = Preprocessing(size, INPUT.mean, INPUT.std, INPUT.resample, fit)
    name = f"three-places-dinov2_s-{pinned.sha256[:8]}-{preprocessing.label}"
    return NetworkEncoder(name, net, preprocessing, Runtime.of_settings())


class _ThreePoolings(nn.Module):
    def __init__(self, trunk: nn.Module) -> None:
        super().__init__()
        self.trunk = trunk

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        places = self.trunk(pictures).float().flatten(2)
        gem = places.clamp(min=1e-6).pow(3).mean(dim=2).pow(1 / 3)
        return torch.cat([places.mean(dim=2), gem, places.amax(dim=2)], dim=1)


class _ThreePlaces(nn.Module):
    def __init__(self, net: VisionTransformer) -> None:
        super().__init__()
        self.net = net

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        tokens = self.net(pictures).float()
        patches = self.net.patches(tokens)
        return torch.cat([tokens[:, 0], patches.mean(dim=1), patches.amax(dim=1)], dim=1)


class Changed:
    """An encoder that sees each photo changed."""

    def __init__(self, encoder: Encoder, change: Callable[[Image.Image], Image.Image], word: str) -> None:
        self.name, self.dim = f"{word}-{encoder.name}", encoder.dim
        self._encoder, self._change = encoder, change

    def encode(self, pictures: Sequence[Image.Image]) -> NDArray[np.float32]:
        """float32 (n, dim)"""
        return self._encoder.encode([self._change(picture) for picture in pictures])


class Colours:
    """Square roots of three HSV histograms: of the whole photo, of its middle (Gaussian window), of its border alone.

    The border, a tenth at each side, hardly ever shows the object: what it finds is the room, not the thing.
    """

    name, dim = "colours-whole-middle-border-16x4x4", 3 * 256

    def __init__(self) -> None:
        places = np.indices((_SIDE, _SIDE)) - (_SIDE - 1) / 2
        middle = np.exp(-(places**2).sum(axis=0) / (2 * (_SIDE / 4) ** 2))
        border = np.abs(places).max(axis=0) > 0.4 * _SIDE
        self._windows = [window.ravel().astype(float) for window in (np.ones_like(middle), middle, border)]

    def encode(self, pictures: Sequence[Image.Image]) -> NDArray[np.float32]:
        """float32 (n, 768)"""
        return np.stack([self._row(picture.convert("RGB")) for picture in pictures]).astype(np.float32)

    def _row(self, picture: Image.Image) -> NDArray[np.float64]:
        small = picture.resize((_SIDE, _SIDE), Image.Resampling.BILINEAR)
        pixels = np.asarray(small.convert("HSV")).reshape(-1, 3)
        counts = [np.histogramdd(pixels, (16, 4, 4), [(0, 256)] * 3, weights=window)[0] for window in self._windows]
        return np.concatenate([np.sqrt(count.ravel() / count.sum()) for count in counts])


def _middle(picture: Image.Image) -> Image.Image:
    """Without a tenth at each side."""
    width, height = picture.size
    return picture.crop((round(width * 0.1), round(height * 0.1), round(width * 0.9), round(height * 0.9)))


def _changed(encoder: Callable[[], Encoder], change: Callable[[Image.Image], Image.Image], word: str) -> Encoder:
    return Changed(encoder(), change, word)


def _blocks(word: str, encoder: Callable[[], Encoder], parts: Sequence[str]) -> dict[str, Block]:
    return {f"{word} {part}": Block(encoder, number, len(parts)) for number, part in enumerate(parts)}


BLOCKS: dict[str, Block] = {
    **_blocks("mobile", mobilenet, _POOLINGS),
    **_blocks("mobile 288", partial(mobilenet, 288), _POOLINGS),
    **_blocks("mobile padded", partial(mobilenet, fit="pad"), _POOLINGS),
    **_blocks("mobile mirrored", partial(_changed, mobilenet, ImageOps.mirror, "mirrored"), _POOLINGS),
    **_blocks("mobile middle", partial(_changed, mobilenet, _middle, "middle"), _POOLINGS),
    **_blocks("dino", dinov2, _PLACES),
    **_blocks("dino 168", partial(dinov2, 168), _PLACES),
    **_blocks("dino padded", partial(dinov2, fit="pad"), _PLACES),
    **_blocks("dino mirrored", partial(_changed, dinov2, ImageOps.mirror, "mirrored"), _PLACES),
    **_blocks("colours", Colours, ("whole", "middle", "border")),
}
