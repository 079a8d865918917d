"""A web process with its rate limits, as it is run, while what it stands on is away: people go on, or are told what is the case."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import pytest
import urllib3
from flask_security import hash_password
from sqlalchemy import select
from sqlalchemy.orm import undefer

from app import queue
from app.extensions import db
from app.media.models import Media
from app.providers.models import Provider
from app.services.models import Service
from tests.faults import stage
from tests.faults.faults import During, mail, mail_gone, redis_gone, redis_hangs, store
from tests.faults.stage import identity
from tests.faults.summary import FAULT, SEEN
from tests.faults.world import World
from tests.media.mortal import Machine
from tests.strict import StrictClient
from tests.wizard.conftest import WHOLE

#: Seconds. A server that is gone refuses at once; one that hangs is given up on.
PATIENCE = 6
PASSWORD = "correct horse battery staple"
Properties = Callable[[str, object], None]


def redis_and_mail_gone(world: World) -> Iterator[None]:
    with contextmanager(redis_gone)(world), contextmanager(mail_gone)(world):
        yield


AWAY: dict[str, During] = {
    "Redis gone": redis_gone,
    "Redis hangs": redis_hangs,
    "mail server gone": mail_gone,
    "mail server hangs": mail("hang"),
    "Redis and mail server gone": redis_and_mail_gone,
}


class Browser:
    """Ada's, with her session."""

    def __init__(self, port: int, client: StrictClient) -> None:
        token = client.token()
        cookie = client.get_cookie("session")
        assert cookie is not None
        self._site = f"http://127.0.0.1:{port}"
        self._headers = {
            "Cookie": f"session={cookie.value}",
            "X-CSRFToken": token,
            "Host": "localhost",
            "Referer": "http://localhost/",
        }
        self._http = urllib3.PoolManager(retries=False, timeout=30)

    def send(self, method: str, path: str, typed: Any = None, **values: Any) -> urllib3.BaseHTTPResponse:
        """A form, or with `values` JSON. Whatever is away, an answer comes in time, and it is no stack trace."""
        headers = dict(self._headers)
        if values:
            headers |= {"Content-Type": "application/json", "Accept": "application/json"}
        else:
            headers |= {"Content-Type": "application/x-www-form-urlencoded"}
        body = json.dumps(values) if values else urlencode(typed or {}, doseq=True)
        began = time.monotonic()
        answer = self._http.request(method, self._site + path, body=body, headers=headers, redirect=False)
        took = time.monotonic() - began
        assert took < PATIENCE, f"{path} took {took:.1f} s"
        assert b"Traceback" not in answer.data
        return answer

    def put(self, url: str, body: bytes, headers: Any) -> int:
        return self._http.request("PUT", url, body=body, headers=headers).status

    def close(self) -> None:
        self._http.clear()


@pytest.fixture(scope="module")
def machine(one_world: World) -> Iterator[Machine]:
    """The site on the servers of these tests. No worker: what it would do is not asked about here."""
    made = Machine(one_world.settings | {"RATE_LIMITS": "yes"})
    try:
        made.start("web")
        yield made
    finally:
        made.end()


@pytest.fixture
def browser(world: World, machine: Machine, client: StrictClient, ada: Provider) -> Iterator[Browser]:
    made = Browser(machine.port, client.sign_in(ada))
    yield made
    made.close()


@pytest.fixture(params=AWAY)
def away(request: pytest.FixtureRequest, world: World, record_property: Properties) -> Iterator[str]:
    record_property(FAULT, f"{request.param}: {request.node.originalname.removeprefix('test_').replace('_', ' ')}"[:100])
    db.session.remove()
    with contextmanager(AWAY[request.param])(world):
        yield request.param


def fresh() -> Service:
    """The draft as it is now."""
    db.session.rollback()
    read = select(Service).where(Service.id == identity("fresh")).options(undefer(Service.answers))
    return db.session.scalars(read.execution_options(populate_existing=True)).one()


@pytest.mark.usefixtures("away")
def test_saving_goes_on(browser: Browser) -> None:
    answer = browser.send("PUT", f"/drafts/{identity('fresh')}/basics", {"name": "Typed meanwhile", "version": "0"})
    assert answer.status == 200
    assert fresh().answers["basics"]["typed"]["name"] == ["Typed meanwhile"]


@pytest.mark.usefixtures("away")
def test_publishing_goes_on(browser: Browser) -> None:
    for step, typed in WHOLE.items():
        assert browser.send("PUT", f"/drafts/{identity('fresh')}/{step}", typed | {"version": ["0"]}).status == 200
    answer = browser.send("POST", f"/drafts/{identity('fresh')}/publication", {"visibility": "public"})
    assert answer.status == 303
    assert fresh().status == "published"


@pytest.mark.usefixtures("away")
def test_a_new_draft_is_begun(browser: Browser) -> None:
    assert browser.send("POST", "/drafts").status == 303


@pytest.mark.usefixtures("away")
def test_a_file_arrives(browser: Browser) -> None:
    granted, answer = upload(browser)
    assert answer.status == 200
    assert db.session.get_one(Media, granted["id"], populate_existing=True).state == "received"


@pytest.mark.usefixtures("away")
def test_people_sign_in(world: World, machine: Machine, ada: Provider) -> None:
    ada.password = hash_password(PASSWORD)
    db.session.commit()
    world.app.test_client_class = StrictClient
    anybody = Browser(machine.port, world.app.test_client())
    answer = anybody.send("POST", "/sign-in", {"email": "ada@example.com", "password": PASSWORD})
    anybody.close()
    assert answer.status in (302, 303), answer.data


def test_a_redis_that_hangs_is_waited_for_once(world: World, record_property: Properties) -> None:
    record_property(FAULT, "Redis hangs: it is waited for once, not once for each job")
    with contextmanager(redis_hangs)(world):
        assert not queue.enqueue("media.verify", identity("received"))
        began = time.monotonic()
        assert not any(queue.enqueue("media.verify", identity("received")) for _file in range(100))
        assert time.monotonic() - began < 1


def test_without_a_store_an_upload_says_that_it_does_not_answer(
    world: World, browser: Browser, record_property: Properties
) -> None:
    record_property(FAULT, "store gone: a file that was sent is asked for again later")
    granted = grant(browser)
    with contextmanager(store("cut"))(world):
        answer = browser.send("POST", f"/media/{granted['id']}/received", etags={})
    record_property(SEEN, f"{answer.status}: {answer.json()['message']}")
    assert answer.status == 503
    assert answer.json()["message"] == "The file store does not answer. Try again in a minute."


def test_without_a_store_saving_goes_on(world: World, browser: Browser, record_property: Properties) -> None:
    record_property(FAULT, "store gone: saving goes on")
    world.store.behave("cut")
    answer = browser.send("PUT", f"/drafts/{identity('fresh')}/basics", {"name": "Typed meanwhile", "version": "0"})
    assert answer.status == 200


def test_without_a_database_people_are_told_so_and_saving_goes_on_once_it_is_back(
    world: World, browser: Browser, record_property: Properties
) -> None:
    record_property(FAULT, "database killed: a save is refused in words, and works once it is back")
    path, typed = f"/drafts/{identity('fresh')}/basics", {"name": "Typed meanwhile", "version": "0"}
    db.session.remove()
    world.database.kill()
    try:
        refused = browser.send("PUT", path, typed)
    finally:
        world.database.start()
    record_property(SEEN, f"{refused.status}, then 200")
    assert refused.status == 503
    assert b"Try again in" in refused.data
    assert browser.send("PUT", path, typed).status == 200


def grant(browser: Browser) -> Any:
    asked = {"entity_type": "service", "entity_id": str(identity("fresh")), "file_name": "a.jpg", "content_type": "image/jpeg"}
    answer = browser.send("POST", "/media", **asked, size=len(stage.PHOTO))
    assert answer.status == 201, answer.data
    return answer.json()


def upload(browser: Browser) -> tuple[Any, urllib3.BaseHTTPResponse]:
    granted = grant(browser)
    assert browser.put(granted["url"], stage.PHOTO, granted["headers"]) == 200
    return granted, browser.send("POST", f"/media/{granted['id']}/received", etags={})
