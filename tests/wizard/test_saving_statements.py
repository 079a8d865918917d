"""A save is two statements, each of which commits itself; and what happens when something comes in between them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import delete, event, func, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import undefer

from app import clock
from app.config import Settings
from app.errors import NotFound
from app.extensions import db, table
from app.insights.models import Event
from app.services.models import Service, Status
from app.wizard import answers, rows, steps
from app.wizard.context import Context
from app.wizard.rows import ProviderRow
from tests import factories
from tests.strict import StrictClient
from tests.wizard.conftest import WHOLE
from tests.wizard.test_views_saving import HTMX

Path = Callable[..., str]
SERVICE = table(Service)
TYPED = {"description": "An hour", "version": "0"}


@contextmanager
def before_the_update(bind: str | None, act: Callable[[], None]) -> Iterator[None]:
    """Do something once, just before the request's UPDATE is sent."""
    done = False

    def look(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        nonlocal done
        if statement.startswith("UPDATE") and not done:
            done = True
            act()

    event.listen(db.engines[bind], "before_cursor_execute", look)
    yield
    event.remove(db.engines[bind], "before_cursor_execute", look)
    assert done, "nothing came in between"


def elsewhere(statement: Any) -> Callable[[], None]:
    """Another connection does this and commits."""

    def act() -> None:
        with db.engine.begin() as connection:
            connection.execute(statement)

    return act


def now(service: Service) -> Service:
    db.session.rollback()
    db.session.expire_all()
    return db.session.scalars(select(Service).where(Service.id == service.id).options(undefer(Service.answers))).one()


@pytest.mark.parametrize("step", ["basics", "details", "price"])
def test_an_autosave_begins_no_transaction(as_ada: StrictClient, draft: Service, path: Path, step: str) -> None:
    address = path(draft, step)
    begun: list[Any] = []
    note = begun.append
    event.listen(db.engine, "begin", note)
    assert as_ada.put(address, data=TYPED, headers=HTMX).status_code == 200
    event.remove(db.engine, "begin", note)
    assert begun == []


@pytest.fixture
def updates(app: Flask) -> Iterator[list[str]]:
    """The UPDATEs that committed themselves."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith("UPDATE"):
            sent.append(statement)

    event.listen(db.engines["alone"], "before_cursor_execute", note)
    yield sent
    event.remove(db.engines["alone"], "before_cursor_execute", note)


def test_continue_saves_as_an_autosave_does(as_ada: StrictClient, draft: Service, path: Path, updates: list[str]) -> None:
    assert as_ada.post(path(draft, "basics"), data=TYPED).status_code == 422
    assert len(updates) == 1


def test_a_button_of_a_row_saves_as_an_autosave_does(
    as_ada: StrictClient, draft: Service, path: Path, updates: list[str]
) -> None:
    data = {"duration_minutes": "60", "version": "0", "action": "packages.add"}
    assert as_ada.post(path(draft, "price"), data=data).status_code == 200
    assert len(updates) == 1


def test_putting_back_what_a_browser_kept_saves_as_an_autosave_does(
    as_ada: StrictClient, draft: Service, path: Path, updates: list[str]
) -> None:
    given = {"kept": "description=An+hour", "action": "restore", "version": "0", "choice-description": "kept"}
    assert as_ada.post(f"{path(draft, 'details')}/kept", data=given).status_code == 204
    assert len(updates) == 1


def test_a_save_in_a_transaction_of_its_caller_is_undone_with_it(
    draft: Service, look: Callable[..., Context], settings: Settings
) -> None:
    context = look(draft.id)
    answers.save(context, steps.find("details"), {"description": ["An hour"]}, 0, settings)
    db.session.rollback()
    assert now(draft).answers is None


def test_a_save_that_another_steps_save_overtakes_goes_on_top_of_it(as_ada: StrictClient, draft: Service, path: Path) -> None:
    theirs = {"basics": {"typed": {"name": ["Haircut"]}, "version": 1, "complete": False, "saved_at": None, "by": None}}
    overtaking = update(SERVICE).where(SERVICE.c.id == draft.id).values(answers=theirs, revision=SERVICE.c.revision + 1)
    with before_the_update("alone", elsewhere(overtaking)):
        assert as_ada.put(path(draft, "details"), data=TYPED, headers=HTMX).status_code == 200
    kept = now(draft).answers or {}
    assert kept["basics"]["typed"] == {"name": ["Haircut"]}
    assert kept["details"]["typed"] == {"description": ["An hour"]}


def test_a_save_that_another_save_of_the_step_overtakes_is_stale(as_ada: StrictClient, draft: Service, path: Path) -> None:
    theirs = {"details": {"typed": {"description": ["Mine"]}, "version": 1, "complete": False, "saved_at": None, "by": None}}
    overtaking = update(SERVICE).where(SERVICE.c.id == draft.id).values(answers=theirs, revision=SERVICE.c.revision + 1)
    with before_the_update("alone", elsewhere(overtaking)):
        assert as_ada.put(path(draft, "details"), data=TYPED, headers=HTMX).status_code == 409
    assert (now(draft).answers or {}) == theirs


def test_a_save_that_the_expiry_overtakes_changes_nothing(as_ada: StrictClient, draft: Service, path: Path) -> None:
    expiring = update(SERVICE).where(SERVICE.c.id == draft.id).values(deleted_at=clock.now())
    with before_the_update("alone", elsewhere(expiring)):
        assert as_ada.put(path(draft, "details"), data=TYPED, headers=HTMX).status_code == 409
    assert now(draft).answers is None


def test_a_save_that_archiving_overtakes_changes_nothing(as_ada: StrictClient, ada: Any, path: Path) -> None:
    service = factories.published(ada)
    archiving = (
        update(SERVICE).where(SERVICE.c.id == service.id).values(status=Status.ARCHIVED, revision=SERVICE.c.revision + 1)
    )
    with before_the_update(None, elsewhere(archiving)):
        assert as_ada.put(path(service, "details"), data=TYPED | {"base": ""}, headers=HTMX).status_code == 409
    assert now(service).answers is None


def test_a_save_whose_draft_is_deleted_for_good_meanwhile_finds_none(as_ada: StrictClient, draft: Service, path: Path) -> None:
    with before_the_update("alone", elsewhere(delete(SERVICE).where(SERVICE.c.id == draft.id))):
        assert as_ada.put(path(draft, "details"), data=TYPED, headers=HTMX).status_code == 404


def test_a_save_is_not_kept_without_the_event_that_belongs_to_it(as_ada: StrictClient, draft: Service, path: Path) -> None:
    def break_down(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith("INSERT INTO event"):
            raise OperationalError(statement, None, Exception("the database went away"))

    data = WHOLE["details"] | {"version": "0"}
    event.listen(db.engine, "before_cursor_execute", break_down)
    assert as_ada.put(path(draft, "details"), data=data, headers=HTMX).status_code == 503
    event.remove(db.engine, "before_cursor_execute", break_down)
    assert now(draft).answers is None
    assert as_ada.put(path(draft, "details"), data=data, headers=HTMX).status_code == 200
    assert db.session.scalar(select(func.count()).select_from(Event).where(Event.name == "completed")) == 1


@pytest.fixture
def read(ada: Any) -> Callable[[UUID], Any]:
    """The row of Ada's service, as a request begins with it."""

    def row(service_id: UUID) -> Any:
        db.session.commit()
        return rows.of_session(ada.fs_uniquifier, service_id)[1]

    return row


def test_all_of_a_service_is_read_when_it_is_asked_for(ada: Any, read: Callable[[UUID], Any]) -> None:
    context = Context(ProviderRow.of(ada), read(factories.published(ada, slug="haircut").id))
    assert context.whole.slug == "haircut"


def test_all_of_a_service_that_is_gone_is_not_found(ada: Any, draft: Service, read: Callable[[UUID], Any]) -> None:
    context = Context(ProviderRow.of(ada), read(draft.id))
    elsewhere(delete(SERVICE).where(SERVICE.c.id == draft.id))()
    db.session.expunge_all()
    with pytest.raises(NotFound):
        _slug = context.whole.slug


def test_a_row_and_all_of_its_service_are_of_the_same_moment(ada: Any, draft: Service, read: Callable[[UUID], Any]) -> None:
    context = Context(ProviderRow.of(ada), read(draft.id))
    elsewhere(update(SERVICE).where(SERVICE.c.id == draft.id).values(revision=7))()
    db.session.expire_all()
    assert context.whole.revision == context.service.revision == 7


def test_a_row_that_was_read_can_not_be_changed(draft: Service, read: Callable[[UUID], Any]) -> None:
    with pytest.raises(AttributeError):
        read(draft.id).name = "Haircut"


def test_a_column_that_no_row_holds_is_no_attribute_of_it(draft: Service, read: Callable[[UUID], Any]) -> None:
    assert not hasattr(read(draft.id), "slug")


def test_somebody_elses_service_is_not_read(boris: Any, read: Callable[[UUID], Any]) -> None:
    assert read(factories.draft(boris).id) is None


def test_a_published_service_is_read_as_one(ada: Any, read: Callable[[UUID], Any]) -> None:
    service = read(factories.published(ada).id)
    assert (service.status, service.is_draft) == (Status.PUBLISHED, False)
