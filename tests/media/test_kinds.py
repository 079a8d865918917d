"""What may be uploaded, by the name and type that a browser gives: the same for the script and for the server."""

from typing import Any

import pytest

from app import config
from app.errors import Refused
from app.media import kinds, reasons
from app.media.views import rules

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True, scope="session")


@pytest.mark.parametrize(
    ("content_type", "name", "found"),
    [
        ("image/jpeg", "a.jpg", "image/jpeg"),
        ("image/jpeg; charset=binary", "a", "image/jpeg"),
        ("IMAGE/PNG", "a.png", "image/png"),
        ("image/jpg", "a.jpg", "image/jpeg"),
        ("image/heif", "IMG_1.HEIC", "image/heic"),
        ("", "IMG_1.HEIC", "image/heic"),
        ("", "IMG_1.heif", "image/heic"),
        ("application/octet-stream", "clip.M4V", "video/mp4"),
        ("video/x-m4v", "clip.m4v", "video/mp4"),
        ("application/x-pdf", "a.pdf", "application/pdf"),
        ("", "prices.PDF", "application/pdf"),
    ],
)
def test_what_is_taken(app: Any, content_type: str, name: str, found: str) -> None:
    assert kinds.find(content_type, name).content_type == found


@pytest.mark.parametrize(
    ("content_type", "name"),
    [
        ("image/svg+xml", "a.svg"),
        ("image/svg+xml", "a.png"),
        ("text/html", "a.jpg"),
        ("text/xml", "a.jpg"),
        ("", "a.svg"),
        ("", "a.html"),
        ("", ""),
        ("application/zip", "a.pdf"),
        ("application/octet-stream", "a.jpg.exe"),
        ("video/quicktime", "a.mov"),
        ("image/tiff", "a.tif"),
        ("image/jpeg2000", "a.jpg"),
        ("audio/mp4", "a.m4a"),
        ("*/*", "a.jpg"),
    ],
)
def test_everything_else_is_refused_before_it_is_sent(app: Any, content_type: str, name: str) -> None:
    with pytest.raises(Refused, match="HEIC"):
        kinds.find(content_type, name)


def test_the_script_knows_the_same_types_and_limits(app: Any) -> None:
    with app.test_request_context():
        said, settings = rules(), config.current()
    assert set(said["types"]) == set(kinds.TYPES) | set(kinds.ALIASES)
    assert set(said["endings"].values()) <= set(said["types"])
    for name, most in said["types"].items():
        assert most == kinds.limit(kinds.find(name, "").kind, settings)


def test_a_phone_is_not_told_of_heic_so_that_it_sends_jpeg(app: Any) -> None:
    assert "heic" not in kinds.ACCEPT
    assert "image/jpeg" in kinds.ACCEPT.split(",")


def test_reasons_name_the_limits_that_are_set(app: Any) -> None:
    with app.test_request_context():
        assert "500 pages" in reasons.sentence("too_many_pages")
        assert "15 minutes" in reasons.sentence("too_long")
