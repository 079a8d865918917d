"""Of what a page sends, a step keeps its own fields: their names can be made up, and be very many."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from app.extensions import db
from app.services.models import Service
from tests.strict import StrictClient

Path = Callable[..., str]


@pytest.fixture
def put(as_ada: StrictClient, draft: Service, path: Path) -> Callable[[str, str], Any]:
    """Save a step as its page does, with a body as it travels."""

    def save(key: str, body: str) -> Any:
        sent = f"csrf_token={as_ada.token()}&version=0&{body}"
        return as_ada.put(path(draft, key), data=sent, content_type="application/x-www-form-urlencoded")

    return save


def kept(service: Service, key: str) -> Any:
    db.session.expire_all()
    return (db.session.get_one(Service, service.id).answers or {}).get(key, {}).get("typed", {})


@pytest.mark.parametrize(
    ("key", "made_up"),
    [
        ("basics", "motto"),
        ("basics", "packages-0-name"),
        ("price", "packages-100-name"),
        ("price", "packages-0-colour"),
        ("price", "packages-0"),
        ("price", "packages"),
        ("availability", "mon"),
        ("availability", "mon-sleeps"),
        ("media", "alt-1"),
        ("details", "alt-01a227fb-6fa4-75ed-bffd-244fc5fd7abd"),
    ],
)
def test_a_field_that_a_step_does_not_have_is_not_kept(put: Any, draft: Service, key: str, made_up: str) -> None:
    assert put(key, f"{made_up}=x").status_code == 200
    assert kept(draft, key) == {}


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("basics", "name"),
        ("price", "packages-0-name"),
        ("price", "packages-99-price_minor"),
        ("availability", "sun-recloses"),
        ("media", "media"),
        ("media", "alt-01a227fb-6fa4-75ed-bffd-244fc5fd7abd"),
    ],
)
def test_a_field_that_a_step_has_is_kept(put: Any, draft: Service, key: str, name: str) -> None:
    assert put(key, f"{name}=x").status_code == 200
    assert kept(draft, key) == {name: ["x"]}


def test_of_a_page_from_before_a_deploy_so_many_fields_are_kept_and_no_more(put: Any, draft: Service) -> None:
    assert put("basics", "asked=something+else&" + "&".join(f"old{number}=x" for number in range(150))).status_code == 200
    assert len(kept(draft, "basics")) == 100


def test_a_body_of_more_fields_than_any_form_has_is_refused_unread(put: Any, draft: Service) -> None:
    assert put("basics", "&".join(f"a{number}=" for number in range(2_000))).status_code == 413
    assert kept(draft, "basics") == {}


@pytest.mark.parametrize("inside", ["base", "sent"])
def test_so_is_a_field_with_such_a_body_in_it(put: Any, draft: Service, inside: str) -> None:
    many = quote("&".join(f"a{number}=" for number in range(2_001)))
    assert put("basics", f"name=x&{inside}={many}&base=name%3Dy").status_code == 413
    assert kept(draft, "basics") == {}
