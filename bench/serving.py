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
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TICK = 1000 / os.sysconf("SC_CLK_TCK")  # ms
Send = Callable[[http.client.HTTPConnection, int], int]


@dataclass(frozen=True)
class Served:
    """What a number of requests took: their times in ms, sorted; how long all of them took in s; CPU of the server in ms each."""

    times: list[float]
    seconds: float
    cpu: float

    def at(self, share: float) -> float:
        return self.times[min(len(self.times) - 1, int(len(self.times) * share))]

    def row(self) -> str:
        rate = len(self.times) / self.seconds
        return f"{rate:7.0f}/s   p50 {self.at(0.5):6.1f}   p95 {self.at(0.95):6.1f}   p99 {self.at(0.99):6.1f} ms   CPU {self.cpu:5.2f} ms"


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

    def busy(self, clients: int, requests: int, send: Send) -> Served:
        """Let clients with a connection each share this many requests; `send` makes one and answers with its status."""
        times: list[list[float]] = [[] for _client in range(clients)]
        workers = [
            threading.Thread(target=self._ask, args=(number, clients, requests, send, times[number]))
            for number in range(clients)
        ]
        before, began = self.cpu(), time.perf_counter()
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        seconds = time.perf_counter() - began
        taken = sorted(each for one in times for each in one)
        return Served(taken, seconds, (self.cpu() - before) / max(1, len(taken)))

    def _ask(self, number: int, clients: int, requests: int, send: Send, times: list[float]) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.connect()
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for turn in range(number, requests, clients):
            began = time.perf_counter()
            status = send(connection, turn)
            times.append((time.perf_counter() - began) * 1000)
            assert status < 400, f"the server answered {status}"
        connection.close()


@contextlib.contextmanager
def granian(target: str, environment: dict[str, str], threads: int = 4) -> Iterator[Server]:
    """One web process, as the README starts it; it is ended with the block."""
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
    command += ["--blocking-threads", str(threads), "--backpressure", "128", "--no-ws", target]
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
    with contextlib.suppress(OSError):
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) * TICK
    return 0


def _memory(process: int, field: str) -> int:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{process}/status").read_text().splitlines():
            if line.startswith(field):
                return int(line.split()[1])
    return 0
