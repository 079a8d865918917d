"""What photos show belongs to who typed it: it goes with no tile, no button and no other page."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from app.extensions import db
from app.media.models import Media, State
from app.providers.models import Provider
from app.services.models import Service
from app.wizard import publishing
from app.wizard.context import Context
from tests import factories
from tests.strict import StrictClient

Path = Callable[[Service, str], str]
TEXT = "A chair by the window"


@pytest.fixture
def photo(draft: Service) -> UUID:
    return factories.media(draft, file_name="chair.jpg").id


@pytest.fixture
def other(draft: Service) -> UUID:
    return factories.media(draft, file_name="door.jpg").id


@pytest.fixture
def step(as_ada: StrictClient, draft: Service, path: Path) -> Callable[..., Any]:
    """Save the step of a page that shows these files, with a text about each, on whatever is saved."""

    def save(alts: dict[UUID, str], **more: str) -> Any:
        version = as_ada.get(path(draft, "media")).page.one("input", name="version").get("value")
        typed = {"media": [str(each) for each in alts], "version": version} | {
            f"alt-{each}": text for each, text in alts.items()
        }
        return as_ada.put(path(draft, "media"), data=typed | more)

    return save


@pytest.fixture
def described(step: Callable[..., Any], photo: UUID, other: UUID) -> UUID:
    """A photo with a description, which another page has removed since."""
    assert step({photo: TEXT, other: ""}).status_code == 200
    return photo


def shown(client: StrictClient, draft: Service, path: Path, photo: UUID) -> str | None:
    return client.get(path(draft, "media")).page.by_id(f"alt-{photo}").get("value")


def test_a_removed_photo_keeps_its_description_though_pages_save_without_it(
    as_ada: StrictClient, draft: Service, path: Path, step: Callable[..., Any], described: UUID, other: UUID
) -> None:
    as_ada.post(f"/media/{described}/remove")
    assert step({other: "A door"}).status_code == 200
    as_ada.post(f"/media/{described}/restore")
    assert shown(as_ada, draft, path, described) == TEXT


def test_a_description_that_was_deleted_stays_deleted(
    as_ada: StrictClient, draft: Service, path: Path, step: Callable[..., Any], described: UUID, other: UUID
) -> None:
    assert step({described: "", other: ""}).status_code == 200
    assert not shown(as_ada, draft, path, described)


@pytest.fixture
def publish(ada: Provider, whole: Service) -> Callable[[], Service]:
    def now() -> Service:
        db.session.expire_all()
        listing = db.session.get_one(Service, whole.id)
        publishing.publish(Context.of(ada, listing), is_public=True)
        db.session.commit()
        return listing

    return now


def test_publishing_keeps_the_description_of_a_photo_that_may_come_back(
    as_ada: StrictClient, draft: Service, path: Path, publish: Callable[[], Service], described: UUID
) -> None:
    as_ada.post(f"/media/{described}/remove")
    assert TEXT not in as_ada.get(f"/s/{publish().slug}").text
    as_ada.post(f"/media/{described}/restore")
    assert shown(as_ada, draft, path, described) == TEXT


def test_publishing_puts_the_description_of_a_refused_photo_among_the_earlier_versions(
    as_ada: StrictClient, draft: Service, path: Path, publish: Callable[[], Service], described: UUID
) -> None:
    db.session.get_one(Media, described).state = State.REJECTED
    db.session.commit()
    assert TEXT not in as_ada.get(f"/s/{publish().slug}").text
    assert TEXT in as_ada.get(f"{path(draft, 'media')}/earlier/1").page.words


def test_the_description_of_a_file_that_never_arrived_is_among_the_earlier_versions(
    as_ada: StrictClient, draft: Service, path: Path, step: Callable[..., Any], other: UUID
) -> None:
    coming = factories.media(draft, state=State.GRANTED).id
    step({coming: TEXT, other: ""})
    as_ada.post(f"/media/{coming}/remove")
    step({other: ""})
    versions = as_ada.get(f"{path(draft, 'media')}/earlier").page
    assert "What removed files show" in versions.words
    number = next(each for each in versions.all("a") if "/earlier/" in (each.get("href") or ""))
    assert TEXT in as_ada.get(f"{path(draft, 'media')}/earlier/{(number.get('href') or '').rpartition('/')[2]}").page.words


def test_the_earlier_versions_say_what_photos_showed(
    as_ada: StrictClient, draft: Service, path: Path, step: Callable[..., Any], described: UUID, other: UUID
) -> None:
    step({described: "x", other: ""}, chosen="yes")
    assert "What they show" in as_ada.get(f"{path(draft, 'media')}/earlier").page.words
    assert f"chair.jpg: {TEXT}" in as_ada.get(f"{path(draft, 'media')}/earlier/1").page.words


def test_the_review_says_what_photos_show(as_ada: StrictClient, draft: Service, path: Path, described: UUID) -> None:
    assert f"chair.jpg: {TEXT}" in as_ada.get(path(draft, "review")).page.words


def test_a_description_that_is_too_long_is_kept_whole_and_named(
    as_ada: StrictClient, draft: Service, path: Path, step: Callable[..., Any], photo: UUID
) -> None:
    step({photo: "x" * 406})
    assert len(shown(as_ada, draft, path, photo) or "") == 406
    assert (
        "may have 300 characters"
        in as_ada.post(path(draft, "media"), data={"media": [str(photo)], f"alt-{photo}": "x" * 406, "version": "9"}).text
    )
    assert as_ada.get(path(draft, "media")).page.by_id(f"alt-{photo}").get("maxlength") is None


def test_each_description_that_a_browser_kept_is_asked_about_by_itself(
    as_ada: StrictClient, draft: Service, path: Path, described: UUID, other: UUID
) -> None:
    kept = f"media={described}&media={other}&alt-{described}=Typed+offline&alt-{other}="
    answer = as_ada.post(f"{path(draft, 'media')}/kept", data={"kept": kept, "at": "0", "version": "0"})
    assert [each.get("value") for each in answer.page.all("input", name=f"choice-alt-{described}")] == ["kept", "saved"]
    assert not answer.page.all("input", name=f"choice-alt-{other}")
