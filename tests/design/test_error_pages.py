"""Refusals and breakdowns answer in plain words, as a page or as a fragment, and never with a stack trace."""

from collections.abc import Iterator

import pytest
from flask import Flask, has_request_context, render_template
from markupsafe import escape
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.errors import TEXTS
from tests.strict import StrictClient


@pytest.fixture
def visitor(drawing_app: Flask) -> Iterator[StrictClient]:
    """A visitor of a Shingle whose database is down."""
    drawing_app.test_client_class = StrictClient
    client = drawing_app.test_client()
    assert isinstance(client, StrictClient)
    with drawing_app.app_context():
        yield client


def test_a_page_that_does_not_exist_says_so_and_leads_home(visitor: StrictClient) -> None:
    response = visitor.get("/no-such-page")
    assert response.status_code == 404
    page = response.page  # type: ignore[attr-defined]
    assert page.one("h1").text == "This page doesn't exist"
    assert page.all("a", href="/")


def test_htmx_gets_the_same_words_as_an_alert_to_swap_in(visitor: StrictClient) -> None:
    response = visitor.get("/no-such-page", headers={"HX-Request": "true"})
    page = response.page  # type: ignore[attr-defined]
    assert not page.all("html")
    assert "This page doesn't exist" in "".join(page.one("div", role="alert").itertext())


@pytest.mark.parametrize("status", TEXTS)
def test_every_status_has_a_page_with_its_own_words(drawing_app: Flask, status: int) -> None:
    title, message = TEXTS[status]
    with drawing_app.test_request_context():
        text = render_template("errors/page.html", status=status, title=title, message=message)
    assert str(escape(message)) in text


def test_an_error_page_offers_what_the_refusal_suggests(drawing_app: Flask) -> None:
    with drawing_app.test_request_context():
        text = render_template(
            "errors/page.html", status=410, title="Gone", message="-", actions=[{"label": "Directory", "url": "/all"}]
        )
    assert 'href="/all"' in text


def test_someone_signed_in_gets_a_kind_page_while_the_database_is_down(drawing_app: Flask, visitor: StrictClient) -> None:
    with visitor.session_transaction() as session:
        session["_user_id"] = "somebody"
    drawing_app.config["PROPAGATE_EXCEPTIONS"] = False
    response = visitor.get("/no-such-page")
    assert response.status_code == 503
    assert "Your saved work is safe." in response.page.words  # type: ignore[attr-defined]


def test_a_commit_that_breaks_is_told_as_a_page(app: Flask, client: StrictClient, monkeypatch: pytest.MonkeyPatch) -> None:
    broken: list[Session] = []

    def break_once(session: Session) -> None:
        if has_request_context() and not broken:
            broken.append(session)
            raise OperationalError("COMMIT", {}, Exception("the server closed the connection"))

    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    event.listen(Session, "before_commit", break_once)
    response = client.get("/services")
    event.remove(Session, "before_commit", break_once)
    assert (response.status_code, len(broken)) == (503, 1)
    assert "Your saved work is safe." in response.page.words  # type: ignore[attr-defined]
