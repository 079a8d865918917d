"""A step that somebody else saved in the meantime, as a browser without scripts meets it: all that can be put together is, the rest is asked."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from app.extensions import db
from app.services.models import Service
from app.wizard.comparing import words
from app.wizard.models import EarlierAnswer
from tests.strict import Page, StrictClient

Path = Callable[..., str]
BASE = {"name": ["Hair"], "service_type": ["hair"], "summary": ["Cut"]}


def kept(draft: Service, key: str = "basics") -> dict[str, Any]:
    db.session.expire_all()
    return dict((db.session.get_one(Service, draft.id).answers or {})[key])


def hidden(page: Page, name: str) -> str:
    """A hidden field of the step's form, also one that only browsers without scripts see."""
    return next(each.get("value", "") for each in page.all("input", type="hidden", name=name))


@pytest.fixture
def page(as_ada: StrictClient, draft: Service, save: Any, path: Path) -> Page:
    """The first step as it was before somebody else changed its name."""
    save(draft.id, "basics", BASE)
    shown = as_ada.get(path(draft, "basics")).page
    save(draft.id, "basics", BASE | {"name": ["Theirs"]})
    return shown


def continued(as_ada: StrictClient, address: str, page: Page, **typed: str) -> Any:
    data = {name: texts[0] for name, texts in BASE.items()} | {"version": hidden(page, "version"), "base": hidden(page, "base")}
    return as_ada.post(address, data=data | typed)


def test_a_page_without_scripts_says_what_its_text_grew_out_of(page: Page) -> None:
    assert hidden(page, "base") == words(BASE)


def test_what_others_changed_elsewhere_in_the_step_does_not_stop_continue(
    as_ada: StrictClient, draft: Service, page: Page, path: Path
) -> None:
    assert continued(as_ada, path(draft, "basics"), page, summary="Mine").status_code == 303
    assert kept(draft)["typed"] == BASE | {"name": ["Theirs"], "summary": ["Mine"]}


def test_what_both_changed_is_asked_and_all_else_is_saved(as_ada: StrictClient, draft: Service, page: Page, path: Path) -> None:
    response = continued(as_ada, path(draft, "basics"), page, name="Mine", summary="Mine too")
    assert response.status_code == 409
    assert response.page.by_id("name").get("value") == "Mine"
    assert "Theirs" in "".join(response.page.by_id("conflict").itertext())
    assert kept(draft)["typed"] == BASE | {"name": ["Theirs"], "summary": ["Mine too"]}


@pytest.mark.parametrize(("choice", "name"), [("mine", "Mine"), ("theirs", "Theirs")])
def test_continue_goes_on_with_what_was_chosen(
    as_ada: StrictClient, draft: Service, page: Page, path: Path, choice: str, name: str
) -> None:
    asked = continued(as_ada, path(draft, "basics"), page, name="Mine").page
    given = {"keep": hidden(asked, "keep"), "keep.name": choice}
    assert continued(as_ada, path(draft, "basics"), asked, name="Mine", **given).status_code == 303
    assert kept(draft)["typed"]["name"] == [name]


def test_without_a_choice_it_is_asked_again_and_nothing_is_lost(
    as_ada: StrictClient, draft: Service, page: Page, path: Path
) -> None:
    asked = continued(as_ada, path(draft, "basics"), page, name="Mine").page
    again = continued(as_ada, path(draft, "basics"), asked, name="Mine as well", keep="name")
    assert again.status_code == 409
    assert again.page.by_id("name").get("value") == "Mine as well"
    assert kept(draft)["typed"]["name"] == ["Theirs"]


def test_what_says_the_same_by_now_needs_no_choice(as_ada: StrictClient, draft: Service, page: Page, path: Path) -> None:
    asked = continued(as_ada, path(draft, "basics"), page, name="Mine").page
    assert continued(as_ada, path(draft, "basics"), asked, name="Theirs", keep="name").status_code == 303


def test_a_choice_for_mine_leaves_the_other_text_in_the_history(
    as_ada: StrictClient, draft: Service, page: Page, path: Path
) -> None:
    asked = continued(as_ada, path(draft, "basics"), page, name="Mine").page
    continued(as_ada, path(draft, "basics"), asked, name="Mine", **{"keep": "name", "keep.name": "mine"})
    db.session.expire_all()
    assert ["Theirs"] in [earlier.typed["name"] for earlier in db.session.scalars(select(EarlierAnswer))]


def test_without_its_origin_all_that_differs_is_asked(as_ada: StrictClient, draft: Service, page: Page, path: Path) -> None:
    response = continued(as_ada, path(draft, "basics"), page, summary="Mine", base="")
    assert {each.get("data-unit") for each in response.page.all("fieldset", class_="dispute")} == {"name", "summary"}


def test_control_characters_that_a_page_cannot_show_stay_where_nobody_touched_them(
    as_ada: StrictClient, draft: Service, save: Any, path: Path
) -> None:
    save(draft.id, "basics", BASE | {"name": ["Ha\x07ir\x00"]})
    page = as_ada.get(path(draft, "basics")).page
    continued(as_ada, path(draft, "basics"), page, name="Hair", summary="Mine")
    assert kept(draft)["typed"] == BASE | {"name": ["Ha\x07ir\x00"], "summary": ["Mine"]}


def test_an_autosave_with_its_origin_is_told_what_others_changed(
    as_ada: StrictClient, draft: Service, page: Page, path: Path
) -> None:
    data = {name: texts[0] for name, texts in BASE.items()} | {"summary": "Mine", "version": "2", "base": words(BASE)}
    response = as_ada.put(path(draft, "basics"), data=data)
    assert response.status_code == 200
    assert response.page.by_id("merged").get("data-words") == words(BASE | {"name": ["Theirs"], "summary": ["Mine"]})
    assert hidden(response.page, "version") == "3"


def test_a_merging_autosave_that_comes_late_changes_nothing_and_says_what_is_there(
    as_ada: StrictClient, draft: Service, page: Page, path: Path
) -> None:
    data = {name: texts[0] for name, texts in BASE.items()} | {"summary": "Mine", "version": "1", "base": words(BASE)}
    response = as_ada.put(path(draft, "basics"), data=data)
    assert response.status_code == 409
    assert hidden(response.page, "version") == "2"
    assert kept(draft)["typed"] == BASE | {"name": ["Theirs"]}


def test_a_row_that_is_added_while_others_save_comes_with_their_text(
    as_ada: StrictClient, draft: Service, save: Any, path: Path
) -> None:
    base = {"price_kind": ["fixed"], "currency": ["EUR"], "duration_minutes": ["30"]}
    save(draft.id, "price", base)
    save(draft.id, "price", base | {"duration_minutes": ["45"]})
    data = {name: texts[0] for name, texts in base.items()} | {"version": "1", "base": words(base), "action": "packages.add"}
    response = as_ada.post(path(draft, "price"), data=data, headers={"HX-Request": "true"})
    assert response.status_code == 409
    assert response.page.by_id("duration_minutes").get("value") == "45"
    assert response.page.by_id("packages-0-name") is not None


def test_a_dispute_shows_what_no_page_can_hold_without_it(as_ada: StrictClient, draft: Service, page: Page, path: Path) -> None:
    response = continued(as_ada, path(draft, "basics"), page, name="Mi\x00ne")
    assert response.status_code == 409
    assert "Mine" in "".join(response.page.by_id("conflict").itertext())


def test_a_field_that_no_form_has_is_no_answer(as_ada: StrictClient, draft: Service, page: Page, path: Path) -> None:
    continued(as_ada, path(draft, "basics"), page, **{"a\x00b": "made up"})
    assert "a\x00b" not in kept(draft)["typed"]
