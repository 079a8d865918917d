"""A production web process on throw-away state, what it costs, and clients that keep it busy."""

import contextlib
import http.client
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import clients

ROOT = Path(__file__).resolve().parent.parent
Send = Callable[[http.client.HTTPConnection, int], int]


@dataclass(frozen=True)
class Served:
    """What a number of requests took: their times in ms, sorted; how long all took in s; CPU of the server, and of the clients, in ms each."""

    times: list[float]
    seconds: float
    cpu: float
    clients: float

    @property
    def rate(self) -> float:
        return len(self.times) / self.seconds

    @classmethod
    def together(cls, rounds: "list[Served]") -> "Served":
        """Several rounds of the same as one."""
        times = sorted(each for one in rounds for each in one.times)
        cpu, clients = (sum(getattr(one, name) * len(one.times) for one in rounds) / len(times) for name in ("cpu", "clients"))
        return cls(times, sum(one.seconds for one in rounds), cpu, clients)

    def at(self, share: float) -> float:
        return self.times[min(len(self.times) - 1, int(len(self.times) * share))]

    def row(self) -> str:
        times = f"p50 {self.at(0.5):6.1f}   p95 {self.at(0.95):6.1f}   p99 {self.at(0.99):6.1f} ms"
        return f"{self.rate:7.0f}/s   {times}   CPU {self.cpu:5.2f} + {self.clients:4.2f} ms"


class Server:
    """A running server: where it is, and what its processes have used so far."""

    def __init__(self, port: int, process: int) -> None:
        self.port = port
        self._process = process

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def cpu(self) -> float:
        """CPU time of the process and its children, user and system, in ms. Linux only: other systems don't tell of living children."""
        return sum(_spent(process) for process in _family(self._process))

    def memory(self) -> int:
        """Resident memory of the process and its children, in KiB."""
        return sum(_memory(process, "VmRSS:") for process in _family(self._process))

    def peak(self) -> int:
        """The most resident memory since `forget_peak`, in KiB."""
        return sum(_memory(process, "VmHWM:") for process in _family(self._process))

    def forget_peak(self) -> None:
        for process in _family(self._process):
            Path(f"/proc/{process}/clear_refs").write_text("5")  # proc(5): resets the peak

    def busy(self, people: int, requests: int, send: Send) -> Served:
        """Let people with a connection each share this many requests; `send` makes one and answers with its status."""
        times: list[list[float]] = [[] for _each in range(people)]
        workers = [
            threading.Thread(target=self._ask, args=(number, people, requests, send, times[number])) for number in range(people)
        ]

        def run() -> list[float]:
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join()
            return [each for one in times for each in one]

        return self._served(run)

    def answer(self, requests: Sequence[Iterable[bytes]]) -> Served:
        """The same with clients that cost little (`bench.clients`): each sends its own list."""
        return self._served(lambda: clients.ask_all(self.port, requests))

    def _served(self, run: Callable[[], list[float]]) -> Served:
        before, own, began = self.cpu(), time.process_time(), time.perf_counter()
        times = sorted(run())
        seconds, count = time.perf_counter() - began, max(1, len(times))
        return Served(times, seconds, (self.cpu() - before) / count, (time.process_time() - own) * 1000 / count)

    def _ask(self, number: int, people: int, requests: int, send: Send, times: list[float]) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.connect()
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for turn in range(number, requests, people):
            began = time.perf_counter()
            status = send(connection, turn)
            times.append((time.perf_counter() - began) * 1000)
            assert status < 400, f"the server answered {status}"
        connection.close()


@contextlib.contextmanager
def granian(target: str, environment: dict[str, str], workers: int = 1, threads: int = 4) -> Iterator[Server]:
    """Web processes, as the README starts them; they are ended with the block."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        str(Path(sys.executable).with_name("granian")),
        "--interface",
        "wsgi",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    ]
    command += ["--workers", str(workers), "--blocking-threads", str(threads), "--backpressure", "128", "--no-ws", target]
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, cwd=ROOT, env=os.environ | environment, stdout=said, stderr=said)
        try:
            _wait(port, process)
            yield Server(port, process.pid)
        finally:
            process.terminate()
            process.wait(20)


def _wait(port: int, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        time.sleep(0.05)
    sys.exit("The server did not start.")


def _family(process: int) -> list[int]:
    found = [process]
    for each in found:
        with contextlib.suppress(OSError):
            for thread in Path(f"/proc/{each}/task").iterdir():
                found += [int(child) for child in (thread / "children").read_text().split()]
    return found


def _spent(process: int) -> float:
    """By the clock that the kernel keeps for each process (clock_getcpuclockid(3)): /proc counts in steps of 10 ms, more than an upload costs."""
    with contextlib.suppress(OSError):
        return time.clock_gettime((~process << 3) | 2) * 1000
    return 0


def _memory(process: int, field: str) -> int:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{process}/status").read_text().splitlines():
            if line.startswith(field):
                return int(line.split()[1])
    return 0
