"""What every store must do. The folder and a bucket that verifies signatures pass the same tests, through real HTTP."""

import hashlib
import io
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from app import clock
from app.storage.protocol import ChangedObject, ObjectInfo, UploadURL
from tests.storage.conftest import Place, long_ago

# A file system has a clock of its own, and so has a bucket.
pytestmark = pytest.mark.usefixtures("present")

BODY = b"some bytes of a photo" * 100
MINUTES = timedelta(minutes=5)


def presign(place: Place, key: str, **given: Any) -> UploadURL:
    values = {"size": len(BODY), "content_type": "image/jpeg", "sha256": None, "lifetime": MINUTES}
    return place.store.presign_put(key, **(values | given))


def write(place: Place, key: str, body: bytes = BODY, content_type: str = "image/jpeg") -> ObjectInfo:
    return place.store.write(key, io.BytesIO(body), size=len(body), content_type=content_type)


def read(place: Place, key: str, **window: int) -> bytes:
    with place.store.read(key, **window) as stream:
        return stream.read()


def test_a_signed_put_creates_the_object(place: Place, key: str) -> None:
    answer = place.put(presign(place, key), BODY)
    assert answer.status == 200
    assert read(place, key) == BODY


def test_the_answer_to_a_put_carries_the_etag_that_the_object_has(place: Place, key: str) -> None:
    answer = place.put(presign(place, key), BODY)
    found = place.store.head(key)
    assert found is not None
    assert answer.headers["ETag"].strip('"') == found.etag


def test_head_tells_size_and_type(place: Place, key: str) -> None:
    place.put(presign(place, key), BODY)
    found = place.store.head(key)
    assert found is not None
    assert (found.key, found.size, found.content_type) == (key, len(BODY), "image/jpeg")


def test_head_of_nothing_is_none(place: Place, key: str) -> None:
    assert place.store.head(key) is None


@pytest.mark.parametrize("body", [BODY[:-1], BODY + b"!"], ids=["shorter", "longer"])
def test_another_length_than_the_signed_one_is_refused(place: Place, key: str, body: bytes) -> None:
    assert place.put(presign(place, key), body).status == 403
    assert place.store.head(key) is None


def test_another_type_than_the_signed_one_is_refused(place: Place, key: str) -> None:
    upload = presign(place, key)
    assert place.put(upload, BODY, {**upload.headers, "Content-Type": "text/html"}).status == 403
    assert place.store.head(key) is None


def test_a_put_that_does_not_forbid_overwriting_is_refused(place: Place, key: str) -> None:
    assert place.put(presign(place, key), BODY, {"Content-Type": "image/jpeg"}).status == 403


def test_a_second_put_is_refused_and_changes_nothing(place: Place, key: str) -> None:
    upload = presign(place, key)
    place.put(upload, BODY)
    assert place.put(upload, BODY[::-1]).status == 412
    assert read(place, key) == BODY


def test_bytes_with_the_announced_sha256_are_accepted(place: Place, key: str) -> None:
    upload = presign(place, key, sha256=hashlib.sha256(BODY).hexdigest())
    assert place.put(upload, BODY).status == 200


def test_other_bytes_than_the_announced_sha256_are_refused(place: Place, key: str) -> None:
    upload = presign(place, key, sha256=hashlib.sha256(BODY).hexdigest())
    assert place.put(upload, BODY[::-1]).status == 400
    assert place.store.head(key) is None


def test_an_expired_url_is_refused(place: Place, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = long_ago(monkeypatch, lambda: presign(place, key))
    assert place.put(upload, BODY).status == 403
    assert place.store.head(key) is None


def test_an_expired_reading_url_is_refused(place: Place, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    write(place, key)
    url = long_ago(monkeypatch, lambda: place.store.presign_get(key, lifetime=MINUTES))
    assert place.get(url).status == 403


def test_a_tampered_url_is_refused(place: Place, key: str) -> None:
    upload = presign(place, key)
    middle = len(upload.url) - 12
    changed = upload.url[:middle] + ("A" if upload.url[middle] != "A" else "B") + upload.url[middle + 1 :]
    assert place.put(UploadURL(changed, upload.headers, upload.expires_at), BODY).status == 403


def test_a_url_for_reading_does_not_write(place: Place, key: str) -> None:
    url = place.store.presign_get(key, lifetime=MINUTES)
    assert place.put(UploadURL(url, presign(place, key).headers, clock.now()), BODY).status == 403


def test_a_url_for_writing_does_not_read(place: Place, key: str) -> None:
    upload = presign(place, key)
    place.put(upload, BODY)
    assert place.get(upload.url).status == 403


def test_the_moment_of_expiry_is_told(place: Place, key: str) -> None:
    before = clock.now()
    told: datetime = presign(place, key).expires_at
    assert before + MINUTES - timedelta(seconds=2) <= told <= clock.now() + MINUTES


def test_a_reading_url_gives_the_bytes_and_forbids_caching(place: Place, key: str) -> None:
    write(place, key)
    answer = place.get(place.store.presign_get(key, lifetime=MINUTES))
    assert (answer.status, answer.data) == (200, BODY)
    assert "no-store" in answer.headers["Cache-Control"]


def test_a_reading_url_gives_a_range(place: Place, key: str) -> None:
    write(place, key)
    answer = place.get(place.store.presign_get(key, lifetime=MINUTES), Range="bytes=5-9")
    assert (answer.status, answer.data) == (206, BODY[5:10])
    assert answer.headers["Content-Range"] == f"bytes 5-9/{len(BODY)}"


def test_a_range_beyond_the_end_is_answered_as_such(place: Place, key: str) -> None:
    write(place, key)
    assert place.get(place.store.presign_get(key, lifetime=MINUTES), Range="bytes=999999-").status == 416


def test_a_download_keeps_a_name_in_any_script(place: Place, key: str) -> None:
    write(place, key)
    answer = place.get(place.store.presign_get(key, lifetime=MINUTES, file_name='Прайс "лист".pdf'))
    assert "filename*=UTF-8''%D0%9F%D1%80%D0%B0%D0%B9%D1%81" in answer.headers["Content-Disposition"]


def test_reading_can_begin_in_the_middle(place: Place, key: str) -> None:
    write(place, key)
    assert read(place, key, start=4, length=6) == BODY[4:10]
    assert read(place, key, start=len(BODY) - 3) == BODY[-3:]


def test_reading_nothing_says_so(place: Place, key: str) -> None:
    with pytest.raises(ChangedObject):
        place.store.read(key)


def test_writing_replaces(place: Place, key: str) -> None:
    write(place, key)
    write(place, key, b"other", "image/png")
    found = place.store.head(key)
    assert found is not None
    assert (read(place, key), found.content_type) == (b"other", "image/png")


def test_a_stream_of_unknown_length_is_stored(place: Place, key: str) -> None:
    place.store.write(key, io.BytesIO(BODY), size=None, content_type="image/jpeg", limit=len(BODY))
    assert read(place, key) == BODY


@pytest.mark.parametrize(
    "announced", [{"size": None, "limit": len(BODY) - 1}, {"size": len(BODY) - 1}, {"size": len(BODY) + 1}]
)
def test_a_stream_of_another_length_leaves_nothing(place: Place, key: str, announced: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="bytes"):
        place.store.write(key, io.BytesIO(BODY), content_type="image/jpeg", **announced)
    assert place.store.head(key) is None


def test_a_copy_has_the_bytes_and_its_own_type(place: Place, key: str) -> None:
    etag = write(place, key).etag
    copied = place.store.copy(key, f"{key}-copy", etag=etag, content_type="application/pdf")
    assert (read(place, f"{key}-copy"), copied.content_type) == (BODY, "application/pdf")


def test_a_copy_of_changed_bytes_is_refused(place: Place, key: str) -> None:
    etag = write(place, key).etag
    write(place, key, b"other")
    with pytest.raises(ChangedObject):
        place.store.copy(key, f"{key}-copy", etag=etag, content_type="image/jpeg")
    assert place.store.head(f"{key}-copy") is None


def test_a_copy_of_nothing_is_refused(place: Place, key: str) -> None:
    with pytest.raises(ChangedObject):
        place.store.copy(key, f"{key}-copy", etag="0" * 32, content_type="image/jpeg")


def test_the_same_bytes_have_the_same_etag_and_others_another(place: Place, key: str) -> None:
    first = write(place, key).etag
    assert write(place, f"{key}-b").etag == first
    assert write(place, f"{key}-c", b"other").etag != first


def test_what_is_deleted_is_gone(place: Place, key: str) -> None:
    write(place, key)
    assert place.store.delete([key]) == {}
    assert place.store.head(key) is None


def test_deleting_what_is_not_there_is_a_success(place: Place, key: str) -> None:
    assert place.store.delete([key, f"{key}-other"]) == {}


def test_deleting_hundreds_of_keys_is_one_call(place: Place, key: str) -> None:
    assert place.store.delete([f"{key}-{number}" for number in range(300)]) == {}


def test_a_listing_is_in_the_order_of_the_keys(place: Place, key: str) -> None:
    names = [f"{key}/{name}" for name in ("b", "a/z", "a-b", "a/b", "c")]
    for name in names:
        write(place, name)
    assert [each.key for each in place.store.list(f"{key}/")] == sorted(names)


def test_a_listing_tells_sizes_and_etags(place: Place, key: str) -> None:
    written = write(place, key)
    [listed] = place.store.list(key)
    assert (listed.size, listed.etag) == (len(BODY), written.etag)


def test_a_listing_of_nothing_is_empty(place: Place, key: str) -> None:
    assert list(place.store.list(f"{key}/")) == []


def test_addresses_never_hold_a_secret(place: Place, key: str) -> None:
    signed = urlsplit(presign(place, key).url)
    assert "only-for-tests" not in str(parse_qs(signed.query)) + signed.path
