"""Where files are taken apart: on the disk of `var/`, and never left behind."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app import config, readers
from app.media import workplace
from app.storage.protocol import NoRoom

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True, scope="session")


@pytest.fixture
def parent(app: Flask) -> Path:
    return config.current().var_dir / "verifying"


def test_a_folder_is_gone_afterwards_whatever_happened(parent: Path) -> None:
    def fail() -> None:
        with workplace.take(10) as place:
            (place / "source").write_bytes(b"a file")
            assert place.parent == parent
            raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011  (any)
        fail()
    assert list(parent.iterdir()) == []


def test_folders_of_others_that_are_at_work_are_left_alone(parent: Path) -> None:
    with workplace.take(10) as first, workplace.take(10) as second:
        assert first != second
        assert first.is_dir()


def test_what_a_killed_worker_left_behind_goes_with_the_next_file(parent: Path) -> None:
    with workplace.take(1):
        pass
    left = parent / "left"
    does = (
        "import fcntl, os, signal, sys; lock = open(sys.argv[1] + '.lock', 'w'); fcntl.flock(lock, fcntl.LOCK_EX)\n"
        "os.mkdir(sys.argv[1]); open(sys.argv[1] + '/source', 'w').write('half a file'); os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", does, os.fspath(left)])
    assert (left / "source").exists()
    with workplace.take(1):
        assert not left.exists()
    assert list(parent.iterdir()) == []


def test_a_disk_that_is_almost_full_is_left_alone(parent: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = workplace.shutil.disk_usage(Path("/"))
    floor = config.current().storage_free_floor
    monkeypatch.setattr(workplace.shutil, "disk_usage", lambda _path: usage._replace(free=floor + 2 * 1000 - 1))
    with pytest.raises(NoRoom), workplace.take(1000):
        pytest.fail("it was taken")


def test_neither_web_process_nor_worker_loads_what_takes_files_apart(app: Flask) -> None:
    """They would be slow to start, and a decoder's bug would be theirs."""
    does = "import wsgi, jobs.media, jobs.worker, sys; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    environment: dict[str, Any] = {"PATH": os.environ["PATH"], "VAR_DIR": "/tmp", "SECRET_KEY": "x", "LOG_LEVEL": "ERROR"}
    loaded = subprocess.run([sys.executable, "-c", does], capture_output=True, text=True, env=environment, cwd=readers.ROOT)
    assert "flask" in loaded.stdout.split(), loaded.stderr
    assert set(loaded.stdout.split()) & {"pyvips", "av", "PIL", "pillow_heif", "pypdf", "pypdfium2"} == set()
