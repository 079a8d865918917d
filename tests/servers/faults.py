"""A network that fails: a TCP proxy in front of a store that breaks uploads at a chosen byte, a chosen number of times, and then lets them pass.

    with FaultyProxy("http://127.0.0.1:8080") as proxy:
        proxy.strike("cut", at=1_000_000, times=3)
        ...                                         # send to proxy.url
        assert proxy.struck == 3

Only PUTs with a longer body than `at` are struck; everything else passes untouched.
"""

import asyncio
import contextlib

from tests.servers.proxy import Proxy, content_length

PIECE = 64 * 1024
SLOWLY = 40  # pieces, a fiftieth of a second apart
FAULTS = ("cut", "stall", "slow", "duplicate", "500", "503", "403", "400")


class FaultyProxy(Proxy):
    """`strike` says what happens to the next uploads; `struck` counts those it happened to."""

    def __init__(self, target: str) -> None:
        super().__init__(target)
        self.strike("pass", 0, 0)

    def strike(self, fault: str, at: int, times: int) -> None:
        """Do this to the next `times` uploads when byte `at` of their body has passed: one of `FAULTS`."""
        self._fault, self._at, self._left, self.struck = fault, at, times, 0

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, upstream = await asyncio.open_connection(*self._target)
        self._run(_relay(there, writer))
        try:
            while await self._request(reader, writer, upstream):
                pass
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.transport.abort()
            upstream.transport.abort()

    async def _request(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, upstream: asyncio.StreamWriter
    ) -> bool:
        """Pass one request on; whether the connection can take another."""
        head = await reader.readuntil(b"\r\n\r\n")
        size = content_length(head)
        is_struck = head.startswith(b"PUT ") and size > self._at and self._left > 0
        if is_struck:
            self._left, self.struck = self._left - 1, self.struck + 1
        upstream.write(head)
        if not is_struck:
            return await _pass(reader, upstream, size)
        if self._fault == "duplicate":
            return await self._twice(head, await reader.readexactly(size), upstream)
        await _pass(reader, upstream, self._at)
        return await self._break(size - self._at, reader, writer, upstream)

    async def _break(
        self, left: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, upstream: asyncio.StreamWriter
    ) -> bool:
        if self._fault == "cut":
            return False
        if self._fault == "stall":
            await asyncio.Event().wait()  # until the proxy ends
        if self._fault == "slow":
            return await _pass(reader, upstream, left, slowly=SLOWLY)
        upstream.transport.abort()
        while left:  # read to the end, or the browser would see a broken connection and no answer
            left -= len(await reader.read(min(PIECE, left))) or left
        writer.write(f"HTTP/1.1 {self._fault} Fault\r\nAccess-Control-Allow-Origin: *\r\nContent-Length: 0\r\n\r\n".encode())
        await writer.drain()
        writer.write_eof()
        await reader.read()
        return False

    async def _twice(self, head: bytes, body: bytes, upstream: asyncio.StreamWriter) -> bool:
        """It passes, and arrives once more by another connection, as if something on the way had sent it again."""
        upstream.write(body)
        await upstream.drain()
        self._run(self._again(head + body))
        return True

    async def _again(self, request: bytes) -> None:
        there, again = await asyncio.open_connection(*self._target)
        again.write(request)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            await there.readuntil(b"\r\n\r\n")
        again.transport.abort()


async def _relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """What the store answers, as it comes."""
    with contextlib.suppress(ConnectionError):
        while piece := await reader.read(PIECE):
            writer.write(piece)
            await writer.drain()


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, size: int, slowly: int = 0) -> bool:
    while size:
        piece = await reader.read(min(PIECE, size))
        if not piece:
            return False
        size -= len(piece)
        writer.write(piece)
        await writer.drain()
        if slowly:
            slowly -= 1
            await asyncio.sleep(0.02)
    return True
