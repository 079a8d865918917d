"""Nobody learns from an answer which addresses have accounts: the pages are alike, letter by letter, and cost the same password checks."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask, template_rendered
from redis import Redis
from rq import Queue

from app import mail
from app.extensions import db, security
from app.providers.models import Provider
from tests import queues
from tests.account.conftest import PASSWORD
from tests.strict import StrictClient

KNOWN, UNKNOWN = "carla@example.com", "nobody@example.com"


def seen(client: StrictClient, path: str, address: str, **typed: str) -> tuple[int, str | None, str]:
    """What a stranger sees: status, where it leads, and the page that it ends on, without the address itself and tokens."""
    answer = client.post(path, data={"email": address} | typed)
    page = client.get(answer.location) if answer.location else answer
    text = re.sub(r'name="csrf_token" value="[^"]*"', "", page.text.replace(address, "ADDRESS"))
    return answer.status_code, answer.location, text


PATHS = [
    ("/sign-in", {"password": "not this one"}),
    ("/sign-up", {"password": PASSWORD, "display_name": "Somebody"}),
    ("/sign-up", {"password": "short", "display_name": "Somebody"}),
    ("/forgotten-password", {}),
    ("/confirm", {}),
]


@pytest.mark.parametrize(("path", "typed"), PATHS)
def test_the_answers_are_alike(carla: Provider, another: Any, path: str, typed: dict[str, str]) -> None:
    assert seen(another(), path, KNOWN, **typed) == seen(another(), path, UNKNOWN, **typed)


@pytest.mark.parametrize(("path", "typed"), PATHS)
def test_the_answers_are_alike_for_an_account_that_is_not_confirmed(
    carla: Provider, another: Any, path: str, typed: dict[str, str]
) -> None:
    carla.confirmed_at = None
    db.session.commit()
    assert seen(another(), path, KNOWN, **typed) == seen(another(), path, UNKNOWN, **typed)


@pytest.mark.parametrize(("path", "typed"), PATHS)
def test_the_answers_are_alike_for_an_account_that_is_deactivated(
    carla: Provider, another: Any, path: str, typed: dict[str, str]
) -> None:
    carla.active = False
    db.session.commit()
    assert seen(another(), path, KNOWN, **typed) == seen(another(), path, UNKNOWN, **typed)


def test_changing_to_a_taken_address_looks_like_changing_to_a_free_one(as_carla: StrictClient, boris: Provider) -> None:
    assert seen(as_carla, "/account/email", boris.email) == seen(as_carla, "/account/email", UNKNOWN)


def test_changing_to_a_taken_address_writes_to_nobody(as_carla: StrictClient, boris: Provider, letters: Any) -> None:
    as_carla.post("/account/email", data={"email": boris.email})
    assert letters() == []


@pytest.mark.parametrize("path", ["/sign-in", "/sign-up", "/confirm", "/forgotten-password"])
def test_json_learns_nothing(carla: Provider, another: Any, path: str) -> None:
    answer = another().post(path, json={"email": KNOWN, "password": "x"}, headers={"Accept": "application/json"})
    assert answer.status_code == 415


def test_a_form_that_is_answered_in_json_learns_no_more_than_a_page(carla: Provider, another: Any) -> None:
    def told(address: str) -> str:
        answer = another().post("/forgotten-password", data={"email": address}, headers={"Accept": "application/json"})
        return re.sub(r'"csrf_token":"[^"]*"', "", answer.text.replace(address, "ADDRESS"))

    assert told(KNOWN) == told(UNKNOWN)


class Counted:
    """The hasher, counting how often a password was checked or hashed: nearly all the time that an answer takes."""

    def __init__(self, hasher: Any) -> None:
        self.hasher, self.times = hasher, 0

    def __getattr__(self, name: str) -> Any:
        if name in {"hash", "verify"}:
            self.times += 1
        return getattr(self.hasher, name)


@pytest.fixture
def hashes(app: Flask) -> Iterator[Counted]:
    counted = Counted(security.pwd_context)
    security.pwd_context = counted  # type: ignore[assignment]
    yield counted
    security.pwd_context = counted.hasher


@pytest.mark.parametrize(("path", "typed"), PATHS)
def test_both_answers_cost_the_same(carla: Provider, another: Any, hashes: Counted, path: str, typed: dict[str, str]) -> None:
    another().post(path, data={"email": KNOWN} | typed)
    known, hashes.times = hashes.times, 0
    another().post(path, data={"email": UNKNOWN} | typed)
    assert hashes.times == known


@pytest.fixture
def traced(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What a request does besides hashing: templates rendered, letters left to the worker (by their kind)."""
    done: list[str] = []

    def note(_app: Flask, template: Any, **_more: Any) -> None:
        done.append(str(template.name))

    queue = app.extensions["queues"]["mail"]
    enqueue = queue.enqueue
    monkeypatch.setattr(
        queue, "enqueue", lambda name, *args, **more: done.append(f"{name} {args[1]}") or enqueue(name, *args, **more)
    )
    with template_rendered.connected_to(note, app):
        yield done


@pytest.mark.parametrize("path", ["/forgotten-password", "/confirm"])
def test_both_answers_do_the_same_work(
    carla: Provider, another: Any, path: str, traced: list[str], statements: list[str]
) -> None:
    if path == "/confirm":
        carla.confirmed_at = None
        db.session.commit()
    statements.clear()
    work = []
    for address in (KNOWN, UNKNOWN):
        another().post(path, data={"email": address})
        work.append(([*traced], [*statements]))
        traced.clear()
        statements.clear()
    known, unknown = work
    assert known == unknown
    assert len([each for each in known[0] if each.startswith("jobs.mail.letter")]) == 1


def test_a_waiting_letter_holds_nothing_that_opens_an_account(app: Flask, carla: Provider, client: StrictClient) -> None:
    client.post("/forgotten-password", data={"email": KNOWN})
    (job,) = queues.waiting(app)
    assert job.args[1:] == ("reset_instructions", str(carla.id), KNOWN)


def test_a_letter_that_is_tried_again_is_the_same_message(
    app: Flask, carla: Provider, client: StrictClient, letters: Callable[[], Any]
) -> None:
    client.post("/forgotten-password", data={"email": KNOWN})
    (job,) = queues.waiting(app)
    job.func(*job.args)
    first, second = letters()
    assert first["Message-ID"] == second["Message-ID"]


def test_without_redis_the_letter_is_written_at_once(
    app: Flask, carla: Provider, client: StrictClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.extensions["queues"], "mail", Queue("mail", connection=Redis(port=1, socket_connect_timeout=0.2)))
    client.post("/forgotten-password", data={"email": KNOWN})
    assert len(list(mail.outbox().glob("*.eml"))) == 1


def test_signing_up_twice_tells_the_mailbox_and_nobody_else(
    carla: Provider, client: StrictClient, letters: Callable[[], Any]
) -> None:
    client.post("/sign-up", data={"email": KNOWN, "password": PASSWORD, "display_name": "Somebody"})
    (letter,) = letters()
    assert letter["to"] == KNOWN
    assert letter["subject"] == "You have a Shingle account already"


def test_an_unknown_address_gets_no_mail(client: StrictClient, letters: Callable[[], Any]) -> None:
    client.post("/forgotten-password", data={"email": UNKNOWN})
    client.post("/confirm", data={"email": UNKNOWN})
    assert letters() == []
