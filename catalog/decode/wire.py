"""Messages between a process and its decode child: a small JSON head and a body of bytes, over one socket."""

import json
import socket
import struct
import time
from typing import Any

_SIZES = struct.Struct(">II")
MAX_HEAD = 4_096


class BrokenWire(Exception):
    """The other side has gone, is too slow, or sent something that isn't a message."""


def send(wire: socket.socket, head: dict[str, Any], body: bytes = b"", *, deadline: float | None = None) -> None:
    """Send one message. `deadline` is a time.monotonic() value; past it BrokenWire is raised."""
    encoded = json.dumps(head).encode()
    try:
        _set_timeout(wire, deadline)
        wire.sendall(_SIZES.pack(len(encoded), len(body)) + encoded)
        _set_timeout(wire, deadline)
        wire.sendall(body)
    except OSError as error:
        raise BrokenWire(str(error)) from error


def receive(wire: socket.socket, *, max_body: int, deadline: float | None = None) -> tuple[dict[str, Any], bytes]:
    """Wait for one message; BrokenWire where it is late, malformed or larger than agreed."""
    head_size, body_size = _SIZES.unpack(_read(wire, _SIZES.size, deadline))
    if head_size > MAX_HEAD or body_size > max_body:
        raise BrokenWire("a message that is too large")
    try:
        head = json.loads(_read(wire, head_size, deadline))
    except ValueError as error:
        raise BrokenWire("a message that is no JSON") from error
    if not isinstance(head, dict):
        raise BrokenWire("a message without a head")
    return head, _read(wire, body_size, deadline)


def _set_timeout(wire: socket.socket, deadline: float | None) -> None:
    if deadline is None:
        return  # the child waits for ever, and its sandbox has no call that changes a socket
    left = deadline - time.monotonic()
    if left <= 0:
        raise BrokenWire("time is up")
    wire.settimeout(left)


def _read(wire: socket.socket, size: int, deadline: float | None) -> bytes:
    buffer = bytearray(size)
    view, at = memoryview(buffer), 0
    while at < size:
        try:
            _set_timeout(wire, deadline)
            got = wire.recv_into(view[at:])
        except OSError as error:
            raise BrokenWire(str(error)) from error
        if not got:
            raise BrokenWire("the other side has gone")
        at += got
    return bytes(buffer)
