"""Saving a step keeps what was typed and never overwrites anything newer."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from app.config import Settings
from app.errors import Refused
from app.extensions import db
from app.insights.models import Event
from app.services.models import Service
from app.wizard import answers, steps
from app.wizard.answers import Saved, Stale
from app.wizard.context import Context
from app.wizard.typed import LONGEST

Look = Callable[[UUID], Context]
Save = Callable[..., Saved]


def typed_of(look: Look, service: Service, key: str) -> Any:
    return answers.of(look(service.id))[key]["typed"]


def test_what_was_typed_is_kept_as_typed(draft: Service, look: Look, save: Save) -> None:
    save(draft.id, "basics", {"name": ["  Hair "], "summary": [""]})
    assert typed_of(look, draft, "basics") == {"name": ["  Hair "], "summary": [""]}


def test_an_invalid_price_is_kept_too(draft: Service, look: Look, save: Save) -> None:
    save(draft.id, "price", {"price_minor": ["abc"]})
    assert typed_of(look, draft, "price") == {"price_minor": ["abc"]}


def test_an_invalid_price_reaches_no_column(draft: Service, look: Look, save: Save) -> None:
    save(draft.id, "price")
    save(draft.id, "price", {"price_minor": ["abc"]})
    assert look(draft.id).whole.price_minor == 4500


def test_a_valid_step_is_written_through_to_the_columns_of_a_draft(draft: Service, look: Look, save: Save) -> None:
    save(draft.id, "basics")
    assert look(draft.id).whole.name == "Haircut"


def test_a_price_is_kept_in_minor_units(draft: Service, look: Look, save: Save) -> None:
    save(draft.id, "price")
    assert look(draft.id).whole.price_minor == 4500


def test_packages_are_kept_in_minor_units(draft: Service, look: Look, save: Save) -> None:
    save(draft.id, "price")
    assert look(draft.id).whole.packages == [{"name": "Long hair", "duration_minutes": 90, "price_minor": 7000}]


def test_hours_are_kept_by_day(draft: Service, look: Look, save: Save) -> None:
    save(draft.id, "availability")
    assert look(draft.id).whole.hours == {"mon": [["09:00", "12:30"]]}


def test_a_save_moves_the_expiry(
    draft: Service, look: Look, save: Save, travel: Callable[..., datetime], settings: Settings
) -> None:
    now = travel(to=draft.created_at + timedelta(hours=5))
    save(draft.id, "basics")
    assert look(draft.id).whole.expires_at == now + settings.draft_delete_after


def test_a_save_says_that_the_draft_has_content(draft: Service, look: Look, save: Save) -> None:
    save(draft.id, "basics", {"name": ["H"]})
    assert look(draft.id).whole.has_content


def test_choices_that_the_form_makes_itself_are_no_content(draft: Service, look: Look, save: Save) -> None:
    save(draft.id, "price", {"price_kind": ["fixed"], "currency": ["EUR"], "price_minor": [""]})
    assert not look(draft.id).whole.has_content


def test_an_older_version_changes_nothing(draft: Service, look: Look, save: Save) -> None:
    save(draft.id, "basics", {"name": ["newer"]}, version=0)
    with pytest.raises(Stale):
        save(draft.id, "basics", {"name": ["older"]}, version=0)
    db.session.rollback()
    assert typed_of(look, draft, "basics") == {"name": ["newer"]}


def test_a_stale_save_is_told_what_is_kept(draft: Service, save: Save) -> None:
    save(draft.id, "basics", {"name": ["newer"]}, version=0)
    with pytest.raises(Stale) as stale:
        save(draft.id, "basics", {"name": ["older"]}, version=0)
    assert (stale.value.theirs, stale.value.version) == ({"name": ["newer"]}, 1)


def test_a_repeated_save_of_the_same_text_is_harmless(draft: Service, save: Save) -> None:
    save(draft.id, "basics", {"name": ["same"]}, version=0)
    assert save(draft.id, "basics", {"name": ["same"]}, version=0).version == 1


def test_saves_of_different_steps_that_were_read_together_are_both_kept(
    draft: Service, look: Look, save: Save, settings: Settings
) -> None:
    reader = look(draft.id)
    save(draft.id, "details", {"description": ["from the other tab"]})
    # The reader still holds the row as it was before the other tab saved.
    answers.save(reader, steps.find("basics"), {"name": ["from this tab"]}, 0, settings)
    kept = answers.of(look(draft.id))
    assert {key: entry["typed"] for key, entry in kept.items()} == {
        "details": {"description": ["from the other tab"]},
        "basics": {"name": ["from this tab"]},
    }


def test_a_text_too_long_to_keep_is_refused(draft: Service, save: Save) -> None:
    with pytest.raises(Refused):
        save(draft.id, "basics", {"name": ["x" * (LONGEST + 1)]})


def test_a_completed_step_is_recorded_once(draft: Service, save: Save) -> None:
    save(draft.id, "basics")
    save(draft.id, "basics", {"name": ["Hair"], "service_type": ["hair"], "summary": ["x"]})
    assert [event.detail for event in db.session.query(Event).filter_by(name="completed")] == ["basics"]


def test_saving_takes_one_statement(draft: Service, look: Look, settings: Settings, statements: list[str]) -> None:
    context = look(draft.id)
    statements.clear()
    answers.save(context, steps.find("details"), {"description": ["word"]}, 0, settings)
    assert len(statements) == 1, statements


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(text=st.text(st.characters(), max_size=300))
def test_any_text_comes_back_character_for_character(draft: Service, look: Look, save: Save, text: str) -> None:
    save(draft.id, "details", {"description": [text]})
    assert typed_of(look, draft, "details") == {"description": [text]}


def test_hours_in_other_digits_than_a_clock_has_are_not_complete(draft: Service, look: Look, save: Save) -> None:
    save(draft.id, "availability", {"mon-opens": ["٩:00"], "mon-closes": ["1٢:30"]})
    assert not answers.of(look(draft.id))["availability"]["complete"]
