"""Every step as a provider sees it: empty, begun, wrong and whole; as a page and as a fragment."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import update

from app.extensions import db
from app.services.models import Service, Status
from tests import factories
from tests.strict import StrictClient

Path = Callable[..., str]
STEPS = ["basics", "details", "price", "availability", "media"]
HTMX = {"HX-Request": "true"}


@pytest.mark.parametrize("state", ["draft", "half", "whole"])
@pytest.mark.parametrize("key", [*STEPS, "review"])
def test_a_step_is_a_page_and_a_fragment_of_the_same(
    request: pytest.FixtureRequest, as_ada: StrictClient, path: Path, state: str, key: str
) -> None:
    service = request.getfixturevalue(state)
    page, fragment = as_ada.get(path(service, key)), as_ada.get(path(service, key), headers=HTMX)
    assert page.status_code == fragment.status_code == 200
    assert page.page.by_id("wizard") is not None
    assert fragment.page.by_id("wizard") is not None
    assert "<html" not in fragment.text
    assert "HX-Request" in page.headers["Vary"]
    assert page.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("key", [*STEPS, "review"])
def test_a_published_service_opens_in_the_wizard_as_it_is(as_ada: StrictClient, ada: Any, path: Path, key: str) -> None:
    assert as_ada.get(path(factories.published(ada), key)).status_code == 200


@pytest.mark.parametrize("key", [*STEPS, "review"])
def test_the_html_of_a_step_stays_under_15_kb(as_ada: StrictClient, whole: Service, path: Path, key: str) -> None:
    assert len(as_ada.get(path(whole, key)).data) < 15 * 1024


def test_a_fragment_carries_its_title_and_its_address(as_ada: StrictClient, whole: Service, path: Path) -> None:
    response = as_ada.get(path(whole, "details"), headers=HTMX)
    assert response.page.one("title").text == "Details · Haircut · Shingle"
    assert response.headers["HX-Push-Url"] == path(whole, "details")


def test_going_back_through_the_history_gets_a_page_and_no_new_address(
    as_ada: StrictClient, draft: Service, path: Path
) -> None:
    response = as_ada.get(path(draft, "details"), headers=HTMX | {"HX-History-Restore-Request": "true"})
    assert "<html" in response.text
    assert "HX-Push-Url" not in response.headers


def test_the_heading_takes_the_focus_when_htmx_brings_a_step(as_ada: StrictClient, draft: Service, path: Path) -> None:
    assert as_ada.get(path(draft, "details"), headers=HTMX).page.one("h1").get("autofocus") is not None
    assert as_ada.get(path(draft, "details")).page.one("h1").get("autofocus") is None


def test_the_navigation_says_how_far_each_step_is(as_ada: StrictClient, half: Service, save: Any, path: Path) -> None:
    save(half.id, "basics")
    steps = as_ada.get(path(half, "price")).page.by_id("way").findall(".//{http://www.w3.org/1999/xhtml}li")
    assert [each.get("class") for each in steps] == [
        *("step-done", "step-started", "step-started", "step-started", "step-optional", "step-last")
    ]
    assert [bool(each[0].get("aria-current")) for each in steps] == [False, False, True, False, False, False]


def test_an_untouched_draft_is_not_scolded(as_ada: StrictClient, draft: Service, path: Path) -> None:
    page = as_ada.get(path(draft, "basics")).page
    assert "Something missing" not in page.words
    assert not page.all("p", class_="error")


def test_a_draft_says_until_when_it_is_kept_in_its_providers_zone(
    travel: Callable[..., datetime], ada: Any, as_ada: StrictClient, path: Path
) -> None:
    travel()
    draft = factories.draft(ada)
    assert "Kept until Tue 24 Nov, 10:30. Each change gives it more time." in as_ada.get(path(draft, "basics")).page.words


def test_a_step_says_when_it_was_saved(
    travel: Callable[..., datetime], ada: Any, as_ada: StrictClient, save: Any, path: Path
) -> None:
    travel()
    draft = factories.draft(ada)
    save(draft.id, "basics")
    assert "Saved 10:30" in as_ada.get(path(draft, "basics")).page.words
    travel(hours=24)
    assert "Saved Sun 22 Nov, 10:30" in as_ada.get(path(draft, "basics")).page.words


def test_wrong_text_survives_a_reload_with_its_message(as_ada: StrictClient, half: Service, path: Path) -> None:
    page = as_ada.get(path(half, "price")).page
    assert page.by_id("price_minor").get("value") == "abc"
    assert "Write the price as a number, like 45.00." in page.words
    assert page.by_id("packages-0-duration_minutes").get("value") == "half an hour"


def test_a_reload_marks_what_is_wrong_and_not_what_is_missing(as_ada: StrictClient, half: Service, path: Path) -> None:
    page = as_ada.get(path(half, "price")).page
    assert page.by_id("packages-0-price_minor").get("aria-invalid") is None
    assert "What does it cost?" not in page.words
    assert not page.all("div", class_="error-summary")


def test_a_time_that_is_none_stays_readable(as_ada: StrictClient, half: Service, path: Path) -> None:
    page = as_ada.get(path(half, "availability")).page
    assert page.by_id("tue-opens").get("value") == "nine"
    assert page.by_id("tue-opens").get("type") == "text"
    assert page.by_id("mon-opens").get("type") == "time"


def test_enter_in_a_field_presses_continue(as_ada: StrictClient, whole: Service, path: Path) -> None:
    form = as_ada.get(path(whole, "price")).page.by_id("step-form")
    first = next(form.iter("{http://www.w3.org/1999/xhtml}button"))
    assert (first.text, first.get("name")) == ("Continue", None)


@pytest.mark.parametrize("key", ["nothing", "../basics", "Basics", "reviews"])
def test_an_unknown_step_is_not_found(as_ada: StrictClient, draft: Service, path: Path, key: str) -> None:
    assert as_ada.get(path(draft, key)).status_code == 404


@pytest.mark.parametrize("key", [*STEPS, "review", "preview"])
def test_another_providers_draft_is_not_found(as_boris: StrictClient, whole: Service, path: Path, key: str) -> None:
    response = as_boris.get(path(whole, key))
    assert response.status_code == 404
    assert "Haircut" not in response.text


@pytest.mark.parametrize("method", ["post", "put"])
def test_another_providers_draft_is_not_changed(as_boris: StrictClient, draft: Service, path: Path, method: str) -> None:
    assert getattr(as_boris, method)(path(draft, "basics"), data={"name": "Mine"}).status_code == 404
    db.session.refresh(draft)
    assert draft.answers is None


def test_a_draft_that_never_was_is_not_found(as_ada: StrictClient) -> None:
    assert as_ada.get(f"/drafts/{uuid4()}/basics").status_code == 404


@pytest.mark.parametrize("change", [{"status": Status.ARCHIVED}, {"deleted_at": datetime.fromisoformat("2026-11-22T09:00Z")}])
def test_what_is_archived_or_deleted_is_not_edited(
    as_ada: StrictClient, draft: Service, path: Path, change: dict[str, Any]
) -> None:
    db.session.execute(update(Service).values(change))
    db.session.commit()
    assert as_ada.get(path(draft, "basics")).status_code == 404


def test_who_is_signed_out_signs_in_first_and_comes_back(client: StrictClient, draft: Service, path: Path) -> None:
    response = client.get(path(draft, "basics"))
    assert response.status_code == 302
    assert path(draft, "basics") in response.location


def test_htmx_is_told_that_one_is_signed_out(client: StrictClient, draft: Service, path: Path) -> None:
    assert client.get(path(draft, "basics"), headers=HTMX).status_code == 401


def test_a_type_that_was_retired_stays_on_the_service_that_has_it(as_ada: StrictClient, ada: Any, path: Path) -> None:
    service = factories.published(ada)
    factories.service_type().retired_at = service.created_at
    db.session.commit()
    try:
        chosen = as_ada.get(path(service, "basics")).page.by_id("service_type")
        assert [option.text for option in chosen if option.get("selected") is not None] == ["Hair"]
    finally:
        factories.service_type().retired_at = None
        db.session.commit()


def test_the_preview_shows_the_listing_with_a_word_that_nobody_else_sees_it(
    as_ada: StrictClient, whole: Service, path: Path
) -> None:
    page = as_ada.get(path(whole, "preview")).page
    assert "only you see this" in page.words
    assert page.one("h1").text == "Haircut"
    assert "€45.00" in page.words


def test_the_preview_of_an_empty_draft_is_a_page(as_ada: StrictClient, draft: Service, path: Path) -> None:
    assert as_ada.get(path(draft, "preview")).status_code == 200


def test_markdown_is_shown_as_visitors_will_see_it(as_ada: StrictClient, app: Any) -> None:
    response = as_ada.post("/markdown", data={"description": "**bold** <script>alert(1)</script>"}, headers=HTMX)
    assert "<strong>bold</strong>" in response.text
    assert "<script" not in response.text


def test_markdown_without_javascript_is_a_page_of_its_own(as_ada: StrictClient, app: Any) -> None:
    response = as_ada.post("/markdown", data={"description": "# Hello"})
    assert [each.text for each in response.page.all("h3")] == ["Hello"]


@pytest.mark.parametrize(
    ("typed", "kind", "shown"),
    [
        ("", "time", ""),
        ("09:30", "time", "09:30"),
        ("9:30", "time", "09:30"),
        (" 23:59 ", "time", "23:59"),
        ("24:00", "text", "24:00"),
        ("nine", "text", "nine"),
        ("12345", "text", "12345"),
        ("٠٩:٣٠", "text", "٠٩:٣٠"),
    ],
)
def test_a_time_field_shows_whatever_was_typed(
    as_ada: StrictClient, draft: Service, path: Any, typed: str, kind: str, shown: str
) -> None:
    page = as_ada.post(path(draft, "availability"), data={"mon-opens": typed, "tue-opens": "x", "version": "0"}).page
    field = page.by_id("mon-opens")
    assert (field.get("type"), field.get("value", "")) == (kind, shown)


def test_a_right_time_in_a_refused_row_stays_a_time(as_ada: StrictClient, draft: Service, path: Any) -> None:
    page = as_ada.post(path(draft, "availability"), data={"mon-opens": "18:00", "mon-closes": "09:00", "version": "0"}).page
    assert page.by_id("mon-closes").get("aria-invalid") == "true"
    assert [page.by_id(f"mon-{name}").get("type") for name in ("opens", "closes")] == ["time", "time"]
