"""The pages behind the links in mails: a GET changes nothing, a button acts without signing in, and a link dies with the state it was made for."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from app.config import Settings
from app.drafts import operations, sweeps
from app.extensions import db
from app.insights.models import Event
from app.reminders import links
from app.services.models import Service, Status
from tests import factories
from tests.drafts.conftest import fresh
from tests.strict import StrictClient

Travel = Callable[..., datetime]


@pytest.fixture
def link(draft: Service) -> Callable[[str], str]:
    """The address for a purpose, as the mail about the draft's present expiry has it."""
    expires_at = draft.expires_at
    assert expires_at
    return lambda purpose: f"/l/{purpose}/{links.for_draft(purpose, draft.id, expires_at)}"


@pytest.fixture
def stop(ada: Any) -> str:
    return f"/l/stop/{links.for_provider(ada)}"


@pytest.mark.parametrize("purpose", ["keep", "delete", "resume"])
def test_looking_changes_nothing(purpose: str, draft: Service, link: Callable[[str], str], client: StrictClient) -> None:
    before = (draft.expires_at, draft.deleted_at, draft.revision)
    answer = client.get(link(purpose))
    assert answer.status_code == 200
    assert (fresh(draft).expires_at, draft.deleted_at, draft.revision) == before


def test_the_page_leaves_no_trace(link: Callable[[str], str], client: StrictClient) -> None:
    answer = client.get(link("keep"))
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"


def test_keep_gives_the_whole_window_without_signing_in(
    draft: Service, link: Callable[[str], str], client: StrictClient, travel: Travel
) -> None:
    now = travel(hours=30)
    answer = client.post(link("keep"), data={"act": "keep"}, follow_redirects=True)
    assert fresh(draft).expires_at == now + timedelta(hours=48)
    assert "Your draft is kept" in answer.page.words  # type: ignore[attr-defined]


def test_keep_works_without_cookies_and_token(
    draft: Service, link: Callable[[str], str], client: StrictClient, travel: Travel
) -> None:
    travel(hours=30)
    client.post(link("keep"), data={"act": "keep"}, headers={"X-CSRFToken": "none"})
    assert fresh(draft).expires_at == travel() + timedelta(hours=48)


def test_keeping_twice_keeps_once(draft: Service, link: Callable[[str], str], client: StrictClient, travel: Travel) -> None:
    now = travel(hours=30)
    client.post(link("keep"), data={"act": "keep"})
    travel(hours=1)
    client.post(link("keep"), data={"act": "keep"})
    assert fresh(draft).expires_at == now + timedelta(hours=48)


def test_delete_deletes_and_can_be_undone_from_the_same_page(
    draft: Service, settings: Settings, link: Callable[[str], str], client: StrictClient, travel: Travel
) -> None:
    answer = client.post(link("delete"), data={"act": "delete"}, follow_redirects=True)
    assert fresh(draft).deleted_by == "provider"
    assert "Bring it back" in answer.page.words  # type: ignore[attr-defined]
    client.post(link("delete"), data={"act": "restore"})
    assert fresh(draft).deleted_at is None


def test_a_delete_link_does_not_delete_what_was_edited_since(
    draft: Service, link: Callable[[str], str], client: StrictClient, travel: Travel
) -> None:
    url = link("delete")
    now = travel(hours=1)
    draft.edited_at, draft.expires_at = now, now + timedelta(hours=48)
    db.session.commit()
    answer = client.post(url, data={"act": "delete"}, follow_redirects=True)
    assert fresh(draft).deleted_at is None
    assert "You have edited it since" in answer.page.words  # type: ignore[attr-defined]


@pytest.mark.parametrize("purpose", ["keep", "delete", "resume"])
def test_after_publishing_every_link_says_so(
    purpose: str, draft: Service, link: Callable[[str], str], client: StrictClient
) -> None:
    draft.status, draft.expires_at = Status.PUBLISHED, None
    db.session.commit()
    answer = client.post(link(purpose), data={"act": purpose}, follow_redirects=True)
    assert "This is published already" in answer.page.words  # type: ignore[attr-defined]


@pytest.mark.parametrize("purpose", ["keep", "delete", "resume"])
def test_after_the_draft_is_gone_every_link_says_so(
    purpose: str, draft: Service, link: Callable[[str], str], client: StrictClient
) -> None:
    url = link(purpose)
    db.session.delete(draft)
    db.session.commit()
    assert "This draft is gone" in client.get(url).page.words  # type: ignore[attr-defined]
    client.post(url)


def test_a_keep_link_brings_an_expired_draft_back(
    draft: Service, settings: Settings, link: Callable[[str], str], client: StrictClient, travel: Travel
) -> None:
    url = link("keep")
    draft.deleted_at, draft.deleted_by, draft.purge_at = travel(hours=48), "expiry", travel() + timedelta(days=7)
    db.session.commit()
    page = client.get(url).page  # type: ignore[attr-defined]
    assert "Can be brought back until" in page.words or "can be brought back until" in page.words
    client.post(url, data={"act": "restore"})
    assert fresh(draft).deleted_at is None


def test_an_old_link_does_not_bring_back_what_was_deleted_later(
    draft: Service, settings: Settings, link: Callable[[str], str], client: StrictClient, travel: Travel
) -> None:
    url = link("keep")
    travel(hours=1)
    operations.keep(draft, settings)
    operations.discard(draft, settings)
    db.session.commit()
    client.post(url, data={"act": "restore"})
    assert fresh(draft).deleted_at is not None


@pytest.mark.parametrize("purpose", ["keep", "delete", "resume", "stop"])
def test_a_damaged_link_is_explained(purpose: str, link: Callable[[str], str], stop: str, client: StrictClient) -> None:
    url = stop if purpose == "stop" else link(purpose)
    answer = client.get(url[:-3] + "abc")
    assert answer.status_code == 404
    assert "This link is damaged" in answer.page.words  # type: ignore[attr-defined]


def test_a_link_for_one_thing_does_nothing_else(draft: Service, link: Callable[[str], str], client: StrictClient) -> None:
    assert client.post(link("keep").replace("/keep/", "/delete/")).status_code == 404
    assert fresh(draft).deleted_at is None


def test_a_link_from_an_old_mail_is_explained(link: Callable[[str], str], client: StrictClient, travel: Travel) -> None:
    url = link("keep")
    travel(days=91)
    answer = client.get(url)
    assert answer.status_code == 410
    assert "old mail" in answer.page.words  # type: ignore[attr-defined]


def test_resume_leads_its_provider_straight_to_the_step(
    draft: Service, link: Callable[[str], str], as_ada: StrictClient
) -> None:
    assert as_ada.get(link("resume")).headers["Location"] == f"/drafts/{draft.id}/basics"


def test_resume_leads_to_the_step_that_is_missing_something(
    ada: Any, draft: Service, link: Callable[[str], str], as_ada: StrictClient
) -> None:
    typed = {"name": ["Haircut"], "service_type": [factories.service_type().key], "summary": ["Wash and cut"]}
    draft.answers = {"basics": {"typed": typed, "version": 1, "complete": True, "saved_at": None}}
    db.session.commit()
    assert as_ada.get(link("resume")).headers["Location"] == f"/drafts/{draft.id}/details"


def test_resume_leads_anybody_else_to_sign_in_and_back(link: Callable[[str], str], client: StrictClient) -> None:
    answer = client.post(link("resume"), data={"act": "resume"})
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/sign-in?next=/l/resume/")
    assert link("resume").split(".")[0] in answer.headers["Location"]


def test_resume_tells_another_provider_whose_draft_it_is_not(link: Callable[[str], str], as_boris: StrictClient) -> None:
    page = as_boris.get(link("resume")).page  # type: ignore[attr-defined]
    assert "This draft belongs to another account" in page.words
    assert "boris@example.com" in page.words
    assert "ada@example.com" not in page.words


def test_stop_asks_first(ada: Any, stop: str, client: StrictClient) -> None:
    assert client.get(stop).status_code == 200
    db.session.refresh(ada)
    assert ada.reminders_stopped_at is None


def test_stop_stops_and_can_be_undone(ada: Any, stop: str, client: StrictClient) -> None:
    client.post(stop, data={"act": "stop"})
    db.session.refresh(ada)
    assert ada.reminders_stopped_at is not None
    client.post(stop, data={"act": "start"})
    db.session.refresh(ada)
    assert ada.reminders_stopped_at is None


def test_one_click_stops_without_cookies_or_redirect(ada: Any, stop: str, client: StrictClient) -> None:
    """RFC 8058 section 3.1: no cookies, no redirect, the body as the header says."""
    answer = client.post(stop, data={"List-Unsubscribe": "One-Click"}, headers={"X-CSRFToken": "none"})
    assert answer.status_code == 200
    db.session.refresh(ada)
    assert ada.reminders_stopped_at is not None


def test_a_stop_link_of_a_closed_account_says_so(ada: Any, stop: str, client: StrictClient) -> None:
    db.session.delete(ada)
    db.session.commit()
    answer = client.get(stop)
    assert answer.status_code == 410
    assert "is closed" in answer.page.words  # type: ignore[attr-defined]


def test_a_stop_link_to_an_earlier_address_does_nothing(ada: Any, stop: str, client: StrictClient) -> None:
    ada.email = "new@example.com"
    db.session.commit()
    answer = client.post(stop, data={"act": "stop"})
    assert answer.status_code == 410
    assert "an address that its account doesn't use any more" in answer.page.words  # type: ignore[attr-defined]
    db.session.refresh(ada)
    assert ada.reminders_stopped_at is None


def test_every_link_in_a_sent_mail_works_and_looking_at_all_of_them_changes_nothing(
    draft: Service, posted: Any, travel: Travel, warn: Callable[[], sweeps.Count], client: StrictClient
) -> None:
    travel(hours=24)
    warn()
    message = posted.received[0].message
    words = message.get_body(("plain",)).get_content().split()
    urls = [word for word in words if word.startswith("http://localhost/l/")]
    assert [url.split("/")[4] for url in urls] == ["resume", "keep", "delete", "stop"]
    before = (fresh(draft).expires_at, draft.deleted_at, draft.revision)
    for url in urls:
        assert client.get(url.removeprefix("http://localhost")).status_code == 200
    assert (fresh(draft).expires_at, draft.deleted_at, draft.revision) == before
    assert message["List-Unsubscribe"].strip() == f"<{urls[-1]}>"


def things(draft: Service, ada: Any) -> tuple[object, ...]:
    """All that a link could change."""
    db.session.refresh(ada)
    events = db.session.query(Event).count()
    return (fresh(draft).expires_at, draft.deleted_at, draft.revision, draft.edited_at, ada.reminders_stopped_at, events)


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "POST with another field"])
@pytest.mark.parametrize("state", ["waiting", "deleted"])
def test_a_scanner_that_does_everything_but_press_a_button_changes_nothing(
    method: str,
    state: str,
    ada: Any,
    draft: Service,
    link: Callable[[str], str],
    stop: str,
    client: StrictClient,
    settings: Any,
) -> None:
    if state == "deleted":
        operations.discard(draft, settings)
        db.session.commit()
    urls = [*map(link, ("keep", "delete", "resume")), stop]
    before = things(draft, ada)
    for url in urls:
        data = {"email": "scanner@example.com", "act": ""} if method.endswith("field") else None
        answer = client.open(url, method=method.split()[0], data=data)
        assert answer.status_code in (200, 303)
    assert things(draft, ada) == before


def test_the_buttons_of_every_page_say_what_they_do(
    draft: Service, link: Callable[[str], str], stop: str, client: StrictClient
) -> None:
    for url, act in [(link("keep"), "keep"), (link("delete"), "delete"), (link("resume"), "resume"), (stop, "stop")]:
        assert client.get(url).page.all("button", name="act", value=act)  # type: ignore[attr-defined]


def test_a_restore_by_mail_is_recorded_as_one(
    draft: Service, settings: Settings, link: Callable[[str], str], client: StrictClient
) -> None:
    url = link("keep")
    operations.discard(draft, settings)
    db.session.commit()
    client.post(url, data={"act": "restore"})
    assert [each.detail for each in db.session.query(Event).filter_by(name="restored")] == ["email"]


def resumed() -> int:
    return db.session.query(Event).filter_by(name="resumed", detail="email").count()


def test_a_provider_who_follows_the_link_and_saves_has_resumed_once(
    draft: Service, link: Callable[[str], str], as_ada: StrictClient
) -> None:
    step = as_ada.get(link("resume")).headers["Location"]
    as_ada.get(step)
    assert resumed() == 0
    for version in range(2):
        as_ada.put(step, data={"name": f"Haircut {version}", "version": str(version)})
        assert resumed() == 1


def test_continue_is_a_save_too(draft: Service, link: Callable[[str], str], as_ada: StrictClient) -> None:
    as_ada.post(as_ada.get(link("resume")).headers["Location"], data={"name": "Haircut", "version": "0"})
    assert resumed() == 1


def test_saving_another_draft_resumes_nothing(
    draft: Service, ada: Any, link: Callable[[str], str], as_ada: StrictClient
) -> None:
    as_ada.get(link("resume"))
    other = factories.draft(ada)
    as_ada.put(f"/drafts/{other.id}/basics", data={"name": "Other", "version": "0"})
    assert resumed() == 0


def test_a_pressed_button_is_recorded_once_whatever_follows(
    draft: Service, link: Callable[[str], str], ada: Any, client: StrictClient
) -> None:
    client.post(link("resume"), data={"act": "resume"})
    client.sign_in(ada)
    step = client.get(link("resume")).headers["Location"]
    client.put(step, data={"name": "Haircut", "version": "0"})
    assert resumed() == 1
