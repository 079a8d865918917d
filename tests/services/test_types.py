"""`flask service-types`: the operator's list."""

from collections.abc import Iterator
from typing import Any

import pytest

from app.extensions import db
from app.services import types
from app.services.models import Service, ServiceType
from app.services.queries import offered_types
from tests import factories


@pytest.fixture(autouse=True)
def _types(app: Any) -> Iterator[None]:
    """Three types, and afterwards those of the migration again: other tests count on them."""
    before = [(row.key, row.name, row.position) for row in types.every()]
    db.session.query(ServiceType).delete()
    for key in ("hair", "music", "sports"):
        types.add(key, key.title())
    db.session.commit()
    yield
    db.session.rollback()
    db.session.query(Service).delete()
    db.session.query(ServiceType).delete()
    db.session.add_all([ServiceType(key=key, name=name, position=position) for key, name, position in before])
    db.session.commit()


def run(app: Any, *words: str) -> Any:
    result = app.test_cli_runner().invoke(args=["service-types", *words])
    db.session.rollback()
    return result


def keys() -> list[str]:
    return [row.key for row in offered_types()]


def test_list_shows_place_key_and_name(app: Any) -> None:
    assert run(app, "list").output.splitlines()[0].split() == ["1", "hair", "Hair"]


def test_add_offers_a_type_at_the_end(app: Any) -> None:
    result = run(app, "add", "repairs", "Repairs and more")
    assert result.exit_code == 0
    assert "Added: repairs (Repairs and more)" in result.output
    assert keys() == ["hair", "music", "sports", "repairs"]


@pytest.mark.parametrize("key", ["Hair", "a b", "", "x" * 41, "-x", "é"])
def test_a_key_that_is_none_is_refused_with_the_rule(app: Any, key: str) -> None:
    result = run(app, "add", "--", key, "Name")
    assert result.exit_code == 1
    assert "Error: A key is 1 to 40 small letters" in result.output


def test_a_key_that_is_taken_is_refused(app: Any) -> None:
    result = run(app, "add", "hair", "Hair again")
    assert result.exit_code == 1
    assert "There is a type hair already." in result.output


@pytest.mark.parametrize("name", ["", "  ", "x" * 81])
def test_a_name_that_is_none_is_refused(app: Any, name: str) -> None:
    assert "A name has 1 to 80 characters." in run(app, "rename", "hair", name).output


def test_rename_keeps_the_key_and_is_found_by_the_new_name(app: Any, client: Any, ada: Any) -> None:
    hair = types.find("hair")
    factories.published(ada, name="Cut", service_type_id=hair.id)
    run(app, "rename", "hair", "Coiffure")
    assert types.find("hair").name == "Coiffure"
    assert "Cut" in client.get("/services?q=coiffure").page.words


@pytest.mark.parametrize(("place", "after"), [(1, "sports hair music"), (2, "hair sports music"), (99, "hair music sports")])
def test_move_puts_a_type_at_its_place(app: Any, place: int, after: str) -> None:
    run(app, "move", "sports", str(place))
    assert keys() == after.split()


@pytest.mark.parametrize("place", ["0", "-1"])
def test_a_place_before_the_first_is_refused(app: Any, place: str) -> None:
    assert "Places are counted from 1." in run(app, "move", "sports", "--", place).output


def test_a_retired_type_is_not_offered_and_can_be_restored(app: Any) -> None:
    run(app, "retire", "music")
    assert keys() == ["hair", "sports"]
    assert "(retired)" in run(app, "list").output
    run(app, "restore", "music")
    assert keys() == ["hair", "music", "sports"]


def test_a_listing_keeps_its_retired_type(app: Any, client: Any, ada: Any) -> None:
    factories.published(ada, slug="song", service_type_id=types.find("music").id)
    run(app, "retire", "music")
    assert "Music" in client.get("/s/song").page.words


@pytest.mark.parametrize("words", [("rename", "nope", "X"), ("move", "nope", "1"), ("retire", "nope"), ("restore", "nope")])
def test_an_unknown_key_is_named(app: Any, words: tuple[str, ...]) -> None:
    result = run(app, *words)
    assert result.exit_code == 1
    assert "There is no type nope." in result.output
