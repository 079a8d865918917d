"""Starting a server for the whole test run, once, whichever test process asks first."""

import fcntl
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LEASH = Path(__file__).with_name("leash.py")

# Python warns about a process that is forgotten while it runs.
_held: list[subprocess.Popen[bytes]] = []


class ServerFailed(Exception):
    """A server did not come up; the message holds what it said."""


@dataclass(frozen=True)
class Run:
    """One test run: the process that owns its servers, the folder where its processes leave notes, and this process's number in it."""

    owner: int
    notes: Path
    number: int

    def once(self, name: str, start: Callable[["Run"], str]) -> str:
        """What `start` returned to the first process of the run that asked for `name`."""
        note = self.notes / f"{name}.note"
        with open(self.notes / f"{name}.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not note.exists():
                note.write_text(start(self))
            return note.read_text()

    def hold(
        self,
        command: Sequence[str | Path],
        folder: Path,
        is_ready: Callable[[], bool],
        env: Mapping[str, str] | None = None,
        user: int | None = None,
    ) -> None:
        """Start a server that lives and is removed, its folder too, with this run; return when it is ready.

        Raises `ServerFailed` when it ends at once or is not ready within a minute.
        """
        log = folder.with_name(f"{folder.name}.log")
        leash = [sys.executable, "-I", str(LEASH), str(self.owner), str(folder), "" if user is None else str(user)]
        with open(log, "wb") as output:
            process = subprocess.Popen(
                [*leash, *map(str, command)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                env={**os.environ, **(env or {})},
            )
        _held.append(process)
        try:
            _wait(process, is_ready, log)
        finally:
            log.unlink()


def _wait(process: subprocess.Popen[bytes], is_ready: Callable[[], bool], log: Path) -> None:
    patience = time.monotonic() + 60
    while not is_ready():
        if process.poll() is not None or time.monotonic() > patience:
            process.terminate()
            raise ServerFailed(log.read_text(errors="replace")[-2000:])
        time.sleep(0.02)


def answers(port: int) -> bool:
    """Whether something on this machine accepts connections at the port."""
    with socket.socket() as caller:
        caller.settimeout(1)
        return caller.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def new_folder(name: str, parent: Path | None = None) -> Path:
    return Path(tempfile.mkdtemp(prefix=f"shingle-{name}-", dir=parent))


def _find(name: str, otherwise: str) -> str | None:
    note = ROOT / ".venv" / "stamps" / name
    return note.read_text() if note.is_file() else shutil.which(otherwise)


def is_installed(name: str, otherwise: str) -> bool:
    return _find(name, otherwise) is not None


def program(name: str, otherwise: str) -> str:
    """The path that set-up noted for a program (`make test` notes `redis`, `browser` and others), else the system's."""
    found = _find(name, otherwise)
    if not found:
        raise ServerFailed(f"{otherwise} was not found: run `make test` once, it installs what is missing.")
    return found
