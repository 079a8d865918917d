"""What every answer tells the browser about keeping it."""

from tests.strict import StrictClient


def test_a_file_with_its_version_in_the_address_is_kept_for_a_year(client: StrictClient) -> None:
    with client.get("/static/css/base.css?v=1") as answer:
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_a_file_without_a_version_is_asked_for_again(client: StrictClient) -> None:
    with client.get("/static/css/base.css") as answer:
        assert answer.headers["Cache-Control"] == "no-cache"


def test_a_file_that_is_not_there_is_not_kept(client: StrictClient) -> None:
    assert "immutable" not in client.get("/static/css/nothing.css?v=1").headers.get("Cache-Control", "")
