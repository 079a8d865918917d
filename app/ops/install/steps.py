"""Steps that run once: stamped with what they were made from, one `make` at a time, and nothing outside the checkout."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
TOOLS = VENV / "tools"
CACHES = {"UV_CACHE_DIR": "uv", "PIP_CACHE_DIR": "pip", "npm_config_cache": "npm"}


class Stop(Exception):
    """Set-up can't go on; the message is one sentence that says what to do."""


@contextmanager
def alone() -> Iterator[None]:
    """Hold the checkout: a second `make` waits here and then finds the work done."""
    (ROOT / "var").mkdir(exist_ok=True)
    with open(ROOT / "var" / "install.lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another set-up is at work in this checkout; waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def say(what: str) -> None:
    print(f"shingle: {what}", flush=True)


def is_done(step: str, made_from: str) -> bool:
    """Whether the step was finished from exactly these inputs."""
    stamp = _stamp(step)
    return stamp.is_file() and stamp.read_text() == made_from


def finish(step: str, made_from: str) -> None:
    _stamp(step).parent.mkdir(parents=True, exist_ok=True)
    _stamp(step).write_text(made_from)


def _stamp(step: str) -> Path:
    return VENV / "stamps" / step


def digest(*names: str) -> str:
    """What these files of the checkout hold, as one short text."""
    return hashlib.sha256(b"\0".join((ROOT / name).read_bytes() for name in names)).hexdigest()


def run(command: Sequence[str | Path], extra: Mapping[str, str] | None = None) -> bool:
    """Run a command in the checkout with its caches inside it; its output is shown only when it fails."""
    caches = {name: str(VENV / "cache" / folder) for name, folder in CACHES.items()}
    result = subprocess.run(
        [str(part) for part in command],
        cwd=ROOT,
        env=os.environ | caches | dict(extra or {}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    if result.returncode:
        print("\n".join(result.stdout.splitlines()[-15:]), file=sys.stderr, flush=True)
    return result.returncode == 0


def install_from_system(*packages: str) -> bool:
    """Install Debian or Ubuntu packages where that needs no password; False where it can't be done."""
    if not shutil.which("apt-get"):
        return False
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if sudo and not (shutil.which("sudo") and subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode == 0):
        return False
    say(f"installing {' '.join(packages)} with apt-get")
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    install = [*sudo, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-y", "--no-install-recommends", *packages]
    return run([*sudo, "apt-get", "update"], quiet) and run(install, quiet)


def stop_with_parent() -> None:
    """End set-up, and what it runs, when the `make` that started it is killed."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        subprocess.run(["pkill", "-KILL", "-P", str(os.getpid())])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
