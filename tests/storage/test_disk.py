"""What only the folder must do: it is the store and its server in one."""

import http.client
import io
import json
import os
import threading
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from app.storage.disk import DiskStorage
from app.storage.folder import LEFT_BEHIND
from app.storage.permission import Permission
from app.storage.protocol import ChangedObject, NoRoom, StorageError, UploadURL
from tests.storage.conftest import Place

# A file system has a clock of its own, and so has a bucket.
pytestmark = pytest.mark.usefixtures("present")

MINUTES = timedelta(minutes=5)


@pytest.fixture
def folder(tmp_path: Path) -> DiskStorage:
    return DiskStorage(tmp_path, "only-for-tests", 0)


def files(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


def write(folder: DiskStorage, key: str, body: bytes = b"body") -> None:
    folder.write(key, io.BytesIO(body), size=len(body), content_type="image/jpeg")


@pytest.mark.parametrize(
    "key", ["../out", "a/../../out", "/etc/passwd", "a//b", "a/.hidden", "", ".", "a/", "a\x00b", "a\\..\\b", "é"]
)
def test_a_key_cannot_leave_the_folder(folder: DiskStorage, tmp_path: Path, key: str) -> None:
    with pytest.raises(StorageError):
        write(folder, key)
    assert files(tmp_path) == []


def test_a_signed_url_for_a_key_outside_is_useless(disk_place: Place) -> None:
    upload = disk_place.store.presign_put("../../out", size=4, content_type="image/jpeg", sha256=None, lifetime=MINUTES)
    assert disk_place.put(upload, b"body").status == 503


def test_a_full_disk_takes_nothing_more(tmp_path: Path) -> None:
    full = DiskStorage(tmp_path, "only-for-tests", 2**62)
    with pytest.raises(NoRoom):
        write(full, "incoming/a")


@pytest.mark.parametrize("content", [b"", b"short", b"not an object of ours", b"\xff\xff\xff\xffSHGL", b"\0\0\0\0SHGL"])
def test_a_file_that_shingle_did_not_write_is_no_object(folder: DiskStorage, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "objects").mkdir()
    (tmp_path / "objects" / "stray").write_bytes(content)
    with pytest.raises(StorageError):
        folder.head("stray")


def test_what_somebody_else_put_there_is_not_listed_and_hides_nothing(folder: DiskStorage, tmp_path: Path) -> None:
    write(folder, "incoming/b")
    for name in ("a", ".DS_Store", "c d"):
        (tmp_path / "objects" / "incoming" / name).write_bytes(b"not an object of ours")
    assert [each.key for each in folder.list()] == ["incoming/b"]


def test_deleting_the_last_file_removes_its_empty_folders(folder: DiskStorage, tmp_path: Path) -> None:
    write(folder, "incoming/a/b")
    folder.delete(["incoming/a/b"])
    assert list((tmp_path / "objects").iterdir()) == []


def test_deleting_keeps_folders_that_hold_something(folder: DiskStorage) -> None:
    write(folder, "incoming/a/b")
    write(folder, "incoming/a/c")
    folder.delete(["incoming/a/b"])
    assert folder.head("incoming/a/c") is not None


def test_what_a_crash_left_behind_is_swept_by_the_next_process(tmp_path: Path, folder: DiskStorage) -> None:
    left = tmp_path / "temporary" / "left"
    left.parent.mkdir()
    left.write_bytes(b"half a photo")
    long_ago = left.stat().st_mtime - LEFT_BEHIND.total_seconds() - 1
    os.utime(left, (long_ago, long_ago))
    write(folder, "incoming/a")
    assert not left.exists()


def test_a_transfer_under_way_in_another_process_is_left_alone(tmp_path: Path, folder: DiskStorage) -> None:
    under_way = tmp_path / "temporary" / "under-way"
    under_way.parent.mkdir()
    under_way.write_bytes(b"half a photo")
    write(folder, "incoming/a")
    assert under_way.exists()


def test_a_reader_keeps_the_object_that_it_opened(folder: DiskStorage) -> None:
    write(folder, "incoming/a", b"first")
    with folder.read("incoming/a") as stream:
        write(folder, "incoming/a", b"second")
        folder.delete(["incoming/a"])
        assert stream.read() == b"first"


def test_a_folder_is_no_object(folder: DiskStorage) -> None:
    write(folder, "incoming/a/b")
    with pytest.raises(ChangedObject):
        folder.read("incoming/a")


def test_of_many_puts_at_once_one_wins(disk_place: Place, key: str) -> None:
    upload = disk_place.store.presign_put(key, size=5, content_type="image/jpeg", sha256=None, lifetime=MINUTES)
    statuses: list[int] = []
    together = threading.Barrier(8)

    def send(number: int) -> None:
        together.wait()
        statuses.append(disk_place.put(upload, b"body%d" % number).status)

    threads = [threading.Thread(target=send, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200] + [412] * 7


def test_a_connection_that_breaks_leaves_nothing(disk_place: Place, key: str) -> None:
    upload = disk_place.store.presign_put(key, size=1000, content_type="image/jpeg", sha256=None, lifetime=MINUTES)
    connection = http.client.HTTPConnection(urlsplit(disk_place.base_url).netloc)
    connection.putrequest("PUT", upload.url)
    for name, value in {**upload.headers, "Content-Length": "1000"}.items():
        connection.putheader(name, value)
    connection.endheaders(b"x" * 500)
    assert connection.sock is not None
    connection.sock.shutdown(1)
    assert connection.getresponse().status == 400
    assert disk_place.store.head(key) is None
    assert files(disk_place.store._temporary) == []  # type: ignore[attr-defined]


def test_a_body_without_a_length_is_refused(disk_place: Place, key: str) -> None:
    upload = disk_place.store.presign_put(key, size=4, content_type="image/jpeg", sha256=None, lifetime=MINUTES)
    connection = http.client.HTTPConnection(urlsplit(disk_place.base_url).netloc)
    connection.request("PUT", upload.url, iter([b"body"]), dict(upload.headers), encode_chunked=True)
    assert connection.getresponse().status == 403


def test_a_file_larger_than_a_form_may_be_is_taken(disk_place: Place, key: str) -> None:
    size = 17 * 2**20
    upload = disk_place.store.presign_put(key, size=size, content_type="video/mp4", sha256=None, lifetime=MINUTES)
    assert disk_place.put(upload, bytes(size)).status == 200


def test_a_server_that_ends_streams_by_itself_is_understood(disk_place: Place, key: str) -> None:
    upload = disk_place.store.presign_put(key, size=4, content_type="image/jpeg", sha256=None, lifetime=MINUTES)
    client = disk_place.app.test_client()
    for body, status in ((b"body!", 400), (b"bod", 400), (b"body", 200)):
        environ = {"wsgi.input_terminated": True, "wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": "4"}
        answer = client.put(upload.url, headers=dict(upload.headers), environ_overrides=environ)
        assert answer.status_code == status


@pytest.mark.parametrize("token", ["x", "e30.x", "%00", "a" * 4000])
def test_an_invented_address_is_refused(disk_place: Place, token: str) -> None:
    upload = disk_place.store.presign_put("incoming/a", size=4, content_type="image/jpeg", sha256=None, lifetime=MINUTES)
    assert disk_place.put(UploadURL(f"/storage/{token}", upload.headers, upload.expires_at), b"body").status == 403


def test_what_is_served_may_neither_run_nor_be_guessed(disk_place: Place, key: str) -> None:
    disk_place.store.write(key, io.BytesIO(b"<script>"), size=8, content_type="text/html")
    headers = disk_place.get(disk_place.store.presign_get(key, lifetime=MINUTES)).headers
    assert headers["Content-Disposition"] == "attachment"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_a_known_etag_is_answered_without_the_bytes(disk_place: Place, key: str) -> None:
    disk_place.store.write(key, io.BytesIO(b"body"), size=4, content_type="image/jpeg")
    url = disk_place.store.presign_get(key, lifetime=MINUTES)
    etag = disk_place.get(url).headers["ETag"]
    answer = disk_place.get(url, **{"If-None-Match": etag})
    assert (answer.status, answer.data) == (304, b"")


def test_asking_for_the_headers_alone_sends_no_bytes(disk_place: Place, key: str) -> None:
    disk_place.store.write(key, io.BytesIO(b"body"), size=4, content_type="image/jpeg")
    url = disk_place.store.presign_get(key, lifetime=MINUTES)
    answer = disk_place.http.request("HEAD", disk_place.base_url + url)
    assert (answer.status, answer.headers["Content-Length"], answer.data) == (200, "4", b"")


def test_an_object_is_one_file_with_its_type_behind_its_bytes(folder: DiskStorage, tmp_path: Path) -> None:
    write(folder, "incoming/a")
    [stored] = files(tmp_path)
    body, _, about = stored.read_bytes().partition(b"{")
    assert body == b"body"
    assert json.loads(b"{" + about[: about.index(b"}") + 1])["type"] == "image/jpeg"


def test_a_full_disk_takes_no_part_and_puts_none_together(tmp_path: Path) -> None:
    folder = DiskStorage(tmp_path, "only-for-tests", 0)
    upload_id = folder.begin("incoming/a", content_type="video/mp4")
    part = Permission("PUT", "incoming/a", 0, size=4, upload_id=upload_id, part=1)
    sent = folder.create_part(part, io.BytesIO(b"body"))
    full = DiskStorage(tmp_path, "only-for-tests", 2**62)
    with pytest.raises(NoRoom):
        full.create_part(part, io.BytesIO(b"body"))
    with pytest.raises(NoRoom):
        full.complete("incoming/a", upload_id, [sent])
    folder.complete("incoming/a", upload_id, [sent])
    found = folder.head("incoming/a")
    assert found is not None
    assert found.size == 4


def halfway(source: int, target: int, length: int) -> int:
    """As a file system that gives up in the middle."""
    if os.lseek(source, 0, os.SEEK_CUR):
        raise OSError(18, "Invalid cross-device link")
    return os.write(target, os.read(source, length // 2))


def refusing(source: int, target: int, length: int) -> int:
    raise OSError(95, "Operation not supported")


@pytest.mark.parametrize("copy", [None, halfway, refusing], ids=["absent", "halfway", "refusing"])
def test_parts_are_put_together_where_the_system_does_not_copy(
    folder: DiskStorage, monkeypatch: pytest.MonkeyPatch, copy: object
) -> None:
    if copy is None:
        monkeypatch.delattr(os, "copy_file_range", raising=False)
    else:
        monkeypatch.setattr(os, "copy_file_range", copy, raising=False)
    upload_id = folder.begin("incoming/a", content_type="video/mp4")
    bodies = [os.urandom(600_000), os.urandom(7)]
    for number, body in enumerate(bodies, start=1):
        part = Permission("PUT", "incoming/a", 0, size=len(body), upload_id=upload_id, part=number)
        folder.create_part(part, io.BytesIO(body))
    folder.complete("incoming/a", upload_id, folder.parts("incoming/a", upload_id))
    with folder.read("incoming/a") as stream:
        assert stream.read() == b"".join(bodies)


def test_what_somebody_else_put_among_the_parts_hides_no_upload(folder: DiskStorage, tmp_path: Path) -> None:
    upload_id = folder.begin("incoming/a", content_type="video/mp4")
    (tmp_path / "parts" / "stray").mkdir()
    (tmp_path / "parts" / "stray" / "about").write_bytes(b"not ours")
    (tmp_path / "parts" / "file").write_bytes(b"not ours")
    assert [each.upload_id for each in folder.uploads()] == [upload_id]


def test_below_an_object_there_is_nothing(folder: DiskStorage) -> None:
    write(folder, "incoming/a")
    assert list(folder.list("incoming/a/")) == []
