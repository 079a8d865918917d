"""The checkout that is being run: its settings, its `var/`, its lock and its port."""

import fcntl
import json
import os
import socket
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import psutil
from dotenv import dotenv_values

ROOT = Path(__file__).resolve().parents[3]
BIN = ROOT / ".venv" / "bin"
FIRST_PORT = 8000
MOST_PROCESSES = 64


class Refusal(Exception):
    """Shingle can't be started or go on; the message is one sentence that says why."""


def settings() -> dict[str, str]:
    """The environment, and beneath it what `.env` says."""
    written = {name: value for name, value in dotenv_values(ROOT / ".env").items() if value}
    return written | {name: value for name, value in os.environ.items() if value or name not in written}


class Place:
    """The one run of this checkout: whoever holds the lock in `var/run/`. Processes that still have to be ended hold it too."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self.var = ROOT / given.get("VAR_DIR", "var")
        (self.var / "run").mkdir(parents=True, exist_ok=True)
        self._note = self.var / "run" / "running.json"
        self.lock = open(self.var / "run" / "lock", "w")  # noqa: SIM115 - held until this process ends

    def taken_by(self) -> str | None:
        """The address of the run that holds this checkout, or None once it is ours. What a killed run left ends within seconds."""
        patience = time.monotonic() + 6
        while not self._take():
            process, address = self._read_note()
            if psutil.pid_exists(process) or time.monotonic() > patience:
                return address
            time.sleep(0.1)
        return None

    def announce(self, address: str) -> None:
        """Leave the address for whoever starts a second run."""
        self._note.write_text(json.dumps({"process": os.getpid(), "address": address}))

    def _take(self) -> bool:
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        self._note.unlink(missing_ok=True)
        return True

    def _read_note(self) -> tuple[int, str]:
        try:
            note = json.loads(self._note.read_text())
            return note["process"], note["address"]
        except (FileNotFoundError, ValueError):
            return os.getppid(), "an address that is not known yet"


def web_processes(given: Mapping[str, str]) -> int:
    """How many processes answer requests: WEB_PROCESSES, else one for each processor, two at most. Python runs on one processor at a time in each,
    and each takes 130 MB."""
    wanted = given.get("WEB_PROCESSES", "")
    if not wanted:
        return min(2, os.cpu_count() or 1)
    if not (wanted.isdecimal() and 0 < int(wanted) <= MOST_PROCESSES):
        raise Refusal(f"WEB_PROCESSES must be a number from 1 to {MOST_PROCESSES}, not {wanted!r}.")
    return int(wanted)


def choose_port(given: Mapping[str, str], host: str, say: Callable[[str], None]) -> tuple[int, socket.socket]:
    """The port to serve at and a socket that keeps other runs from choosing it: PORT, else the first free one from 8000."""
    wanted = given.get("PORT", "")
    if not wanted:
        for port in range(FIRST_PORT, FIRST_PORT + 100):
            if reserved := _reserve(host, port):
                if port != FIRST_PORT:
                    say(f"port {FIRST_PORT} is taken, so Shingle uses {port}")
                return port, reserved
        raise Refusal(f"no port from {FIRST_PORT} to {FIRST_PORT + 99} is free: name one with PORT=.")
    if not (wanted.isdecimal() and 0 < int(wanted) < 65536):
        raise Refusal(f"PORT must be a number from 1 to 65535, not {wanted!r}.")
    if reserved := _reserve(host, int(wanted)):
        return int(wanted), reserved
    raise Refusal(f"port {wanted} is taken or may not be opened: name another with PORT=.")


def _reserve(host: str, port: int) -> socket.socket | None:
    """Bind the port without listening. Granian shares its port with anyone (SO_REUSEPORT), so that two runs would split the visitors."""
    with open(Path(tempfile.gettempdir()) / f"shingle-ports-{os.getuid()}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            _bind(host, port, socket.SO_REUSEADDR).close()
            return _bind(host, port, socket.SO_REUSEPORT)
        except OSError:
            return None


def _bind(host: str, port: int, option: int) -> socket.socket:
    holder = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        holder.setsockopt(socket.SOL_SOCKET, option, 1)
        holder.bind((host, port))
    except OSError:
        holder.close()
        raise
    return holder
