"""Visitors over HTTPS, many at once in one thread: asyncio and HTTP/1.1, so that asking costs the machine little."""

import asyncio
import itertools
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from urllib.parse import urlencode

from tests.services.nginx import trust_anything

_numbers = itertools.count(1)
_BOUNDARY = "a-border-between-parts"
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, whole; status 0: none came."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float


@dataclass
class Visitor:
    """A browser of one person: cookies, and connections that stay open."""

    port: int
    patience: float = 60.0
    cookies: dict[str, str] = field(default_factory=dict)
    _idle: list[Connection] = field(default_factory=list)

    async def get(self, path: str) -> Reply:
        return await self.ask("GET", path)

    async def post(self, path: str, fields: Mapping[str, str], files: Mapping[str, bytes] | None = None) -> Reply:
        """A form as a browser sends it, with the token of its cookie."""
        token = {"csrfmiddlewaretoken": self.cookies.get("__Host-csrf", self.cookies.get("csrftoken", ""))}
        if files is None:
            return await self.ask("POST", path, urlencode({**fields, **token}).encode())
        body = _multipart({**fields, **token}, files)
        return await self.ask("POST", path, body, f"multipart/form-data; boundary={_BOUNDARY}")

    async def ask(
        self, method: str, path: str, body: bytes = b"", kind: str = "application/x-www-form-urlencoded"
    ) -> Reply:
        """One request; a connection that was closed while it lay idle is replaced, as browsers do."""
        began = time.monotonic()
        try:
            async with asyncio.timeout(self.patience):
                while True:
                    reused = bool(self._idle)
                    connection = self._idle.pop() if reused else await self._connect()
                    try:
                        reply = await self._exchange(
                            connection, self._head(method, path, len(body), kind) + body, began
                        )
                    except (ConnectionError, asyncio.IncompleteReadError):
                        connection[1].close()
                        if not reused:
                            raise
                    else:
                        return reply
        except (OSError, asyncio.IncompleteReadError, TimeoutError):
            return Reply(0, {}, b"", time.monotonic() - began)

    def close(self) -> None:
        while self._idle:
            self._idle.pop()[1].close()

    async def _connect(self) -> Connection:
        return await asyncio.open_connection("127.0.0.1", self.port, ssl=trust_anything(), limit=1 << 20)

    def _head(self, method: str, path: str, length: int, kind: str) -> bytes:
        lines = [
            f"{method} {path} HTTP/1.1",
            "Host: localhost",
            "Referer: https://localhost/",
        ]
        lines += [f"Cookie: {'; '.join(f'{name}={value}' for name, value in self.cookies.items())}"] * bool(
            self.cookies
        )
        lines += [f"Content-Type: {kind}", f"Content-Length: {length}"] if method == "POST" else []
        return "\r\n".join([*lines, "", ""]).encode()

    async def _exchange(self, connection: Connection, request: bytes, began: float) -> Reply:
        reader, writer = connection
        writer.write(request)
        with suppress(ConnectionError):  # a refusal may come before all was sent
            await writer.drain()
        status = int((await reader.readuntil(b"\r\n")).split()[1])
        headers: dict[str, str] = {}
        while line := (await reader.readuntil(b"\r\n")).strip():
            name, _, value = line.decode("latin-1").partition(":")
            if name.lower() == "set-cookie":
                self.cookies |= {key: morsel.value for key, morsel in SimpleCookie(value.strip()).items()}
            headers[name.lower()] = value.strip()
        body = await _body(reader, headers)
        if headers.get("connection", "").lower() == "close":
            writer.close()
        else:
            self._idle.append(connection)
        return Reply(status, headers, body, time.monotonic() - began)


async def _body(reader: asyncio.StreamReader, headers: Mapping[str, str]) -> bytes:
    if headers.get("transfer-encoding") != "chunked":
        return await reader.readexactly(int(headers.get("content-length", 0)))
    pieces = []
    while size := int(await reader.readuntil(b"\r\n"), 16):
        pieces.append(await reader.readexactly(size))
        await reader.readexactly(2)
    await reader.readuntil(b"\r\n")
    return b"".join(pieces)


def _multipart(fields: Mapping[str, str], files: Mapping[str, bytes]) -> bytes:
    parts = [
        f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    for name, content in files.items():
        head = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"; filename="photo.jpg"\r\n'
        parts += [f"{head}Content-Type: image/jpeg\r\n\r\n".encode(), content, b"\r\n"]
    return b"".join([*parts, f"--{_BOUNDARY}--\r\n".encode()])


def anew(jpeg: bytes) -> bytes:
    """The same photo as a file that nobody has sent before: its bytes differ by a comment."""
    comment = f"{next(_numbers)} {time.time_ns()}".encode()
    return jpeg[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + jpeg[2:]
