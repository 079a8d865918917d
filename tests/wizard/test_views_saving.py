"""Continue and autosave over HTTP: what is kept, what is refused, and that no refusal ever loses what was typed."""

from collections.abc import Callable
from typing import Any

import pytest

from app.extensions import db
from app.services.models import Service
from app.wizard.typed import LONGEST
from tests import factories
from tests.strict import StrictClient
from tests.wizard.conftest import WHOLE

Path = Callable[..., str]
STEPS = ["basics", "details", "price", "availability"]
HTMX = {"HX-Request": "true"}


def kept(service: Service, key: str) -> dict[str, Any]:
    """What is kept of a step, as the next request would find it."""
    db.session.rollback()
    db.session.refresh(service, ["answers"])
    found: dict[str, Any] = (service.answers or {}).get(key, {"typed": {}, "version": 0})
    return found


@pytest.mark.parametrize(("key", "then"), list(zip(STEPS, ["details", "price", "availability", "media"], strict=True)))
def test_continue_leads_to_the_next_step(as_ada: StrictClient, draft: Service, path: Path, key: str, then: str) -> None:
    response = as_ada.post(path(draft, key), data=WHOLE[key] | {"version": "0"})
    assert response.status_code == 303
    assert response.location == path(draft, then)
    assert kept(draft, key)["typed"] == WHOLE[key]


def test_htmx_follows_continue_to_the_next_steps_fragment(as_ada: StrictClient, draft: Service, path: Path) -> None:
    data = WHOLE["basics"] | {"version": "0"}
    response = as_ada.post(path(draft, "basics"), data=data, headers=HTMX, follow_redirects=True)
    assert response.page.one("h1").text == "Details"
    assert response.headers["HX-Push-Url"] == path(draft, "details")


@pytest.mark.parametrize("key", ["basics", "details", "price"])
def test_continue_with_something_missing_stays_and_says_what(
    as_ada: StrictClient, draft: Service, path: Path, key: str
) -> None:
    response = as_ada.post(path(draft, key), data={"version": "0"})
    assert response.status_code == 422
    assert response.page.one("title").text.startswith("Error: ")
    summary = response.page.one("div", class_="error-summary")
    for link in summary.iter("{http://www.w3.org/1999/xhtml}a"):
        assert response.page.by_id(link.get("href")[1:]) is not None, link.get("href")


def test_continue_keeps_what_it_refuses(as_ada: StrictClient, draft: Service, path: Path) -> None:
    as_ada.post(path(draft, "basics"), data={"name": "Haircut", "version": "0"})
    assert kept(draft, "basics")["typed"] == {"name": ["Haircut"]}


def test_continue_from_the_review_goes_back_there(as_ada: StrictClient, whole: Service, path: Path) -> None:
    address = path(whole, "basics") + "?then=review"
    form = as_ada.get(address).page.by_id("step-form")
    response = as_ada.post(form.get("action"), data=WHOLE["basics"] | {"version": "1"})
    assert response.location == path(whole, "review")


def test_continue_goes_nowhere_else_than_the_wizard(as_ada: StrictClient, draft: Service, path: Path) -> None:
    address = path(draft, "basics") + "?then=https://elsewhere.example"
    response = as_ada.post(address, data=WHOLE["basics"] | {"version": "0"})
    assert response.location == path(draft, "details")


def test_autosave_answers_with_the_status_only(as_ada: StrictClient, draft: Service, path: Path) -> None:
    response = as_ada.put(path(draft, "basics"), data={"name": "Hair", "version": "0"}, headers=HTMX)
    assert response.status_code == 200
    assert response.page.one("input", name="version").get("value") == "1"
    assert "Saved " in response.page.words
    assert not response.page.all("form")
    assert response.page.by_id("name") is None


@pytest.mark.parametrize("key", STEPS)
def test_autosave_takes_what_continue_would_refuse(as_ada: StrictClient, draft: Service, path: Path, key: str) -> None:
    assert as_ada.put(path(draft, key), data={"price_minor": "abc", "mon-opens": "nine", "version": "0"}).status_code == 200


def test_autosave_brings_its_steps_mark(as_ada: StrictClient, draft: Service, path: Path) -> None:
    response = as_ada.put(path(draft, "basics"), data=WHOLE["basics"] | {"version": "0"})
    assert response.page.by_id("way-basics").get("class") == "step-done"


def test_autosave_leaves_out_a_mark_that_is_as_it_was(as_ada: StrictClient, draft: Service, path: Path) -> None:
    as_ada.put(path(draft, "basics"), data={"name": "Hair", "version": "0"})
    response = as_ada.put(path(draft, "basics"), data={"name": "Haircut", "version": "1"})
    assert response.page.by_id("way-basics") is None


def test_the_same_words_again_bring_the_mark_again(as_ada: StrictClient, draft: Service, path: Path) -> None:
    for version in "01":
        response = as_ada.put(path(draft, "basics"), data={"name": "Hair", "version": version})
    assert response.page.by_id("way-basics").get("class") == "step-started"


def test_a_stale_autosave_changes_nothing_and_says_so(as_ada: StrictClient, draft: Service, save: Any, path: Path) -> None:
    save(draft.id, "basics", {"name": ["Theirs"]})
    response = as_ada.put(path(draft, "basics"), data={"name": "Mine", "version": "0"})
    assert response.status_code == 409
    assert response.page.one("p", role="alert") is not None
    assert kept(draft, "basics")["typed"] == {"name": ["Theirs"]}


def test_a_stale_continue_shows_both_texts_and_keeps_the_others(
    as_ada: StrictClient, draft: Service, save: Any, path: Path
) -> None:
    save(draft.id, "basics", {"name": ["Theirs"], "summary": ["The same"]})
    response = as_ada.post(path(draft, "basics"), data={"name": "Mine", "summary": "The same", "version": "0"})
    assert response.status_code == 409
    assert response.page.by_id("name").get("value") == "Mine"
    compared = " ".join("".join(each.itertext()) for each in response.page.all("div", class_="compare"))
    assert "Theirs" in compared
    assert "The same" not in compared
    assert kept(draft, "basics")["typed"]["name"] == ["Theirs"]


def test_a_conflict_compares_what_differs_in_the_words_of_the_listing(
    as_ada: StrictClient, draft: Service, save: Any, path: Path
) -> None:
    save(draft.id, "price")
    page = as_ada.post(path(draft, "price"), data=WHOLE["price"] | {"price_minor": "55", "version": "0"}).page
    compared = " ".join("".join(each.itertext()) for each in page.all("div", class_="compare"))
    assert "€55.00" in compared
    assert "€45.00" in compared
    assert "Long hair" not in compared


@pytest.mark.parametrize("token", ["", "stale"])
def test_a_bad_token_keeps_the_text_on_the_page_and_saves_nothing(
    as_ada: StrictClient, draft: Service, path: Path, token: str
) -> None:
    response = as_ada.post(path(draft, "basics"), data={"name": "Haircut", "version": "0", "csrf_token": token})
    assert response.status_code == 400
    assert response.page.by_id("name").get("value") == "Haircut"
    assert "press the button again" in response.page.words
    assert kept(draft, "basics")["version"] == 0


@pytest.mark.parametrize("method", ["post", "put"])
def test_without_a_token_nothing_is_saved(as_ada: StrictClient, draft: Service, path: Path, method: str) -> None:
    send = getattr(as_ada, method)
    assert send(path(draft, "basics"), data={"name": "Haircut", "version": "0", "csrf_token": ""}).status_code == 400
    assert kept(draft, "basics")["version"] == 0


def test_pressing_again_after_a_bad_token_works(as_ada: StrictClient, draft: Service, path: Path) -> None:
    page = as_ada.post(path(draft, "basics"), data={"name": "Haircut", "version": "0", "csrf_token": "stale"}).page
    fresh = page.by_id("step-form").find(".//{http://www.w3.org/1999/xhtml}input[@name='csrf_token']").get("value")
    data = WHOLE["basics"] | {"version": "0", "csrf_token": fresh}
    assert as_ada.post(path(draft, "basics"), data=data).status_code == 303


def test_an_autosave_with_a_bad_token_brings_home_a_good_one(as_ada: StrictClient, draft: Service, path: Path) -> None:
    data = {"name": "Haircut", "version": "0", "csrf_token": "stale"}
    response = as_ada.put(path(draft, "basics"), data=data, headers=HTMX)
    assert response.status_code == 400
    assert kept(draft, "basics")["version"] == 0
    fresh = response.page.one("input", name="csrf_token").get("value")
    again = as_ada.put(path(draft, "basics"), data={"name": "Haircut", "version": "0", "csrf_token": fresh})
    assert again.status_code == 200


def test_a_token_that_was_good_for_one_session_is_good_for_no_other(as_ada: StrictClient, draft: Service, path: Path) -> None:
    data = {"name": "Haircut", "version": "0", "csrf_token": as_ada.token()}
    assert as_ada.put(path(draft, "basics"), data=data, headers=HTMX).status_code == 200
    with as_ada.session_transaction() as session:
        session["csrf_token"] = "another session's"
    again = as_ada.put(path(draft, "basics"), data=data | {"name": "Hair", "version": "1"}, headers=HTMX)
    assert again.status_code == 400


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True, scope="session")  # it never gets as far as the database
def test_ten_megabytes_in_a_field_are_refused_and_stay_on_the_page(as_ada: StrictClient, draft: Service, path: Path) -> None:
    text = "x" * 10_000_000
    response = as_ada.post(path(draft, "details"), data={"description": text, "version": "0"})
    assert response.status_code == 422
    assert response.page.by_id("description").text.strip() == text
    assert "too long" in response.page.words[:2000]
    assert kept(draft, "details")["version"] == 0


def test_autosave_refuses_what_is_too_long_and_keeps_what_was_saved_before(
    as_ada: StrictClient, draft: Service, save: Any, path: Path
) -> None:
    save(draft.id, "basics", {"name": ["Before"]})
    response = as_ada.put(path(draft, "basics"), data={"name": "x" * (LONGEST + 1), "version": "1"})
    assert response.status_code == 422
    assert kept(draft, "basics")["typed"] == {"name": ["Before"]}


def test_a_body_larger_than_any_step_is_refused_in_words(as_ada: StrictClient, draft: Service, path: Path) -> None:
    response = as_ada.post(path(draft, "details"), data={"description": "x" * (17 * 2**20), "version": "0"})
    assert response.status_code == 413


@pytest.mark.parametrize(
    "name",
    [
        "Ünïcode",
        "美容室",
        "תספורת",
        "\u202eright to left",
        "💇🏽‍♀️ cut",
        "a\u0000b",
        "<script>",
        'quo"te',
        "{{ 7*7 }}",
        "a\u200bb",
    ],
)
def test_any_text_is_kept_and_shown_as_it_was_typed(as_ada: StrictClient, draft: Service, path: Path, name: str) -> None:
    as_ada.post(path(draft, "basics"), data={"name": name, "version": "0"})
    assert kept(draft, "basics")["typed"]["name"] == [name]
    shown = as_ada.get(path(draft, "basics")).page.by_id("name").get("value")
    assert shown == name.replace("\u0000", "")


def test_bytes_that_are_no_text_are_kept_as_something_readable(as_ada: StrictClient, draft: Service, path: Path) -> None:
    """A lone surrogate in UTF-8, as some clients send half an emoji."""
    form = "application/x-www-form-urlencoded"
    response = as_ada.post(path(draft, "basics"), data=b"name=a%ED%A0%80b&version=0", content_type=form)
    assert response.status_code == 422
    assert kept(draft, "basics")["typed"]["name"][0].startswith("a")
    assert as_ada.get(path(draft, "basics")).status_code == 200


@pytest.mark.parametrize("version", ["", "-1", "one", "99999999999999999999", "1.0", "٣"])
def test_a_version_that_is_none_is_a_stale_one(
    as_ada: StrictClient, draft: Service, save: Any, path: Path, version: str
) -> None:
    save(draft.id, "basics", {"name": ["Theirs"]})
    assert as_ada.put(path(draft, "basics"), data={"name": "Mine", "version": version}).status_code == 409


@pytest.mark.parametrize("action", ["nothing.add", "name.add", "packages.explode", "packages.remove.x", "packages.remove.99"])
def test_an_action_that_a_step_does_not_have_is_refused(as_ada: StrictClient, draft: Service, path: Path, action: str) -> None:
    assert as_ada.post(path(draft, "price"), data={"version": "0", "action": action}).status_code == 422


def test_an_autosave_takes_two_statements(as_ada: StrictClient, whole: Service, path: Path, statements: list[str]) -> None:
    address = path(whole, "details")
    data = WHOLE["details"] | {"csrf_token": as_ada.token(), "location": "Potsdam"}
    first = as_ada.put(address, data=data | {"version": str(kept(whole, "details")["version"])}, headers=HTMX)
    version = first.page.one("input", name="version").get("value")
    statements.clear()
    response = as_ada.put(address, data=data | {"version": version, "location": "Berlin"}, headers=HTMX)
    assert response.status_code == 200
    assert [each.split()[0] for each in statements] == ["SELECT", "UPDATE"], statements


def test_the_first_change_of_a_published_service_reads_it_in_one_statement(
    as_ada: StrictClient, ada: Any, path: Path, statements: list[str]
) -> None:
    address = path(factories.published(ada), "price")
    data = WHOLE["price"] | {"version": "0", "csrf_token": as_ada.token()}
    statements.clear()
    assert as_ada.put(address, data=data, headers=HTMX).status_code == 200
    assert [each.split()[0] for each in statements if "FROM service\n" in each or "FROM service " in each] == ["SELECT"], (
        statements
    )


def test_the_token_travels_but_is_not_kept(as_ada: StrictClient, draft: Service, path: Path) -> None:
    as_ada.put(path(draft, "basics"), data={"name": "Hair", "version": "0", "csrf_token": as_ada.token()})
    assert kept(draft, "basics")["typed"] == {"name": ["Hair"]}


def shown_faults(as_ada: StrictClient, path: str, data: dict[str, str]) -> dict[str, str]:
    response = as_ada.put(path, data=data, headers=HTMX | {"X-Shows-Faults": "yes"})
    assert response.page.by_id("faults") is not None
    return {each.get("data-field", ""): each.text or "" for each in response.page.all("p") if each.get("data-field")}


def test_a_page_that_shows_messages_is_told_what_they_are_by_now(as_ada: StrictClient, draft: Service, path: Path) -> None:
    found = shown_faults(as_ada, path(draft, "basics"), {"name": "Hair", "version": "0"})
    assert set(found) == {"service_type", "summary"}
    assert found["summary"] == "Say in one line what the client gets."


def test_the_messages_of_rows_and_days_name_their_fields(as_ada: StrictClient, draft: Service, path: Path) -> None:
    rows = {"packages-0-name": "", "packages-0-duration_minutes": "x", "packages-0-price_minor": "5", "version": "0"}
    assert set(shown_faults(as_ada, path(draft, "price"), rows)) == {
        *("price_minor", "duration_minutes", "packages-0-name", "packages-0-duration_minutes")
    }
    assert set(shown_faults(as_ada, path(draft, "availability"), {"tue-opens": "nine", "version": "0"})) == {
        *("tue-opens", "tue-closes")
    }


def test_a_page_without_messages_is_told_of_none(as_ada: StrictClient, draft: Service, path: Path) -> None:
    response = as_ada.put(path(draft, "basics"), data={"name": "Hair", "version": "0"}, headers=HTMX)
    assert response.page.by_id("faults") is None
