"""The product in one walk: a provider goes from a phone to a published listing, another forgets a draft and is warned; all parts are real."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from app.browser import content_security_policy
from app.drafts import sweeps
from app.extensions import db
from app.media.models import Media
from app.services.models import Service
from app.storage import store
from app.storage.models import LedgerEntry
from app.storage.protocol import Storage
from tests import queues
from tests.browser.conftest import Site
from tests.media.files import located, picture
from tests.servers.s3 import Bucket
from tests.servers.smtp import MailServer
from tests.storage.conftest import s3_place

__all__ = ["s3_place"]
pytestmark = pytest.mark.both_databases
PASSWORD = "seven green umbrellas"


@pytest.fixture(params=["disk", "s3"])
def bucket(request: pytest.FixtureRequest, app: Flask, monkeypatch: pytest.MonkeyPatch) -> Storage:
    """The store of the site: its own folder, then a bucket on another origin that checks signatures."""
    if request.param == "s3":
        settings: Bucket = request.getfixturevalue("s3_settings")
        monkeypatch.setitem(app.extensions, "storage", request.getfixturevalue("s3_place").store)
        allowed = replace(app.extensions["settings"], s3_bucket="bucket", s3_endpoint_url=settings.endpoint)
        monkeypatch.setitem(app.extensions, "csp", content_security_policy(allowed))
    return store()


@pytest.fixture
def photos(tmp_path: Path) -> list[str]:
    """Two photos as a phone takes them, one lying on its side."""
    (tmp_path / "chair.jpg").write_bytes(located(1600, 1200))
    picture(1400, 1000).write_to_file(str(tmp_path / "window.png"))
    return [str(tmp_path / "chair.jpg"), str(tmp_path / "window.png")]


@pytest.fixture
def work(app: Flask) -> Callable[[], None]:
    """Let a worker do what has been enqueued."""

    def run() -> None:
        queues.work(app)
        assert not any(queue.failed_job_registry.get_job_ids() for queue in queues.queues(app)), "a job failed"

    return run


def link_in(mail: MailServer, words: str) -> str:
    """The first address after these words in the newest mail's plain text."""
    body = mail.received[-1].message.get_body(preferencelist=("plain",))
    assert body is not None
    text = body.get_content()
    return next(word for word in text[text.index(words) :].split() if word.startswith("http"))


def stored(bucket: Storage, files: list[str]) -> list[str]:
    """The keys of everything that the store still holds of these files."""
    return [each.key for each in bucket.list() if any(identity in each.key for identity in files)]


def save_is_said(page: Page) -> None:
    expect(page.locator("#save-status .save-status")).to_have_attribute("data-state", "saved")


def heading(page: Page, name: str) -> None:
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()


def test_a_provider_goes_from_a_phone_to_a_published_listing_on_a_laptop(
    site: Site, bucket: Storage, new_page: Any, posted: MailServer, photos: list[str], work: Callable[[], None]
) -> None:
    phone = new_page("phone")
    phone.goto("/")
    phone.get_by_role("link", name="Start a listing").click()
    phone.get_by_label("Name that customers see").fill("Dora's Salon")
    phone.get_by_label("Email").fill("dora@example.com")
    phone.get_by_label("Password", exact=True).fill(PASSWORD)
    phone.locator("main").get_by_role("button", name="Sign up").click()
    heading(phone, "Check your mail")
    work()
    phone.goto(link_in(posted, ""))
    phone.locator("main").get_by_role("button").first.click()
    heading(phone, "My services")

    phone.locator("main").get_by_role("button", name="New service").or_(phone.get_by_role("button", name="Start")).first.click()
    heading(phone, "Basics")
    phone.get_by_label("Name of the service").fill("Haircut & styling")
    phone.get_by_label("Type").select_option("hair")
    phone.get_by_label("In one line").fill("Wash, cut and blow-dry")
    save_is_said(phone)
    phone.get_by_role("link", name="Photos and files").click()
    heading(phone, "Photos and files")
    phone.get_by_label("Choose files").set_input_files(photos)
    expect(phone.locator("[data-state=received]")).to_have_count(2)
    work()
    expect(phone.locator("#uploads img")).to_have_count(2, timeout=20_000)
    with phone.expect_response(lambda answer: answer.request.method == "PUT" and answer.url.endswith("/media")):
        phone.get_by_label("What it shows").first.fill("A chair by the window")
    save_is_said(phone)
    phone.context.close()

    laptop = new_page("desktop")
    laptop.goto("/sign-in")
    laptop.get_by_label("Email").fill("dora@example.com")
    laptop.get_by_label("Password", exact=True).fill(PASSWORD)
    laptop.locator("main").get_by_role("button", name="Sign in").click()
    expect(laptop.get_by_text("2 of 5 done")).to_be_visible()
    laptop.get_by_role("button", name="Resume").click()
    heading(laptop, "Details")
    laptop.get_by_label("Description").fill("An hour for **your** hair.")
    laptop.get_by_label("At my place").check()
    laptop.get_by_label("Town or area").fill("Berlin")
    laptop.get_by_role("button", name="Continue").last.click()
    heading(laptop, "Price and time")
    laptop.get_by_label("Amount").fill("45.00")
    laptop.get_by_label("Duration").fill("60")
    laptop.get_by_role("button", name="Add a package").click()
    laptop.get_by_label("Package", exact=True).fill("Long hair")
    laptop.get_by_label("Minutes", exact=True).fill("90")
    laptop.get_by_role("group", name="Package 1").get_by_label("Price").fill("70")
    laptop.get_by_role("button", name="Continue").last.click()
    heading(laptop, "Availability")
    laptop.get_by_role("link", name="Review and publish").click()
    heading(laptop, "Review and publish")
    laptop.get_by_role("button", name="Publish").click()
    heading(laptop, "Haircut & styling")

    visitor = new_page("phone")
    visitor.goto(laptop.url)
    heading(visitor, "Haircut & styling")
    expect(visitor.get_by_text("$45.00").first).to_be_visible()
    expect(visitor.get_by_text("Long hair")).to_be_visible()
    cover = visitor.get_by_alt_text("A chair by the window")
    expect(cover).to_be_visible()
    assert cover.evaluate("image => image.decode().then(() => image.naturalWidth < image.naturalHeight)"), "not turned upright"


def test_a_forgotten_draft_is_announced_and_then_gone_with_its_files(
    site: Site,
    bucket: Storage,
    new_page: Any,
    sign_in: Any,
    boris: Any,
    posted: MailServer,
    photos: list[str],
    work: Callable[[], None],
    travel: Any,
) -> None:
    settings = site.app.extensions["settings"]
    page = new_page("desktop")
    sign_in(page, boris)
    page.goto("/drafts")
    page.locator("main").get_by_role("button", name="New service").or_(page.get_by_role("button", name="Start")).first.click()
    page.get_by_label("Name of the service").fill("Maths for beginners")
    save_is_said(page)
    page.get_by_role("link", name="Photos and files").click()
    page.get_by_label("Choose files").set_input_files(photos)
    expect(page.locator("[data-state=received]")).to_have_count(2)
    work()
    expect(page.locator("#uploads img")).to_have_count(2, timeout=20_000)
    draft = site.rows.scalars(select(Service)).one()
    page.close()
    files = [str(each) for each in site.rows.scalars(select(Media.id))]
    shown = [key for key in stored(bucket, files) if key.startswith("media/")]
    assert len(shown) == 14, "three sizes of one photo and four of the other, in two formats each"

    travel(to=draft.expires_at - settings.notice + timedelta(minutes=1))
    assert sweeps.warn(settings).mails == 1
    [warning] = posted.received
    assert warning.recipients == ["boris@example.com"]
    travel(hours=24)
    assert sweeps.expire(settings).drafts == 1
    again = new_page("phone")
    sign_in(again, boris)
    again.goto("/drafts")
    expect(again.get_by_text("Recently deleted")).to_be_visible()

    travel(days=8)
    sweeps.purge(settings)
    travel(hours=8)
    sweeps.purge(settings)
    assert site.rows.scalar(select(func.count()).select_from(Service)) == 0
    assert site.rows.scalar(select(func.count()).select_from(Media)) == 0
    assert site.rows.scalar(select(func.count()).select_from(LedgerEntry)) == 0
    assert stored(bucket, files) == []
    db.session.commit()
