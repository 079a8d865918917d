"""The pieces are drawn by the real application; none of them needs a row."""

from collections.abc import Callable
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
import pytest
from flask import Flask, render_template_string

from app import config, create_app
from tests.strict import Page

Draw = Callable[..., Page]
IMPORTS = "".join(f'{{% import "_macros/{room}.html" as {room} %}}' for room in ("forms", "ui", "wizard", "media", "nav"))


@pytest.fixture(scope="session")
def drawing_app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The application over a database that was never made: what it draws here, it draws with the database down."""
    var = tmp_path_factory.mktemp("var")
    settings = {
        "DATABASE_URL": f"sqlite:///{var}/none.sqlite3",
        "VAR_DIR": str(var),
        "SECRET_KEY": "only-for-tests",
        "RATE_LIMITS": "no",
    }
    return create_app(config.load(settings | {"BASE_URL": "http://localhost"}))


@pytest.fixture
def draw(drawing_app: Flask) -> Draw:
    """A piece of template, drawn and parsed strictly: `draw("{{ ui.badge(word) }}", word="New")`."""

    def drawn(source: str, **values: Any) -> Page:
        with drawing_app.test_request_context():
            text = render_template_string(IMPORTS + source, **values)
        root = Element("fragment")
        root.extend(list(html5lib.HTMLParser(strict=True).parseFragment(text)))
        return Page(root, text)

    return drawn
