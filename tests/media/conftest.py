"""Files of a draft, in either store."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.media import uploads, verification
from app.media.models import Media
from app.services.models import Service
from app.storage.models import LedgerEntry
from app.storage.protocol import UploadURL
from tests import factories
from tests.storage.conftest import Place, disk_place, s3_place

__all__ = ["disk_place", "s3_place"]


@pytest.fixture(params=["disk", "s3"])
def place(request: pytest.FixtureRequest, app: Flask) -> Iterator[Place]:
    """The store of the application: a folder, then a bucket."""
    found: Place = request.getfixturevalue(f"{request.param}_place")
    yield from _in_place(app, found)


@pytest.fixture
def folder(app: Flask, disk_place: Place) -> Iterator[Place]:
    """The store of the application where it makes no difference which: a folder."""
    yield from _in_place(app, disk_place)


def _in_place(app: Flask, found: Place) -> Iterator[Place]:
    before = app.extensions.get("storage")
    app.extensions["storage"] = found.store
    yield found
    app.extensions["storage"] = before


@pytest.fixture
def draft(app: Flask, ada: Any) -> Service:
    """Ada's empty draft."""
    return factories.draft(ada)


Grant = Callable[..., tuple[Media, UploadURL]]


@pytest.fixture
def grant(app: Flask, ada: Any, draft: Service) -> Grant:
    """Ada asks for an upload to her draft."""

    def ask(name: str = "photo.jpg", content_type: str = "image/jpeg", size: int = 1000, sha256: str | None = None) -> Any:
        granted = uploads.grant(ada.id, "service", draft.id, name, content_type, size, sha256)
        db.session.commit()
        return granted

    return ask


Upload = Callable[..., Media]


@pytest.fixture
def arrive(grant: Grant, ada: Any) -> Upload:
    """Ada's file is granted, sent to the store of the test's `place` or `folder`, and received; nobody has looked at it."""

    def send(place: Place, body: bytes, name: str = "photo.jpg", content_type: str = "image/jpeg") -> Media:
        row, url = grant(name, content_type, len(body))
        assert place.put(url, body).status == 200
        uploads.receive(row.id, ada.id)
        db.session.commit()
        return row

    return send


@pytest.fixture
def upload(arrive: Upload) -> Upload:
    """The same, and it is verified."""

    def send(place: Place, body: bytes, name: str = "photo.jpg", content_type: str = "image/jpeg") -> Media:
        row = arrive(place, body, name, content_type)
        verify(row.id)
        return row

    return send


def verify(media_id: UUID) -> None:
    verification.verify(media_id)
    db.session.commit()


def ledger_keys() -> list[str]:
    return sorted(db.session.scalars(select(LedgerEntry.key)))


def stored(place: Place, row: Media) -> list[str]:
    """Every key in the store that belongs to a file."""
    return [each.key for prefix in (f"incoming/{row.id}/", f"media/{row.id}/") for each in place.store.list(prefix)]


def variant(place: Place, row: Media, name: str) -> bytes:
    """The bytes of a variant, by the end of its key: `640.webp`."""
    [key] = [each["key"] for each in row.variants or [] if each["key"].endswith(f"-{name}")]
    with place.store.read(key) as stream:
        return stream.read()
