"""The folder's process is killed at each step that changes the disk: afterwards there is the old state or the new one, and it works on."""

import io
import os
import shutil
import signal
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from app.storage.disk import DiskStorage
from app.storage.folder import LEFT_BEHIND
from app.storage.permission import Permission
from app.storage.protocol import StoredPart

# The times of files are the machine's.
pytestmark = pytest.mark.usefixtures("present")

KEY = "incoming/a/b"
OLD, NEW = b"the old body", b"the new and longer body"
STEPS = ("link", "replace", "fsync", "unlink", "mkdir", "rmdir", "copy_file_range")
Prepare = Callable[[DiskStorage], Any]
Act = Callable[[DiskStorage, Any], object]


def folder(root: Path) -> DiskStorage:
    return DiskStorage(root, "only-for-tests", 0)


class Counted(io.BytesIO):
    """A stream whose every read is a step too."""

    def read(self, size: int | None = -1) -> bytes:
        step()
        return super().read(3)


step: Callable[[], None] = lambda: None  # noqa: E731


def killed(act: Callable[[], object], at: int, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Do it in a process of its own that kills itself before its step number `at`; False when it has no such step, and was done."""
    child = os.fork()
    if child == 0:
        _die_at(at, monkeypatch)
        try:
            act()
        finally:
            os._exit(0)
    _pid, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def _die_at(at: int, monkeypatch: pytest.MonkeyPatch) -> None:
    left = at

    def count() -> None:
        nonlocal left
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left -= 1

    def counted(real: Callable[..., Any]) -> Callable[..., Any]:
        def run(*args: Any, **kwargs: Any) -> Any:
            count()
            return real(*args, **kwargs)

        return run

    for name in STEPS:
        monkeypatch.setattr(os, name, counted(getattr(os, name)))
    monkeypatch.setitem(globals(), "step", count)


def crashes(root: Path, prepare: Prepare, act: Act, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[DiskStorage, Any]]:
    """The folder as each possible crash leaves it, opened by a new process; at last as it is when none happened."""
    at, was_killed = 0, True
    while was_killed:
        shutil.rmtree(root, ignore_errors=True)
        given = prepare(folder(root))
        was_killed = killed(lambda: act(folder(root), given), at, monkeypatch)  # noqa: B023
        yield folder(root), given
        at += 1
    assert at > 2, "nothing was killed"


def read(store: DiskStorage, key: str = KEY) -> bytes | None:
    if store.head(key) is None:
        return None
    with store.read(key) as stream:
        return stream.read()


def write(store: DiskStorage, body: bytes) -> None:
    store.write(KEY, Counted(body), size=len(body), content_type="image/jpeg")


def nothing(_store: DiskStorage) -> None:
    return None


def an_object(store: DiskStorage) -> None:
    write(store, OLD)


def parts(store: DiskStorage) -> tuple[str, Sequence[StoredPart]]:
    upload_id = store.begin(KEY, content_type="video/mp4")
    for number, body in enumerate((OLD, NEW), start=1):
        send(store, upload_id, number, body)
    return upload_id, store.parts(KEY, upload_id)


def send(store: DiskStorage, upload_id: str, number: int, body: bytes) -> None:
    store.create_part(Permission("PUT", KEY, 0, size=len(body), upload_id=upload_id, part=number), Counted(body))


def create(store: DiskStorage, _given: None = None) -> None:
    store.create(Permission("PUT", KEY, 0, size=len(NEW), content_type="image/jpeg"), Counted(NEW))


def test_a_created_object_is_there_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = set()
    for store, _ in crashes(tmp_path / "store", nothing, create, monkeypatch):
        seen.add(read(store))
        if read(store) is None:
            create(store)
        assert read(store) == NEW
        assert_swept(store, tmp_path / "store")
    assert seen == {None, NEW}


def test_a_replaced_object_is_the_old_one_or_the_new_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = set()
    for store, _ in crashes(tmp_path / "store", an_object, lambda store, _: write(store, NEW), monkeypatch):
        seen.add(read(store))
        assert_swept(store, tmp_path / "store")
    assert seen == {OLD, NEW}


def test_a_deleted_object_is_there_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = set()
    for store, _ in crashes(tmp_path / "store", an_object, lambda store, _: store.delete([KEY]), monkeypatch):
        seen.add(read(store))
        assert store.delete([KEY]) == {}
        assert read(store) is None
        assert list((tmp_path / "store" / "objects").iterdir()) == []
    assert seen == {OLD, None}


def test_an_upload_has_begun_or_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = set()
    begin: Act = lambda store, _: store.begin(KEY, content_type="video/mp4")  # noqa: E731
    for store, _ in crashes(tmp_path / "store", nothing, begin, monkeypatch):
        uploads = list(store.uploads())
        seen.add(len(uploads))
        for each in uploads:
            assert list(store.parts(KEY, each.upload_id)) == []
            store.abort(KEY, each.upload_id)
        assert_swept(store, tmp_path / "store")
    assert seen == {0, 1}


def test_a_part_sent_again_is_the_old_one_or_the_new_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = set()
    again: Act = lambda store, given: send(store, given[0], 1, NEW)  # noqa: E731
    for store, (upload_id, _stored) in crashes(tmp_path / "store", parts, again, monkeypatch):
        now = store.parts(KEY, upload_id)
        sizes.add(now[0].size)
        store.complete(KEY, upload_id, now)
        assert read(store) == {len(OLD): OLD, len(NEW): NEW}[now[0].size] + NEW
        assert_swept(store, tmp_path / "store")
    assert sizes == {len(OLD), len(NEW)}


def test_a_completion_is_done_or_can_be_done_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = set()
    for store, given in crashes(tmp_path / "store", parts, lambda store, given: store.complete(KEY, *given), monkeypatch):
        seen.add(read(store))
        store.complete(KEY, *given)
        assert read(store) == OLD + NEW
        assert list(store.uploads()) == []
        assert_swept(store, tmp_path / "store")
    assert seen == {None, OLD + NEW}


def test_an_abort_is_done_or_can_be_done_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = set()
    for store, (upload_id, _stored) in crashes(
        tmp_path / "store", parts, lambda store, given: store.abort(KEY, given[0]), monkeypatch
    ):
        seen.add(len(list(store.uploads())))
        assert_swept(store, tmp_path / "store", but="parts" if list(store.uploads()) else "")
        store.abort(KEY, upload_id)
        assert list(store.uploads()) == []
        assert_swept(store, tmp_path / "store")
    assert seen == {0, 1}


def assert_swept(store: DiskStorage, root: Path, but: str = "") -> None:
    """After two days, nothing is left of what was being written or let go of."""
    long_ago = (store._temporary.stat().st_mtime if store._temporary.exists() else 0) - LEFT_BEHIND.total_seconds() - 1
    for left in store._remains():
        os.utime(left, (long_ago, long_ago))
    DiskStorage(root, "only-for-tests", 0)._sweep()
    assert [path for name in {"temporary", "parts"} - {but} for path in (root / name).glob("*")] == []
