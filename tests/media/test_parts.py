"""Large files in parts: cut, signed, sent in any order and more than once, put together once, and given up."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import delete, func, select
from sqlalchemy.orm.attributes import set_committed_value

from app import clock
from app.errors import Conflict, Gone, NotFound, Unavailable
from app.extensions import db
from app.media import operations, parts, sweeps, uploads
from app.media.models import Media, State
from app.services.models import Service
from app.storage import ledger
from app.storage.models import LedgerEntry
from app.storage.protocol import Busy, StorageError, UploadURL
from tests import queues
from tests.media import files
from tests.media.conftest import Grant, verify
from tests.storage.conftest import Place
from tests.strict import StrictClient

MIB = 2**20
BODY = files.mp4() + bytes(5 * MIB)  # a part of 5 MiB, and a short one
FIRST, LAST = BODY[: 5 * MIB], BODY[5 * MIB :]
JSON = {"Accept": "application/json"}


@pytest.fixture(autouse=True)
def above(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is larger than 1 MB travels in parts."""
    monkeypatch.setitem(app.extensions, "settings", replace(app.extensions["settings"], upload_parts_above=MIB))


@pytest.fixture
def large(grant: Grant) -> Media:
    row, url = grant("clip.mp4", "video/mp4", len(BODY))
    assert url is None
    return row


def send(place: Place, row: Media, number: int, body: bytes) -> str:
    """Send one part as a browser would; the ETag that the store answers with."""
    signed = uploads.sign(row, [number])
    db.session.commit()
    answer = place.put(signed.urls[number], body)
    assert answer.status == 200, answer.data
    return answer.headers["ETag"].strip('"')


def receive(row: Media, etags: dict[int, str] | None = None) -> State:
    received = uploads.receive(row.id, row.provider_id, etags)
    db.session.commit()
    return State(received.state)


def what_is_missing(row: Media, etags: dict[int, str] | None = None) -> list[int]:
    with pytest.raises(Gone) as refused:
        uploads.receive(row.id, row.provider_id, etags)
    found: list[int] = refused.value.details["missing"]
    return found


def body_of(place: Place, row: Media) -> bytes:
    with place.store.read(row.incoming_key) as stream:
        return stream.read()


@pytest.mark.parametrize(
    ("size", "each", "count"),
    [
        (16 * MIB + 1, 5 * MIB, 4),
        (80 * MIB, 5 * MIB, 16),
        (80 * MIB + 1, 6 * MIB, 14),
        (500 * MIB, 32 * MIB, 16),
        (2**30, 64 * MIB, 16),
        (2**40, 105 * MIB, 9987),
    ],
)
def test_parts_grow_with_the_file_so_that_one_request_signs_them(size: int, each: int, count: int) -> None:
    row = Media(declared_bytes=size, part_bytes=parts.size_for(size))
    cut = parts.sizes(row)
    assert (row.part_bytes, len(cut), sum(cut.values())) == (each, count, size)
    assert set(list(cut.values())[:-1]) == {each}
    assert 0 < cut[count] <= each


def test_a_file_up_to_the_limit_goes_in_one_piece(folder: Place, grant: Grant) -> None:
    row, url = grant("clip.mp4", "video/mp4", MIB)
    assert url is not None
    assert row.part_bytes is None


def test_a_row_is_there_before_its_upload_is(place: Place, large: Media) -> None:
    assert large.upload_id is None
    assert [each.key for each in place.store.uploads(large.incoming_key)] == []


def test_parts_arrive_in_any_order_and_become_the_file(place: Place, large: Media) -> None:
    etags = {2: send(place, large, 2, LAST), 1: send(place, large, 1, FIRST)}
    assert receive(large, etags) == State.RECEIVED
    assert large.upload_id is None
    assert body_of(place, large) == BODY


def test_what_came_in_parts_is_verified_like_any_other(place: Place, large: Media) -> None:
    send(place, large, 1, FIRST)
    send(place, large, 2, LAST)
    receive(large)
    verify(large.id)
    assert large.state == State.READY
    assert (large.seconds, large.width) == (1, 160)


def test_the_parts_that_are_missing_are_named(place: Place, large: Media) -> None:
    assert what_is_missing(large) == [1, 2]
    send(place, large, 2, LAST)
    assert what_is_missing(large) == [1]


def test_a_part_that_is_another_than_was_sent_is_missing(place: Place, large: Media) -> None:
    etags = {2: send(place, large, 2, LAST), 1: send(place, large, 1, FIRST)}
    send(place, large, 1, FIRST[::-1])
    assert what_is_missing(large, etags) == [1]
    send(place, large, 1, FIRST)
    assert receive(large, etags) == State.RECEIVED


def test_what_is_there_is_told_with_the_addresses(place: Place, large: Media) -> None:
    send(place, large, 2, LAST)
    signed = uploads.sign(large, [1])
    assert list(signed.urls) == [1]
    assert [(each.number, each.size) for each in signed.done] == [(2, len(LAST))]


def test_an_address_takes_its_length_and_no_other(place: Place, large: Media) -> None:
    signed = uploads.sign(large, [2])
    assert place.put(signed.urls[2], LAST + b"!").status in (400, 403)


def test_an_address_of_one_part_takes_no_other(place: Place, large: Media) -> None:
    signed = uploads.sign(large, [1, 2])
    db.session.commit()
    changed = replace(
        signed.urls[1], url=signed.urls[1].url.replace("partNumber=1", "partNumber=2").replace("/storage/", "/storage/x")
    )
    assert place.put(changed, FIRST).status in (400, 403)
    assert uploads.standing(large.id, large.provider_id)[1] == []


@pytest.mark.parametrize("numbers", [[0], [3], [-1], [10_001], [1, 2, 3]])
def test_a_part_that_the_file_does_not_have_is_not_found(folder: Place, large: Media, numbers: list[int]) -> None:
    with pytest.raises(NotFound):
        uploads.sign(large, numbers)


def test_a_small_file_has_no_addresses_of_parts_and_a_large_one_none_of_the_whole(
    folder: Place, grant: Grant, large: Media
) -> None:
    small, _url = grant()
    with pytest.raises(Conflict):
        uploads.sign(small, [1])
    with pytest.raises(Conflict):
        uploads.resign(large.id, large.provider_id)


def test_saying_twice_that_the_parts_are_there_makes_one_file_and_one_verification(
    place: Place, large: Media, app: Flask
) -> None:
    send(place, large, 1, FIRST)
    send(place, large, 2, LAST)
    assert [receive(large), receive(large)] == [State.RECEIVED, State.RECEIVED]
    assert len(queues.waiting(app)) == 1


def test_a_file_whose_completion_was_never_noted_is_received(place: Place, large: Media) -> None:
    send(place, large, 1, FIRST)
    send(place, large, 2, LAST)
    uploads.receive(large.id, large.provider_id)
    db.session.rollback()  # the web process died between the store's answer and its own
    assert large.state == State.GRANTED
    with pytest.raises(Conflict):
        uploads.sign(large, [1])
    assert uploads.standing(large.id, large.provider_id)[1] == [1, 2]
    assert receive(large) == State.RECEIVED


def test_an_upload_that_the_store_gave_up_begins_anew(place: Place, large: Media) -> None:
    send(place, large, 1, FIRST)
    place.store.abort(large.incoming_key, str(large.upload_id))
    assert what_is_missing(large) == [1, 2]
    send(place, large, 1, FIRST)
    send(place, large, 2, LAST)
    assert receive(large) == State.RECEIVED


def test_of_two_requests_that_begin_an_upload_one_is_told_to_ask_again(
    place: Place, large: Media, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = place.store.begin
    others: list[Any] = []

    def overtaken(key: str, *, content_type: str) -> str:
        if not others:
            others.append(None)
            uploads.sign(large, [1])
            db.session.commit()
            others.append(large.upload_id)
            set_committed_value(large, "upload_id", None)  # what the slower request has read
        return begin(key, content_type=content_type)

    monkeypatch.setattr(place.store, "begin", overtaken)
    with pytest.raises(Conflict):
        uploads.sign(large, [1])
    assert [each.upload_id for each in place.store.uploads(large.incoming_key)] == others[1:]


def test_a_file_that_is_removed_while_its_upload_begins_leaves_none_open(
    place: Place, large: Media, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin, identity, key = place.store.begin, large.id, large.incoming_key

    def overtaken(key: str, *, content_type: str) -> str:
        db.session.execute(delete(Media).where(Media.id == identity).execution_options(synchronize_session=False))
        return begin(key, content_type=content_type)

    monkeypatch.setattr(place.store, "begin", overtaken)
    with pytest.raises(Conflict):
        uploads.sign(large, [1])
    assert list(place.store.uploads(key)) == []


def test_a_file_that_is_removed_halfway_leaves_no_part_in_the_store(place: Place, large: Media) -> None:
    send(place, large, 1, FIRST)
    identity, key = large.id, large.incoming_key
    operations.remove(identity, large.provider_id)
    db.session.commit()
    ledger.purge()
    assert db.session.get(Media, identity) is None
    assert list(place.store.uploads(key)) == list(place.store.list(key)) == []


def test_a_part_that_is_sent_after_the_verification_changes_nothing_that_is_seen(place: Place, large: Media) -> None:
    signed = uploads.sign(large, [1, 2])
    db.session.commit()
    for number, body in ((1, FIRST), (2, LAST)):
        assert place.put(signed.urls[number], body).status == 200
    receive(large)
    verify(large.id)
    with place.store.read(str(large.original_key)) as stream:
        shown = stream.read()
    place.put(signed.urls[1], FIRST[::-1])
    verify(large.id)
    with place.store.read(str(large.original_key)) as stream:
        assert stream.read() == shown


def test_an_address_of_a_part_brings_nothing_back_once_the_file_is_gone(place: Place, large: Media, travel: Any) -> None:
    signed, key = uploads.sign(large, [1]), large.incoming_key
    db.session.commit()
    operations.remove(large.id, large.provider_id)
    db.session.commit()
    ledger.purge()
    place.put(signed.urls[1], FIRST)
    travel(to=clock.now() + timedelta(days=1))
    ledger.purge()
    assert list(place.store.uploads(key)) == list(place.store.list(key)) == []


def test_a_draft_that_goes_takes_its_uploads_with_it(folder: Place, large: Media, draft: Service) -> None:
    send(folder, large, 1, FIRST)
    upload_id = large.upload_id
    operations.delete_of("service", [draft.id])
    assert upload_id in db.session.scalars(select(LedgerEntry.upload_id)).all()


def test_an_upload_that_nobody_finished_goes_with_its_quota(folder: Place, large: Media) -> None:
    send(folder, large, 1, FIRST)
    key = large.incoming_key
    large.urls_expire_at -= timedelta(days=1)
    db.session.commit()
    sweeps.abandoned()
    db.session.commit()
    ledger.purge()
    assert db.session.query(Media).count() == 0
    assert list(folder.store.uploads(key)) == []


def test_a_store_that_does_not_answer_leaves_everything_as_it_was(
    folder: Place, large: Media, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(*_args: Any, **_more: Any) -> None:
        raise StorageError("no answer")

    send(folder, large, 1, FIRST)
    monkeypatch.setattr(folder.store, "parts", silent)
    for ask in (uploads.receive, uploads.standing, lambda *_who: uploads.sign(large, [1])):
        with pytest.raises(Unavailable):
            ask(large.id, large.provider_id)
    assert large.state == State.GRANTED


def test_a_browser_that_went_away_after_the_last_part_has_uploaded_its_file(place: Place, large: Media) -> None:
    send(place, large, 1, FIRST)
    send(place, large, 2, LAST)
    large.urls_expire_at -= timedelta(days=1)
    db.session.commit()
    sweeps.abandoned()
    db.session.commit()
    assert large.state == State.RECEIVED


def test_a_file_of_which_parts_are_there_waits_for_its_sender_overnight(folder: Place, large: Media) -> None:
    send(folder, large, 1, FIRST)
    large.urls_expire_at -= timedelta(hours=12)
    db.session.commit()
    sweeps.abandoned()
    db.session.commit()
    assert large.state == State.GRANTED


def test_signing_moves_the_moment_when_the_file_is_given_up(folder: Place, large: Media, travel: Any) -> None:
    travel()
    later = travel(hours=1)
    uploads.sign(large, [1])
    assert large.urls_expire_at > later


# --- the doors -----------------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def asked(folder: Place, as_ada: StrictClient, draft: Service) -> Any:
    return as_ada.post("/media", json=wanted(draft)).json


def wanted(draft: Service) -> dict[str, Any]:
    values = {"entity_type": "service", "entity_id": str(draft.id), "file_name": "clip.mp4", "content_type": "video/mp4"}
    return values | {"size": len(BODY), "fingerprint": "ab" * 32}


def test_the_grant_of_a_large_file_says_how_it_is_cut(asked: Any) -> None:
    assert set(asked) == {"id", "tile", "part_bytes", "parts", "done", "urls", "expires_at"}
    assert (asked["part_bytes"], asked["parts"], asked["done"], set(asked["urls"])) == (5 * MIB, 2, [], {"1", "2"})


def test_the_addresses_of_a_grant_are_those_of_its_upload(place: Place, as_ada: StrictClient, draft: Service) -> None:
    asked = as_ada.post("/media", json=wanted(draft)).json
    etags = {}
    for number, body in (("1", FIRST), ("2", LAST)):
        answer = place.put(UploadURL(**asked["urls"][number], expires_at=asked["expires_at"]), body)
        etags[number] = answer.headers["ETag"]
    answer = as_ada.post(f"/media/{asked['id']}/received", json={"etags": etags})
    assert (answer.status_code, answer.json["state"]) == (200, "received")


def test_a_large_file_is_granted_also_while_the_store_is_silent(
    folder: Place, as_ada: StrictClient, draft: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(*_: Any, **__: Any) -> Any:
        raise Busy("no answer")

    monkeypatch.setattr(folder.store, "begin", silent)
    answer = as_ada.post("/media", json=wanted(draft))
    assert (answer.status_code, set(answer.json)) == (201, {"id", "tile", "part_bytes", "parts", "done"})
    assert db.session.get_one(Media, UUID(answer.json["id"])).upload_id is None


def test_the_row_of_a_large_file_is_there_before_its_upload(
    folder: Place, as_ada: StrictClient, draft: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin, seen = folder.store.begin, []

    def looking(key: str, **given: Any) -> str:
        with db.engine.connect() as another:
            seen.append(another.scalar(select(func.count()).select_from(Media).where(Media.incoming_key == key)))
        return begin(key, **given)

    monkeypatch.setattr(folder.store, "begin", looking)
    as_ada.post("/media", json=wanted(draft))
    assert seen == [1]


def test_a_file_travels_in_parts_through_the_doors(folder: Place, asked: Any, as_ada: StrictClient) -> None:
    signed = as_ada.post(f"/media/{asked['id']}/parts", json={"numbers": [1, 2]}).json
    assert set(signed) == {"parts", "done", "expires_at"}
    for number, body in (("1", FIRST), ("2", LAST)):
        to = signed["parts"][number]
        assert folder.put(UploadURL(to["url"], to["headers"], signed["expires_at"]), body).status == 200
    answer = as_ada.post(f"/media/{asked['id']}/received", json={"etags": {}})
    assert (answer.status_code, answer.json["state"]) == (200, "received")


def test_a_browser_that_comes_back_learns_what_is_there(folder: Place, asked: Any, as_ada: StrictClient) -> None:
    row = db.session.get_one(Media, UUID(asked["id"]))
    send(folder, row, 2, LAST)
    answer = as_ada.get(f"/media/{row.id}/upload")
    known = {"size": len(BODY), "part_bytes": 5 * MIB, "parts": 2, "done": [2], "state": "granted", "fingerprint": "ab" * 32}
    assert answer.json == known
    assert "no-store" in answer.headers["Cache-Control"]


def test_the_numbers_of_missing_parts_are_in_the_answer(asked: Any, as_ada: StrictClient) -> None:
    answer = as_ada.post(f"/media/{asked['id']}/received", headers=JSON)
    assert (answer.status_code, answer.json["error"], answer.json["missing"]) == (410, "gone", [1, 2])


def test_another_providers_upload_is_not_found(asked: Any, as_boris: StrictClient) -> None:
    for identity in (asked["id"], uuid4()):
        assert as_boris.get(f"/media/{identity}/upload").status_code == 404
        assert as_boris.post(f"/media/{identity}/parts", json={"numbers": [1]}).status_code == 404
        assert as_boris.post(f"/media/{identity}/received", json={"etags": {}}).status_code == 404


@pytest.mark.parametrize(
    "given",
    ["1", ["1"], [], [True], [1.0], [None], [1, 1], list(range(1, 18)), {"1": 1}, None],
)
def test_parts_that_make_no_sense_are_refused(asked: Any, as_ada: StrictClient, given: Any) -> None:
    assert as_ada.post(f"/media/{asked['id']}/parts", json={"numbers": given}).status_code == 422


@pytest.mark.parametrize(
    "given",
    [[], "x", {"one": "x"}, {"0": "x"}, {"-1": "x"}, {"1": 5}, {"1": None}, {"1": ""}, {"1": "x" * 81}, {"1": "\n"}],
)
def test_etags_that_make_no_sense_are_refused(asked: Any, as_ada: StrictClient, given: Any) -> None:
    assert as_ada.post(f"/media/{asked['id']}/received", json={"etags": given}).status_code == 422


@pytest.mark.parametrize("body", ["{", "null", "[]", "5", '"x"', "[" * 100_000])
def test_a_body_that_cant_be_read_is_refused(asked: Any, as_ada: StrictClient, body: str) -> None:
    for door in ("parts", "received"):
        answer = as_ada.post(f"/media/{asked['id']}/{door}", data=body, content_type="application/json")
        assert answer.status_code == 422


@pytest.mark.parametrize("fingerprint", ["", "x" * 81, "ä", "a\n", 5, ["a"]])
def test_a_fingerprint_that_makes_no_sense_is_refused(
    folder: Place, as_ada: StrictClient, draft: Service, fingerprint: Any
) -> None:
    values = {
        "entity_type": "service",
        "entity_id": str(draft.id),
        "file_name": "a.mp4",
        "content_type": "video/mp4",
        "size": 5,
    }
    assert as_ada.post("/media", json=values | {"fingerprint": fingerprint}).status_code == 422
