"""A guest in a browser, as the tests of guests meet one."""

from collections.abc import Callable
from datetime import datetime
from email.message import EmailMessage
from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.providers.models import Provider
from app.services.models import Service
from tests.account.conftest import PASSWORD, link_in
from tests.strict import StrictClient
from tests.wizard.conftest import WHOLE

Letters = Callable[[], list[EmailMessage]]
Another = Callable[[], StrictClient]
Travel = Callable[..., datetime]
TYPED = {"display_name": "Dora's Dance", "email": "dora@example.com", "password": PASSWORD}


def guest_of(client: StrictClient) -> Provider:
    """Who the browser's guest is."""
    with client.session_transaction() as session:
        return db.session.scalars(select(Provider).where(Provider.fs_uniquifier == session["_user_id"])).one()


def started(client: StrictClient, name: str = "Haircut") -> Service:
    """A guest in this browser, with a draft in which a name was typed."""
    address = client.post("/try").location
    client.put(address, data={"name": name, "version": "0"})
    return db.session.scalars(select(Service).where(Service.provider_id == guest_of(client).id)).one()


def guest_of_draft(client: StrictClient) -> Provider:
    """Who it is after a draft was begun."""
    started(client)
    return guest_of(client)


def owner_of(draft: Service) -> str:
    db.session.expire_all()
    return db.session.get_one(Provider, draft.provider_id).email


def sign_in(client: StrictClient, email: str = "carla@example.com", **more: str) -> Any:
    return client.post("/sign-in", data={"email": email, "password": PASSWORD} | more)


def by_link(client: StrictClient, letters: Letters, address: str = "carla@example.com") -> str:
    """Ask for the link, and read the mail."""
    assert client.post("/try/link", data={"email": address}).status_code == 303
    return link_in(letters()[-1])


def filled(client: StrictClient) -> Service:
    """A guest in this browser, with a draft in which nothing is missing."""
    draft = started(client)
    for key, typed in WHOLE.items():
        client.post(f"/drafts/{draft.id}/{key}", data=typed | {"version": "1" if key == "basics" else "0"})
    db.session.refresh(draft)
    return draft
