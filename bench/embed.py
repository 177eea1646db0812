"""Photos embedded a second, from our own JPEG to features, and the memory that takes: `python -m bench.embed`."""

import argparse
import io
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

import numpy as np  # noqa: E402  settings come before anything of ours
from django.conf import settings  # noqa: E402
from django.test import override_settings  # noqa: E402
from PIL import Image  # noqa: E402

from search.encoder import Encoder, load_encoder, open_whole  # noqa: E402

_NETWORKS = {
    "light": "light: MobileNetV2",
    "dinov2_s": "DINOv2-S",
    "strong": "strong: MobileNetV2 and DINOv2-S (our default)",
    "vgg16": "VGG16 25,088 (the write-up)",
}
_SIZES = {"door": (2048, 1536), "phone": (800, 600)}  # what the door keeps of a camera's photo; a small phone photo


@dataclass(frozen=True)
class Speed:
    """Median milliseconds a photo of one way of running one network.

    `core_ms` is the processor time of both steps: a machine that does other things too inflates it little.
    `peak_mb` is the most memory that a process with this network alone, in this precision and batch, ever had.
    """

    network: str
    bf16: bool
    batch: int
    pixels: str
    open_ms: float
    encode_ms: float
    core_ms: float
    peak_mb: int

    @property
    def photos_a_second(self) -> float:
        return 1000 / (self.open_ms + self.encode_ms)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.embed", description=__doc__)
    parser.add_argument("networks", nargs="*", default=[], metavar="network", help=f"any of: {', '.join(_NETWORKS)}")
    parser.add_argument("--repeat", type=int, default=7, help="batches timed; the median counts (default 7)")
    parser.add_argument("--json", type=Path, help="where to write the results")
    parser.add_argument("--memory", action="store_true", help=argparse.SUPPRESS)  # how this command asks itself
    options = parser.parse_args()
    if options.memory:
        print(_peak_here(options.networks[0]))
        return
    networks = options.networks or list(_NETWORKS)
    if unknown := set(networks) - set(_NETWORKS):
        parser.error(f"no network {', '.join(sorted(unknown))}; there are: {', '.join(_NETWORKS)}")
    print(f"ENCODER_DEVICE={settings.ENCODER_DEVICE} ENCODER_THREADS={settings.ENCODER_THREADS}\n\n{_HEADING}")
    results = []
    for speed in measured(networks, options.repeat):
        results.append(speed)
        print(_line(speed), flush=True)
    out = options.json or settings.DATA_DIR / "bench" / "embed.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps([asdict(speed) for speed in results], indent=1) + "\n")
    print(f"\nWritten to {out}")


def measured(networks: list[str], repeat: int) -> Iterator[Speed]:
    """Every network in both precisions, one photo and sixteen at a time, large and small photos."""
    for network in networks:
        peaks = {(bf16, batch): _peak(network, bf16, batch) for bf16 in (False, True) for batch in (1, 16)}
        for bf16 in (False, True):
            with override_settings(ENCODER_BF16="yes" if bf16 else "no", ENCODER_BATCH=16):
                encoder = load_encoder(network)
            for pixels, size in _SIZES.items():
                jpegs = [detailed_jpeg(size, seed) for seed in range(4)]
                for batch in (1, 16):
                    timed = _timed(encoder, jpegs, batch, repeat)
                    yield Speed(network, bf16, batch, pixels, *timed, peaks[bf16, batch])


def detailed_jpeg(size: tuple[int, int], seed: int) -> bytes:
    """A picture with soft shapes and fine grain, about as many bytes as a photo of its size."""
    random = np.random.default_rng(seed)
    shapes = Image.fromarray(random.integers(0, 255, (24, 32, 3), dtype=np.uint8)).resize(
        size, Image.Resampling.BICUBIC
    )
    grain = random.integers(-7, 8, (size[1], size[0], 3))
    out = io.BytesIO()
    Image.fromarray((np.asarray(shapes).astype(int) + grain).clip(0, 255).astype(np.uint8)).save(
        out, "JPEG", quality=90
    )
    return out.getvalue()


def _timed(encoder: Encoder, jpegs: list[bytes], batch: int, repeat: int) -> tuple[float, float, float]:
    """Median milliseconds a photo: to open, to encode, and of processor time for both."""
    opened, encoded, worked = [], [], []
    for _ in range(repeat + 1):
        begun, start = time.process_time(), time.perf_counter()
        pictures = [open_whole(jpegs[place % len(jpegs)]) for place in range(batch)]
        middle = time.perf_counter()
        encoder.encode(pictures)
        opened.append(1000 * (middle - start) / batch)
        encoded.append(1000 * (time.perf_counter() - middle) / batch)
        worked.append(1000 * (time.process_time() - begun) / batch)
    # The first round warms up.
    return statistics.median(opened[1:]), statistics.median(encoded[1:]), statistics.median(worked[1:])


def _peak(network: str, bf16: bool, batch: int) -> int:
    """MB, in a process of its own: what another network took before would count here."""
    command = [sys.executable, "-m", "bench.embed", "--memory", network]
    chosen = {"ENCODER_BF16": "yes" if bf16 else "no", "ENCODER_BATCH": str(batch)}
    done = subprocess.run(command, env=os.environ | chosen, capture_output=True, text=True, check=True)  # noqa: S603
    return int(done.stdout)


def _peak_here(network: str) -> int:
    encoder, (width, height) = load_encoder(network), _SIZES["door"]
    for _ in range(3):  # as large as `open_whole` leaves them; to make a detailed one would take more than a network
        encoder.encode([Image.new("RGB", (width // 2, height // 2), "grey") for _ in range(settings.ENCODER_BATCH)])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024  # Linux counts in kB


_COLUMNS = (
    "network",
    "precision",
    "photo",
    "batch",
    "ms to open",
    "ms to encode",
    "photos a second",
    "ms of a core",
    "peak memory, MB",
)
_HEADING = f"| {' | '.join(_COLUMNS)} |\n{'|---' * len(_COLUMNS)}|"


def _line(speed: Speed) -> str:
    width, height = _SIZES[speed.pixels]
    return (
        f"| {_NETWORKS[speed.network]} | {'bf16' if speed.bf16 else 'float32'} | {width} × {height} | {speed.batch} "
        f"| {speed.open_ms:.1f} | {speed.encode_ms:.1f} | {speed.photos_a_second:.1f} | {speed.core_ms:.1f} "
        f"| {speed.peak_mb} |"
    )


if __name__ == "__main__":
    main()
