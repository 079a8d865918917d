"""The tiles that answer an upload are those of the page, drawn once and filled in."""

from typing import Any

import pytest
from flask import Flask, render_template

from app.locales import read_by
from app.media import tiles
from app.media.models import Media, State
from tests.media.conftest import Grant


@pytest.fixture(params=["a.jpg", "<b>\"&' 7777777777777 {{ x }} \\1.jpg", "ß 文件\u200d.jpg"])
def name(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture(params=[("video/mp4", None), ("image/jpeg", "ab" * 32), ("application/pdf", "<&")], ids=str)
def row(request: pytest.FixtureRequest, grant: Grant, name: str) -> Media:
    content_type, fingerprint = request.param
    row, _upload = grant(name, content_type, 3_456_789)
    row.fingerprint = fingerprint
    return row


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_tile_is_the_one_that_the_page_draws(app: Flask, row: Media, language: str) -> None:
    with app.test_request_context(), read_by(language, "UTC"):
        for _first_and_again in range(2):
            assert tiles.granted(row) == render_template("media/_tile.html", media=row, alt="", is_cover=False)
        for row.state in State:
            assert tiles.state(row) == render_template("media/_state.html", media=row)
