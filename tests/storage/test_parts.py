"""Uploads in parts: what every store must do, through real HTTP. S3 wants 5 MiB of every part but the last."""

import contextlib
import dataclasses
import io
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from app import clock
from app.storage.protocol import SMALLEST_PART, ChangedObject, OpenUpload, StorageError, StoredPart, UploadURL
from app.storage.s3 import parts
from tests.storage.conftest import Place, long_ago

# A file system has a clock of its own, and so has a bucket.
pytestmark = pytest.mark.usefixtures("present")

MINUTES = timedelta(minutes=5)
FIRST, SECOND, LAST = os.urandom(SMALLEST_PART), os.urandom(SMALLEST_PART), b"the rest"
SIZES = {1: len(FIRST), 2: len(SECOND), 3: len(LAST)}


def begin(place: Place, key: str) -> str:
    return place.store.begin(key, content_type="video/mp4")


def url(place: Place, key: str, upload_id: str, number: int, size: int) -> UploadURL:
    return place.store.presign_parts(key, upload_id, {number: size}, lifetime=MINUTES)[number]


def send(place: Place, key: str, upload_id: str, bodies: dict[int, bytes]) -> list[str]:
    sizes = {number: len(body) for number, body in bodies.items()}
    urls = place.store.presign_parts(key, upload_id, sizes, lifetime=MINUTES)
    answers = [place.put(urls[number], body) for number, body in bodies.items()]
    assert [answer.status for answer in answers] == [200] * len(bodies)
    return [answer.headers["ETag"].strip('"') for answer in answers]


def sent(place: Place, key: str) -> tuple[str, Sequence[StoredPart]]:
    """An upload with all its parts."""
    upload_id = begin(place, key)
    send(place, key, upload_id, {1: FIRST, 2: SECOND, 3: LAST})
    return upload_id, place.store.parts(key, upload_id)


def small(place: Place, key: str) -> tuple[str, Sequence[StoredPart]]:
    """An upload of one part, which is the last and may be short."""
    upload_id = begin(place, key)
    send(place, key, upload_id, {1: LAST})
    return upload_id, place.store.parts(key, upload_id)


def read(place: Place, key: str) -> bytes:
    with place.store.read(key) as stream:
        return stream.read()


def open_uploads(place: Place, prefix: str) -> list[OpenUpload]:
    return list(place.store.uploads(prefix))


def test_the_parts_make_the_object_in_their_order(place: Place, key: str) -> None:
    upload_id = begin(place, key)
    send(place, key, upload_id, {3: LAST, 1: FIRST, 2: SECOND})
    place.store.complete(key, upload_id, place.store.parts(key, upload_id)[::-1])
    assert read(place, key) == FIRST + SECOND + LAST


def test_the_object_has_the_type_that_was_announced_and_the_size_of_all_parts(place: Place, key: str) -> None:
    done = place.complete(key, *sent(place, key))
    assert done == place.store.head(key)
    assert (done.size, done.content_type) == (sum(SIZES.values()), "video/mp4")


def test_the_parts_that_arrived_are_listed_with_size_and_etag(place: Place, key: str) -> None:
    upload_id = begin(place, key)
    etags = send(place, key, upload_id, {10: LAST, 2: FIRST})
    assert list(place.store.parts(key, upload_id)) == [
        StoredPart(2, len(FIRST), etags[1]),
        StoredPart(10, len(LAST), etags[0]),
    ]


def test_more_parts_than_a_page_holds_are_all_listed(place: Place, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(parts.PAGE, "PageSize", 2)
    upload_id = begin(place, key)
    send(place, key, upload_id, {number: b"%d" % number for number in range(1, 12)})
    assert [part.number for part in place.store.parts(key, upload_id)] == list(range(1, 12))


def test_more_uploads_than_a_page_holds_are_all_listed(place: Place, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(parts.PAGE, "PageSize", 2)
    ids = {begin(place, f"{key}/{number}") for number in range(5)}
    assert {each.upload_id for each in open_uploads(place, f"{key}/")} == ids


def test_an_upload_without_parts_lists_none(place: Place, key: str) -> None:
    assert list(place.store.parts(key, begin(place, key))) == []


def test_a_part_that_is_sent_again_counts_as_it_came_last(place: Place, key: str) -> None:
    upload_id = begin(place, key)
    send(place, key, upload_id, {1: LAST[::-1]})
    send(place, key, upload_id, {1: LAST})
    place.store.complete(key, upload_id, place.store.parts(key, upload_id))
    assert read(place, key) == LAST


@pytest.mark.parametrize("body", [LAST[:-1], LAST + b"!"], ids=["shorter", "longer"])
def test_a_part_of_another_length_than_the_signed_one_is_refused(place: Place, key: str, body: bytes) -> None:
    upload_id = begin(place, key)
    assert place.put(url(place, key, upload_id, 1, len(LAST)), body).status == 403
    assert list(place.store.parts(key, upload_id)) == []


def test_a_url_for_one_part_does_not_write_another(place: Place, key: str) -> None:
    upload_id = begin(place, key)
    signed = url(place, key, upload_id, 1, len(LAST))
    assert place.put(changed(place, signed, "partNumber", "2"), LAST).status == 403
    assert list(place.store.parts(key, upload_id)) == []


def test_a_url_for_one_upload_does_not_write_into_another(place: Place, key: str) -> None:
    mine, other = begin(place, key), begin(place, f"{key}-other")
    signed = url(place, key, mine, 1, len(LAST))
    assert place.put(changed(place, signed, "uploadId", other), LAST).status == 403
    assert list(place.store.parts(f"{key}-other", other)) == []


def changed(place: Place, upload: UploadURL, name: str, value: str) -> UploadURL:
    """The address with another value; the folder's hold theirs inside the signed text, so that text is changed."""
    query = urlsplit(upload.url).query
    if query:
        before = parse_qs(query)[name][0]
        assert f"{name}={before}" in upload.url
        return dataclasses.replace(upload, url=upload.url.replace(f"{name}={before}", f"{name}={value}"))
    middle = upload.url.rindex(".") - 8
    letter = "A" if upload.url[middle] != "A" else "B"
    return dataclasses.replace(upload, url=upload.url[:middle] + letter + upload.url[middle + 1 :])


def test_a_part_url_expires(place: Place, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    upload_id = begin(place, key)
    signed = long_ago(monkeypatch, lambda: url(place, key, upload_id, 1, len(LAST)))
    assert place.put(signed, LAST).status == 403


def test_the_moment_of_a_part_urls_expiry_is_told(place: Place, key: str) -> None:
    before = clock.now()
    told = url(place, key, begin(place, key), 1, 5).expires_at
    assert before + MINUTES - timedelta(seconds=2) <= told <= clock.now() + MINUTES


@pytest.mark.parametrize("number", [0, 10_001])
def test_there_are_ten_thousand_parts_at_most(place: Place, key: str, number: int) -> None:
    with pytest.raises(ValueError, match="part"):
        url(place, key, begin(place, key), number, 5)


def test_nothing_is_there_before_it_is_completed(place: Place, key: str) -> None:
    sent(place, key)
    assert place.store.head(key) is None


def test_completing_again_after_a_lost_answer_finds_the_same_object(place: Place, key: str) -> None:
    upload_id, stored = sent(place, key)
    first = place.complete(key, upload_id, stored)
    assert place.complete(key, upload_id, stored) == first
    assert read(place, key) == FIRST + SECOND + LAST


def test_completing_from_many_sides_at_once_makes_one_object(place: Place, key: str) -> None:
    upload_id, stored = sent(place, key)
    with ThreadPoolExecutor(4) as together:
        done = list(together.map(lambda _: place.complete(key, upload_id, stored), range(4)))
    assert {each.etag for each in done} == {done[0].etag}
    assert read(place, key) == FIRST + SECOND + LAST


@pytest.mark.parametrize("other", [{"etag": "0" * 32}, {"number": 2}], ids=["another content", "another number"])
def test_completing_with_another_part_than_the_stored_one_is_refused(place: Place, key: str, other: dict[str, Any]) -> None:
    upload_id, [part] = small(place, key)
    with pytest.raises(ChangedObject):
        place.store.complete(key, upload_id, [dataclasses.replace(part, **other)])
    assert place.store.head(key) is None


def test_an_upload_whose_completion_was_refused_can_still_be_completed(place: Place, key: str) -> None:
    upload_id, [part] = small(place, key)
    with pytest.raises(ChangedObject):
        place.store.complete(key, upload_id, [dataclasses.replace(part, etag="0" * 32)])
    assert place.complete(key, upload_id, [part]).size == len(LAST)


def test_completing_with_no_parts_is_refused(place: Place, key: str) -> None:
    with pytest.raises(ChangedObject):
        place.store.complete(key, begin(place, key), [])


def test_completing_again_with_other_parts_changes_nothing(place: Place, key: str) -> None:
    upload_id, [part] = small(place, key)
    done = place.complete(key, upload_id, [part])
    with contextlib.suppress(ChangedObject):  # who lost the answer may be told that it was done
        place.store.complete(key, upload_id, [dataclasses.replace(part, etag="0" * 32)])
    assert (place.store.head(key), read(place, key)) == (done, LAST)


def test_completing_never_replaces_an_object(place: Place, key: str) -> None:
    upload_id, stored = small(place, key)
    place.store.write(key, io.BytesIO(b"was here first"), size=14, content_type="image/png")
    with pytest.raises(ChangedObject):
        place.store.complete(key, upload_id, stored)
    assert read(place, key) == b"was here first"


def test_a_completed_upload_is_over(place: Place, key: str) -> None:
    upload_id, stored = small(place, key)
    place.store.complete(key, upload_id, stored)
    with pytest.raises(ChangedObject):
        place.store.parts(key, upload_id)


def test_an_upload_of_another_key_is_none(place: Place, key: str) -> None:
    upload_id, stored = small(place, key)
    with pytest.raises(ChangedObject):
        place.store.complete(f"{key}-other", upload_id, stored)
    with pytest.raises(ChangedObject):
        place.store.parts(f"{key}-other", upload_id)


@pytest.mark.parametrize("upload_id", ["never-begun", "../../objects", "0" * 32])
def test_an_upload_that_was_never_begun_is_none(place: Place, key: str, upload_id: str) -> None:
    place.store.abort(key, upload_id)
    with pytest.raises(ChangedObject):
        place.store.parts(key, upload_id)


def test_a_part_url_used_after_completion_shows_nobody_other_bytes(place: Place, key: str) -> None:
    upload_id, stored = small(place, key)
    signed = url(place, key, upload_id, 1, len(LAST))
    done = place.complete(key, upload_id, stored)
    answer = place.put(signed, LAST[::-1])
    assert place.store.head(key) == done
    if answer.status == 200:
        # Swift keeps the parts as they came and looks at their ETags when it reads: then there is nothing to read at all.
        with pytest.raises((StorageError, AssertionError)):
            assert read(place, key) == LAST
    else:
        assert (answer.status, read(place, key)) == (404, LAST)


def test_a_part_sent_again_unchanged_after_completion_changes_nothing(place: Place, key: str) -> None:
    upload_id, stored = small(place, key)
    signed = url(place, key, upload_id, 1, len(LAST))
    place.store.complete(key, upload_id, stored)
    place.put(signed, LAST)
    assert read(place, key) == LAST


def test_a_part_url_used_after_an_abort_is_refused(place: Place, key: str) -> None:
    upload_id = begin(place, key)
    signed = url(place, key, upload_id, 1, len(LAST))
    place.store.abort(key, upload_id)
    assert place.put(signed, LAST).status == 404


def test_nothing_is_left_after_an_abort(place: Place, key: str) -> None:
    upload_id, stored = small(place, key)
    place.store.abort(key, upload_id)
    assert open_uploads(place, key) == []
    with pytest.raises(ChangedObject):
        place.store.parts(key, upload_id)
    with pytest.raises(ChangedObject):
        place.store.complete(key, upload_id, stored)
    assert place.store.head(key) is None


def test_aborting_again_is_a_success(place: Place, key: str) -> None:
    upload_id, _parts = small(place, key)
    place.store.abort(key, upload_id)
    place.store.abort(key, upload_id)


def test_aborting_what_was_completed_keeps_the_object(place: Place, key: str) -> None:
    upload_id, stored = small(place, key)
    place.store.complete(key, upload_id, stored)
    place.store.abort(key, upload_id)
    assert read(place, key) == LAST


def test_open_uploads_are_listed_by_prefix(place: Place, key: str) -> None:
    before = clock.now() - timedelta(seconds=2)
    ids = {f"{key}/{name}": begin(place, f"{key}/{name}") for name in ("a", "b")}
    begin(place, f"{key}-other")
    found = open_uploads(place, f"{key}/")
    assert {each.key: each.upload_id for each in found} == ids
    assert all(before <= each.started_at <= clock.now() + timedelta(seconds=2) for each in found)


def test_a_completed_upload_is_not_listed(place: Place, key: str) -> None:
    place.store.complete(key, *small(place, key))
    assert open_uploads(place, key) == []


def test_what_came_in_parts_can_be_copied_and_deleted(place: Place, key: str) -> None:
    done = place.complete(key, *sent(place, key))
    place.store.copy(key, f"{key}-copy", etag=done.etag, content_type="video/mp4")
    assert place.store.delete([key]) == {}
    assert place.store.head(key) is None
    assert read(place, f"{key}-copy") == FIRST + SECOND + LAST
