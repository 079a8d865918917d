"""A wizard that changes under a draft, or under an open page: nothing breaks, nothing typed is lost, and what changed is said."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask_babel import lazy_gettext as _l

from app.services.models import Service
from app.wizard import answers, news, steps
from app.wizard.context import Context
from app.wizard.fields import Fits, LineField
from app.wizard.forms import BasicsForm
from app.wizard.step_form import StepForm
from app.wizard.steps import Step
from tests.strict import StrictClient

Path = Callable[..., str]
HTMX = {"HX-Request": "true"}


class MottoForm(BasicsForm):
    motto = LineField(_l("Your motto"), [Fits(80)])


class TermsForm(StepForm):
    cancel = LineField(_l("How late may a client cancel?"))


@pytest.fixture
def change(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Declare other steps from now on, as a deploy does."""
    return lambda *declared: monkeypatch.setattr(steps, "STEPS", list(declared))


@pytest.fixture
def with_a_motto(change: Callable[..., None]) -> Callable[[], None]:
    return lambda: change(Step("basics", _l("Basics"), MottoForm), *steps.STEPS[1:])


@pytest.fixture
def found(look: Callable[..., Context]) -> Callable[[Service], list[tuple[str, list[str]]]]:
    """What is new for a draft: each step's key and the labels of its new fields."""
    return lambda draft: [(each.step.key, [str(label) for label in each.labels]) for each in news.of(look(draft.id))]


def test_a_draft_under_the_wizard_that_it_knows_has_no_news(whole: Service, found: Any) -> None:
    assert found(whole) == []


def test_an_untouched_draft_has_no_news(draft: Service, found: Any, with_a_motto: Callable[[], None]) -> None:
    with_a_motto()
    assert found(draft) == []


def test_a_new_field_is_told(whole: Service, found: Any, with_a_motto: Callable[[], None]) -> None:
    with_a_motto()
    assert found(whole) == [("basics", ["Your motto"])]


def test_a_new_step_is_told(whole: Service, found: Any, change: Callable[..., None]) -> None:
    change(*steps.STEPS, Step("terms", _l("Terms"), TermsForm))
    assert found(whole) == [("terms", [])]


def test_it_is_new_until_it_was_saved(
    whole: Service, found: Any, save: Callable[..., Any], change: Callable[..., None], with_a_motto: Callable[[], None]
) -> None:
    with_a_motto()
    change(*steps.STEPS, Step("terms", _l("Terms"), TermsForm))
    save(whole.id, "basics")
    save(whole.id, "terms", {"cancel": ["A day before"]})
    assert found(whole) == []


def test_a_step_says_what_is_new(as_ada: StrictClient, whole: Service, path: Path, change: Callable[..., None]) -> None:
    change(steps.STEPS[0], steps.STEPS[1], Step("terms", _l("Terms"), TermsForm), *steps.STEPS[2:])
    words = as_ada.get(path(whole, "basics")).page.words
    assert "New since you last worked on this Terms: a new step" in words
    assert "a new step" in as_ada.get(path(whole, "review")).page.words


def test_an_answer_that_is_no_longer_asked_is_shown(
    as_ada: StrictClient, draft: Service, save: Any, path: Path, change: Any, with_a_motto: Callable[[], None]
) -> None:
    present = steps.STEPS
    with_a_motto()
    save(draft.id, "basics", {"name": ["Haircut"], "motto": ["Sharp & kind\x00"]})
    change(*present)
    assert "Sharp & kind" in as_ada.get(path(draft, "basics")).page.words


def test_packages_and_photos_are_not_taken_for_questions_that_went_away(
    whole: Service, save: Callable[..., Any], look: Callable[..., Context]
) -> None:
    save(whole.id, "media", {"media": ["x"], "alt-x": ["A chair"]})
    context = look(whole.id)
    assert [text for step in steps.STEPS for text in news.no_longer_asked(context, step)] == []


def test_a_page_from_before_the_change_saves_and_is_told(
    as_ada: StrictClient, whole: Service, path: Path, found: Any, with_a_motto: Callable[[], None], look: Callable[..., Context]
) -> None:
    before = steps.find("basics").sign
    with_a_motto()
    response = as_ada.put(path(whole, "basics"), data={"name": "Shave", "version": "1", "asked": before}, headers=HTMX)
    assert response.status_code == 200
    assert "asks something else now" in response.page.words
    assert answers.of(look(whole.id))["basics"]["typed"]["name"] == ["Shave"]
    assert found(whole) == [("basics", ["Your motto"])]


def test_a_page_of_today_is_told_nothing(as_ada: StrictClient, whole: Service, path: Path) -> None:
    asked = steps.find("basics").sign
    response = as_ada.put(path(whole, "basics"), data={"name": "Shave", "version": "1", "asked": asked}, headers=HTMX)
    assert "asks something else" not in response.page.words


def test_a_page_sends_what_it_asked(as_ada: StrictClient, draft: Service, path: Path) -> None:
    assert as_ada.get(path(draft, "price")).page.one("input", name="asked").get("value") == steps.find("price").sign


@pytest.mark.parametrize("method", ["put", "post"])
def test_text_for_a_step_that_is_gone_is_answered_plainly(
    as_ada: StrictClient, whole: Service, path: Path, change: Callable[..., None], method: str, look: Callable[..., Context]
) -> None:
    change(*steps.STEPS[1:])
    response = getattr(as_ada, method)(path(whole, "basics"), data={"name": "Shave", "version": "1"}, headers=HTMX)
    assert response.status_code == 410
    assert "this step is not part of it any more" in response.page.words
    assert answers.of(look(whole.id))["basics"]["typed"]["name"] == ["Haircut"]


def test_the_address_of_a_step_that_is_gone_leads_on(
    as_ada: StrictClient, whole: Service, path: Path, change: Callable[..., None]
) -> None:
    change(*steps.STEPS[1:])
    response = as_ada.get(path(whole, "basics"))
    assert (response.status_code, response.location) == (303, path(whole, "media"))
    assert "not part of Shingle any more" in as_ada.get(response.location).page.words


def test_a_fragment_for_a_page_from_before_a_deploy_is_a_whole_page(as_ada: StrictClient, whole: Service, path: Path) -> None:
    response = as_ada.get(path(whole, "details"), headers=HTMX | {"X-Build": "older"})
    assert response.headers["HX-Redirect"] == path(whole, "details")


def test_a_fragment_for_a_page_of_today_is_a_fragment(as_ada: StrictClient, app: Flask, whole: Service, path: Path) -> None:
    page = as_ada.get(path(whole, "details")).page
    build = page.by_id("local").get("data-build")
    response = as_ada.get(path(whole, "details"), headers=HTMX | {"X-Build": build})
    assert "HX-Redirect" not in response.headers
    assert response.page.by_id("wizard") is not None
