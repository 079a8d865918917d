"""The buttons of a published listing: what each changes, when it is refused, and that nobody else can press it."""

from typing import Any
from uuid import uuid4

import pytest

from app import clock
from app.errors import NotFound, Refused
from app.extensions import db
from app.services import operations
from app.services.models import Service, Status
from tests import factories
from tests.strict import StrictClient

VERBS = ["pause", "resume", "list", "unlist", "archive"]


def press(client: StrictClient, verb: str, service: Service) -> Any:
    return client.post(f"/services/{service.id}/{verb}", data={"from": "listing"})


def state(service: Service) -> tuple[str, bool, bool]:
    db.session.refresh(service)
    return service.status, service.is_active, service.is_public


@pytest.mark.parametrize(
    ("before", "verb", "after"),
    [
        ((True, True), "pause", ("published", False, True)),
        ((False, True), "resume", ("published", True, True)),
        ((True, False), "list", ("published", True, True)),
        ((True, True), "unlist", ("published", True, False)),
        ((True, True), "archive", ("archived", False, True)),
        ((False, True), "archive", ("archived", False, True)),
        ((False, True), "unlist", ("published", False, False)),
    ],
)
def test_a_button_changes_one_thing(as_ada: StrictClient, ada: Any, before: Any, verb: str, after: Any) -> None:
    service = factories.published(ada, is_active=before[0], is_public=before[1])
    assert press(as_ada, verb, service).status_code == 303
    assert state(service) == after


@pytest.mark.parametrize("verb", VERBS)
def test_pressing_twice_is_pressing_once(as_ada: StrictClient, ada: Any, verb: str) -> None:
    service = factories.published(ada)
    press(as_ada, verb, service)
    once = state(service)
    assert press(as_ada, verb, service).status_code == 303
    assert state(service) == once


@pytest.mark.parametrize("verb", VERBS)
def test_a_draft_has_none_of_these_buttons(as_ada: StrictClient, ada: Any, verb: str) -> None:
    draft = factories.draft(ada)
    answer = press(as_ada, verb, draft)
    assert answer.status_code == 422
    assert "This is still a draft." in answer.page.words
    assert state(draft)[0] == Status.DRAFT


@pytest.mark.parametrize("verb", ["pause", "list", "unlist"])
def test_an_archived_listing_stays_as_it_is(as_ada: StrictClient, ada: Any, verb: str) -> None:
    service = factories.published(ada, status=Status.ARCHIVED, is_active=False)
    answer = press(as_ada, verb, service)
    assert answer.status_code == 422
    assert "This listing is archived. Publish it again first." in answer.page.words


@pytest.mark.parametrize("verb", VERBS)
def test_nobody_else_can_press_a_button(as_boris: StrictClient, ada: Any, verb: str) -> None:
    service = factories.published(ada)
    before = state(service)
    assert press(as_boris, verb, service).status_code == 404
    assert state(service) == before


@pytest.mark.parametrize("verb", VERBS)
def test_a_stranger_is_sent_to_sign_in(client: StrictClient, ada: Any, verb: str) -> None:
    service = factories.published(ada)
    before = state(service)
    assert press(client, verb, service).status_code == 302
    assert state(service) == before


@pytest.mark.parametrize("verb", VERBS)
def test_a_button_without_a_token_changes_nothing(as_ada: StrictClient, ada: Any, verb: str) -> None:
    service = factories.published(ada, is_active=verb != "resume", is_public=verb != "list")
    before = state(service)
    assert as_ada.post(f"/services/{service.id}/{verb}", data={"csrf_token": "stale"}).status_code == 400
    assert state(service) == before


@pytest.mark.parametrize("verb", VERBS)
def test_a_link_changes_nothing(as_ada: StrictClient, ada: Any, verb: str) -> None:
    assert as_ada.get(f"/services/{factories.published(ada).id}/{verb}").status_code == 405


def test_an_unknown_listing_is_not_found(app: Any, ada: Any) -> None:
    with pytest.raises(NotFound):
        operations.pause(uuid4(), ada.id)


def test_after_pausing_visitors_find_nothing_and_after_resuming_the_same_page(
    as_ada: StrictClient, client: StrictClient, ada: Any
) -> None:
    service = factories.published(ada, slug="haircut")
    visitor = as_ada.application.test_client()
    press(as_ada, "pause", service)
    assert visitor.get("/s/haircut").status_code == 404
    press(as_ada, "resume", service)
    assert visitor.get("/s/haircut").status_code == 200


def test_the_button_on_the_listing_leads_back_to_it_and_says_what_happened(as_ada: StrictClient, ada: Any) -> None:
    answer = press(as_ada, "pause", factories.published(ada, slug="haircut"))
    assert answer.location == "/s/haircut"
    assert "Paused. Visitors don't see this listing until you resume it." in as_ada.get("/s/haircut").page.words


def test_archiving_drops_unpublished_changes_and_ends_a_publication_that_has_begun(app: Any, ada: Any) -> None:
    service = factories.published(ada, answers={"basics": {}}, answers_schema="x")
    revision = service.revision
    operations.archive(service.id, ada.id)
    db.session.flush()
    assert (service.answers, service.answers_schema) == (None, None)
    assert service.revision == revision + 1


def test_a_draft_that_was_deleted_is_refused_too(app: Any, ada: Any) -> None:
    draft = factories.draft(ada, deleted_at=clock.now())
    with pytest.raises(Refused):
        operations.archive(draft.id, ada.id)


def test_an_archived_listing_can_be_published_again_as_it_was(as_ada: StrictClient, ada: Any) -> None:
    service = factories.published(ada, slug="haircut")
    press(as_ada, "archive", service)
    press(as_ada, "resume", service)
    assert state(service) == ("published", True, True)
    assert as_ada.application.test_client().get("/s/haircut").status_code == 200


def test_the_owner_of_an_archived_listing_is_told_what_visitors_see(as_ada: StrictClient, ada: Any) -> None:
    factories.published(ada, slug="haircut", status=Status.ARCHIVED, is_active=False)
    answer = as_ada.get("/s/haircut")
    assert answer.status_code == 200
    assert "Visitors are told that the listing is gone." in answer.page.words
