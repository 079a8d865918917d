"""Every text is there in every language that a provider can choose, and a German provider meets German alone."""

import re
from collections.abc import Callable
from email import message_from_bytes, policy
from typing import Any

import pytest
from babel.messages import Catalog, Message
from babel.messages.pofile import read_po
from flask import Flask

from app import locales, mail
from app.drafts import sweeps
from app.extensions import db
from app.ops import messages
from app.ops.messages import forms
from app.services import texts
from tests import factories
from tests.strict import StrictClient

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%|\{\w+\}")
LANGUAGES = sorted(set(locales.LOCALES) - {"en"})


@pytest.fixture(scope="module")
def source() -> Catalog:
    return messages.in_source()


@pytest.fixture(scope="module", params=LANGUAGES)
def catalogue(request: pytest.FixtureRequest) -> Catalog:
    with (locales.CATALOGUES / request.param / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file)


def place(message: Message) -> str:
    return f"{message.id!r} at {':'.join(map(str, message.locations[0]))}"


def texts_of(source: Catalog, catalogue: Catalog) -> list[tuple[Message, Message]]:
    """Each text of the source beside its translation."""
    found = [(each, catalogue.get(each.id, each.context)) for each in source if each.id]
    return [(each, translated) for each, translated in found if translated]


def test_the_source_is_read_with_its_macros(source: Catalog) -> None:
    assert source.get("There is something to mend"), "templates/_macros was not looked at"
    assert len(source) > 500


def test_every_text_has_a_translation(source: Catalog, catalogue: Catalog) -> None:
    missing = [place(each) for each in source if each.id and not catalogue.get(each.id, each.context)]
    assert not missing, "run `make messages` and translate these"


def test_no_translation_is_empty(source: Catalog, catalogue: Catalog) -> None:
    empty = [place(each) for each, said in texts_of(source, catalogue) if not all(forms(said.string))]
    assert not empty, "translate these"


def test_no_translation_is_a_guess(source: Catalog, catalogue: Catalog) -> None:
    assert not [place(each) for each, said in texts_of(source, catalogue) if said.fuzzy]


def test_a_translation_has_the_placeholders_of_its_text(source: Catalog, catalogue: Catalog) -> None:
    def placeholders(text: Any) -> set[str]:
        return {each for form in forms(text) for each in PLACEHOLDER.findall(form)}

    wrong = [place(each) for each, said in texts_of(source, catalogue) if placeholders(each.id) != placeholders(said.string)]
    assert not wrong


def test_no_translation_is_left_of_a_text_that_is_gone(source: Catalog, catalogue: Catalog) -> None:
    gone = [each.id for each in catalogue if each.id and not source.get(each.id, each.context)]
    assert not gone, "run `make messages`"


def test_a_text_is_in_german_in_one_way(catalogue: Catalog) -> None:
    """Nobody is called "Sie" by one page and "du" by the next, and quotation marks are those of the language."""
    odd = re.compile(r"\b(Sie (können|haben|sind|müssen)|Ihnen|Ihr Konto|Bitte \w+en Sie)\b|[\"”]")
    assert not [each.id for each in catalogue if each.id and any(odd.search(form) for form in forms(each.string))]


@pytest.fixture
def dora(app: Flask) -> Any:
    """Dora is a masseuse in Köln and reads German."""
    return factories.provider("dora@example.com", display_name="Doras Praxis", locale="de")


@pytest.fixture
def as_dora(client: StrictClient, dora: Any) -> StrictClient:
    return client.sign_in(dora)


def test_a_german_browser_gets_the_sign_in_page_in_german(client: StrictClient) -> None:
    page = client.get("/sign-in", headers={"Accept-Language": "de-DE,de;q=0.9,en;q=0.5"}).page
    assert page.one("h1").text == "Anmelden"


def test_a_german_page_says_that_it_is_german(client: StrictClient) -> None:
    assert client.get("/", headers={"Accept-Language": "de"}).page.one("html").get("lang") == "de"


def test_what_flask_security_says_is_german_too(client: StrictClient) -> None:
    typed = {"email": "dora@example.com", "password": "wrong"}
    page = client.post("/sign-in", data=typed, headers={"Accept-Language": "de"}).page
    assert "E-Mail und Passwort passen nicht zusammen" in page.words


def test_a_german_provider_has_a_german_dashboard(as_dora: StrictClient, dora: Any) -> None:
    factories.draft(dora, name="Rückenmassage", has_content=True)
    words = as_dora.get("/drafts").page.words
    assert "Übersicht" in words
    assert re.search(r"Löschung am \w\w\., \d+\. \w+\.? um \d\d:\d\d Uhr", words)


def test_a_german_provider_has_a_german_wizard(as_dora: StrictClient, dora: Any) -> None:
    page = as_dora.get(f"/drafts/{factories.draft(dora).id}/basics").page
    assert "Name des Angebots" in page.words
    assert "Massage und Wellness" in page.words


def test_the_name_that_an_operator_gave_a_type_is_shown_as_it_is(app: Flask) -> None:
    with app.test_request_context(headers={"Accept-Language": "de"}):
        assert texts.type_name(factories.service_type("hair")) == "Haare"
        assert texts.type_name(texts.ServiceType(key="own", name="100 % Hats")) == "100 % Hats"


def test_every_type_of_a_new_database_has_a_translation(app: Flask) -> None:
    names = set(db.session.scalars(db.select(texts.ServiceType.name)))
    assert set(texts.TYPES) <= names


def test_a_german_provider_is_warned_in_german(app: Flask, dora: Any, travel: Callable[..., Any]) -> None:
    travel()
    factories.draft(dora, name="Rückenmassage", has_content=True)
    travel(hours=25)
    sweeps.warn(app.extensions["settings"])
    letter = message_from_bytes(max(mail.outbox().glob("*.eml")).read_bytes(), policy=policy.default)
    assert letter["Subject"].strip() == "Dein Entwurf „Rückenmassage“ wird bald gelöscht"
    assert "Länger behalten" in letter.get_body(("plain",)).get_content()
    assert '<html lang="de"' in letter.get_body(("html",)).get_content()
