"""What photos show, said by the step's own form: no script takes part here."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from app.media.models import State
from app.services.models import Service
from tests import factories
from tests.strict import StrictClient

Path = Callable[[Service, str], str]
TEXT = 'A chair by the window, "Ada\'s" <favourite> 💇'


@pytest.fixture
def photos(draft: Service) -> list[UUID]:
    return [factories.media(draft, state=State.READY, file_name=name).id for name in ("one.jpg", "two.jpg")]


@pytest.fixture
def press(as_ada: StrictClient, draft: Service, path: Path, photos: list[UUID]) -> Callable[..., Any]:
    """Send the step's form by one of its buttons, with a text about the second photo."""

    def send(**button: str) -> Any:
        typed = {"media": [str(each) for each in photos], "cover": str(photos[0]), f"alt-{photos[1]}": TEXT, "version": "0"}
        return as_ada.post(path(draft, "media"), data=typed | button)

    return send


def shown(client: StrictClient, draft: Service, path: Path, photo: UUID) -> str | None:
    return client.get(path(draft, "media")).page.by_id(f"alt-{photo}").get("value")


@pytest.mark.parametrize("button", [{}, {"action": "later"}])
def test_what_a_photo_shows_is_saved_by_each_button_that_leaves_the_step(
    press: Callable[..., Any], as_ada: StrictClient, draft: Service, path: Path, photos: list[UUID], button: dict[str, str]
) -> None:
    assert press(**button).status_code == 303
    assert shown(as_ada, draft, path, photos[1]) == TEXT


def test_it_is_saved_by_the_buttons_that_put_photos_in_order(
    press: Callable[..., Any], as_ada: StrictClient, draft: Service, path: Path, photos: list[UUID]
) -> None:
    press(action=f"media.up.{photos[1]}")
    assert shown(as_ada, draft, path, photos[1]) == TEXT


def test_the_review_tells_files_that_were_refused_from_those_that_will_be_seen(
    as_ada: StrictClient, draft: Service, path: Path, photos: list[UUID]
) -> None:
    factories.media(draft, state=State.REJECTED)
    said = as_ada.get(path(draft, "review")).page.words
    assert f"{len(photos)} files" in said
    assert "1 more was refused, and nobody will see it." in said
