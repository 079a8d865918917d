"""What is shown was looked at: bad files are rejected with a reason, and good ones lose what must not be published."""

import hashlib
import re
from typing import Any

import pytest

from app.extensions import db
from app.media import inspection, reasons, uploads
from app.media.models import State
from tests.media import files
from tests.media.conftest import Grant, Upload, ledger_keys, stored, verify
from tests.storage.conftest import Place

# What a file is has nothing to do with which database keeps its row; the way of a file through both is in test_lifecycle.py.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True, scope="session")


@pytest.mark.parametrize(
    ("body", "name", "content_type", "reason"),
    [
        (b"Dear diary, this is not a photo.", "photo.jpg", "image/jpeg", "not_a_photo"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", "photo.png", "image/png", "not_a_photo"),
        (b"<!doctype html><script>1</script>", "photo.gif", "image/gif", "not_a_photo"),
        (b"GIF89a" + b"<script>alert(1)</script>" * 9, "photo.gif", "image/gif", "damaged"),
        (b"\xff\xd8\xff" + b"noise" * 99, "photo.jpg", "image/jpeg", "damaged"),
        (files.pdf(), "photo.jpg", "image/jpeg", "not_a_photo"),
        (b"PK\x03\x04 a zip", "clip.mp4", "video/mp4", "not_a_video"),
        (files.webm().replace(b"webm", b"matr"), "clip.webm", "video/webm", "not_a_video"),
        (b"a letter", "prices.pdf", "application/pdf", "not_a_pdf"),
        (b"%PDF-1.7\n" + b"half of it" * 99, "prices.pdf", "application/pdf", "damaged"),
        (files.heic()[:-300], "photo.heic", "image/heic", "damaged"),
        (files.film("mp4", "mpeg4"), "clip.mp4", "video/mp4", "video_format"),
        (files.mp4()[:-300], "clip.mp4", "video/mp4", "damaged"),
        (files.webm()[:-300], "clip.webm", "video/webm", "damaged"),
        (files.jpeg()[:9000], "photo.jpg", "image/jpeg", "damaged"),
        (files.transparent_png()[:-500], "photo.png", "image/png", "damaged"),
        (files.avif()[:-300], "photo.avif", "image/avif", "damaged"),
    ],
)
def test_a_bad_file_is_rejected_with_its_reason(
    folder: Place, upload: Upload, body: bytes, name: str, content_type: str, reason: str
) -> None:
    row = upload(folder, body, name, content_type)
    assert (row.state, row.reason, row.variants, row.original_key) == (State.REJECTED, reason, None, None)


def test_every_reason_has_a_sentence(app: Any) -> None:
    words = set(inspection.NOT_WHAT_IT_SAYS.values()) | {"lost", "differs", "too_slow"}
    for file in (*inspection.PROGRAM.glob("*.py"), inspection.PROGRAM.with_name("inspection.py")):
        words |= set(re.findall(r'(?:Refusal|Rejected)\("(\w+)"', file.read_text()))
    assert {"damaged", "too_long", "locked"} < words
    assert words == set(reasons.SENTENCES)
    assert all(reasons.sentence(each).endswith(".") for each in words)


def test_a_rejected_file_is_not_kept(place: Place, upload: Upload) -> None:
    row = upload(place, b"not a photo")
    assert row.incoming_key in ledger_keys()
    assert [key for key in stored(place, row) if key.startswith("media/")] == []


def test_a_picture_that_unfolds_to_400_million_pixels_is_rejected_and_the_worker_lives(folder: Place, upload: Upload) -> None:
    bomb = files.png_bomb()
    assert len(bomb) < 60_000
    row = upload(folder, bomb, "white.png", "image/png")
    assert (row.state, row.reason) == (State.REJECTED, "too_many_pixels")
    assert upload(folder, files.jpeg()).state == State.READY


def test_other_bytes_than_announced_are_rejected(folder: Place, grant: Grant, ada: Any) -> None:
    body = files.jpeg()
    row, _url = grant(size=len(body), sha256=hashlib.sha256(b"other").hexdigest())
    # A store that does not check what was signed.
    _put_behind_its_back(folder, row.incoming_key, body)
    uploads.receive(row.id, ada.id)
    db.session.commit()
    verify(row.id)
    assert row.reason == "differs"


def test_another_length_than_announced_is_rejected(folder: Place, grant: Grant, ada: Any) -> None:
    row, _url = grant(size=5)
    _put_behind_its_back(folder, row.incoming_key, files.jpeg())
    uploads.receive(row.id, ada.id)
    db.session.commit()
    verify(row.id)
    assert row.reason == "differs"


def _put_behind_its_back(place: Place, key: str, body: bytes) -> None:
    import io

    place.store.write(key, io.BytesIO(body), size=len(body), content_type="image/jpeg")


def test_a_file_that_got_lost_before_its_verification_says_so(folder: Place, grant: Grant, ada: Any) -> None:
    row, url = grant(size=5)
    folder.put(url, b"bytes")
    uploads.receive(row.id, ada.id)
    db.session.commit()
    folder.store.delete([row.incoming_key])
    verify(row.id)
    assert row.reason == "lost"


def test_a_photo_that_is_called_by_another_formats_name_is_taken(folder: Place, upload: Upload) -> None:
    row = upload(folder, files.transparent_png(), "photo.jpg", "image/jpeg")
    assert (row.state, row.content_type) == (State.READY, "image/png")


def test_a_second_look_that_fails_takes_nothing_away_from_the_first(
    folder: Place, arrive: Upload, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = arrive(folder, files.jpeg())

    def overtaken(*_order: Any) -> Any:
        monkeypatch.undo()
        verify(row.id)
        raise inspection.Rejected("too_slow")

    monkeypatch.setattr(inspection, "look", overtaken)
    verify(row.id)
    assert row.state == State.READY
    assert set(ledger_keys()) == {row.incoming_key}
