"""The last save of a page that is being left, after which nobody can be asked: it is put together with what others saved meanwhile."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from app import config
from app.extensions import db
from app.services.models import Service
from app.wizard import answers, publishing, reconciling, steps
from app.wizard.context import Context
from app.wizard.models import EarlierAnswer
from tests.strict import StrictClient

Words = dict[str, str]
SEEN = {"name": "Haircut", "summary": "Wash"}
OTHERS = {"name": "Haircut and more", "summary": "Wash"}


@pytest.fixture
def basics(as_ada: StrictClient, draft: Service, path: Callable[..., str]) -> str:
    """The address of a step that a page saw under version 1, and that somebody else saved since."""
    address = path(draft, "basics")
    for version, words in enumerate((SEEN, OTHERS)):
        assert as_ada.put(address, data=words | {"version": str(version)}).status_code == 200
    return address


@pytest.fixture
def leave(as_ada: StrictClient, basics: str, draft: Service) -> Callable[..., Any]:
    """Save these words as the page does when it is left, and tell what the step says then. `sent`: those of a save that has no answer yet."""

    def save(sent: Words | None = None, **words: str) -> Any:
        body = (
            SEEN | words | {"version": "1", "last": "yes", "base": urlencode(SEEN), "sent": urlencode(sent or {}), "since": "1"}
        )
        assert as_ada.put(basics, data=body).status_code == 204
        db.session.expire_all()
        return (db.session.get_one(Service, draft.id).answers or {})["basics"]["typed"]

    return save


def test_what_others_did_not_change_is_saved(leave: Callable[..., Any]) -> None:
    assert leave(summary="Wash and cut") == {"name": ["Haircut and more"], "summary": ["Wash and cut"]}


def test_what_others_changed_too_stays_as_they_left_it(leave: Callable[..., Any]) -> None:
    assert leave(name="Haircuts", summary="Wash and cut") == {"name": ["Haircut and more"], "summary": ["Wash and cut"]}


def test_what_others_changed_too_is_in_the_history(leave: Callable[..., Any]) -> None:
    leave(name="Haircuts")
    assert ["Haircuts"] in [each.typed["name"] for each in db.session.scalars(select(EarlierAnswer))]


def test_the_same_again_adds_nothing_to_the_history(leave: Callable[..., Any]) -> None:
    for _time in range(2):
        leave(name="Haircuts")
    assert [each.typed["name"] for each in db.session.scalars(select(EarlierAnswer))].count(["Haircuts"]) == 1


def test_it_is_one_save_so_that_what_others_left_stands_there_at_every_moment(
    leave: Callable[..., Any], draft: Service
) -> None:
    before = db.session.get_one(Service, draft.id).revision
    leave(name="Haircuts")
    assert db.session.get_one(Service, draft.id).revision == before + 1


def test_the_published_text_is_kept_before_its_first_change_all_the_same(whole: Service, look: Callable[..., Context]) -> None:
    publishing.publish(look(whole.id), is_public=True)
    db.session.commit()
    step, settings = steps.find("basics"), config.current()
    published = answers.of(look(whole.id))["basics"]["typed"]
    origin = reconciling.Origin(reconciling.NEVER, published | {"name": ["Seen"]})
    kept = reconciling.keep(look(whole.id), step, published | {"name": ["Mine"]}, origin, settings, asks=False)
    answers.save(look(whole.id), step, published | {"name": ["The first change"]}, kept.saved.version, settings)
    assert published["name"] in [each.typed["name"] for each in db.session.scalars(select(EarlierAnswer))]


def test_the_same_words_again_take_no_room_in_what_a_step_remembers(whole: Service, look: Callable[..., Context]) -> None:
    step, settings = steps.find("basics"), config.current()
    kept = answers.of(look(whole.id))["basics"]
    for _time in range(2):
        answers.save(look(whole.id), step, kept["typed"], kept["version"], settings)
    assert len(answers.of(look(whole.id))["basics"]["was"]) == len(kept["was"])


@pytest.mark.parametrize("knows_since", [True, False])
def test_words_of_a_lost_request_that_the_step_said_before_are_not_taken_for_saved(
    whole: Service, look: Callable[..., Context], knows_since: bool
) -> None:
    step, settings = steps.find("basics"), config.current()
    said = [answers.of(look(whole.id))["basics"]["typed"] | {"name": [name]} for name in ("Mine", "Seen", "Theirs")]
    versions = [
        answers.save(look(whole.id), step, typed, answers.of(look(whole.id))["basics"]["version"], settings).version
        for typed in said
    ]
    mine, seen, _theirs = said
    origin = reconciling.Origin(reconciling.NEVER, seen, sent=[mine], since=versions[1] if knows_since else reconciling.NEVER)
    kept = reconciling.keep(look(whole.id), step, mine, origin, settings)
    assert [each.unit for each in kept.text.disputes] == ["name"]


def test_it_goes_on_from_the_save_before_it_if_that_arrived(leave: Callable[..., Any]) -> None:
    assert leave(OTHERS, name="Haircut and more of it")["name"] == ["Haircut and more of it"]


def test_it_goes_on_from_what_the_page_saw_if_the_save_before_it_did_not_arrive(leave: Callable[..., Any]) -> None:
    sent = SEEN | {"summary": "Wash and"}
    assert leave(sent, summary="Wash and cut") == {"name": ["Haircut and more"], "summary": ["Wash and cut"]}


def test_the_same_again_changes_nothing(leave: Callable[..., Any]) -> None:
    assert leave(summary="Wash and cut") == leave(summary="Wash and cut")


def test_it_saves_where_nobody_else_did(as_ada: StrictClient, draft: Service, basics: str) -> None:
    body = OTHERS | {"summary": "Cut", "version": "2", "last": "yes", "base": urlencode(OTHERS)}
    assert as_ada.put(basics, data=body).status_code == 204
    db.session.expire_all()
    assert (db.session.get_one(Service, draft.id).answers or {})["basics"]["typed"]["summary"] == ["Cut"]
