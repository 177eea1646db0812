"""A line between the house and one of its servers that can fall silent: by a relay of ours, or in a real network."""

import ctypes
import itertools
import os
import shutil
import socket
import struct
import subprocess
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self

import pytest

CLONE_NEWNET = 0x40000000
_AT_ONCE = struct.pack("ii", 1, 0)  # SO_LINGER: close with a reset, and wait for nothing
_numbers = itertools.count(1)


class Relay:
    """Passes bytes on to a server of this machine. While it is `silent` it accepts everything and passes on nothing.

    In a `network` it listens at its far end, as if the server were there.
    """

    def __init__(self, port: int, network: "Network | None" = None) -> None:
        self.upstream, self.address = port, network.far_address if network else "127.0.0.1"
        self._speaks = threading.Event()
        self._speaks.set()
        self._lost_answer = b""
        self._longest_answer: int | None = None
        self._ends: list[socket.socket] = []
        self._listener = network.far_socket() if network else socket.socket()
        self._listener.bind((self.address, 0))
        self._listener.listen(200)
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def instead(self, url: str) -> str:
        """The server's URL, but through this line."""
        return url.replace(f"127.0.0.1:{self.upstream}", f"{self.address}:{self.port}")

    def silence(self) -> None:
        self._speaks.clear()

    def lose_the_answer_to(self, words: bytes) -> None:
        """The server will hear these words, and whoever said them is cut off."""
        self._lost_answer = words

    def cut_answers_after(self, count: int) -> None:
        """Whoever is answered gets so many bytes, and the connection ends there."""
        self._longest_answer = count

    def speak(self) -> None:
        """What was held back comes now, to whoever still waits for it."""
        self._speaks.set()

    def forget(self) -> None:
        """As a machine that was replaced: it knows none of the connections of before, and says so when it is asked."""
        ends, self._ends = self._ends, []
        for end in ends:
            with suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
                end.shutdown(socket.SHUT_RD)  # wakes whoever reads from it
            end.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.forget()
        self._speaks.set()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self._ends.append(client)
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        self._speaks.wait()
        with suppress(OSError):
            server = socket.create_connection(("127.0.0.1", self.upstream))
            self._ends.append(server)
            answers = (server, client, self._longest_answer)
            threading.Thread(target=self._pass, args=answers, daemon=True).start()
            self._pass(client, server)
            return
        client.close()

    def _pass(self, source: socket.socket, target: socket.socket, left: int | None = None) -> None:
        with suppress(OSError):
            while left != 0 and (data := source.recv(left or 1 << 16)):
                self._speaks.wait()
                left = left and left - len(data)
                if self._lost_answer and self._lost_answer in data:
                    source.shutdown(socket.SHUT_RDWR)
                target.sendall(data)
        with suppress(OSError):
            target.shutdown(socket.SHUT_WR)


class Network:
    """Two real links and a router between them, in network namespaces; `cut` lets the router swallow every packet."""

    def __init__(self) -> None:
        if os.getuid() != 0 or not shutil.which("ip"):
            pytest.skip("only root may make a network, with iproute2")
        number, process = next(_numbers), os.getpid()
        self.tag = f"h{process}x{number}"
        # From the addresses that are set aside for measurements (RFC 2544): eight for each network of each process.
        begin = f"198.{18 + process // 256 % 2}.{process % 256}"
        self.near_address, *self._middle, self.far_address = (f"{begin}.{number * 8 + host}" for host in (1, 2, 5, 6))

    @property
    def road(self) -> str:
        return f"{self.tag}-road"

    @property
    def far(self) -> str:
        return f"{self.tag}-far"

    def __enter__(self) -> Self:
        try:
            self._build()
        except subprocess.CalledProcessError as error:
            self.__exit__(None, None, None)
            pytest.skip(f"no network can be made here: {error.stderr.decode().strip()}")
        return self

    def _build(self) -> None:
        near, far = f"{self.tag}n", f"{self.tag}f"
        for space in (self.road, self.far):
            _ip("netns", "add", space)
        _ip("link", "add", near, "type", "veth", "peer", "name", "near", "netns", self.road)
        _ip("-n", self.road, "link", "add", far, "type", "veth", "peer", "name", "home", "netns", self.far)
        for where, device, address in (
            ((), near, self.near_address),
            (("-n", self.road), "near", self._middle[0]),
            (("-n", self.road), far, self._middle[1]),
            (("-n", self.far), "home", self.far_address),
        ):
            _ip(*where, "address", "add", f"{address}/30", "dev", device)
            _ip(*where, "link", "set", device, "up")
        _ip("route", "add", f"{self.far_address}/32", "via", self._middle[0])
        _ip("-n", self.far, "route", "add", "default", "via", self._middle[1])
        _ip("netns", "exec", self.road, "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward")

    def cut(self) -> None:
        """From now on nothing arrives and nobody is told: no reset, no refusal, no ICMP."""
        for address in (self.near_address, self.far_address):
            _ip("-n", self.road, "route", "add", "blackhole", f"{address}/32")

    def mend(self) -> None:
        for address in (self.near_address, self.far_address):
            _ip("-n", self.road, "route", "del", "blackhole", f"{address}/32")

    def far_socket(self) -> socket.socket:
        """One that belongs to the far machine, for this process: a thread goes there to make it."""
        made: list[socket.socket] = []

        def go() -> None:
            libc = ctypes.CDLL(None, use_errno=True)
            with open(f"/run/netns/{self.far}") as there:
                assert libc.setns(there.fileno(), CLONE_NEWNET) == 0, os.strerror(ctypes.get_errno())
            made.append(socket.socket())

        traveller = threading.Thread(target=go)  # the thread ends there; the others have never left
        traveller.start()
        traveller.join()
        return made[0]

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for space in (self.road, self.far):
            subprocess.run(["ip", "netns", "del", space], capture_output=True)
        # A socket that still belongs to the far machine keeps its links; ours goes at once.
        subprocess.run(["ip", "link", "del", f"{self.tag}n"], capture_output=True)


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)
