"""The dashboard: what it shows, what its buttons do, and that it costs the same however much is on it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete

from app.config import Settings
from app.drafts import queries, tidying
from app.extensions import db
from app.insights.models import Event
from app.services import expiry
from app.services.models import Service, Status
from tests import factories
from tests.drafts.conftest import fresh
from tests.strict import Page, StrictClient
from tests.wizard.test_saving_statements import before_the_update, elsewhere

Travel = Callable[..., datetime]


def page(client: StrictClient, url: str = "/drafts") -> Page:
    answer = client.get(url)
    assert answer.status_code == 200
    found: Page = answer.page  # type: ignore[attr-defined]
    return found


def test_it_is_for_providers_who_signed_in(client: StrictClient) -> None:
    assert client.get("/drafts").status_code == 302


def test_an_empty_one_invites_to_start(as_ada: StrictClient) -> None:
    assert "Start your first service" in page(as_ada).words


def test_a_draft_shows_how_far_it_came_and_when_it_goes(draft: Service, as_ada: StrictClient) -> None:
    words = page(as_ada).words
    assert "Haircut" in words
    assert "0 of 5 done; no photos yet" in words
    assert "Will be deleted on Tue 24 Nov, 10:30" in words


def test_only_a_draft_that_goes_soon_stands_out(draft: Service, as_ada: StrictClient, travel: Travel) -> None:
    assert not page(as_ada).all("p", class_="small row-expiry is-soon")
    draft.expires_at = travel() + timedelta(hours=24)
    db.session.commit()
    assert page(as_ada).all("p", class_="small row-expiry is-soon")


def test_edits_of_a_published_service_show_until_when_they_are_kept_as_the_nightly_sweep_has_it(
    boris: Any, as_boris: StrictClient, settings: Settings, travel: Travel
) -> None:
    now = travel()
    typed = {"basics": {"typed": {"name": ["Other"]}, "version": 1}}
    service = factories.published(boris, answers=typed, answers_schema="x", edited_at=now)
    words = page(as_boris).words
    assert "Changes that are not published are kept until Fri 21 May 2027, 10:30" in words
    until = expiry.edits_kept_until(service, settings.edits_kept_for)
    travel(to=until - timedelta(seconds=1))
    assert tidying.tidy(settings).edits == 0
    travel(to=until)
    assert tidying.tidy(settings).edits == 1
    assert "are kept until" not in page(as_boris).words


def test_the_exact_moment_is_there_for_machines(draft: Service, as_ada: StrictClient) -> None:
    assert page(as_ada).all("time", datetime="2026-11-24T09:30:00+00:00")


def test_the_moment_is_said_with_its_year_when_it_is_another(draft: Service, as_ada: StrictClient, travel: Travel) -> None:
    draft.expires_at = travel() + timedelta(days=60)
    db.session.commit()
    assert "Thu 21 Jan 2027, 10:30" in page(as_ada).words


def test_the_moment_is_in_the_provider_s_zone(boris: Any, as_boris: StrictClient, travel: Travel) -> None:
    travel()
    factories.draft(boris, name="Algebra", has_content=True)
    assert "Will be deleted on Tue 24 Nov, 09:30" in page(as_boris).words


def test_another_provider_s_draft_is_not_there(draft: Service, as_boris: StrictClient) -> None:
    assert "Haircut" not in page(as_boris).words


def test_starting_makes_a_draft_and_leads_to_its_first_step(as_ada: StrictClient) -> None:
    answer = as_ada.post("/drafts")
    draft = db.session.query(Service).one()
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/drafts/{draft.id}/basics")


def test_ten_clicks_make_one_draft(as_ada: StrictClient) -> None:
    for _each in range(10):
        as_ada.post("/drafts")
    assert db.session.query(Service).count() == 1


def test_resuming_records_it_and_leads_to_what_is_missing(draft: Service, as_ada: StrictClient) -> None:
    answer = as_ada.post(f"/drafts/{draft.id}")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/drafts/{draft.id}/basics")
    assert db.session.query(Event).filter_by(name="resumed", detail="dashboard").count() == 1


def test_looking_at_a_draft_records_nothing(draft: Service, as_ada: StrictClient) -> None:
    assert as_ada.get(f"/drafts/{draft.id}").status_code == 302
    assert db.session.query(Event).filter_by(name="resumed").count() == 0


def test_deleting_offers_to_undo(draft: Service, as_ada: StrictClient) -> None:
    answer = as_ada.post(f"/drafts/{draft.id}/discard", follow_redirects=True)
    assert "“Haircut” is deleted." in answer.page.words  # type: ignore[attr-defined]
    assert "Recently deleted" in answer.page.words  # type: ignore[attr-defined]
    as_ada.post(f"/drafts/{draft.id}/restore")
    assert fresh(draft).deleted_at is None


def test_with_htmx_the_dashboard_comes_back_in_place(draft: Service, as_ada: StrictClient) -> None:
    answer = as_ada.post(f"/drafts/{draft.id}/discard", headers={"HX-Request": "true"}, follow_redirects=False)
    assert answer.status_code == 303
    fragment = as_ada.get(answer.headers["Location"], headers={"HX-Request": "true"})
    assert fragment.get_data(as_text=True).lstrip().startswith('<div id="dashboard"')
    assert "HX-Request" in fragment.headers["Vary"]


def test_keeping_moves_the_moment_and_says_so(draft: Service, as_ada: StrictClient, travel: Travel) -> None:
    travel(hours=24)
    answer = as_ada.post(f"/drafts/{draft.id}/keep", follow_redirects=True)
    assert "“Haircut” is kept until Wed 25 Nov, 10:30." in answer.page.words  # type: ignore[attr-defined]


@pytest.mark.parametrize("action", ["", "/discard", "/restore", "/keep"])
def test_another_provider_s_draft_answers_as_if_it_were_not_there(action: str, draft: Service, as_boris: StrictClient) -> None:
    assert as_boris.post(f"/drafts/{draft.id}{action}").status_code == 404
    assert fresh(draft).deleted_at is None


def test_a_deleted_draft_says_until_when_it_can_be_restored(draft: Service, as_ada: StrictClient, travel: Travel) -> None:
    draft.deleted_at, draft.deleted_by, draft.purge_at = travel(), "expiry", travel() + timedelta(days=7)
    db.session.commit()
    words = page(as_ada).words
    assert "Can be restored until Sun 29 Nov, 10:30" in words
    assert "because nobody had edited it" in words


def test_one_that_can_not_be_restored_any_more_is_not_there(draft: Service, as_ada: StrictClient, travel: Travel) -> None:
    draft.deleted_at, draft.deleted_by, draft.purge_at = travel(), "expiry", travel()
    db.session.commit()
    assert "Haircut" not in page(as_ada).words


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "Published"),
        ({"is_active": False}, "Paused"),
        ({"is_public": False}, "Only by link"),
        ({"status": Status.ARCHIVED}, "Archived"),
        ({"answers": {}, "answers_schema": "x"}, "Unpublished changes"),
    ],
)
def test_published_services_are_beside_them_with_their_state(given: Any, words: str, ada: Any, as_ada: StrictClient) -> None:
    factories.published(ada, name="Beard trim", **given)
    shown = page(as_ada).words
    assert "Beard trim" in shown
    assert words in shown


def test_a_service_can_be_duplicated(ada: Any, as_ada: StrictClient) -> None:
    source = factories.published(ada)
    answer = as_ada.post("/drafts", data={"duplicate_of": str(source.id), "csrf_token": as_ada.token()})
    assert answer.status_code == 303
    assert db.session.query(Service).filter_by(status=Status.DRAFT).one().name == source.name


@pytest.mark.parametrize("duplicate_of", ["nonsense", "00000000-0000-0000-0000-000000000000"])
def test_duplicating_what_is_not_there_makes_nothing(duplicate_of: str, as_ada: StrictClient) -> None:
    answer = as_ada.post("/drafts", data={"duplicate_of": duplicate_of, "csrf_token": as_ada.token()})
    assert answer.status_code == 404
    assert db.session.query(Service).count() == 0


def test_ten_times_the_services_take_the_same_statements(ada: Any, as_ada: StrictClient, statements: list[str]) -> None:
    def fill(number: int) -> int:
        for each in range(number):
            factories.draft(ada, name=f"Draft {each}", has_content=True)
            factories.published(ada)
            factories.draft(
                ada,
                name="Deleted",
                has_content=True,
                deleted_at=ada.created_at,
                purge_at=datetime(2100, 1, 1, tzinfo=ada.created_at.tzinfo),
            )
        statements.clear()
        page(as_ada)
        return len(statements)

    assert fill(1) == fill(10) <= 6


def headings(shown: Page) -> list[str]:
    return ["".join(each.itertext()).strip() for each in shown.all("h3")]


def leading(shown: Page, words: str) -> list[str]:
    """Where the links with these words lead."""
    return [each.get("href", "") for each in shown.all("a") if "".join(each.itertext()).strip() == words]


@pytest.fixture
def many(ada: Any, travel: Travel, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Seven drafts and seven published services, two a page, some of them touched in the same moment; their names, last touched first."""
    monkeypatch.setattr(queries, "MOST_DRAFTS", 2)
    monkeypatch.setattr(queries, "MOST_OTHERS", 2)
    at = travel()
    for number in range(7):
        moment = at - timedelta(hours=number // 2)
        factories.draft(ada, name=f"Draft {number}", has_content=True).edited_at = moment
        factories.published(ada, name=f"Service {number}", edited_at=moment)
    db.session.commit()
    return [f"Draft {number}" for number in range(7)]


@pytest.mark.parametrize(("words", "name"), [("Older drafts", "Draft"), ("Older services", "Service")])
def test_every_row_is_on_one_page_or_the_next(many: list[str], as_ada: StrictClient, words: str, name: str) -> None:
    found, address = [], ["/drafts"]
    while address:
        shown = page(as_ada, address[0])
        found += [each for each in headings(shown) if each.startswith(name)]
        address = leading(shown, words)
    assert sorted(found) == [f"{name} {number}" for number in range(7)]
    assert leading(shown, "Back to the newest") == ["/drafts"]


def test_a_full_page_that_is_the_last_offers_no_more(ada: Any, as_ada: StrictClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "MOST_DRAFTS", 2)
    for _each in range(2):
        factories.draft(ada, name="Draft", has_content=True)
    assert leading(page(as_ada), "Older drafts") == []


def test_a_page_costs_the_same_wherever_it_begins(many: list[str], as_ada: StrictClient, statements: list[str]) -> None:
    (older,) = leading(page(as_ada), "Older drafts")
    statements.clear()
    page(as_ada)
    first = len(statements)
    statements.clear()
    page(as_ada, older)
    assert len(statements) == first <= 6


def test_an_old_draft_that_was_just_deleted_can_be_brought_back_at_once(
    many: list[str], ada: Any, as_ada: StrictClient
) -> None:
    oldest = db.session.query(Service).filter_by(name="Draft 6").one()
    shown = page(as_ada, as_ada.post(f"/drafts/{oldest.id}/discard").location)
    assert "“Draft 6” is deleted." in shown.words


@pytest.mark.parametrize("cursor", ["", "x", "A" * 32, "é" * 32])
def test_a_made_up_place_is_the_first_page(draft: Service, as_ada: StrictClient, cursor: str) -> None:
    answer = as_ada.get("/drafts", query_string={"drafts_after": cursor, "undo": cursor})
    assert answer.status_code == 200


def test_a_photo_that_was_verified_is_the_cover(draft: Service, as_ada: StrictClient) -> None:
    key = "media/{}/1-{}.jpg"
    widths = [{"key": key.format(1, width), "width": width, "height": width, "type": "image/jpeg"} for width in (320, 640)]
    photo = factories.media(draft, variants=widths)
    shown = page(as_ada)
    assert "no photos yet" not in shown.words
    assert [each.get("src") for each in shown.all("img") if "/media/" in (each.get("src") or "")] == [
        f"/media/{photo.id}/file/320.jpg"
    ]


def test_a_name_that_was_typed_stands_in_before_its_step_is_complete(ada: Any, as_ada: StrictClient) -> None:
    answers = {"basics": {"typed": {"name": ["Evening  updo"]}, "version": 1, "complete": False, "saved_at": None}}
    factories.draft(ada, answers=answers, has_content=True)
    assert "Evening updo" in page(as_ada).words


def test_without_a_token_nothing_happens(draft: Service, as_ada: StrictClient) -> None:
    assert as_ada.post(f"/drafts/{draft.id}/discard", headers={"X-CSRFToken": "none"}).status_code == 400
    assert fresh(draft).deleted_at is None


@pytest.mark.parametrize("action", ["discard", "restore", "keep"])
def test_a_draft_that_goes_for_good_at_this_moment_is_told_of_and_breaks_nothing(
    draft: Service, as_ada: StrictClient, action: str
) -> None:
    if action == "restore":
        as_ada.post(f"/drafts/{draft.id}/discard")
    with before_the_update(None, elsewhere(delete(Service).where(Service.id == draft.id))):
        answer = as_ada.post(f"/drafts/{draft.id}/{action}")
    assert answer.status_code in (404, 409)
