"""The virtual environment and what the locks put into it."""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from steps import PYTHON, ROOT, TOOLS, VENV, Stop, digest, finish, install_from_system, is_done, run, say

UV = VENV / "bin" / "uv"


def make_environment() -> None:
    """Create .venv, and again when its Python is gone or became another, or the checkout was moved (scripts hold its path)."""
    if is_done("environment", f"{_version(PYTHON)} {ROOT}"):
        return
    if VENV.is_symlink():
        raise Stop(".venv is a link, and what it leads to would be emptied: remove the link, and run make again.")
    say(f"making .venv with Python {sys.version.split()[0]}")
    _need_venv()
    if not run([getattr(sys, "_base_executable", sys.executable), "-m", "venv", "--clear", VENV]):
        raise Stop("python3 could not make a virtual environment; its message is above.")
    finish("environment", f"{_version(PYTHON)} {ROOT}")


def _version(python: Path) -> str:
    """`3.12`, or nothing where there is no Python that starts."""
    ask = "import sys; print('{}.{}'.format(*sys.version_info))"
    try:
        return subprocess.run([python, "-I", "-c", ask], capture_output=True, text=True).stdout.strip()
    except OSError:
        return ""


def _need_venv() -> None:
    """Debian splits ensurepip from Python, so that `python3 -m venv` fails on a bare machine."""
    present = "import venv; from ensurepip import version"
    if subprocess.run([sys.executable, "-c", present], capture_output=True).returncode == 0:
        return
    package = f"python3.{sys.version_info.minor}-venv"
    if not install_from_system(package):
        raise Stop(f"Python's venv module is missing: install it with `sudo apt-get install {package}` and run make again.")


def install_runtime() -> None:
    """What the running product needs."""
    _install("runtime", "requirements.txt")


def install_dev() -> None:
    """What tests and checks need: a lock that holds the runtime lines too."""
    _install("dev", "requirements-dev.txt")
    finish("runtime", digest("requirements.txt"))


def _install(step: str, lock: str) -> None:
    if is_done(step, digest(lock)):
        return
    say(f"installing Python packages ({lock})")
    if not (_install_with_uv(lock) or run([PYTHON, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", lock])):
        raise Stop(f"the Python packages of {lock} could not be installed; the message is above.")
    finish(step, digest(lock))


def _install_with_uv(lock: str) -> bool:
    """uv is several times as fast as pip, but knows nothing of pip's own index settings: then pip does it."""
    locked: list[str | Path] = ["--require-hashes", "-r", lock, "--build-constraints", "requirements-tools.txt"]
    install: list[str | Path] = [UV, "pip", "install", "--quiet", "--python", PYTHON, "--compile-bytecode", *locked]
    return not _has_own_index() and has_uv() and run(install)


def has_uv() -> bool:
    return UV.exists() or install_tool("uv", into_environment=True)


def _has_own_index() -> bool:
    if any(name in os.environ for name in ("UV_INDEX_URL", "UV_DEFAULT_INDEX")):
        return False
    asked = subprocess.run([PYTHON, "-m", "pip", "config", "get", "global.index-url"], capture_output=True)
    return "PIP_INDEX_URL" in os.environ or asked.returncode == 0


def install_tool(name: str, *options: str, into_environment: bool = False) -> bool:
    """Install one package of requirements-tools.txt, beside the environment's own packages unless told otherwise."""
    where: list[str | Path] = [] if into_environment else ["--target", str(TOOLS / name)]
    installer: list[str | Path] = [PYTHON, "-m", "pip", "install"]
    if not into_environment and has_uv():
        installer = [UV, "pip", "install", "--python", PYTHON]
    with tempfile.TemporaryDirectory() as folder:
        lock = Path(folder) / "requirements.txt"
        lock.write_text(_locked(name))
        return run([*installer, "--quiet", "--no-deps", "--require-hashes", *where, *options, "-r", lock])


def _locked(name: str) -> str:
    """The lines of one package in requirements-tools.txt, with its hashes."""
    found = re.search(rf"^{re.escape(name)}==.*\n(?:^ .*\n)*", (ROOT / "requirements-tools.txt").read_text(), re.MULTILINE)
    if not found:
        raise Stop(f"requirements-tools.txt has no line for {name}: run `make lock`.")
    return found.group()
