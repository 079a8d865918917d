"""What every answer tells the browser about keeping it."""

import gzip
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from app.browser import asset
from tests.strict import StrictClient

PACKED = {"Accept-Encoding": "gzip"}


@pytest.fixture
def addressed(app: Flask) -> Iterator[Callable[[str], str]]:
    """The address of a file as pages name it."""
    with app.test_request_context():
        yield asset


def test_a_file_with_its_build_in_the_address_is_kept_for_a_year(client: StrictClient, addressed: Callable[[str], str]) -> None:
    with client.get(addressed("css/base.css")) as answer:
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_a_file_without_a_build_is_asked_for_again(client: StrictClient) -> None:
    with client.get("/static/css/base.css") as answer:
        assert answer.headers["Cache-Control"] == "no-cache"


def test_a_file_of_another_build_is_there_and_asked_for_again(client: StrictClient) -> None:
    """A page that was loaded before a deploy imports something late, or one of two servers is not as far as the other."""
    with client.get("/static/@000000000000/css/base.css") as answer:
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-cache")


def test_a_file_that_is_not_there_is_not_kept(client: StrictClient, addressed: Callable[[str], str]) -> None:
    answer = client.get(addressed("css/nothing.css"))
    assert answer.status_code == 404
    assert "immutable" not in answer.headers.get("Cache-Control", "")


def test_nothing_outside_of_the_folder_is_a_file(client: StrictClient, addressed: Callable[[str], str]) -> None:
    assert client.get(addressed("css/base.css").replace("css/base.css", "..%2fwsgi.py")).status_code == 404


def test_what_a_script_imports_is_named_as_a_file_beside_it(checkout: Path) -> None:
    """So it has the build in its address too, and no deploy leaves an old one beside a new one."""
    named = [
        (script.name, name)
        for script in (checkout / "static" / "js").glob("*.js")
        for name in re.findall(r"""(?:from|import)\s*\(?\s*["']([^"']+)["']""", script.read_text())
    ]
    assert named
    assert [each for each in named if not each[1].startswith("./")] == []


def test_a_style_sheet_travels_packed_to_a_browser_that_can_unpack_it(
    client: StrictClient, addressed: Callable[[str], str]
) -> None:
    address = addressed("css/base.css")
    with client.get(address) as plain, client.get(address, headers=PACKED) as packed:
        assert packed.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(packed.data) == plain.data
        assert plain.headers["Vary"] == packed.headers["Vary"] == "Accept-Encoding"


def test_a_packed_file_is_not_sent_again_to_one_who_has_it(client: StrictClient) -> None:
    with client.get("/static/css/base.css", headers=PACKED) as first:
        known = PACKED | {"If-None-Match": first.headers["ETag"]}
    assert client.get("/static/css/base.css", headers=known).status_code == 304


def test_a_form_that_is_shown_again_holds_no_character_that_html_forbids(client: StrictClient) -> None:
    assert "\ufffd" in client.post("/confirm", data={"email": "\x08"}).page.text


def test_sheets_that_go_together_are_one_file_which_is_kept_for_a_year(client: StrictClient) -> None:
    address = client.get("/").page.all("link", rel="stylesheet")[0].get("href")
    sheet = client.get(address, headers=PACKED)
    assert sheet.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    text = gzip.decompress(sheet.data).decode()
    assert text.index("@layer") < text.index(".wrap") < text.index(".field") < text.index(".badge")


def test_joined_sheets_are_asked_for_again_under_the_address_of_another_version(client: StrictClient) -> None:
    address = client.get("/").page.all("link", rel="stylesheet")[0].get("href")
    assert client.get(f"{address[:-1]}{'0' if address[-1] != '0' else '1'}").headers["Cache-Control"] == "no-cache"


def test_what_a_joined_sheet_names_is_there(client: StrictClient) -> None:
    text = client.get("/sheets/frame.css").text
    found = set(re.findall(r'url\("([^"]+)"\)', text))
    assert found
    assert {address: client.get(address).status_code for address in found} == dict.fromkeys(found, 200)


def test_a_joined_sheet_without_its_version_is_asked_for_again(client: StrictClient) -> None:
    first = client.get("/sheets/wizard.css")
    assert first.headers["Cache-Control"] == "no-cache"
    assert client.get("/sheets/wizard.css", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304


def test_no_other_sheet_is_joined(client: StrictClient) -> None:
    assert client.get("/sheets/tokens.css").status_code == 404
