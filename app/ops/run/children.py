"""The processes of a run: started, watched, started again, and ended together."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import guard
from output import Output
from place import ROOT, Place, Refusal

RESTARTS_PER_MINUTE = 3
GUARDS = 20


class Orphaned(Exception):
    """What started this run was killed."""


@dataclass
class Child:
    """One process that should live as long as the run does, or, if `once`, until its work is done."""

    name: str
    command: list[str]
    environment: Mapping[str, str]
    said_to: bytes = b""
    once: bool = False
    deaths: list[float] = field(default_factory=list)

    def begin(self) -> "subprocess.Popen[bytes]":
        process = subprocess.Popen(
            self.command,
            cwd=ROOT,
            env=dict(self.environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        assert process.stdin
        process.stdin.write(self.said_to)
        process.stdin.close()
        return process

    def dies_too_often(self) -> bool:
        now = time.monotonic()
        self.deaths = [death for death in self.deaths if now - death < 60] + [now]
        return len(self.deaths) > RESTARTS_PER_MINUTE


class Children:
    """Each leads a session of its own, so that Ctrl-C reaches only the run, which then ends them in order.

    A guard process is told of each; it ends them when the run is killed. When the `make` that started the run is killed, the run ends itself.
    """

    def __init__(self, place: Place, output: Output) -> None:
        self._place, self._output = place, output
        self._parent = os.getppid()
        self._children: dict[str, Child] = {}
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._guards = 0
        self._guard: subprocess.Popen[bytes] | None = None

    def start(self, child: Child) -> None:
        self._children[child.name] = child
        self._begin(child)

    def process(self, name: str) -> int:
        return self._processes[name].pid

    def wait_until(self, is_true: Callable[[], bool], seconds: float, refusal: str) -> None:
        """Wait for something to come true; raises `Refusal` when it takes too long or a child ends meanwhile."""
        limit = time.monotonic() + seconds
        while not is_true():
            for name, code in self._ended():
                if not self._children[name].once or code:
                    raise Refusal(f"{name} ended with code {code} while Shingle was starting; what it said is above.")
            if time.monotonic() > limit:
                raise Refusal(refusal)
            self._notice_parent()
            time.sleep(0.05)

    def is_done(self, name: str) -> bool:
        """Whether a child that runs once did its work."""
        return name not in self._processes or self._processes[name].poll() == 0

    def watch(self) -> None:
        """Until the run is ended: start again what ends by itself; raises `Refusal` when that happens too often."""
        while True:
            for name, code in self._ended():
                child = self._children[name]
                if child.once and code == 0:
                    continue
                if child.once or child.dies_too_often():
                    raise Refusal(
                        f"{name} ended with code {code} and can't be helped by starting it again, so everything was stopped."
                    )
                self._output.say(f"{name} ended with code {code}; it is started again")
                self._begin(child)
            self._notice_parent()
            time.sleep(0.25)

    def stop(self, patience: float) -> None:
        """End every child, giving it this many seconds to finish what it is doing."""
        if self._guard:
            self._tell(f"patience {patience}")
            assert self._guard.stdin
            self._guard.stdin.close()
            self._guard.wait()

    def _begin(self, child: Child) -> None:
        self._keep_guard()
        process = child.begin()
        self._tell(f"+ {process.pid}")
        self._processes[child.name] = process
        self._output.follow(child.name, process)

    def _ended(self) -> list[tuple[str, int]]:
        """Children that ended since the last look, with their exit codes; what they forked is ended too."""
        self._keep_guard()
        ended = [(name, code) for name, process in self._processes.items() if (code := process.poll()) is not None]
        for name, _code in ended:
            process = self._processes.pop(name)
            guard.kill([process.pid])
            self._tell(f"- {process.pid}")
        return ended

    def _notice_parent(self) -> None:
        if os.getppid() != self._parent:
            raise Orphaned

    def _keep_guard(self) -> None:
        """The guard holds the checkout's lock with us: a new run waits until the old one's processes are gone."""
        if self._guard and self._guard.poll() is None:
            return
        self._guards += 1
        if self._guards > GUARDS:
            raise Refusal("the process that ends the others at the end does not stay alive.")
        lock = self._place.lock.fileno()
        self._guard = subprocess.Popen(
            [sys.executable, "-I", guard.__file__], stdin=subprocess.PIPE, start_new_session=True, pass_fds=[lock]
        )
        for process in self._processes.values():
            self._tell(f"+ {process.pid}")

    def _tell(self, line: str) -> None:
        assert self._guard and self._guard.stdin
        self._guard.stdin.write(f"{line}\n".encode())
        self._guard.stdin.flush()
