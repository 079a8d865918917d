"""A version of a step is never used twice: a page from before anything that happened meanwhile is told, and both texts are kept.

In each of these, one page shows Details. Then something happens to the service, another device saves the step, and the page saves what it shows.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from app import config
from app.account.operations import change_profile
from app.config import Settings
from app.drafts.duplicates import duplicate
from app.drafts.tidying import tidy
from app.errors import Conflict
from app.extensions import db, table
from app.providers.models import Provider
from app.services import operations as services
from app.services.models import Service
from app.wizard import answers, publishing, steps
from app.wizard.answers import Saved
from app.wizard.comparing import words
from app.wizard.context import Context
from app.wizard.models import EarlierAnswer
from tests import factories
from tests.strict import StrictClient
from tests.wizard.conftest import WHOLE
from tests.wizard.test_saving_statements import before_the_update

Look = Callable[[UUID], Context]
Save = Callable[..., Saved]
Travel = Callable[..., datetime]
Path = Callable[..., str]
DETAILS = WHOLE["details"]


@pytest.fixture(autouse=True)
def morning(travel: Travel) -> None:
    travel()


@pytest.fixture
def live(whole: Service, look: Look) -> Service:
    """Ada's service, published."""
    publishing.publish(look(whole.id), is_public=True)
    db.session.commit()
    return whole


class Device:
    """A browser that shows Details of one service."""

    def __init__(self, client: StrictClient, path: str) -> None:
        self.client, self.path = client, path

    def open(self) -> "Device":
        page = self.client.get(self.path).page
        self.version = next(each.get("value", "") for each in page.all("input", type="hidden", name="version"))
        self.shown = (page.by_id("description").text or "").removeprefix("\n")
        return self

    def save(self, description: str, **more: str) -> Any:
        return self.client.put(self.path, data=self._sent(description) | more)

    def press_continue(self, description: str, **more: str) -> Any:
        return self.client.post(self.path, data=self._sent(description) | more)

    def _sent(self, description: str) -> dict[str, Any]:
        return DETAILS | {"description": description, "version": self.version}


@pytest.fixture
def device(as_ada: StrictClient, path: Path) -> Callable[[Service], Device]:
    """One that opens Details now."""
    return lambda service: Device(as_ada, path(service, "details")).open()


@pytest.fixture
def description(look: Look) -> Callable[[Service], str]:
    """What Details says now."""
    return lambda service: answers.of(look(service.id))["details"]["typed"]["description"][0]


Devices = Callable[[Service], Device]
Said = Callable[[Service], str]


def test_a_page_from_before_publishing_does_not_overwrite_what_was_saved_after_it(
    whole: Service, look: Look, device: Devices, description: Said
) -> None:
    before = device(whole)
    publishing.publish(look(whole.id), is_public=True)
    device(whole).save("Theirs")
    assert before.save("Mine").status_code == 409
    assert description(whole) == "Theirs"


def test_a_page_from_before_discarding_does_not_overwrite_what_was_saved_after_it(
    live: Service, save: Save, look: Look, device: Devices, description: Said
) -> None:
    save(live.id, "details", DETAILS | {"description": ["Edited"]})
    before = device(live)
    publishing.discard_changes(look(live.id), config.current())
    device(live).save("Theirs")
    assert before.save("Mine").status_code == 409
    assert description(live) == "Theirs"


def test_a_page_from_before_archiving_does_not_overwrite_what_was_saved_after_it(
    live: Service, save: Save, device: Devices, description: Said
) -> None:
    save(live.id, "details", DETAILS | {"description": ["Edited"]})
    before = device(live)
    services.archive(live.id, live.provider_id)
    services.resume(live.id, live.provider_id)
    device(live).save("Theirs")
    assert before.save("Mine").status_code == 409
    assert description(live) == "Theirs"


def test_a_page_from_before_the_nightly_tidying_does_not_overwrite_what_was_saved_after_it(
    live: Service, save: Save, travel: Travel, settings: Settings, device: Devices, description: Said
) -> None:
    save(live.id, "details", DETAILS | {"description": ["Edited"]})
    before = device(live)
    travel(seconds=settings.edits_kept_for.total_seconds())
    assert tidy(settings).edits == 1
    device(live).save("Theirs")
    assert before.save("Mine").status_code == 409
    assert description(live) == "Theirs"


def test_a_page_from_before_taking_back_does_not_overwrite_what_was_taken_back(
    live: Service, save: Save, look: Look, travel: Travel, settings: Settings, device: Devices, description: Said
) -> None:
    save(live.id, "details", DETAILS | {"description": ["Edited"]})
    before = device(live)
    publishing.publish(look(live.id), is_public=True)
    answers.take_back(look(live.id), steps.find("details"), 1, settings)
    assert before.save("Mine").status_code == 409
    assert description(live) == DETAILS["description"][0]


def test_a_page_that_showed_what_was_published_does_not_overwrite_what_was_published_since(
    live: Service, save: Save, look: Look, device: Devices, description: Said
) -> None:
    before = device(live)
    save(live.id, "details", DETAILS | {"description": ["Theirs"]})
    publishing.publish(look(live.id), is_public=True)
    assert before.save("Mine").status_code == 409
    assert description(live) == "Theirs"


def test_discarding_leads_to_a_version_of_its_own_though_the_text_is_the_published_one_again(
    live: Service, save: Save, look: Look, device: Devices
) -> None:
    before = device(live)
    save(live.id, "details", DETAILS | {"description": ["Edited"]})
    publishing.discard_changes(look(live.id), config.current())
    after = device(live)
    assert after.shown == before.shown
    assert after.version != before.version


@pytest.fixture
def outdated(whole: Service, look: Look, device: Devices) -> Device:
    """A page from before the publication, after which somebody else wrote "Theirs"."""
    page = device(whole)
    publishing.publish(look(whole.id), is_public=True)
    device(whole).save("Theirs")
    return page


def test_continue_without_scripts_compares_both_texts(whole: Service, outdated: Device, description: Said) -> None:
    response = outdated.press_continue("Mine")
    compared = " ".join("".join(each.itertext()) for each in response.page.all("div", class_="compare"))
    assert (response.status_code, description(whole)) == (409, "Theirs")
    assert "Mine" in compared
    assert "Theirs" in compared


def test_continue_that_tells_its_origin_compares_both_texts(whole: Service, outdated: Device, description: Said) -> None:
    response = outdated.press_continue("Mine", base=words(DETAILS))
    assert (response.status_code, description(whole)) == (409, "Theirs")
    assert response.page.by_id("description").text.strip() == "Mine"


def test_an_autosave_that_tells_its_origin_is_told_the_present_version_first(
    whole: Service, outdated: Device, description: Said
) -> None:
    response = outdated.save("Mine", base=words(DETAILS))
    assert (response.status_code, description(whole)) == (409, "Theirs")
    assert response.page.one("input", name="version").get("value") == outdated.open().version


def test_an_autosave_on_top_of_the_present_version_is_told_both_texts(
    whole: Service, outdated: Device, device: Devices, description: Said
) -> None:
    response = outdated.save("Mine", base=words(DETAILS), version=device(whole).version)
    assert (response.status_code, description(whole)) == (409, "Theirs")
    assert response.page.by_id("merged") is not None


def test_what_a_page_from_before_replaces_by_choice_is_in_the_history(whole: Service, outdated: Device) -> None:
    asked = outdated.press_continue("Mine").page
    outdated.version = next(each.get("value", "") for each in asked.all("input", type="hidden", name="version"))
    assert outdated.press_continue("Mine", keep="description", **{"keep.description": "mine"}).status_code == 303
    db.session.expire_all()
    assert ["Theirs"] in [earlier.typed["description"] for earlier in db.session.scalars(select(EarlierAnswer))]


def test_a_button_of_a_row_on_a_page_from_before_compares_too(
    whole: Service, look: Look, save: Save, as_ada: StrictClient, path: Path
) -> None:
    version = answers.of(look(whole.id))["price"]["version"]
    publishing.publish(look(whole.id), is_public=True)
    save(whole.id, "price", WHOLE["price"] | {"price_minor": ["50.00"]})
    data = WHOLE["price"] | {"price_minor": "60.00", "version": str(version), "action": "packages.add"}
    assert as_ada.post(path(whole, "price"), data=data).status_code == 409
    assert answers.of(look(whole.id))["price"]["typed"]["price_minor"] == ["50.00"]


def test_the_steps_that_nobody_changed_keep_their_version_while_a_published_service_is_edited(
    live: Service, save: Save, device: Devices
) -> None:
    before = device(live)
    save(live.id, "basics", WHOLE["basics"] | {"name": ["Updo"]})
    assert before.save("Mine").status_code == 200


def test_saving_the_same_words_again_keeps_the_version(live: Service, save: Save) -> None:
    first = save(live.id, "details", DETAILS | {"description": ["Edited"]})
    assert save(live.id, "details", DETAILS | {"description": ["Edited"]}).version == first.version


def test_a_step_that_was_never_saved_has_version_0(draft: Service, device: Devices) -> None:
    assert device(draft).version == "0"


def test_an_empty_step_that_was_saved_has_a_version(draft: Service, save: Save) -> None:
    assert save(draft.id, "details", {}).version > 0


def test_a_copy_counts_on_from_the_versions_with_which_it_begins(
    live: Service, ada: Provider, look: Look, save: Save, settings: Settings
) -> None:
    copy, _left_out = duplicate(look(live.id).whole, ada, settings)
    db.session.commit()
    before = answers.of(look(copy.id))["details"]["version"]
    assert save(copy.id, "details", DETAILS | {"description": ["Edited"]}).version > before


def meanwhile(service_id: UUID) -> int:
    """A save on another connection; the revision that it leaves."""
    row = table(Service).c
    saved = update(table(Service)).where(row.id == service_id).values(revision=row.revision + 1)
    with db.engine.begin() as connection:
        return int(connection.execute(saved.returning(row.revision)).scalar_one())


def test_discarding_gives_way_to_a_save_that_it_did_not_see(live: Service, look: Look) -> None:
    context = look(live.id)
    saved = meanwhile(live.id)
    with pytest.raises(Conflict):
        publishing.discard_changes(context, config.current())
    assert look(live.id).service.revision == saved


# PostgreSQL locks the row when it is read, so nobody comes in between there.
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True, scope="session")
def test_archiving_counts_on_from_a_save_that_it_did_not_see(live: Service, look: Look) -> None:
    saved: list[int] = []
    with before_the_update(None, lambda: saved.append(meanwhile(live.id))):
        services.archive(live.id, live.provider_id)
        db.session.flush()
    assert look(live.id).service.revision > saved[0]


def test_numbers_written_as_another_language_writes_them_are_another_version(
    live: Service, ada: Provider, look: Look, save: Save
) -> None:
    before = answers.of(look(live.id))["price"]
    names = ("display_name", "has_public_page", "about", "time_zone", "currency")
    change_profile(ada, {name: getattr(ada, name) for name in names} | {"locale": "de", "wants_reminders": True})
    after = answers.of(look(live.id))["price"]
    assert (before["typed"]["price_minor"], after["typed"]["price_minor"]) == (["45.00"], ["45,00"])
    assert after["version"] > before["version"]


def test_versions_from_before_they_followed_the_revision_go_on(draft: Service, look: Look, save: Save) -> None:
    """A row as it was written then: a step's version counted its own changes, and the revision, which began at 1, those of all steps."""
    old = {
        key: {"typed": WHOLE[key], "version": 2, "complete": True, "saved_at": "2026-11-20T09:30:00+00:00", "by": None}
        for key in WHOLE
    }
    draft.answers, draft.revision = old, 9
    assert save(draft.id, "details", DETAILS | {"description": ["Edited"]}, version=2).version == 10


def test_a_published_service_from_before_then_has_versions_above_all_that_a_page_may_show(
    ada: Provider, look: Look, device: Devices
) -> None:
    service = factories.published(ada, revision=9)
    assert device(service).version == "9"
