"""Mail: when it goes out, how, in which language, and what happens when it can't."""

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask

from app import config, mail
from app.extensions import db
from app.mail import for_mailman
from tests import queues
from tests.servers.smtp import MailServer

READER = SimpleNamespace(email="ada@example.com", locale="en", time_zone="Europe/Berlin")


@pytest.fixture
def kept(app: Flask) -> Callable[[], int]:
    for file in mail.outbox().glob("*.eml"):
        file.unlink()
    return lambda: len(list(mail.outbox().glob("*")))


def a_message(subject: str = "Hello") -> Any:
    return mail.written("ada@example.com", subject, "Text", "<p>Text</p>")


def test_without_a_mail_server_a_message_is_kept_in_the_outbox(kept: Callable[[], int]) -> None:
    mail.post(a_message())
    db.session.commit()
    assert kept() == 1


def test_nothing_goes_out_before_the_commit(kept: Callable[[], int]) -> None:
    mail.post(a_message())
    assert kept() == 0


def test_nothing_goes_out_after_a_rollback(kept: Callable[[], int]) -> None:
    mail.post(a_message())
    db.session.rollback()
    db.session.commit()
    assert kept() == 0


def test_releasing_a_savepoint_is_no_commit(kept: Callable[[], int]) -> None:
    mail.post(a_message())
    with db.session.begin_nested():
        pass
    assert kept() == 0


def test_going_back_to_a_savepoint_keeps_what_was_asked_for_before(kept: Callable[[], int]) -> None:
    mail.post(a_message())
    db.session.begin_nested().rollback()
    db.session.commit()
    assert kept() == 1


def test_a_request_leaves_the_message_to_a_worker(app: Flask, posted: MailServer) -> None:
    mail.post(a_message())
    db.session.commit()
    assert posted.received == []
    assert len(queues.waiting(app)) == 1


def test_the_worker_delivers_it(app: Flask, posted: MailServer) -> None:
    mail.post(a_message("Grüße"))
    db.session.commit()
    mail.send(queues.waiting(app)[0].args[0])
    (received,) = posted.received
    assert received.recipients == ["ada@example.com"]
    assert received.message["subject"] == "Grüße"
    assert received.message.get_body(preferencelist=("html",)) is not None


def test_a_second_try_is_the_same_message(app: Flask, posted: MailServer) -> None:
    mail.post(a_message())
    db.session.commit()
    sealed = queues.waiting(app)[0].args[0]
    mail.send(sealed)
    mail.send(sealed)
    first, second = posted.received
    assert first.message["message-id"] == second.message["message-id"]


def test_a_server_that_is_down_for_now_is_an_error_for_the_job(app: Flask, posted: MailServer) -> None:
    posted.refuse("451 Try again later")
    with pytest.raises(OSError, match="451"):
        mail.send(mail._sealed(a_message()))


@pytest.mark.parametrize(
    "answer", ["550 No such mailbox", "550 5.1.1 Unknown user", "553 5.1.3 Bad address", "554 5.1.1 No such user"]
)
def test_an_address_that_does_not_exist_is_not_tried_again(app: Flask, posted: MailServer, answer: str) -> None:
    posted.refuse(answer)
    mail.send(mail._sealed(a_message()))
    assert posted.received == []


@pytest.mark.parametrize(
    "answer",
    [
        "552 Mailbox full",
        "552 5.2.2 Over quota",
        "554 We don't relay for you",
        "550 5.7.1 Policy",
        "421 Busy",
        "452 4.2.2 Full",
    ],
)
def test_what_says_nothing_final_about_an_address_is_tried_again(app: Flask, posted: MailServer, answer: str) -> None:
    posted.refuse(answer)
    with pytest.raises(OSError, match=answer[:3]):
        mail.send(mail._sealed(a_message()))


def test_a_job_that_fails_is_tried_again_for_a_day(app: Flask, posted: MailServer) -> None:
    mail.post(a_message())
    db.session.commit()
    job = queues.waiting(app)[0]
    assert sum(job.retry_intervals) > 24 * 3600
    assert job.retries_left == len(job.retry_intervals)


def test_without_redis_the_message_is_sent_at_once(app: Flask, posted: MailServer, without_redis: None) -> None:
    mail.post(a_message())
    db.session.commit()
    assert len(posted.received) == 1


def test_without_redis_and_mail_server_a_request_still_succeeds(app: Flask, posted: MailServer, without_redis: None) -> None:
    posted.refuse()
    mail.post(a_message())
    db.session.commit()
    assert posted.received == []


@pytest.fixture
def without_redis(app: Flask) -> Iterator[None]:
    from redis import Redis
    from rq import Queue

    queue = app.extensions["queues"]["mail"]
    app.extensions["queues"]["mail"] = Queue("mail", connection=Redis(port=1, socket_connect_timeout=0.2))
    yield
    app.extensions["queues"]["mail"] = queue


def test_a_line_break_in_a_subject_starts_no_header(app: Flask) -> None:
    message = a_message("Hello\r\nBcc: everybody@example.com").message()
    assert message["Bcc"] is None


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://mail.example", {"MAIL_PORT": 587, "MAIL_USE_TLS": True, "MAIL_USE_SSL": False}),
        ("smtp://mail.example:25", {"MAIL_PORT": 25, "MAIL_USE_TLS": False, "MAIL_USE_SSL": False}),
        ("smtps://mail.example", {"MAIL_PORT": 465, "MAIL_USE_TLS": False, "MAIL_USE_SSL": True}),
        ("smtp://me%40example.com:p%2Fw@mail.example", {"MAIL_USERNAME": "me@example.com", "MAIL_PASSWORD": "p/w"}),
    ],
)
def test_the_address_of_a_mail_server_is_read(url: str, expected: dict[str, Any]) -> None:
    values = for_mailman(config.load({"SMTP_URL": url}))
    assert {name: values[name] for name in expected} == expected


def test_starttls_wants_a_certificate_that_it_can_check(app: Flask, posted: MailServer) -> None:
    backend = mail.ServerEmailBackend(mailman=app.extensions["mailman"], use_tls=True)
    with pytest.raises(
        OSError, match="STARTTLS"
    ):  # the test server has none; what matters is that the message does not go in the clear
        backend.open()
