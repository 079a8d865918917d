"""What a page needs to show a picture."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask

from app import config
from app.media.models import Kind, Media, State
from app.media.pictures import private_sources, public_sources, thumb_url
from app.storage.s3 import S3Storage

# Nothing is read from a database here.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True, scope="session")


@pytest.fixture(autouse=True)
def request_context(app: Flask) -> Iterator[None]:
    with app.test_request_context():
        yield


@pytest.fixture
def photo() -> Media:
    identity = uuid4()
    variants = [
        {"key": f"media/{identity}/abc-{width}.{ending}", "width": width, "height": width // 2, "type": kind, "bytes": 9}
        for width in (1280, 320, 640)
        for ending, kind in (("webp", "image/webp"), ("jpg", "image/jpeg"))
    ]
    return Media(id=identity, kind=Kind.IMAGE, state=State.READY, variants=variants)


def test_the_owner_gets_addresses_that_ask_who_is_there(photo: Media) -> None:
    found = private_sources(photo, "A bob")
    assert found is not None
    base = f"/media/{photo.id}/file"
    assert found.srcset == f"{base}/320.jpg 320w, {base}/640.jpg 640w, {base}/1280.jpg 1280w"
    assert found.srcset_webp == f"{base}/320.webp 320w, {base}/640.webp 640w, {base}/1280.webp 1280w"
    assert (found.src, found.url, found.alt) == (f"{base}/640.jpg", f"{base}/1280.jpg", "A bob")


def test_the_page_keeps_the_place_of_the_largest_picture(photo: Media) -> None:
    found = private_sources(photo)
    assert found is not None
    assert (found.width, found.height) == (1280, 640)


def test_everybody_gets_addresses_that_change_with_the_content(photo: Media) -> None:
    found = public_sources(photo)
    assert found is not None
    assert found.url == f"/media/files/media/{photo.id}/abc-1280.jpg"


def test_a_cdn_is_used_where_there_is_one(app: Flask, photo: Media, monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, Any] = {
        "s3_bucket": "shingle",
        "s3_endpoint_url": "https://store.example",
        "media_base_url": "https://cdn.example",
    }
    settings = replace(config.current(), s3_access_key_id="a", s3_secret_access_key="b", **given)
    monkeypatch.setitem(app.extensions, "storage", S3Storage(settings))
    found = public_sources(photo)
    assert found is not None
    assert found.url == f"https://cdn.example/media/{photo.id}/abc-1280.jpg"


def test_a_tile_shows_the_smallest(photo: Media) -> None:
    assert thumb_url(photo) == f"/media/{photo.id}/file/320.jpg"


@pytest.mark.parametrize("given", [{"state": State.RECEIVED}, {"state": State.REJECTED}, {"variants": None}, {"variants": []}])
def test_what_was_not_verified_is_not_shown(photo: Media, given: dict[str, Any]) -> None:
    for name, value in given.items():
        setattr(photo, name, value)
    assert private_sources(photo) is None
    assert public_sources(photo) is None
    assert thumb_url(photo) is None
