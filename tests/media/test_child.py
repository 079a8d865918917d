"""A program that does what it wants: it is ended, its file is rejected, and nothing of it stays."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from app.media import child, inspection
from app.media.inspection import Limits, Rejected

LIMITS = Limits(max_pixels=64_000_000, max_frames=150, max_pages=20, max_seconds=60)


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Put a stand-in in the decoder's place, and let it look at a file for a while."""

    def write(text: str, seconds: float = 30) -> None:
        (tmp_path / "program.py").write_text(text)
        monkeypatch.setattr(inspection, "PROGRAM", tmp_path / "program.py")
        monkeypatch.setattr(inspection, "SECONDS", seconds / 2)

    return write


def look(tmp_path: Path) -> inspection.Found:
    (tmp_path / "source").write_bytes(b"a file")
    return inspection.look(tmp_path / "source", tmp_path, "image/jpeg", LIMITS)


@pytest.mark.parametrize(
    ("does", "reason"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "failed"),
        ("import os; os.abort()", "failed"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "failed"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGXCPU)", "too_slow"),
        ("import time; time.sleep(60)", "too_slow"),
        ("while True: pass", "too_slow"),
        ("import os; os.close(1); os.close(2); import time; time.sleep(60)", "too_slow"),
        ("import signal, time; [signal.signal(s, signal.SIG_IGN) for s in (1, 2, 15)]; time.sleep(60)", "too_slow"),
        ("raise ValueError('a bug')", "failed"),
        ("import sys; sys.exit(3)", "failed"),
        ("print('{}')", "failed"),
        ("print('[]')", "failed"),
        ("print('null')", "failed"),
        ("print('not JSON')", "failed"),
        ("print('{\"width\": 1}')", "failed"),
        ("import sys\nwhile True: sys.stdout.write('x' * 100000)", "failed"),
        ('print(\'{"rejected": "locked"}\')', "locked"),
    ],
)
def test_whatever_a_decoder_does_it_rejects_its_file_and_nothing_else(
    tmp_path: Path, program: Any, does: str, reason: str
) -> None:
    program(does, 1.5 if reason == "too_slow" else 30)
    begun = time.monotonic()
    with pytest.raises(Rejected) as caught:
        look(tmp_path)
    assert caught.value.reason == reason
    assert time.monotonic() - begun < 10


def test_complaints_without_end_are_not_kept(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(
        "import sys\nfor _ in range(500): sys.stderr.write('x' * 100_000)\nsys.stderr.write('the end')"
    )
    complaints = child.run(tmp_path / "program.py", folder=tmp_path, seconds=20).complaints
    assert len(complaints) == child.LAST_WORDS
    assert complaints.endswith(b"the end")


@pytest.mark.parametrize("afterwards", ["time.sleep(60)", 'print(\'{"rejected": "locked"}\')'])
def test_what_a_decoder_has_started_goes_with_it(tmp_path: Path, program: Any, afterwards: str) -> None:
    program(
        "import subprocess, sys, time\n"
        "other = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"open({str(tmp_path / 'pid')!r}, 'w').write(str(other.pid))\n"
        f"{afterwards}",
        4,
    )
    with pytest.raises(Rejected):
        look(tmp_path)
    assert gone(int((tmp_path / "pid").read_text()))


def test_a_decoder_is_given_no_secrets_and_nothing_to_read(
    tmp_path: Path, program: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY", "a secret")
    program("import json, os, sys; print(json.dumps({'rejected': json.dumps([dict(os.environ), sys.stdin.read()])}))")
    with pytest.raises(Rejected) as caught:
        look(tmp_path)
    environment, given = json.loads(caught.value.reason)
    assert environment.keys() - {"LC_CTYPE"} == child.ENVIRONMENT.keys()
    assert given == ""


def gone(pid: int) -> bool:
    """Whether a process that was killed is gone, or will be as soon as its parent looks; the kernel may take a moment."""
    try:
        psutil.Process(pid).wait(timeout=2)
    except psutil.NoSuchProcess:
        return True
    except psutil.TimeoutExpired:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    return True


def fenced(tmp_path: Path, does: str, **limits: int) -> child.Ended:
    """Run something behind the decoder's own fence."""
    order = {"cpu": 1, "most": 9, "memory": 2**30, "disk": 2**20, "parent": os.getpid()} | limits
    program = tmp_path / "fenced.py"
    folder = str(inspection.PROGRAM)
    program.write_text(f"import sys; sys.path.insert(0, {folder!r})\nimport fence; fence.close(**{order!r})\n{does}")
    return child.run(program, folder=tmp_path, seconds=20)


def test_processor_time_is_limited(tmp_path: Path) -> None:
    assert fenced(tmp_path, "while True: pass").status == -signal.SIGXCPU


def test_a_picture_of_many_pixels_may_take_longer(tmp_path: Path) -> None:
    order = {"cpu": 1, "most": 9, "megapixel": 0.5}
    told = fenced(
        tmp_path, f"fence.widen({order!r}, 4_000_000); import resource; print(resource.getrlimit(resource.RLIMIT_CPU))"
    )
    assert told.answer == b"(3, 14)\n"


def test_memory_is_limited(tmp_path: Path) -> None:
    """macOS keeps no such limit."""
    assert sys.platform != "linux" or b"MemoryError" in fenced(tmp_path, "x = bytearray(2 * 2**30)").complaints


def test_what_is_written_is_limited(tmp_path: Path) -> None:
    ended = fenced(tmp_path, "open('large', 'wb').write(bytes(2**22))")
    assert ended.status != 0
    assert (tmp_path / "large").stat().st_size <= 2**20


def test_nothing_can_be_reached_over_the_network(tmp_path: Path) -> None:
    """Where the kernel lets anybody make a network of their own; in a container that forbids it, this holds as far as it is asked for."""
    ended = fenced(tmp_path, "import os; print(os.readlink('/proc/self/ns/net'))")
    asking = "import ctypes; print(ctypes.CDLL(None).unshare(0x50000000))"
    allowed = subprocess.run([sys.executable, "-c", asking], capture_output=True).stdout.strip() == b"0"
    assert (ended.answer.strip().decode() != os.readlink("/proc/self/ns/net")) is allowed


def test_a_decoder_dies_with_its_worker(tmp_path: Path) -> None:
    does = "import os; print(os.getpid(), flush=True)\nimport time; time.sleep(60)"
    parent = tmp_path / "parent.py"
    folder = str(inspection.PROGRAM)
    (tmp_path / "inner.py").write_text(
        f"import sys; sys.path.insert(0, {folder!r})\nimport fence; import os; fence.close(9, 9, 2**30, 2**20, os.getppid())\n{does}"
    )
    parent.write_text(
        "import subprocess, sys, os, signal\n"
        f"inner = subprocess.Popen([sys.executable, {str(tmp_path / 'inner.py')!r}], stdout=subprocess.PIPE, start_new_session=True)\n"
        f"open({str(tmp_path / 'pid')!r}, 'w').write(inner.stdout.readline().decode())\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    assert child.run(parent, folder=tmp_path, seconds=10).status == -signal.SIGKILL
    assert gone(int((tmp_path / "pid").read_text()))
