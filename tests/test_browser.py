"""What every answer tells the browser about keeping it."""

import gzip

from tests.strict import StrictClient

PACKED = {"Accept-Encoding": "gzip"}


def test_a_file_with_its_version_in_the_address_is_kept_for_a_year(client: StrictClient) -> None:
    with client.get("/static/css/base.css?v=1") as answer:
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_a_file_without_a_version_is_asked_for_again(client: StrictClient) -> None:
    with client.get("/static/css/base.css") as answer:
        assert answer.headers["Cache-Control"] == "no-cache"


def test_a_file_that_is_not_there_is_not_kept(client: StrictClient) -> None:
    assert "immutable" not in client.get("/static/css/nothing.css?v=1").headers.get("Cache-Control", "")


def test_a_style_sheet_travels_packed_to_a_browser_that_can_unpack_it(client: StrictClient) -> None:
    with client.get("/static/css/base.css?v=1") as plain, client.get("/static/css/base.css?v=1", headers=PACKED) as packed:
        assert packed.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(packed.data) == plain.data
        assert plain.headers["Vary"] == packed.headers["Vary"] == "Accept-Encoding"


def test_a_packed_file_is_not_sent_again_to_one_who_has_it(client: StrictClient) -> None:
    with client.get("/static/css/base.css", headers=PACKED) as first:
        known = PACKED | {"If-None-Match": first.headers["ETag"]}
    assert client.get("/static/css/base.css", headers=known).status_code == 304


def test_a_form_that_is_shown_again_holds_no_character_that_html_forbids(client: StrictClient) -> None:
    assert "\ufffd" in client.post("/confirm", data={"email": "\x08"}).page.text
