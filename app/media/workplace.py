"""Folders in `var/verifying` to take files apart in. One that its worker left behind when it was killed is cleared away by the next.

In `var/` and not in the system's temporary folder, which on many machines is memory.
"""

import contextlib
import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from uuid import uuid4

from app import config
from app.storage.protocol import NoRoom


@contextmanager
def take(size: int) -> Iterator[Path]:
    """An empty folder for a file of `size` bytes and what is made of it; it is gone afterwards. `NoRoom` when the disk is too full."""
    settings = config.current()
    parent = settings.var_dir / "verifying"
    parent.mkdir(parents=True, exist_ok=True)
    _clear(parent)
    if shutil.disk_usage(parent).free - 2 * size < settings.storage_free_floor:
        raise NoRoom("too little room to take a file apart")
    place = parent / uuid4().hex
    with open(f"{place}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        place.mkdir()
        try:
            yield place
        finally:
            _remove(place)


def _clear(parent: Path) -> None:
    """A folder whose lock can be had belongs to nobody: a lock ends with its process, however that ends."""
    for path in parent.glob("*.lock"):
        with contextlib.suppress(OSError), path.open() as lock:
            if _locked(lock):
                _remove(path.with_suffix(""))


def _locked(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _remove(place: Path) -> None:
    shutil.rmtree(place, ignore_errors=True)
    place.with_suffix(".lock").unlink(missing_ok=True)
