"""The line that browser tests stand on does what it is told, and only that."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest

from tests.servers.line import Line


class Site(ThreadingHTTPServer):
    """A site that counts what reaches it, and answers with the number."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.arrived: list[str] = []

    def handle_error(self, request: object, client_address: object) -> None:
        pass


class Handler(BaseHTTPRequestHandler):
    server: Site

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.arrived.append(f"{self.path} {body}")
        answer = str(len(self.server.arrived)).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_args: object) -> None:
        pass


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as site:
        threading.Thread(target=site.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield site
        site.shutdown()


class Caller:
    """Sends requests over a line, each from a thread of its own."""

    def __init__(self, line: Line, pool: ThreadPoolExecutor) -> None:
        self.line, self._pool = line, pool

    def post(self, path: str, body: str = "") -> "Future[str]":
        return self._pool.submit(self._ask, path, body)

    def _ask(self, path: str, body: str) -> str:
        connection = HTTPConnection(str(urlsplit(self.line.url).netloc), timeout=20)
        try:
            connection.request("POST", path, body=body)
            response = connection.getresponse()
            return f"{response.status} {response.read().decode()}"
        except (HTTPException, OSError):
            return "lost"
        finally:
            connection.close()


@pytest.fixture
def caller(site: Site) -> Iterator[Caller]:
    with Line(f"http://127.0.0.1:{site.server_port}") as line, ThreadPoolExecutor() as pool:
        yield Caller(line, pool)
        line.release()


def test_what_no_rule_takes_passes(caller: Caller, site: Site) -> None:
    caller.line.lose("POST", "/b")
    assert caller.post("/a", "text").result() == "200 1"
    assert site.arrived == ["/a text"]


def test_a_held_request_reaches_the_server_when_it_is_released(caller: Caller, site: Site) -> None:
    held = caller.line.hold("POST", "/a")
    asked = caller.post("/a")
    held.wait()
    assert site.arrived == []
    held.release()
    assert asked.result() == "200 1"


def test_a_held_answer_belongs_to_work_that_is_done(caller: Caller, site: Site) -> None:
    held = caller.line.hold_answer("POST", "/a")
    asked = caller.post("/a")
    held.wait()
    assert site.arrived == ["/a "]
    assert not asked.done()
    held.release()
    assert asked.result() == "200 1"


def test_a_lost_request_never_arrives(caller: Caller, site: Site) -> None:
    caller.line.lose("POST", "/a")
    assert caller.post("/a").result() == "lost"
    assert site.arrived == []


def test_a_lost_answer_belongs_to_a_request_that_arrived(caller: Caller, site: Site) -> None:
    caller.line.lose_answer("POST", "/a")
    assert caller.post("/a").result() == "lost"
    assert site.arrived == ["/a "]


@pytest.mark.parametrize("status", [500, 502, 503])
def test_it_answers_as_a_proxy_whose_server_is_away(caller: Caller, site: Site, status: int) -> None:
    caller.line.answer(status, "POST", "/a")
    assert caller.post("/a").result().startswith(f"{status} <!doctype html>")
    assert site.arrived == []


def test_a_duplicate_arrives_twice_and_is_answered_once(caller: Caller, site: Site) -> None:
    twice = caller.line.duplicate("POST", "/a")
    assert caller.post("/a", "text").result() == "200 1"
    twice.wait(2)
    assert site.arrived == ["/a text", "/a text"]


def test_a_repeated_request_arrives_after_what_came_meanwhile(caller: Caller, site: Site) -> None:
    again = caller.line.repeat("POST", "/a")
    caller.post("/a", "old").result()
    caller.post("/a", "new").result()
    again.release()
    again.wait(2)
    assert site.arrived == ["/a old", "/a new", "/a old"]


def test_swapped_answers_come_in_the_other_order(caller: Caller) -> None:
    swapped = caller.line.swap("POST", "/a")
    first = caller.post("/a")
    swapped.wait()
    assert caller.post("/a").result() == "200 2"
    assert first.result() == "200 1"


def test_what_hangs_is_lost_when_it_is_released(caller: Caller, site: Site) -> None:
    hanging = caller.line.hang("POST", "/a")
    asked = caller.post("/a")
    hanging.wait()
    assert not asked.done()
    hanging.release()
    assert asked.result() == "lost"
    assert site.arrived == []


def test_the_third_request_is_taken_and_no_other(caller: Caller) -> None:
    caller.line.lose("POST", "/a", nth=3)
    assert [caller.post("/a").result() for _each in range(4)] == ["200 1", "200 2", "lost", "200 3"]


def test_all_are_taken_until_the_rule_is_released(caller: Caller) -> None:
    rule = caller.line.lose("POST", "/a", times=None)
    assert [caller.post("/a").result() for _each in range(2)] == ["lost", "lost"]
    rule.release()
    assert caller.post("/a").result() == "200 1"


def test_a_server_that_is_away_is_a_lost_request(caller: Caller, site: Site) -> None:
    site.server_close()
    assert caller.post("/a").result() == "lost"
