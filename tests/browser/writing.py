"""A provider who writes at a step of a listing, with a line between the browser and the site that a test has in hand."""

from typing import Any
from uuid import UUID

from flask import Flask
from playwright.sync_api import Locator, LocatorAssertions, Page, expect
from sqlalchemy import select
from sqlalchemy.orm import undefer

from app import config
from app.extensions import db
from app.providers.models import Provider
from app.services.models import Service
from app.wizard import answers, publishing, steps
from app.wizard.context import Context
from app.wizard.typed import Typed
from tests import factories
from tests.browser.conftest import Site
from tests.browser.waiting import wait_for
from tests.servers.line import Line
from tests.strict import StrictClient

NAME, LINE, DESCRIPTION, TOWN = "Name of the service", "In one line", "Description", "Town or area"
WHOLE: dict[str, Typed] = {
    "basics": {"name": ["Haircut"], "service_type": ["hair"], "summary": ["Wash and cut"]},
    "details": {"description": ["An hour."], "included": ["Wash"], "places": ["provider"], "location": ["Berlin"]},
    "price": {
        "price_kind": ["fixed"],
        "price_minor": ["45.00"],
        "currency": ["EUR"],
        "duration_minutes": ["60"],
        "packages-0-name": ["Long"],
        "packages-0-duration_minutes": ["90"],
        "packages-0-price_minor": ["70"],
        "packages-1-name": ["Short"],
        "packages-1-duration_minutes": ["30"],
        "packages-1-price_minor": ["20"],
    },
}


class Writing:
    """Ada's page, her listing, and another device of hers."""

    def __init__(self, site: Site, line: Line, page: Page, ada: Any, service: Service) -> None:
        self.site, self.line, self.page, self.ada = site, line, page, ada
        self.id: UUID = service.id
        self.device = Device(site.app, ada, self.id)

    def open(self, key: str, page: Page | None = None) -> "Writing":
        (page or self.page).goto(f"/drafts/{self.id}/{key}")
        return self

    def field(self, label: str) -> Locator:
        return self.page.get_by_role("textbox", name=label, exact=True)

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def follow(self, name: str) -> None:
        """A link to another step."""
        self.page.get_by_role("navigation", name="Steps").get_by_role("link", name=name).click()

    @property
    def title(self) -> LocatorAssertions:
        return expect(self.page.get_by_role("heading", level=1))

    @property
    def status(self) -> LocatorAssertions:
        return expect(self.page.locator("#save-status .save-status"))

    def answers(self, key: str) -> Typed:
        """What the site has of a step."""
        row = self.site.rows.get_one(Service, self.id)
        self.site.rows.refresh(row, ["answers"])
        found: Typed = (row.answers or {}).get(key, {}).get("typed", {})
        return found

    def has(self, key: str, name: str, text: str) -> bool:
        return self.answers(key).get(name) == [text]

    def until_saved(self, key: str, name: str, text: str) -> None:
        wait_for(self.page, lambda: self.has(key, name, text))

    def until_findable(self, key: str, name: str, text: str) -> None:
        """Until a text is saved, or this page tells that the browser has kept text of that step."""
        told = self.page.get_by_text("Unsaved in this browser")
        wait_for(self.page, lambda: self.has(key, name, text) or told.count() > 0)


class Device:
    """Another device of the same account, on which everything works at once."""

    def __init__(self, app: Flask, owner: Any, service_id: UUID) -> None:
        self._client, self.id = StrictClient(app).sign_in(owner), service_id

    def save(self, key: str, **changed: str) -> None:
        """What the step says now, with these fields changed."""
        db.session.rollback()
        found = db.session.scalars(select(Service).where(Service.id == self.id).options(undefer(Service.answers))).one()
        db.session.refresh(found)
        present = answers.of(Context.of(db.session.get_one(Provider, found.provider_id), found)).get(key, answers.BLANK)
        body = present["typed"] | {name: [text] for name, text in changed.items()} | {"version": [str(present["version"])]}
        assert self._client.put(f"/drafts/{self.id}/{key}", data=body).status_code == 200

    def publish(self) -> None:
        assert self._client.post(f"/drafts/{self.id}/publication", data={"visibility": "public"}).status_code == 303

    def discard_changes(self) -> None:
        assert self._client.post(f"/services/{self.id}/discard-changes").status_code == 303

    def archive(self) -> None:
        assert self._client.post(f"/services/{self.id}/archive").status_code == 303

    def resume(self) -> None:
        assert self._client.post(f"/services/{self.id}/resume").status_code == 303

    def archive_and_publish_again(self) -> None:
        self.archive()
        self.resume()


def listing(owner: Any, *, is_published: bool = False) -> Service:
    """A listing in which every required step is answered, committed."""
    factories.service_type()
    draft = factories.draft(owner)
    for key, typed in WHOLE.items():
        answers.save(Context.of(owner, draft), steps.find(key), typed, 0, config.current())
    if is_published:
        publishing.publish(Context.of(owner, draft), is_public=True)
    db.session.commit()
    return draft
