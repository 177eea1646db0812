"""The program of the nursery: decode children fork from it, lock themselves in, and clean photo after photo."""

import gc
import os
import signal
import socket
import time
from typing import NoReturn

from catalog.decode import clean, sandbox, wire
from catalog.decode.nursery import ORDER, REPLY
from catalog.decode.unfit import Unfit

MAX_INPUT = 1 << 30  # the caller has its own, smaller limit


def main(parent: int, *, system_calls: bool) -> None:
    """Serve the process `parent` on file descriptor 0: a child for each socket that comes, and its burial."""
    line = socket.socket(fileno=0)
    try:
        sandbox.end_with(parent)
        clean.prepare_decoders()
        samples = clean.samples()
        gc.freeze()  # what is never collected is never written to, and stays shared
        wire.send(line, {})
    except Exception as error:  # the last word that this process can send anywhere
        wire.send(line, {"error": repr(error)[:500]})
        return
    nursery = os.getpid()
    while True:
        order, given, *_ = socket.recv_fds(line, ORDER.size, 1)
        if len(order) < ORDER.size:
            return
        if not given:
            line.sendall(REPLY.pack(_bury(*ORDER.unpack(order))))
            continue
        pid = os.fork()
        if pid == 0:
            line.close()
            _live(socket.socket(fileno=given[0]), nursery, samples, system_calls=system_calls)
        os.close(given[0])
        line.sendall(REPLY.pack(pid))


def _bury(pid: int, patience: float) -> int:
    until = time.monotonic() + patience
    while True:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() >= until:
            os.kill(pid, signal.SIGKILL)
            return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        time.sleep(0.005)


def _live(line: socket.socket, mother: int, samples: dict[str, bytes], *, system_calls: bool) -> NoReturn:
    """The whole life of a child."""
    try:
        guards = sandbox.enter(mother, system_calls=system_calls)
        wire.send(line, {"guards": guards, "lost": [kind for kind in samples if not _opens(samples[kind])]})
        while True:
            _, data = wire.receive(line, max_body=MAX_INPUT)
            sandbox.allow_cpu()
            _answer(line, data)
    finally:
        os._exit(0)  # never back into the nursery's loop, whatever happened; a broken wire tells


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
