"""A new step is one form, one template, one line: declared here, and it works from the navigation to the published row."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_babel import lazy_gettext as _l
from jinja2 import ChoiceLoader, FileSystemLoader

from app.extensions import db
from app.services.models import Service
from app.wizard import steps
from app.wizard.fields import Fits, LineField, Wanted
from app.wizard.step_form import StepForm
from app.wizard.steps import Step
from tests.strict import StrictClient

TEMPLATE = '{% from "_macros/forms.html" import field %}{{ field(form.cancel) }}'


class TermsForm(StepForm):
    cancel = LineField(_l("How late may a client cancel?"), [Wanted(_l("Say how late a client may cancel.")), Fits(80)])


@pytest.fixture
def terms(app: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Step]:
    """The wizard with a step more, before the photos."""
    folder = tmp_path / "wizard" / "steps"
    folder.mkdir(parents=True)
    (folder / "_terms.html").write_text(TEMPLATE)
    step = Step("terms", _l("Terms"), TermsForm)
    monkeypatch.setattr(steps, "STEPS", [*steps.STEPS[:-1], step, steps.STEPS[-1]])
    monkeypatch.setattr(app.jinja_env, "loader", ChoiceLoader([FileSystemLoader(tmp_path), app.jinja_env.loader]))
    yield step
    app.jinja_env.cache.clear()


def test_the_step_before_leads_to_it(as_ada: StrictClient, draft: Service, terms: Step, path: Callable[..., str]) -> None:
    assert as_ada.post(path(draft, "availability"), data={"version": "0"}).location == path(draft, "terms")


def test_it_shows_its_fields_and_its_place(as_ada: StrictClient, draft: Service, terms: Step, path: Callable[..., str]) -> None:
    page = as_ada.get(path(draft, "terms")).page
    assert "Step 5 of 7" in page.words
    assert page.by_id("cancel") is not None


def test_it_saves_refuses_and_goes_on(as_ada: StrictClient, draft: Service, terms: Step, path: Callable[..., str]) -> None:
    assert as_ada.put(path(draft, "terms"), data={"cancel": "x" * 100, "version": "0"}).status_code == 200
    assert as_ada.post(path(draft, "terms"), data={"cancel": "", "version": "1"}).status_code == 422
    response = as_ada.post(path(draft, "terms"), data={"cancel": "A day before", "version": "2"})
    assert response.location == path(draft, "media")


def test_nothing_is_published_without_it(as_ada: StrictClient, whole: Service, terms: Step, path: Callable[..., str]) -> None:
    response = as_ada.post(f"/drafts/{whole.id}/publication", data={"visibility": "public"})
    assert response.status_code == 422
    assert "Terms: Say how late a client may cancel." in response.page.words


def test_its_answer_is_published_with_the_others(
    as_ada: StrictClient, whole: Service, terms: Step, path: Callable[..., str]
) -> None:
    as_ada.put(path(whole, "terms"), data={"cancel": "A day before", "version": "0"})
    assert "A day before" in as_ada.get(path(whole, "review")).page.words
    assert as_ada.post(f"/drafts/{whole.id}/publication", data={"visibility": "public"}).status_code == 303
    db.session.refresh(whole)
    kept: Any = whole.extras
    assert kept == {"terms": {"cancel": "A day before"}}
