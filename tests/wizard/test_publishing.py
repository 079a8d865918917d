"""Publishing applies the answers; nothing unvalidated reaches a visitor."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from app import config
from app.errors import Conflict, Refused
from app.extensions import db
from app.services.models import CONTENT, Service, Status
from app.wizard import answers, history, publishing, steps
from app.wizard.answers import Saved
from app.wizard.context import Context
from tests import factories

Look = Callable[[UUID], Context]
Save = Callable[..., Saved]


@pytest.fixture
def live(whole: Service, look: Look) -> Service:
    """Ada's service, published."""
    publishing.publish(look(whole.id), is_public=True)
    db.session.commit()
    return whole


def test_a_whole_draft_becomes_published(live: Service, look: Look) -> None:
    assert look(live.id).whole.status == Status.PUBLISHED


def test_a_published_service_is_bookable(live: Service, look: Look) -> None:
    assert look(live.id).whole.is_active


def test_a_listing_by_link_is_not_public(whole: Service, look: Look) -> None:
    context = look(whole.id)
    publishing.publish(context, is_public=False)
    assert not context.whole.is_public


def test_a_published_service_does_not_expire(live: Service, look: Look) -> None:
    assert look(live.id).whole.expires_at is None


def test_it_is_found_by_its_words(live: Service, look: Look) -> None:
    assert "haircut" in live.search_text
    assert "adas salon" in live.search_text


def test_its_address_is_its_name(live: Service, look: Look) -> None:
    assert look(live.id).whole.slug == "haircut"


def test_an_address_that_is_taken_gets_an_ending(live: Service, look: Look, save: Save, boris: Any) -> None:
    other = factories.draft(boris)
    for key in ("basics", "details", "price"):
        save(other.id, key)
    context = look(other.id)
    publishing.publish(context, is_public=True)
    assert (context.whole.slug or "").startswith("haircut-")


def test_a_name_without_latin_letters_gets_an_address_too(whole: Service, look: Look, save: Save) -> None:
    save(whole.id, "basics", {"name": ["🪒"], "service_type": ["hair"], "summary": ["x"]})
    context = look(whole.id)
    publishing.publish(context, is_public=True)
    assert (context.whole.slug or "").startswith("service-")


@pytest.mark.parametrize("key", ["basics", "details", "price"])
def test_a_draft_that_lacks_a_step_is_not_published(draft: Service, look: Look, save: Save, key: str) -> None:
    for each in {"basics", "details", "price"} - {key}:
        save(draft.id, each)
    with pytest.raises(publishing.Incomplete) as incomplete:
        publishing.publish(look(draft.id), is_public=True)
    assert incomplete.value.missing == (key,)


def test_a_skipped_step_does_not_hold_up_publishing(draft: Service, look: Look, save: Save) -> None:
    for key in ("basics", "details", "price"):
        save(draft.id, key)
    context = look(draft.id)
    publishing.publish(context, is_public=True)
    assert context.whole.status == Status.PUBLISHED


def test_a_skippable_step_with_a_wrong_text_holds_up_publishing(whole: Service, look: Look, save: Save) -> None:
    save(whole.id, "availability", {"mon-opens": ["late"], "mon-closes": ["12:00"]})
    with pytest.raises(publishing.Incomplete):
        publishing.publish(look(whole.id), is_public=True)


def test_publishing_a_row_that_changed_since_it_was_read_is_refused(whole: Service, look: Look, app: Flask) -> None:
    context = look(whole.id)
    db.session.execute(db.update(Service).values(revision=Service.revision + 1).execution_options(synchronize_session=False))
    with pytest.raises(Conflict):
        publishing.publish(context, is_public=True)


def test_a_deleted_draft_is_not_published(whole: Service, look: Look) -> None:
    whole.deleted_at = whole.created_at
    with pytest.raises(Refused):
        publishing.publish(look(whole.id), is_public=True)


def test_typing_leaves_the_live_listing_untouched(live: Service, look: Look, save: Save) -> None:
    save(live.id, "basics", {"name": ["New name"], "service_type": ["hair"], "summary": ["x"]})
    assert look(live.id).whole.name == "Haircut"


def test_typing_in_a_published_service_gives_it_no_expiry(live: Service, look: Look, save: Save) -> None:
    save(live.id, "basics", {"name": ["New name"]})
    assert look(live.id).whole.expires_at is None


def test_editing_begins_with_what_is_published(live: Service, look: Look) -> None:
    assert answers.of(look(live.id))["price"]["typed"]["price_minor"] == ["45.00"]


def test_publishing_changes_applies_them(live: Service, look: Look, save: Save) -> None:
    save(live.id, "basics", {"name": ["New name"], "service_type": ["hair"], "summary": ["x"]})
    publishing.publish(look(live.id), is_public=True)
    assert look(live.id).whole.name == "New name"


def test_publishing_changes_keeps_the_address(live: Service, look: Look, save: Save) -> None:
    save(live.id, "basics", {"name": ["New name"], "service_type": ["hair"], "summary": ["x"]})
    publishing.publish(look(live.id), is_public=True)
    assert look(live.id).whole.slug == "haircut"


def test_publishing_unchanged_answers_changes_no_value(live: Service, look: Look) -> None:
    before = {name: getattr(look(live.id).whole, name) for name in CONTENT}
    publishing.publish(look(live.id), is_public=True)
    assert {name: getattr(look(live.id).whole, name) for name in CONTENT} == before


def test_discarding_changes_forgets_them(live: Service, look: Look, save: Save) -> None:
    save(live.id, "basics", {"name": ["New name"]})
    publishing.discard_changes(look(live.id), config.current())
    assert answers.of(look(live.id))["basics"]["typed"]["name"] == ["Haircut"]


def test_what_is_discarded_is_among_the_earlier_versions_of_its_step(live: Service, look: Look, save: Save) -> None:
    save(live.id, "basics", {"name": ["New name"]})
    publishing.discard_changes(look(live.id), config.current())
    kept = {step.key: [each.typed for each in history.of_step(live, step.key, config.current())] for step in steps.STEPS}
    assert kept.pop("basics")[0] == {"name": ["New name"]}
    assert not any(kept.values())


def test_a_draft_has_no_changes_to_discard(draft: Service, look: Look) -> None:
    with pytest.raises(Refused):
        publishing.discard_changes(look(draft.id), config.current())


def test_a_preview_shows_what_publishing_would_show(live: Service, look: Look, save: Save) -> None:
    save(live.id, "basics", {"name": ["New name"], "service_type": ["hair"], "summary": ["x"]})
    assert publishing.preview(look(live.id)).name == "New name"


def test_a_preview_is_no_row(whole: Service, look: Look) -> None:
    publishing.preview(look(whole.id))
    db.session.commit()
    assert db.session.query(Service).count() == 1
