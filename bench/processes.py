"""`python -m bench.processes`: what one more web process costs in memory, and whether its network can be shared.

Each process starts as a web process does, maps the index, answers, and embeds a photo. Then the kernel is asked what it
has by itself and what it shares (PSS counts a shared page once in all). The network is loaded by each process; or so
too, but with torch imported before they are forked, as deploy/gunicorn.conf.py does it; or from a flat file that all
map; or once and for all before the fork.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from bench.load.memory import descendants

_WAYS = ("each", "torch forked", "mapped", "all forked")
_KINDS = ("Rss", "Pss", "Private_Dirty", "Private_Clean")


def main() -> None:
    options = _options()
    if options.ask:
        _ask(options.ask, options.count)
        return
    from django.core.management import call_command

    from bench import scratch  # noqa: F401 - only the parent makes a house; its children are given it
    from bench.large_house import build, stock
    from bench.restart import _random

    call_command("migrate", verbosity=0)
    vectors = _random(options.photos)
    stock(np.zeros(len(vectors), np.int64))
    build("signature", vectors)
    print("| network loaded | processes | together, MB | each further one, MB | of that private, MB |")
    print("|---|---|---|---|---|")
    for way in options.ways:
        alone = _together(way, 1)
        for count in options.counts:
            facts = _together(way, count)
            further = (facts["Pss"] - alone["Pss"]) / (count - 1)
            private = (facts["Private_Dirty"] - alone["Private_Dirty"]) / (count - 1)
            print(f"| {way} | {count} | {facts['Pss']:.0f} | {further:.0f} | {private:.0f} |", flush=True)


def _together(way: str, count: int) -> dict[str, float]:
    """Megabytes of so many processes that are all up."""
    command = [sys.executable, "-m", "bench.processes", "--ask", way]
    starts = 1 if way.endswith("forked") else count
    children = []
    for _ in range(starts):
        child = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [*command, "--count", str(count)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert child.stdout
        assert json.loads(child.stdout.readline()) == {"ready": True}
        children.append(child)
    pids = [pid for child in children for pid in (child.pid, *descendants(child.pid))]
    found = [_memory(pid) for pid in pids]
    for child in children:
        child.communicate("over\n")
    return {kind: sum(each[kind] for each in found) for kind in _KINDS}


def _ask(way: str, count: int) -> None:
    """In a child: be a web process that has answered, or several that are forked; say so, and wait to be looked at."""
    if way == "torch forked":
        import search.encoders.torchvision_ops  # noqa: F401 - torch and torchvision, which are then there once

        forks = [_forked(lambda: _answer(_loaded(way))) for _ in range(count)]
    else:
        encoder = _loaded(way)
        forks = [_forked(lambda: _answer(encoder)) for _ in range(count - 1)] if way == "all forked" else []
        _answer(encoder)
    print(json.dumps({"ready": True}), flush=True)
    sys.stdin.readline()
    for pid in forks:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def _forked(be: Callable[[], None]) -> int:
    """A child that has become what it is to be, and waits."""
    ready, tell = os.pipe()
    if not (pid := os.fork()):
        be()
        os.write(tell, b"!")
        signal.pause()
    os.read(ready, 1)
    return pid


def _loaded(way: str) -> Any:
    import django

    django.setup()
    from search.encoder import load_encoder

    encoder = load_encoder()
    if way == "mapped":
        _map(encoder, Path(os.environ["INDEX_DIR"]) / "weights")
    return encoder


def _answer(encoder: Any) -> None:
    from PIL import Image

    from search.answer import Filters
    from search.live import live
    from search.narrowing import Allowed
    from search.nearest import nearest_items

    for number in range(50):
        view = live().view()
        assert view.build
        query = np.asarray(view.build.vectors[[number * 7_919 % view.build.size]])
        nearest_items(view, query, Allowed(Filters()), 24, -1.0)
    encoder.encode([Image.effect_noise((512, 384), 60).convert("RGB")])


def _map(encoder: Any, path: Path) -> None:
    """Let each tensor of the networks lie in one flat file, which the first process writes and all map."""
    import torch

    tensors = [tensor for net in _networks(encoder) for tensor in (*net.parameters(), *net.buffers())]
    if not path.exists():
        with path.with_suffix(".new").open("wb") as file:
            for tensor in tensors:
                file.write(tensor.detach().contiguous().view(-1).view(torch.uint8).numpy().tobytes())
                file.write(b"\0" * (-file.tell() % 64))
        path.with_suffix(".new").rename(path)
    storage = torch.UntypedStorage.from_file(str(path), False, path.stat().st_size)
    place = 0
    for tensor in tensors:
        start = place // tensor.element_size()
        mapped = torch.empty(0, dtype=tensor.dtype).set_(storage, start, tensor.shape)  # type: ignore[call-overload]
        place += tensor.numel() * tensor.element_size()
        place += -place % 64
        tensor.data = mapped


def _networks(encoder: Any) -> Iterator[Any]:
    for part in getattr(encoder, "parts", (encoder,)):
        yield part._net


def _memory(pid: int) -> dict[str, float]:
    """Megabytes by kind, as the kernel counts them."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    found = {line.split(":")[0]: int(line.split()[1]) / 1024 for line in lines if line.endswith("kB")}
    return {kind: found[kind] for kind in _KINDS}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.processes", description=__doc__)
    parser.add_argument("--photos", type=int, default=100_000)
    parser.add_argument("--counts", type=int, nargs="+", default=[2, 4])
    parser.add_argument("--ways", nargs="+", choices=_WAYS, default=list(_WAYS))
    parser.add_argument("--ask", choices=_WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--count", type=int, default=1, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
