"""Runs a torch network over photos in batches, on whatever the machine has."""

import copy
import logging
import platform
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from django.conf import settings
from numpy.typing import NDArray
from PIL import Image
from torch import nn

from search.encoder import EncoderError, NoMemory
from search.encoders.preprocessing import Preprocessing

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Runtime:
    """Where and how a network runs; `bf16` is the precision of its convolutions, never of the features."""

    device: torch.device
    bf16: bool
    batch: int
    threads: int

    @classmethod
    def of_settings(cls) -> "Runtime":
        device = _device(settings.ENCODER_DEVICE)
        bf16 = settings.ENCODER_BF16 == "yes" or (settings.ENCODER_BF16 == "auto" and has_native_bf16(device))
        return cls(device, bf16, settings.ENCODER_BATCH, settings.ENCODER_THREADS)


def _device(wanted: str) -> torch.device:
    if wanted == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if not re.fullmatch(r"cpu|cuda(:\d{1,2})?", wanted):
        raise EncoderError(f"ENCODER_DEVICE is {wanted!r}. Set it to auto, cpu, cuda or cuda:N.")
    device = torch.device(wanted)
    if device.type == "cuda" and not (device.index or 0) < torch.cuda.device_count():
        raise EncoderError(f"ENCODER_DEVICE is {wanted!r}, but torch sees no such GPU. Set it to auto or cpu.")
    return device


def has_native_bf16(device: torch.device) -> bool:
    """Whether the chip multiplies bf16 itself: without that, bf16 is emulated and slower than float32."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if device.type != "cpu" or platform.machine().lower() not in {"x86_64", "amd64"}:
        return False
    has = torch.cpu.get_capabilities()
    return bool(has.get("avx512_bf16") or has.get("amx_bf16"))


class NetworkEncoder:
    """An Encoder made of a torch network whose output is its features. Threads may share one."""

    def __init__(self, name: str, net: nn.Module, preprocessing: Preprocessing, runtime: Runtime) -> None:
        self.name = name
        self.dim = 0
        self._preprocessing = preprocessing
        self._runtime = runtime
        self._net = net.eval().requires_grad_(False).to(runtime.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._mean = torch.tensor(preprocessing.mean).view(1, 3, 1, 1)
        self._std = torch.tensor(preprocessing.std).view(1, 3, 1, 1)
        # One grey picture tells the width and pays for what torch prepares on first use, before anybody waits.
        self.dim = self.encode([Image.new("RGB", (preprocessing.size,) * 2, "grey")]).shape[1]

    def encode(self, pictures: Sequence[Image.Image]) -> NDArray[np.float32]:
        """Raw features, float32 (n, dim); raises EncoderError where a number is not finite."""
        if not pictures:
            return np.empty((0, self.dim), np.float32)
        # torch keeps its thread count by thread: a web thread that never set it would take every core.
        torch.set_num_threads(self._runtime.threads)
        batch = self._runtime.batch
        chunks = [pictures[start : start + batch] for start in range(0, len(pictures), batch)]
        features = np.concatenate([self._features(self._preprocessing.pixels(chunk)) for chunk in chunks])
        if not np.isfinite(features).all():
            raise EncoderError(f"{self.name} gave features that are not finite numbers.")
        return features

    def _features(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """One batch; where the GPU's memory is short, its halves; where not even one photo fits, the CPU."""
        try:
            return self._forward(self._net, self._runtime.device, pixels)
        except torch.OutOfMemoryError:
            torch.cuda.empty_cache()
        if len(pixels) > 1:
            log.warning("GPU memory is short: a batch of %d photos is halved.", len(pixels))
            middle = len(pixels) // 2
            return np.concatenate([self._features(pixels[:middle]), self._features(pixels[middle:])])
        log.warning("GPU memory is too short for one photo: it is embedded on the CPU.")
        try:
            return self._forward(copy.deepcopy(self._net).to("cpu"), torch.device("cpu"), pixels)
        except torch.OutOfMemoryError as error:
            raise NoMemory(f"{self.name}: there is not enough memory for one photo.") from error

    def _forward(self, net: nn.Module, device: torch.device, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        bf16 = self._runtime.bf16 and (device == self._runtime.device or has_native_bf16(device))
        with torch.inference_mode(), torch.autocast(device.type, torch.bfloat16, enabled=bf16):
            # (n, h, w, 3) in memory seen as (n, 3, h, w) is torch's channels-last layout: no copy.
            inputs = torch.from_numpy(pixels).to(device).permute(0, 3, 1, 2).float().div(255)
            inputs = inputs.sub(self._mean.to(device)).div(self._std.to(device))
            features: NDArray[np.float32] = net(inputs).flatten(1).float().cpu().numpy()
        return features
