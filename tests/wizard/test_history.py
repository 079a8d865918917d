"""What a step said before: when it is kept, for how long, and that taking it back loses nothing."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from app.config import Settings
from app.drafts.duplicates import duplicate
from app.drafts.operations import delete_for_good, discard
from app.drafts.tidying import tidy
from app.errors import Gone
from app.extensions import db
from app.providers.models import Provider
from app.services.models import Service
from app.wizard import answers, history, publishing, steps
from app.wizard.answers import Saved
from app.wizard.context import Context
from app.wizard.models import EarlierAnswer
from tests import factories
from tests.strict import StrictClient
from tests.wizard.conftest import WHOLE

Look = Callable[[UUID], Context]
Save = Callable[..., Saved]
Travel = Callable[..., datetime]
Path = Callable[..., str]
LONG = "An hour for your hair, with a wash, a cut and a blow-dry, at the salon or where you are."


@pytest.fixture(autouse=True)
def morning(travel: Travel) -> None:
    travel()


def said(service: Service, settings: Settings, step: str = "basics") -> list[Any]:
    """The names (or descriptions) that are kept, the latest first."""
    db.session.expire_all()
    return [next(iter(each.typed.values()))[0] for each in history.of_step(service, step, settings)]


def type_in(save: Save, service: Service, *names: str) -> None:
    for name in names:
        save(service.id, "basics", {"name": [name]})


def test_the_state_in_which_somebody_left_is_kept(draft: Service, save: Save, travel: Travel, settings: Settings) -> None:
    type_in(save, draft, "H", "Hair", "Haircut")
    travel(minutes=5)
    type_in(save, draft, "Haircuts", "Haircuts and more")
    assert said(draft, settings) == ["Haircut"]


def test_pauses_in_the_typing_keep_nothing(draft: Service, save: Save, travel: Travel, settings: Settings) -> None:
    for name in ("H", "Hair", "Haircut"):
        travel(seconds=90)
        type_in(save, draft, name)
    assert said(draft, settings) == []


def test_somebody_who_types_for_long_has_a_version_now_and_then(
    draft: Service, save: Save, travel: Travel, settings: Settings
) -> None:
    for minute in range(13):
        travel(minutes=1)
        type_in(save, draft, f"minute {minute}")
    assert said(draft, settings) == ["minute 9", "minute 4"]


def test_a_text_that_is_mostly_deleted_is_kept_at_once(draft: Service, save: Save, travel: Travel, settings: Settings) -> None:
    save(draft.id, "details", {"description": [LONG]})
    travel(seconds=5)
    save(draft.id, "details", {"description": ["An"]})
    assert said(draft, settings, "details") == [LONG]


def test_a_text_that_is_deleted_piece_by_piece_is_kept_once(
    draft: Service, save: Save, travel: Travel, settings: Settings
) -> None:
    for length in (400, 190, 90, 41, 2):
        travel(seconds=2)
        save(draft.id, "details", {"description": ["x" * length]})
    assert said(draft, settings, "details") == ["x" * 400]


def test_what_was_published_is_kept_before_its_first_change(whole: Service, look: Look, save: Save, settings: Settings) -> None:
    publishing.publish(look(whole.id), is_public=True)
    save(whole.id, "basics", WHOLE["basics"] | {"name": ["Other"]})
    kept = history.of_step(whole, "basics", settings)
    assert [(each.typed["name"], each.saved_at) for each in kept] == [(["Haircut"], None)]


def test_an_empty_step_is_not_worth_keeping(draft: Service, save: Save, travel: Travel, settings: Settings) -> None:
    save(draft.id, "price", {"price_kind": ["fixed"], "currency": ["EUR"]})
    travel(hours=1)
    save(draft.id, "price", {"price_kind": ["fixed"], "currency": ["EUR"], "price_minor": ["4"]})
    assert history.of_step(draft, "price", settings) == []


def test_a_step_keeps_only_its_last_versions(draft: Service, save: Save, travel: Travel, settings: Settings) -> None:
    for number in range(settings.history_versions + 4):
        travel(minutes=6)
        type_in(save, draft, f"version {number}")
    assert len(said(draft, settings)) == settings.history_versions
    assert said(draft, settings)[-1] == "version 3"


def test_a_save_that_keeps_a_version_takes_one_statement_more(
    draft: Service, look: Look, save: Save, travel: Travel, settings: Settings, statements: list[str]
) -> None:
    save(draft.id, "details", {"description": ["An hour"]})
    travel(minutes=6)
    context = look(draft.id)
    statements.clear()
    answers.save(context, steps.find("details"), {"description": ["Two hours"]}, 1, settings)
    assert len(statements) == 2, statements


def test_none_is_kept_where_the_operator_wants_none(draft: Service, look: Look, settings: Settings, travel: Travel) -> None:
    without = replace(settings, history_versions=0)
    for version, name in enumerate(("Haircut", "Other")):
        travel(minutes=6)
        answers.save(look(draft.id), steps.find("basics"), {"name": [name]}, version, without)
    assert db.session.query(EarlierAnswer).count() == 0


def test_numbers_go_on_after_a_publication_and_nothing_of_before_it_is_overwritten(
    whole: Service, look: Look, save: Save, travel: Travel, settings: Settings
) -> None:
    travel(hours=1)
    save(whole.id, "basics", WHOLE["basics"] | {"name": ["Before"]})
    publishing.publish(look(whole.id), is_public=True)
    save(whole.id, "basics", WHOLE["basics"] | {"name": ["After"]})
    assert said(whole, settings) == ["Before", "Haircut"]


def test_an_earlier_version_is_taken_back_character_for_character(
    draft: Service, look: Look, save: Save, travel: Travel, settings: Settings
) -> None:
    typed = {"name": ["  Hair\x00cut \ud800💇 "], "summary": ["\r\nשלום"]}
    save(draft.id, "basics", typed)
    travel(hours=1)
    type_in(save, draft, "Other")
    answers.take_back(look(draft.id), steps.find("basics"), 1, settings)
    assert answers.of(look(draft.id))["basics"]["typed"] == typed


def test_what_a_version_replaces_is_kept_in_its_turn(
    draft: Service, look: Look, save: Save, travel: Travel, settings: Settings
) -> None:
    type_in(save, draft, "Haircut")
    travel(hours=1)
    type_in(save, draft, "Other")
    answers.take_back(look(draft.id), steps.find("basics"), 1, settings)
    assert said(draft, settings) == ["Other", "Haircut"]


def test_taking_back_is_a_version_of_its_own(
    draft: Service, look: Look, save: Save, travel: Travel, settings: Settings
) -> None:
    type_in(save, draft, "Haircut")
    travel(hours=1)
    type_in(save, draft, "Other")
    assert answers.take_back(look(draft.id), steps.find("basics"), 1, settings).version == 3


def test_a_version_that_is_too_old_is_gone(draft: Service, look: Look, save: Save, travel: Travel, settings: Settings) -> None:
    type_in(save, draft, "Haircut")
    travel(hours=1)
    type_in(save, draft, "Other")
    travel(days=31)
    with pytest.raises(Gone):
        answers.take_back(look(draft.id), steps.find("basics"), 1, settings)


def test_old_versions_are_swept_and_young_ones_stay(draft: Service, save: Save, travel: Travel, settings: Settings) -> None:
    for name in ("One", "Two", "Three"):
        type_in(save, draft, name)
        travel(days=20)
    assert tidy(settings).versions == 1
    assert said(draft, settings) == ["Two"]


def test_versions_beyond_a_number_that_was_made_smaller_are_swept(
    draft: Service, save: Save, travel: Travel, settings: Settings
) -> None:
    for number in range(6):
        type_in(save, draft, f"version {number}")
        travel(minutes=6)
    assert tidy(replace(settings, history_versions=3)).versions == 3


def test_the_history_goes_with_its_draft(draft: Service, save: Save, travel: Travel, settings: Settings) -> None:
    type_in(save, draft, "Haircut")
    travel(hours=1)
    type_in(save, draft, "Other")
    discard(draft, settings)
    delete_for_good(draft)
    assert db.session.query(EarlierAnswer).count() == 0


def test_a_copy_begins_without_a_history(
    draft: Service, look: Look, save: Save, travel: Travel, settings: Settings, ada: Provider
) -> None:
    type_in(save, draft, "Haircut")
    travel(hours=1)
    type_in(save, draft, "Other")
    copy, _left_out = duplicate(look(draft.id).whole, ada, settings)
    assert not history.has_some(copy, "basics")


# The pages.


@pytest.fixture
def changed(draft: Service, save: Save, travel: Travel) -> Service:
    """Ada's draft, called Haircut in the morning and Updo an hour later."""
    save(draft.id, "basics", WHOLE["basics"])
    travel(hours=1)
    save(draft.id, "basics", WHOLE["basics"] | {"name": ["Updo"]})
    return draft


def test_a_step_offers_its_earlier_versions_once_there_are_any(
    as_ada: StrictClient, changed: Service, save: Save, path: Path
) -> None:
    save(changed.id, "details", WHOLE["details"])
    assert as_ada.get(path(changed, "basics")).page.all("a", href=path(changed, "basics/earlier"))
    assert not as_ada.get(path(changed, "details")).page.all("a", href=path(changed, "details/earlier"))


def test_the_list_says_when_and_in_what_a_version_differs(as_ada: StrictClient, changed: Service, path: Path) -> None:
    words = as_ada.get(path(changed, "basics/earlier")).page.words
    assert "Sun 22 Nov, 10:30" in words
    assert "Another answer than now: Name of the service" in words


def test_the_list_of_a_step_without_a_history_says_so(as_ada: StrictClient, draft: Service, path: Path) -> None:
    assert "Nothing earlier is kept yet" in as_ada.get(path(draft, "media/earlier")).page.words


def test_a_version_is_shown_beside_what_stands_there_now(as_ada: StrictClient, changed: Service, path: Path) -> None:
    page = as_ada.get(path(changed, "basics/earlier/1")).page
    texts = ["|".join(each.itertext()) for each in page.one("div", class_="compare")]
    assert texts == ["Then|Haircut", "Now|Updo"]


def test_a_version_is_taken_back_by_its_button(as_ada: StrictClient, changed: Service, path: Path, look: Look) -> None:
    response = as_ada.post(path(changed, "basics/earlier/1"))
    assert (response.status_code, response.location) == (303, path(changed, "basics"))
    assert answers.of(look(changed.id))["basics"]["typed"] == WHOLE["basics"]


def test_a_page_left_open_does_not_overwrite_what_was_taken_back(as_ada: StrictClient, changed: Service, path: Path) -> None:
    as_ada.post(path(changed, "basics/earlier/1"))
    assert as_ada.put(path(changed, "basics"), data={"name": "Updo!", "version": "2"}).status_code == 409


def test_a_version_that_newer_ones_have_replaced_is_gone(as_ada: StrictClient, changed: Service, path: Path) -> None:
    response = as_ada.get(path(changed, "basics/earlier/7"))
    assert (response.status_code, "newer ones have taken its place" in response.page.words) == (410, True)


def test_nobody_else_sees_a_version(app: Flask, as_boris: StrictClient, changed: Service, path: Path) -> None:
    assert [as_boris.get(path(changed, f"basics/earlier{which}")).status_code for which in ("", "/1")] == [404, 404]


def test_a_version_with_characters_that_no_page_can_hold_is_shown(
    as_ada: StrictClient, draft: Service, save: Save, travel: Travel, path: Path
) -> None:
    save(draft.id, "basics", {"name": ["\x00\ud800\ufffe"], "summary": ["<b>\u202e"]})
    travel(hours=1)
    save(draft.id, "basics", {"name": ["Haircut"]})
    assert as_ada.get(path(draft, "basics/earlier/1")).status_code == 200


@pytest.mark.parametrize("key", list(WHOLE))
def test_every_step_can_be_shown_as_it_was(
    as_ada: StrictClient, ada: Provider, whole: Service, save: Save, travel: Travel, path: Path, key: str
) -> None:
    factories.media(whole)
    travel(hours=1)
    save(whole.id, key, {"nothing": ["x"]})
    assert as_ada.get(path(whole, f"{key}/earlier")).status_code == 200
    assert as_ada.get(path(whole, f"{key}/earlier/1")).status_code == 200


def test_what_a_choice_between_two_texts_replaces_is_kept(
    as_ada: StrictClient, draft: Service, path: Callable[..., str]
) -> None:
    for name, version in (("Theirs", 0), ("Mine", 1)):
        saved = {"name": name, "version": str(version)} | ({"chosen": "yes"} if name == "Mine" else {})
        assert as_ada.put(path(draft, "basics"), data=saved).status_code == 200
    assert [each.typed["name"] for each in db.session.scalars(select(EarlierAnswer))] == [["Theirs"]]
