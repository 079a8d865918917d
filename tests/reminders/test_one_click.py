"""List-Unsubscribe in one click, rule by rule (RFC 8058; the header's own form: RFC 2369, section 2). DKIM (section 4) is the mail relay's."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from flask import Flask

from app.config import Settings
from app.drafts import sweeps
from app.extensions import db
from app.services.models import Service
from tests.drafts.conftest import draft, settings
from tests.servers.smtp import MailServer
from tests.strict import StrictClient

__all__ = ["draft", "settings"]
BODIES = {"application/x-www-form-urlencoded", "multipart/form-data"}


@pytest.fixture(params=["warning", "deletion"])
def mail(
    request: pytest.FixtureRequest, app: Flask, draft: Service, posted: MailServer, travel: Callable[..., datetime]
) -> Any:
    """Each mail about drafts, as it left from a site with TLS."""
    secure: Settings = replace(app.extensions["settings"], base_url="https://shingle.example")
    app.extensions["settings"] = secure
    travel(hours=24)
    sweeps.warn(secure)
    if request.param == "deletion":
        posted.reset()
        travel(hours=24)
        sweeps.expire(secure)
    [received] = posted.received
    return received


@pytest.fixture
def address(mail: Any) -> str:
    """Where a mail program POSTs, without the host."""
    return str(mail.message["List-Unsubscribe"]).strip("<>").removeprefix("https://shingle.example")


def is_stopped(provider: Any) -> bool:
    db.session.refresh(provider)
    return provider.reminders_stopped_at is not None


def test_there_is_one_address_and_it_is_https(mail: Any) -> None:
    """Section 3.1: one HTTPS URI; RFC 2369: in angle brackets."""
    [value] = mail.message.get_all("List-Unsubscribe")
    assert re.fullmatch(r"<https://shingle\.example/l/stop/[\w.\-]+>", value)


def test_the_other_header_has_the_one_value_that_is_allowed(mail: Any) -> None:
    """Section 3.1: exactly this key and value."""
    assert mail.message.get_all("List-Unsubscribe-Post") == ["List-Unsubscribe=One-Click"]


def test_without_https_there_is_an_address_and_no_promise_of_one_click(
    app: Flask, draft: Service, posted: MailServer, travel: Callable[..., datetime]
) -> None:
    """Section 3.1 wants an HTTPS URI beside the other header."""
    travel(hours=24)
    sweeps.warn(app.extensions["settings"])
    [received] = posted.received
    assert str(received.message["List-Unsubscribe"]).startswith("<http://")
    assert received.message["List-Unsubscribe-Post"] is None


def test_the_address_is_written_as_it_is(mail: Any) -> None:
    """A relay signs the bytes, and a mail program reads them: no folding inside of the address, no encoded words."""
    [line] = re.findall(rb"^List-Unsubscribe: (<.*>)\r?$", mail.raw, re.MULTILINE)
    assert line.decode() == mail.message["List-Unsubscribe"]


@pytest.mark.parametrize("kind", sorted(BODIES))
def test_one_post_is_enough_without_cookie_token_or_redirect(kind: str, ada: Any, address: str, client: StrictClient) -> None:
    """Section 3.1 and 3.2: no cookies, no HTTP authorization, no redirect; the body in either encoding of a form."""
    answer = client.post(address, data={"List-Unsubscribe": "One-Click"}, content_type=kind, headers={"X-CSRFToken": "none"})
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert is_stopped(ada)


def test_doing_it_twice_is_well(ada: Any, address: str, client: StrictClient) -> None:
    for _each in range(2):
        assert client.post(address, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert is_stopped(ada)


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST"])
def test_nothing_else_stops_them(method: str, ada: Any, address: str, client: StrictClient) -> None:
    """Section 3.2 and 6: who only follows the address, or sends another body, unsubscribes nobody."""
    client.open(address, method=method)
    assert not is_stopped(ada)


@pytest.mark.parametrize("body", [{"List-Unsubscribe": "Two-Clicks"}, {"list-unsubscribe": "One-Click"}])
def test_another_body_stops_nothing(body: dict[str, str], ada: Any, address: str, client: StrictClient) -> None:
    client.post(address, data=body)
    assert not is_stopped(ada)


def test_the_address_can_not_be_made_up(ada: Any, address: str, client: StrictClient) -> None:
    """Section 3.1: hard to forge, and it names list and recipient by itself."""
    # Not the last character: two of its bits say nothing.
    changed = address[:-2] + ("A" if address[-2] != "A" else "B") + address[-1]
    assert client.post(changed, data={"List-Unsubscribe": "One-Click"}).status_code == 404
    assert not is_stopped(ada)
