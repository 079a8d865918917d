"""Running a program that may do anything: for a limited time, with nothing of ours in its hands, and with an ear for a few words only."""

import contextlib
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

MOST_SAID = 64 * 1024  # bytes of an answer; a program that says more is ended
LAST_WORDS = 2000  # bytes of its complaints that are kept for the log
PIECE = 32 * 1024
ENVIRONMENT = {"VIPS_BLOCK_UNTRUSTED": "1", "VIPS_CONCURRENCY": "1", "MALLOC_ARENA_MAX": "2", "OMP_NUM_THREADS": "1"}


class TooSlow(Exception):
    """Its time was up."""


@dataclass(frozen=True)
class Ended:
    """How it went: its status (negative: the signal that ended it), its answer, and the last of its complaints."""

    status: int
    answer: bytes
    complaints: bytes


def run(program: Path, *arguments: str, folder: Path, seconds: float) -> Ended:
    """Run a Python program, alone in a process group, which is gone afterwards with all that it started. `TooSlow` when its time is up."""
    child = subprocess.Popen(
        [sys.executable, "-I", "-B", str(program), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=ENVIRONMENT,
        cwd=folder,
        start_new_session=True,
    )
    try:
        answer, complaints = _listen(child, time.monotonic() + seconds)
        return Ended(child.wait(), answer, complaints)
    finally:
        _end(child)


def _end(child: "subprocess.Popen[bytes]") -> None:
    """What it started belongs to its group and goes with it, also when the program itself has ended well."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    for pipe in (child.stdout, child.stderr):
        if pipe:
            pipe.close()


def _listen(child: "subprocess.Popen[bytes]", until: float) -> tuple[bytes, bytes]:
    """Both pipes to their ends, or as long as it lives: what it started may hold them open for ever."""
    said = {child.stdout: b"", child.stderr: b""}
    with selectors.DefaultSelector() as selector:
        for pipe in said:
            selector.register(cast(IO[bytes], pipe), selectors.EVENT_READ)
        while selector.get_map():
            left = until - time.monotonic()
            if left <= 0:
                raise TooSlow
            found = _ready(selector, min(left, 0.5))
            if not found and child.poll() is not None:
                break
            for pipe in found:
                piece = os.read(pipe.fileno(), PIECE)
                if not piece:
                    selector.unregister(pipe)
                said[pipe] += piece
            said[child.stderr] = said[child.stderr][-LAST_WORDS:]
            if len(said[child.stdout]) > MOST_SAID:
                os.killpg(child.pid, signal.SIGKILL)
                break
        _wait(child, until)
    return said[child.stdout], said[child.stderr]


def _ready(selector: selectors.BaseSelector, seconds: float) -> Sequence[IO[bytes]]:
    return [cast(IO[bytes], key.fileobj) for key, _events in selector.select(seconds)]


def _wait(child: "subprocess.Popen[bytes]", until: float) -> None:
    """It may have closed its pipes and live on."""
    try:
        child.wait(max(0.0, until - time.monotonic()))
    except subprocess.TimeoutExpired:
        raise TooSlow from None
