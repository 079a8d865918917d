"""Clients that cost next to nothing: what is measured beside them on two cores is the server.

One thread keeps all connections busy. A request is bytes that were put together before the clock starts, and of an answer only what is needed to
know where it ends is read: about 0.05 ms of CPU for each, where `http.client` in a thread for each connection takes five times as much and lets the
threads wait for each other.
"""

import selectors
import socket
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field


@dataclass
class _Connection:
    """One browser's connection: it sends the next request when it has read the whole answer to the one before."""

    wire: socket.socket
    waiting: Iterator[bytes]
    began: float = 0
    read: bytes = b""
    times: list[float] = field(default_factory=list)

    def ask(self) -> bool:
        """Send the next request; False when there is none."""
        request = next(self.waiting, None)
        if request is None:
            return False
        self.read, self.began = b"", time.perf_counter()
        self.wire.sendall(request)
        return True

    def hear(self) -> bool:
        """Read what has come; True when the answer is whole."""
        piece = self.wire.recv(262_144)
        assert piece, "the server closed the connection"
        self.read += piece
        head, found, body = self.read.partition(b"\r\n\r\n")
        if not found or len(body) < _length(head):
            return False
        self.times.append((time.perf_counter() - self.began) * 1000)
        status = head[9:12]
        assert status < b"400", f"the server answered {status.decode()}: {body[:500]!r}"
        return True


def ask_all(port: int, requests: Sequence[Iterable[bytes]]) -> list[float]:
    """Send each list over a connection of its own, all at once; the times of the answers in ms.

    It is over for all when the first has no request left. The server's processes don't share the connections evenly, and one that has fewer of them
    would be idle at the end: then it would be measured how uneven that was.
    """
    chooser, is_over = selectors.DefaultSelector(), False
    connections = [_Connection(_open(port), iter(each)) for each in requests]
    for connection in connections:
        if connection.ask():
            chooser.register(connection.wire, selectors.EVENT_READ, connection)
    while chooser.get_map():
        for key, _events in chooser.select(60):
            connection = key.data
            if connection.hear() and (is_over or not connection.ask()):
                is_over = True
                chooser.unregister(connection.wire)
    for connection in connections:
        connection.wire.close()
    return [each for connection in connections for each in connection.times]


def message(method: str, path: str, headers: dict[str, str], body: str = "") -> bytes:
    """A request as it goes over the wire."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", body]).encode("ascii")


def _open(port: int) -> socket.socket:
    wire = socket.create_connection(("127.0.0.1", port), 60)
    wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return wire


def _length(head: bytes) -> int:
    _before, _name, rest = head.lower().partition(b"\r\ncontent-length:")
    return int(rest.partition(b"\r\n")[0])
