"""`/dev/outbox` shows the mail that was not sent, safely, and only where there is no mail server."""

from dataclasses import replace

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient

from app import mail
from app.extensions import db
from tests.strict import StrictClient

HTML = '<html><head><title>x</title></head><body><p>Hi</p><script>alert(1)</script><a href="https://example.com/x">x</a></body></html>'


@pytest.fixture
def name(app: Flask) -> str:
    for file in mail.outbox().glob("*.eml"):
        file.unlink()
    mail.post(mail.written("ada@example.com", "Grüße <b>", "Open https://example.com/keep/abc now", HTML))
    db.session.commit()
    return next(mail.outbox().glob("*.eml")).stem


def test_the_list_names_each_message(client: StrictClient, name: str) -> None:
    page = client.get("/dev/outbox").page
    assert "Grüße <b>" in page.words
    assert "ada@example.com" in page.words


def test_an_empty_outbox_says_so(client: StrictClient, app: Flask) -> None:
    for file in mail.outbox().glob("*.eml"):
        file.unlink()
    assert "No mail yet" in client.get("/dev/outbox").page.words


def test_a_file_of_somebody_else_in_the_folder_is_left_out(client: StrictClient, name: str) -> None:
    (mail.outbox() / "another.eml").write_text("Subject: not a message of ours")
    assert "not a message of ours" not in client.get("/dev/outbox").page.words


def test_a_message_shows_its_text_and_its_links(client: StrictClient, name: str) -> None:
    page = client.get(f"/dev/outbox/{name}").page
    assert [each.get("href") for each in page.all("a") if each.text == "https://example.com/keep/abc"] == [
        "https://example.com/keep/abc"
    ]


def test_its_html_is_shown_in_a_frame_that_runs_nothing(client: StrictClient, name: str) -> None:
    frame = client.get(f"/dev/outbox/{name}").page.one("iframe")
    assert frame.get("sandbox") == "allow-popups allow-popups-to-escape-sandbox"


def test_the_html_itself_may_load_and_run_nothing(app: Flask, name: str) -> None:
    answer = FlaskClient(app, response_wrapper=Response).get(
        f"/dev/outbox/{name}/html"
    )  # mail is not held to the rules of pages
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "sandbox" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("wrong", ["0" * 32, "..%2f..%2fsecret_key", "another"])
def test_no_other_file_is_shown(client: StrictClient, name: str, wrong: str) -> None:
    (mail.outbox() / "another.eml").write_text("Subject: not a message of ours")
    assert client.get(f"/dev/outbox/{wrong}").status_code == 404


@pytest.mark.parametrize("change", [{"production": True}, {"smtp_url": "smtp://mail.example"}])
@pytest.mark.parametrize("path", ["", "/{name}", "/{name}/html"])
def test_it_does_not_exist_with_a_mail_server_or_in_production(
    app: Flask, client: StrictClient, name: str, change: dict[str, object], path: str
) -> None:
    settings = app.extensions["settings"]
    app.extensions["settings"] = replace(settings, **change)
    try:
        assert client.get("/dev/outbox" + path.format(name=name)).status_code == 404
    finally:
        app.extensions["settings"] = settings
