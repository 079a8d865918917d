"""The media step in a browser: what the tests of uploads share."""

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from playwright.sync_api import Locator, Page, Response, expect

from app import browser as headers
from app.extensions import db
from app.media import parts, verification
from app.media.models import Media, State
from app.services.models import Service
from app.storage.s3 import S3Storage
from tests import factories
from tests.browser.conftest import Site
from tests.browser.waiting import wait_for
from tests.media import files
from tests.servers.s3 import Bucket

MIB = 2**20
Fields = list[tuple[str, str]]


@pytest.fixture(params=["disk", "s3"])
def stored(request: pytest.FixtureRequest, site: Site, monkeypatch: pytest.MonkeyPatch) -> str:
    """Where the site keeps files: its folder, or a bucket on another origin."""
    if request.param == "s3":
        use_bucket(site, request.getfixturevalue("s3_settings"), monkeypatch)
    return str(request.param)


def use_bucket(site: Site, bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the site's files there, and let its pages send them there."""
    values: dict[str, Any] = {name.lower(): value for name, value in bucket.environment.items()}
    settings = replace(site.app.extensions["settings"], **values)
    monkeypatch.setitem(site.app.extensions, "settings", settings)
    monkeypatch.setitem(site.app.extensions, "storage", S3Storage(settings))
    monkeypatch.setitem(site.app.extensions, "csp", headers.content_security_policy(settings))


@pytest.fixture
def draft(ada: Any) -> Service:
    return factories.draft(ada)


@pytest.fixture
def step(site: Site, page: Page, sign_in: Any, ada: Any, draft: Service) -> Page:
    """The media step of Ada's draft."""
    sign_in(page, ada)
    page.goto(f"/drafts/{draft.id}/media")
    has_scripts(page)
    return page


@pytest.fixture
def chosen(tmp_path: Path) -> Callable[..., list[str]]:
    """Files on the device, by name."""
    bodies = {
        "one.jpg": files.jpeg(640, 480),
        "two.png": files.transparent_png(),
        "three.jpg": files.jpeg(400, 300),
        "prices.pdf": files.pdf(),
        "diary.jpg": b"Dear diary, this is not a photo.",
        "logo.svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        "clip.mp4": files.mp4(),
    }

    def paths(*names: str) -> list[str]:
        for name in names:
            (tmp_path / name).write_bytes(bodies[name])
        return [str(tmp_path / name) for name in names]

    return paths


def has_scripts(page: Page) -> None:
    """The step listens: a page counts as loaded before the module has the words that it asks for first."""
    # By the address by which the page itself imports it: under another one it would be another module.
    page.evaluate(
        "() => import(new URL('upload.js', document.querySelector('script[src*=\"/later.js\"]').src)).then(() => undefined)"
    )


def work(site: Site) -> None:
    """Do what a worker would: verify what has arrived."""
    for row in site.rows.query(Media).filter_by(state=State.RECEIVED):
        verification.verify(row.id)
    db.session.commit()


def tile(page: Page, name: str) -> Locator:
    return page.locator(f'.tile[data-name="{name}"]')


def has_state(page: Page, name: str, state: str, timeout: int = 40_000) -> None:
    expect(tile(page, name).locator("[data-part=state]")).to_have_attribute("data-state", state, timeout=timeout)


def has_files(page: Page, *names: str) -> None:
    """These files, in this order, and no others but removed ones."""
    tiles = page.locator(".tile:not(.is-removed)")
    expect(tiles).to_have_count(len(names))
    for place, name in enumerate(names):
        expect(tiles.nth(place)).to_have_attribute("data-name", name)


def is_saved(page: Page, act: Callable[[], Any]) -> None:
    """Do something that the step saves by itself, and wait until what it says of its files then is saved: a save of what it said before may be on
    its way."""
    saved: list[Fields] = []

    def note(answer: Response) -> None:
        if answer.request.method == "PUT" and answer.url.endswith("/media") and answer.status == 200:
            saved.append(_about_files(answer.request.post_data or ""))

    page.on("response", note)
    act()
    said = _about_files(page.evaluate("new URLSearchParams(new FormData(document.querySelector('#step-form'))).toString()"))
    wait_for(page, lambda: said in saved)
    page.remove_listener("response", note)


def _about_files(form: str) -> Fields:
    """The fields by name, those of one name as they stand: a save sends them so."""
    fields = [each for each in parse_qsl(form, keep_blank_values=True) if each[0].startswith(("media", "cover", "alt-"))]
    return sorted(fields, key=lambda field: field[0])


def video(path: Path, size: int) -> str:
    """A video of so many bytes, no two megabytes alike."""
    path.write_bytes(files.mp4() + random.Random(path.name).randbytes(size - len(files.mp4())))
    return str(path)


@pytest.fixture
def in_small_parts(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is larger than 1 MB travels in parts of 1 MB. (A bucket would insist on 5.)"""
    monkeypatch.setitem(site.app.extensions, "settings", replace(site.app.extensions["settings"], upload_parts_above=MIB))
    monkeypatch.setattr(parts, "LEAST", MIB)
