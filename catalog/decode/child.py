"""The program of a decode child: lock itself in, then turn photo after photo into clean JPEGs until the wire ends."""

import socket

from catalog.decode import clean, sandbox, wire
from catalog.decode.unfit import Unfit

MAX_INPUT = 1 << 30  # the caller has its own, smaller limit


def main(parent: int, *, system_calls: bool) -> None:
    """Serve the process `parent` on file descriptor 0."""
    line = socket.socket(fileno=0)
    try:
        clean.prepare_decoders()
        samples = clean.samples()
        guards = sandbox.enter(parent, system_calls=system_calls)
        wire.send(line, {"guards": guards, "lost": [kind for kind in samples if not _opens(samples[kind])]})
    except Exception as error:  # the last word that this process can send anywhere
        wire.send(line, {"error": repr(error)[:500]})
        return
    while True:
        try:
            _, data = wire.receive(line, max_body=MAX_INPUT)
            sandbox.allow_cpu()
            _answer(line, data)
        except wire.BrokenWire:
            return


def _answer(line: socket.socket, data: bytes) -> None:
    try:
        made = clean.make_clean(data)
    except Unfit as unfit:
        size = {"width": unfit.width, "height": unfit.height}
        wire.send(line, {"refused": unfit.code, "decoded": unfit.decoded, **size})
    else:
        wire.send(line, {"width": made.width, "height": made.height, "phash": made.phash}, made.jpeg)


def _opens(sample: bytes) -> bool:
    try:
        clean.make_clean(sample)
    except Unfit:
        return False
    return True
