"""A line between a browser and the site that does what a test says: a proxy that holds, loses, repeats, reorders and answers single requests.

    with Line(site_url) as line:
        answer = line.hold_answer("POST", "/basics")    # of the next one that matches; the page is at line.url
        ...                                             # press Continue
        answer.wait()                                   # the server has done its work, and the browser does not know it yet
        ...                                             # type
        answer.release()

Each rule takes the next request that matches, or with `nth=3` the third, or `times=None` all from there on. The first rule that was made and still
has something to take is the one that takes it. A path is a regular expression that is searched for in the request's path and query.
Every request has a connection of its own, so what happens to one happens to no other. Nothing here waits for a time: a test says when.
"""

import asyncio
import re
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from tests.servers.proxy import Proxy, content_length

PATIENCE = 30.0  # seconds that a test waits for a request that should come
PAGE = "<!doctype html><html><head><title>{0}</title></head><body><center><h1>{0}</h1></center><hr><center>proxy</center></body></html>"
REASONS = {500: "500 Internal Server Error", 502: "502 Bad Gateway", 503: "503 Service Temporarily Unavailable"}


class Lost(Exception):
    """The connection is to be closed without an answer."""


@dataclass(frozen=True)
class Request:
    """One request as it came: header lines and body."""

    method: str
    path: str
    head: bytes
    body: bytes

    @classmethod
    async def read(cls, reader: asyncio.StreamReader) -> "Request":
        head = await reader.readuntil(b"\r\n\r\n")
        method, path, _version = head.split(b"\r\n", 1)[0].decode().split(" ")
        return cls(method, path, head, await reader.readexactly(content_length(head)))

    @property
    def whole(self) -> bytes:
        """As it goes to the server, which is to close the connection after its answer."""
        first, *lines = self.head.rstrip().split(b"\r\n")
        kept = [line for line in lines if not line.lower().startswith(b"connection:")]
        return b"\r\n".join([first, *kept, b"Connection: close", b"", b""]) + self.body


class Rule:
    """What befalls some requests. `met` counts those that are, or were, at the point of which the rule speaks."""

    def __init__(self, line: "Line", act: str, method: str, path: str, nth: int, times: int | None, status: int = 0) -> None:
        self.act, self.status = act, status
        self._line, self._method, self._path = line, method, re.compile(path)
        self._before, self._left = nth - 1, times
        self._released = asyncio.Event()
        self._told = threading.Condition()
        self.met = 0

    def wait(self, count: int = 1) -> None:
        """Until so many requests have met the rule."""
        with self._told:
            assert self._told.wait_for(lambda: self.met >= count, PATIENCE), f"no {self._method} {self._path.pattern} came"

    def release(self) -> None:
        """Let go on what is held, and take nothing more. What hangs is lost now."""
        self._left = 0
        self._line.call(self._released.set)

    def takes(self, request: Request) -> bool:
        """Whether it is this rule's turn; it counts the request."""
        if self._left == 0 or request.method != self._method or not self._path.search(request.path):
            return False
        if self._before:
            self._before -= 1
            return False
        self._left = None if self._left is None else self._left - 1
        return True

    def meet(self) -> int:
        with self._told:
            self.met += 1
            self._told.notify_all()
            return self.met

    async def until_released(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._released.wait(), self._line.longest)

    def let_go(self) -> None:
        """As `release`, from the line's own thread, without an end to the rule."""
        self._released.set()


class Line(Proxy):
    """`seconds` is the time that each request spends on its way, in either direction, before anything else happens to it."""

    def __init__(self, target: str) -> None:
        super().__init__(target)
        self._rules: list[Rule] = []
        self.seconds = 0.0
        self.longest: float | None = None  # so many seconds and nobody is held up any more
        self.is_cut = False
        self.apart: re.Pattern[str] | None = None  # POSTs that go alone: nothing else is at the server meanwhile
        self.before_apart: Callable[[], object] = lambda: None
        self.seen = 0
        self._at_server = 0
        self._calm: asyncio.Condition | None = None

    def hold(self, method: str, path: str, nth: int = 1, times: int | None = 1) -> Rule:
        """The server does not get it until it is released."""
        return self._add("hold", method, path, nth, times)

    def hold_answer(self, method: str, path: str, nth: int = 1, times: int | None = 1) -> Rule:
        """The server has done its work; the browser learns of it when it is released."""
        return self._add("hold answer", method, path, nth, times)

    def lose(self, method: str, path: str, nth: int = 1, times: int | None = 1) -> Rule:
        """The connection ends, and the server never got it."""
        return self._add("lose", method, path, nth, times)

    def lose_answer(self, method: str, path: str, nth: int = 1, times: int | None = 1) -> Rule:
        """The connection ends after the server has done its work."""
        return self._add("lose answer", method, path, nth, times)

    def answer(self, status: int, method: str, path: str, nth: int = 1, times: int | None = 1) -> Rule:
        """The line answers by itself, as a proxy does whose server is away."""
        return self._add("answer", method, path, nth, times, status)

    def duplicate(self, method: str, path: str, nth: int = 1, times: int | None = 1) -> Rule:
        """It arrives once more, right after it was answered."""
        return self._add("duplicate", method, path, nth, times)

    def repeat(self, method: str, path: str, nth: int = 1, times: int | None = 1) -> Rule:
        """It arrives once more when the rule is released."""
        return self._add("repeat", method, path, nth, times)

    def swap(self, method: str, path: str, nth: int = 1) -> Rule:
        """The answers of two requests come in the other order: the first waits for the second."""
        return self._add("swap", method, path, nth, 2)

    def hang(self, method: str, path: str, nth: int = 1, times: int | None = 1) -> Rule:
        """Neither the server gets it nor the browser an answer, without end."""
        return self._add("hang", method, path, nth, times)

    def release(self) -> None:
        """End every rule."""
        for rule in self._rules:
            rule.release()
        self._rules = []

    def call(self, act: Callable[[], object]) -> None:
        self._loop.call_soon_threadsafe(act)

    def _add(self, act: str, method: str, path: str, nth: int, times: int | None, status: int = 0) -> Rule:
        rule = Rule(self, act, method, path, nth, times, status)
        self._rules = [*self._rules, rule]
        return rule

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = await Request.read(reader)
            self.seen += 1
            writer.write(await self._carry(request))
            await writer.drain()
            writer.close()
            await writer.wait_closed()
        except (Lost, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.transport.abort()

    async def _carry(self, request: Request) -> bytes:
        """The answer to a request, by way of the rule that takes it."""
        rule = next((each for each in self._rules if each.takes(request)), None)
        await self._travel(request)
        if rule and rule.act in ("lose", "hold", "hang", "answer"):
            rule.meet()
            if rule.act in ("hold", "hang"):
                await rule.until_released()
            if rule.act in ("lose", "hang"):
                raise Lost()
            if rule.act == "answer":
                return _page(rule.status)
        answer = await self._ask(request)
        if rule:
            await self._afterwards(rule, request)
        await self._travel(request)
        return answer

    async def _afterwards(self, rule: Rule, request: Request) -> None:
        """What befalls an answer. (A request that was held is done with.)"""
        if rule.act == "swap":
            if rule.meet() == 1:
                await rule.until_released()
            else:
                self._loop.call_later(0.1, rule.let_go)  # once this answer is through
        elif rule.act in ("hold answer", "lose answer", "duplicate", "repeat"):
            rule.meet()
            if rule.act == "hold answer":
                await rule.until_released()
            if rule.act == "lose answer":
                raise Lost()
            if rule.act in ("duplicate", "repeat"):
                self._run(self._again(rule, request))

    async def _again(self, rule: Rule, request: Request) -> None:
        if rule.act == "repeat":
            await rule.until_released()
        with suppress(OSError, Lost):
            await self._ask(request)
        rule.meet()

    async def _travel(self, request: Request) -> None:
        if self.is_cut:
            raise Lost()
        if self.seconds and not request.path.startswith("/static/"):
            await asyncio.sleep(self.seconds)
            if self.is_cut:
                raise Lost()

    async def _ask(self, request: Request) -> bytes:
        """What the server answers; `Lost` if it is away, or ends before it has answered."""
        is_apart = self.apart is not None and request.method == "POST" and self.apart.search(request.path) is not None
        await self._enter(is_apart)
        try:
            if is_apart:
                self.before_apart()
            there, upstream = await asyncio.open_connection(*self._target)
            try:
                upstream.write(request.whole)
                answer = await there.read(-1)
            finally:
                upstream.transport.abort()
        finally:
            await self._leave(is_apart)
        if not answer:
            raise Lost()
        return answer

    async def _enter(self, is_apart: bool) -> None:
        self._calm = self._calm or asyncio.Condition()
        async with self._calm:
            await self._calm.wait_for(lambda: self._at_server == 0 if is_apart else self._at_server >= 0)
            self._at_server += -1 if is_apart else 1

    async def _leave(self, is_apart: bool) -> None:
        assert self._calm is not None
        async with self._calm:
            self._at_server += 1 if is_apart else -1
            self._calm.notify_all()


def _page(status: int) -> bytes:
    reason = REASONS[status]
    body = PAGE.format(reason).encode()
    head = f"HTTP/1.1 {reason}\r\nContent-Type: text/html\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return head.encode() + body
