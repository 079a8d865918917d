"""`python -I guard.py`: outlives the run by a moment, to end what the run started.

Each child of the run leads a session, and what it forks stays in that session. The guard reads lines from the run: `+ PID` a child that began,
`- PID` one that is gone, `patience SECONDS` when the run ends in order. When the pipe closes, because the run is over or was killed, it ends
every child that is left; Redis, which began first, last.
"""

import os
import signal
import sys
import time
from collections.abc import Iterable

import psutil

KILLED = 1.0


def main() -> None:
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    children: list[int] = []
    patience = KILLED
    for line in sys.stdin:
        word, value = line.split()
        if word == "+":
            children.append(int(value))
        elif word == "-" and int(value) in children:
            children.remove(int(value))
        elif word == "patience":
            patience = float(value)
    end(children[1:], patience)
    end(children[:1], KILLED)


def members(leaders: Iterable[int]) -> list[psutil.Process]:
    """Every live process in the sessions of these leaders, also when the leader itself is gone."""
    wanted = set(leaders)
    return [process for process in psutil.process_iter() if _session(process.pid) in wanted and _lives(process)]


def _session(process: int) -> int | None:
    try:
        return os.getsid(process)
    except OSError:
        return None


def _lives(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


def kill(leaders: Iterable[int]) -> None:
    for process in members(leaders):
        _send(process.pid, signal.SIGKILL)


def end(leaders: list[int], patience: float) -> None:
    """Ask the leaders to end their sessions in order, wait this many seconds at most, then kill what is left."""
    for leader in leaders:
        _send(leader, signal.SIGTERM)
    limit = time.monotonic() + patience
    while time.monotonic() < limit and members(leaders):
        time.sleep(0.05)
    kill(leaders)


def _send(process: int, what: signal.Signals) -> None:
    try:
        os.kill(process, what)
    except ProcessLookupError:
        pass


if __name__ == "__main__":
    main()
