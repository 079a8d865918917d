"""Files are looked at by turns: a provider with one file waits for one file of each other provider, and no longer."""

from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID

import pytest

from app import clock
from app.extensions import db
from app.media import turns
from app.media.asking import ask_to_verify
from app.media.models import Kind, Media, State
from app.providers import operations as providers
from app.providers.models import Provider
from tests import factories, queues
from tests.strict import StrictClient

HOME = {"locale": "en", "time_zone": "UTC", "currency": "EUR"}


def received(owner: Provider, ago: float = 0, **more: Any) -> UUID:
    """A file that arrived so many seconds ago. There is nothing in the store: it is refused as soon as it is looked at."""
    return factories.media(owner, state=State.RECEIVED, received_at=clock.now() - timedelta(seconds=ago), **more).id


def guest(network: str | None = "house") -> Provider:
    found = providers.add_guest(**HOME, network=network)
    db.session.commit()
    return found


def owners() -> list[str]:
    """Whose files are looked at, one after the other, until none is left."""
    names = {}
    for person in db.session.query(Provider):
        names[person.id] = person.display_name or person.network or ""
    owner_of = {row.id: names[row.provider_id] for row in db.session.query(Media)}
    db.session.rollback()
    order = []
    while (identity := turns.verify_next()) is not None:
        db.session.commit()
        order.append(owner_of[identity])
    return order


@pytest.fixture
def moments(travel: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Each look at the clock is a millisecond later."""
    began, step = travel(), count()
    monkeypatch.setattr(clock, "read", lambda: began + timedelta(milliseconds=next(step)))


@pytest.mark.usefixtures("moments")
def test_one_file_waits_for_one_of_each_other_provider(ada: Any, boris: Any) -> None:
    for ago in range(9, 4, -1):
        received(ada, ago)
    for ago in (3, 2):
        received(boris, ago)
    a, b = ada.display_name, boris.display_name
    assert owners() == [a, b, a, b, a, a, a]


@pytest.mark.usefixtures("moments")
def test_who_had_a_turn_a_moment_ago_comes_after_who_had_none(ada: Any, boris: Any) -> None:
    received(ada, 9)
    a, b = ada.display_name, boris.display_name
    assert owners() == [a]
    received(ada, 8)
    received(boris, 1)
    assert owners() == [b, a]


@pytest.mark.usefixtures("moments")
def test_all_guests_of_one_network_are_one_party(ada: Any) -> None:
    for _guest in range(5):
        received(guest(), 9)
    for ago in (3, 2, 1):
        received(ada, ago)
    a = ada.display_name
    assert owners() == ["house", a, "house", a, "house", a, "house", "house"]


@pytest.mark.usefixtures("app", "moments")
def test_guests_of_different_networks_take_turns() -> None:
    for network in ("house", "house", "office"):
        received(guest(network), 5)
    assert owners() == ["house", "office", "house"]


def test_two_workers_take_two_files(ada: Any) -> None:
    files = {received(ada, 2), received(ada, 1)}
    assert {turns._begin(), turns._begin()} == files
    assert turns._begin() is None


@pytest.mark.parametrize(("kind", "minutes"), [(Kind.IMAGE, 2), (Kind.DOCUMENT, 2), (Kind.VIDEO, 30)])
def test_a_file_that_lost_its_worker_is_taken_again(ada: Any, travel: Callable[..., Any], kind: str, minutes: int) -> None:
    travel()
    lost = received(ada, kind=kind)
    assert turns._begin() == lost
    travel(minutes=minutes - 1)
    assert turns._begin() is None
    travel(minutes=1)
    assert turns._begin() == lost


def test_the_job_of_a_file_that_is_gone_takes_another_one(app: Any, ada: Any, boris: Any) -> None:
    waiting = received(boris)
    ask_to_verify(UUID(int=7))
    db.session.commit()
    queues.work(app)
    db.session.expire_all()
    assert db.session.get_one(Media, waiting).state == State.REJECTED


def test_a_guest_is_known_by_the_network_and_nobody_can_read_which(client: StrictClient) -> None:
    client.post("/try", environ_overrides={"REMOTE_ADDR": "2001:db8:1:2::7"})
    client.delete_cookie("session")
    client.delete_cookie("remember_token")
    client.post("/try", environ_overrides={"REMOTE_ADDR": "2001:db8:1:2::8"})
    marks = [each.network for each in db.session.query(Provider) if each.is_guest]
    assert len(marks) == 2
    assert len(set(marks)) == 1
    assert "2001" not in str(marks[0])
