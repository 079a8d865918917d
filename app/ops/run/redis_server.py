"""The embedded Redis: on a free port of this machine, behind a password that is new at every start."""

import re
import secrets
import socket
import subprocess

from children import Child, Children
from place import ROOT, Place


def start_redis(place: Place, children: Children) -> str:
    """Start it and return its URL once it answers. Its data is kept by version: an older Redis can't read a newer one's."""
    program = (ROOT / ".venv" / "stamps" / "redis").read_text()
    port, password = _free_port(), secrets.token_urlsafe(24)
    folder = place.var / "redis" / _major_version(program)
    folder.mkdir(parents=True, exist_ok=True)
    lines = ["bind 127.0.0.1", f"port {port}", f"requirepass {password}", f'dir "{folder}"', "save 300 1", "loglevel warning"]
    # The settings go through standard input: a password among the arguments could be read by anyone on the machine.
    children.start(Child("redis", [program, "-"], {}, said_to="\n".join(lines).encode()))
    children.wait_until(lambda: _answers(port), 10, "the embedded Redis did not answer within 10 seconds.")
    return f"redis://:{password}@127.0.0.1:{port}/0"


def _major_version(program: str) -> str:
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    version = re.search(r"v=(\d+)", said)
    return version.group(1) if version else "unknown"


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _answers(port: int) -> bool:
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", port)) == 0
