"""The disk under the folder of files is full: by the floor that is kept free, and by the kernel's word in the middle of a write.

The kernel's word is had from a limit on the size of files (EFBIG): it refuses the same `write` in the same place as a full disk (ENOSPC) does, on any
machine and without a file system of its own. PostgreSQL's disk is out of scope.
"""

import io
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from app.drafts import sweeps
from app.errors import Unavailable
from app.extensions import db
from app.media import uploads, verification
from app.media.models import Media, State
from app.providers.models import Provider
from app.storage.disk import DiskStorage
from app.storage.protocol import StorageError
from tests.faults.stage import PHOTO, identity
from tests.faults.summary import FAULT
from tests.faults.world import World

NEVER_FREE = 2**62


@pytest.fixture
def folder(world: World, tmp_path: Path) -> Iterator[DiskStorage]:
    """The store of the application: a folder with room."""
    before, settings = world.app.extensions.get("storage"), world.app.extensions["settings"]
    made = world.app.extensions["storage"] = DiskStorage(tmp_path, "only-for-tests", 0)
    yield made
    world.app.extensions |= {"storage": before, "settings": settings}


@contextmanager
def refusing(size: int) -> Iterator[None]:
    """Files of this process stop growing here."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def left(folder: Path) -> list[Path]:
    return [each for each in folder.rglob("*") if each.is_file()]


@pytest.mark.parametrize("size", [10, len(PHOTO) - 1, len(PHOTO) + 10])
def test_a_write_that_the_kernel_refuses_leaves_nothing_behind(
    folder: DiskStorage, tmp_path: Path, size: int, record_property: Callable[[str, object], None]
) -> None:
    record_property(FAULT, f"disk full after {size} bytes of a file: nothing is left behind")
    with refusing(size), pytest.raises(StorageError):
        folder.write("incoming/a", io.BytesIO(PHOTO), size=len(PHOTO), content_type="image/jpeg")
    assert left(tmp_path) == []


def test_a_full_disk_is_said_in_words_and_the_file_is_taken_once_there_is_room(
    folder: DiskStorage, ada: Provider, record_property: Callable[[str, object], None]
) -> None:
    record_property(FAULT, "disk full (free space floor): said in words, taken later")
    row, _url = uploads.grant(ada.id, "service", identity("fresh"), "a.jpg", "image/jpeg", len(PHOTO))
    db.session.commit()
    folder._free_floor = NEVER_FREE
    with pytest.raises(Unavailable) as said:
        uploads.send(row, io.BytesIO(PHOTO))
    assert str(said.value.message).startswith("The file store")
    folder._free_floor = 0
    uploads.send(row, io.BytesIO(PHOTO))
    assert uploads.receive(row.id, ada.id).state == State.RECEIVED


def test_without_room_to_verify_a_file_waits_and_is_verified_later(
    world: World, folder: DiskStorage, record_property: Callable[[str, object], None]
) -> None:
    record_property(FAULT, "disk full while verifying: the file waits, and is verified later")
    row = db.session.get_one(Media, identity("received"))
    folder.write(row.incoming_key, io.BytesIO(PHOTO), size=len(PHOTO), content_type="image/jpeg")
    settings = world.app.extensions["settings"]
    for floor, state in ((NEVER_FREE, State.RECEIVED), (0, State.READY)):
        world.app.extensions["settings"] = replace(settings, storage_free_floor=floor)
        verification.verify(row.id)
        db.session.commit()
        assert db.session.get_one(Media, row.id, populate_existing=True).state == state


def test_what_is_to_be_deleted_is_deleted_on_a_full_disk(
    world: World, folder: DiskStorage, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    record_property(FAULT, "disk full: deleting goes on")
    row = db.session.get_one(Media, identity("received of past"))
    folder.write(row.incoming_key, io.BytesIO(PHOTO), size=len(PHOTO), content_type="image/jpeg")
    folder._free_floor = NEVER_FREE
    with refusing(0):
        sweeps.purge(world.app.extensions["settings"])
    assert left(tmp_path) == []
