"""The doors for files, as a browser uses them."""

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
import urllib3
from flask import Flask
from sqlalchemy import delete, event

from app.extensions import db
from app.media import forms, operations
from app.media.models import Media, State
from app.services.models import Service, Status
from tests import factories
from tests.media import files
from tests.media.conftest import Upload, verify
from tests.servers.s3 import Bucket
from tests.storage.conftest import Place
from tests.strict import StrictClient

JSON = {"Accept": "application/json"}


def ask(client: StrictClient, draft: Service, **given: Any) -> Any:
    values = {
        "entity_type": "service",
        "entity_id": str(draft.id),
        "file_name": "a.jpg",
        "content_type": "image/jpeg",
        "size": 5,
    }
    return client.post("/media", json=values | given)


def row_of(answer: Any) -> Media:
    return db.session.get_one(Media, UUID(answer.json["id"]))


@pytest.fixture
def ready(place: Place, upload: Upload) -> Media:
    return upload(place, files.jpeg())


def test_an_upload_is_granted_with_its_url_its_headers_and_its_tile(
    folder: Place, as_ada: StrictClient, draft: Service
) -> None:
    answer = ask(as_ada, draft)
    assert answer.status_code == 201
    assert set(answer.json) == {"id", "url", "headers", "expires_at", "tile"}
    assert answer.json["headers"] == {"Content-Type": "image/jpeg", "If-None-Match": "*"}
    assert f'id="media-{answer.json["id"]}"' in answer.json["tile"]


def test_a_granted_file_travels_and_is_received(place: Place, as_ada: StrictClient, draft: Service) -> None:
    from app.storage.protocol import UploadURL

    granted = ask(as_ada, draft).json
    url = UploadURL(granted["url"], granted["headers"], granted["expires_at"])
    assert place.put(url, b"bytes").status == 200
    answer = as_ada.post(f"/media/{granted['id']}/received", headers=JSON)
    assert (answer.status_code, answer.json["state"]) == (200, "received")
    assert 'data-state="received"' in answer.json["tile"]


def test_a_file_that_is_not_there_is_to_be_sent_again(folder: Place, as_ada: StrictClient, draft: Service) -> None:
    granted = ask(as_ada, draft).json
    answer = as_ada.post(f"/media/{granted['id']}/received", headers=JSON)
    assert (answer.status_code, answer.json["error"]) == (410, "gone")


def test_a_fresh_url_can_be_asked_for(folder: Place, as_ada: StrictClient, draft: Service) -> None:
    granted = ask(as_ada, draft).json
    answer = as_ada.post(f"/media/{granted['id']}/url", headers=JSON)
    assert set(answer.json) == {"url", "headers", "expires_at"}


@pytest.mark.parametrize(("again", "rows"), [(True, 1), (False, 2), ("yes", 2), (None, 2)])
def test_a_grant_whose_answer_got_lost_is_asked_for_again(
    folder: Place, as_ada: StrictClient, draft: Service, again: Any, rows: int
) -> None:
    first = ask(as_ada, draft, fingerprint="ab" * 32).json
    second = ask(as_ada, draft, fingerprint="ab" * 32, again=again).json
    assert len(attached()) == rows
    assert (second["id"] == first["id"]) == (rows == 1)
    assert {"url", "headers", "tile"} < set(second)


@pytest.mark.parametrize("given", [{"fingerprint": "cd" * 32}, {"size": 6}, {"fingerprint": None}])
def test_asking_again_for_another_file_grants_another(folder: Place, as_ada: StrictClient, draft: Service, given: Any) -> None:
    ask(as_ada, draft, fingerprint="ab" * 32)
    ask(as_ada, draft, **({"fingerprint": "ab" * 32, "again": True} | given))
    assert len(attached()) == 2


def test_a_refusal_says_why_in_json(folder: Place, as_ada: StrictClient, draft: Service) -> None:
    answer = ask(as_ada, draft, file_name="logo.svg", content_type="image/svg+xml")
    assert answer.status_code == 422
    assert answer.json["message"].startswith("This kind of file can't be uploaded.")


@pytest.mark.parametrize(
    "given",
    [
        {"entity_id": "1"},
        {"entity_id": None},
        {"size": "5"},
        {"size": -1},
        {"size": True},
        {"size": 10**30},
        {"size": 1.5},
        {"sha256": "short"},
        {"sha256": 5},
        {"file_name": ["a"]},
        {"file_name": "a" * 5000},
        {"content_type": None},
    ],
)
def test_a_request_that_makes_no_sense_is_refused(folder: Place, as_ada: StrictClient, draft: Service, given: Any) -> None:
    assert ask(as_ada, draft, **given).status_code == 422


@pytest.mark.parametrize("body", ["", "[]", "{", "null", "5"])
def test_a_body_that_is_not_an_object_is_refused(folder: Place, as_ada: StrictClient, body: str) -> None:
    answer = as_ada.post("/media", data=body, content_type="application/json")
    assert answer.status_code == 422


def test_a_name_with_a_lone_surrogate_is_taken(folder: Place, as_ada: StrictClient, draft: Service) -> None:
    answer = ask(as_ada, draft, file_name="holiday \ud83c\x00.jpg")
    assert row_of(answer).file_name == "holiday .jpg"


def test_without_the_token_nothing_is_granted(folder: Place, as_ada: StrictClient, draft: Service) -> None:
    answer = as_ada.post("/media", json={}, headers={"X-CSRFToken": "stale"})
    assert (answer.status_code, answer.json["error"]) == (400, "csrf")


def test_grants_in_a_loop_meet_the_quota_and_fill_nothing(folder: Place, as_ada: StrictClient, ada: Any) -> None:
    drafts = [factories.draft(ada) for _ in range(3)]
    answers = [ask(as_ada, each, content_type="video/mp4", size=100 * 2**20) for each in drafts for _ in range(9)]
    granted = [answer for answer in answers if answer.status_code == 201]
    assert [answer.json["error"] for answer in answers[len(granted) :]] == ["too_many"] * (len(answers) - len(granted))
    assert sum(row.declared_bytes for row in attached()) <= 2 * 2**30
    assert len(granted) == len(attached()) == 20


def test_a_stranger_is_asked_to_sign_in(folder: Place, client: StrictClient, draft: Service) -> None:
    assert ask(client, draft).status_code == 401


@pytest.mark.parametrize("path", ["received", "url", "remove", "restore"])
def test_another_providers_file_is_not_found(folder: Place, upload: Upload, as_boris: StrictClient, path: str) -> None:
    row = upload(folder, files.jpeg())
    assert as_boris.post(f"/media/{row.id}/{path}", headers=JSON).status_code == 404
    assert as_boris.post(f"/media/{uuid4()}/{path}", headers=JSON).status_code == 404


@pytest.mark.parametrize("path", ["tile", "file/640.webp"])
def test_another_providers_picture_is_not_shown(folder: Place, upload: Upload, as_boris: StrictClient, path: str) -> None:
    row = upload(folder, files.jpeg())
    assert as_boris.get(f"/media/{row.id}/{path}").status_code == 404


def test_the_tile_of_a_ready_photo_shows_it(folder: Place, upload: Upload, as_ada: StrictClient) -> None:
    row = upload(folder, files.jpeg())
    answer = as_ada.get(f"/media/{row.id}/tile")
    assert answer.page.one("img").get("src") == f"/media/{row.id}/file/320.jpg"  # type: ignore[attr-defined]
    assert "no-store" in answer.headers["Cache-Control"]


def test_the_tile_of_a_rejected_file_says_why_and_how_to_mend_it(folder: Place, upload: Upload, as_ada: StrictClient) -> None:
    row = upload(folder, b"Dear diary")
    answer = as_ada.get(f"/media/{row.id}/tile")
    assert "This isn't a photo, although its name says so. Choose the photo itself" in answer.page.words  # type: ignore[attr-defined]


def test_the_owner_sees_a_drafts_photo_by_an_address_of_minutes(place: Place, ready: Media, as_ada: StrictClient) -> None:
    answer = as_ada.get(f"/media/{ready.id}/file/640.webp")
    assert answer.status_code == 302
    assert "no-store" in answer.headers["Cache-Control"]
    seen = place.get(answer.headers["Location"])
    assert (seen.status, seen.headers["Content-Type"]) == (200, "image/webp")


def test_a_variant_that_does_not_exist_is_not_found(folder: Place, upload: Upload, as_ada: StrictClient) -> None:
    row = upload(folder, files.jpeg())
    assert as_ada.get(f"/media/{row.id}/file/641.webp").status_code == 404
    assert as_ada.get(f"/media/{row.id}/file/original").status_code == 404


@pytest.fixture
def listed(folder: Place, upload: Upload, ada: Any) -> tuple[Media, Service]:
    """A photo in the gallery of Ada's published service."""
    row = upload(folder, files.jpeg())
    service = factories.published(ada)
    row.entity_id, row.is_live = service.id, True
    db.session.commit()
    return row, service


def public_url(row: Media) -> str:
    return f"/media/files/{(row.variants or [])[0]['key']}"


def test_a_listed_photo_is_for_everybody_and_for_a_year(listed: tuple[Media, Service], client: StrictClient) -> None:
    answer = client.get(public_url(listed[0]))
    assert (answer.status_code, answer.mimetype) == (200, "image/webp")
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, s-maxage=60, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_part_of_a_listed_file_can_be_asked_for(listed: tuple[Media, Service], client: StrictClient) -> None:
    answer = client.get(public_url(listed[0]), headers={"Range": "bytes=0-3"})
    assert (answer.status_code, answer.data) == (206, b"RIFF")


def test_a_drafts_photo_is_for_nobody_else(folder: Place, upload: Upload, client: StrictClient) -> None:
    assert client.get(public_url(upload(folder, files.jpeg()))).status_code == 404


@pytest.mark.parametrize("change", [{"is_active": False}, {"status": Status.ARCHIVED}, {"status": Status.DRAFT}])
def test_a_listing_that_is_taken_down_takes_its_photos_with_it(
    listed: tuple[Media, Service], client: StrictClient, change: dict[str, Any]
) -> None:
    row, service = listed
    for name, value in change.items():
        setattr(service, name, value)
    db.session.commit()
    assert client.get(public_url(row)).status_code == 404


def test_a_photo_that_left_the_gallery_is_not_served(listed: tuple[Media, Service], client: StrictClient) -> None:
    row, _service = listed
    row.is_live = False
    db.session.commit()
    assert client.get(public_url(row)).status_code == 404


@pytest.mark.parametrize("place", ["s3"], indirect=True)
def test_a_private_bucket_shows_listed_photos_by_addresses_of_minutes(
    place: Place, upload: Upload, ada: Any, app: Flask, client: StrictClient, s3_settings: Bucket, monkeypatch: Any
) -> None:
    values: dict[str, Any] = {name.lower(): value for name, value in s3_settings.environment.items()}
    monkeypatch.setitem(app.extensions, "settings", replace(app.extensions["settings"], **values))
    row = upload(place, files.jpeg())
    row.entity_id, row.is_live = factories.published(ada).id, True
    db.session.commit()
    answer = client.get(public_url(row))
    assert answer.status_code == 302
    assert place.get(answer.headers["Location"]).data.startswith(b"RIFF")


@pytest.mark.parametrize("name", ["nothing.webp", "..%2f..%2fsecret_key", "%2e%2e"])
def test_no_other_object_can_be_read(listed: tuple[Media, Service], client: StrictClient, name: str) -> None:
    assert client.get(f"/media/files/media/{listed[0].id}/{name}").status_code == 404


def test_the_incoming_object_is_never_served(listed: tuple[Media, Service], client: StrictClient) -> None:
    assert client.get(f"/media/files/{listed[0].incoming_key}").status_code == 404


def test_removing_can_be_undone(folder: Place, upload: Upload, as_ada: StrictClient) -> None:
    row = upload(folder, files.jpeg())
    assert as_ada.post(f"/media/{row.id}/remove", headers=JSON).json["message"] == "photo.jpg is removed."
    assert row.removed_at is not None
    as_ada.post(f"/media/{row.id}/restore", headers=JSON)
    assert row.removed_at is None


@pytest.mark.parametrize("path", ["//evil.example/x", "https://evil.example", "/\\evil.example", "", "/a\nb"])
def test_a_form_leads_back_to_this_site_only(folder: Place, upload: Upload, as_ada: StrictClient, path: str) -> None:
    row = upload(folder, files.jpeg())
    answer = as_ada.post(f"/media/{row.id}/remove", data={"next": path})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/drafts")


def send(client: StrictClient, draft: Service, *sent: tuple[bytes, str, str], **fields: str) -> Any:
    """Post a form as a browser does. (Werkzeug's client would leave a temporary file open.)"""
    values = {"csrf_token": client.token(), "entity_type": "service", "entity_id": str(draft.id), "next": "/drafts/x/media"}
    parts: list[Any] = [*(values | fields).items(), *(("files", (name, body, kind)) for body, name, kind in sent)]
    body, content_type = urllib3.encode_multipart_formdata(parts)
    return client.post("/media/direct", data=body, content_type=content_type)


def attached() -> list[Media]:
    return db.session.query(Media).order_by(Media.created_at, Media.id).all()


def said(client: StrictClient) -> list[tuple[str, str]]:
    with client.session_transaction() as session:
        return [tuple(each) for each in session.get("_flashes", [])]


def test_files_can_be_sent_without_javascript(place: Place, as_ada: StrictClient, draft: Service, app: Flask) -> None:
    sent = [(files.jpeg(), "one.jpg", "image/jpeg"), (files.pdf(), "two.pdf", "application/pdf")]
    answer = send(as_ada, draft, *sent)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/drafts/x/media")
    assert [(row.file_name, row.state) for row in attached()] == [("one.jpg", State.RECEIVED), ("two.pdf", State.RECEIVED)]
    for row in attached():
        verify(row.id)
    assert [row.state for row in attached()] == [State.READY, State.READY]


def test_a_file_that_cant_be_taken_keeps_none_of_the_others_back(folder: Place, as_ada: StrictClient, draft: Service) -> None:
    send(
        as_ada,
        draft,
        (b"<svg/>", "logo.svg", "image/svg+xml"),
        (b"", "empty.jpg", "image/jpeg"),
        (files.jpeg(), "a.jpg", "image/jpeg"),
    )
    assert [row.file_name for row in attached()] == ["a.jpg"]
    problems = [text for category, text in said(as_ada) if category == "error"]
    assert problems[0].startswith("logo.svg: This kind of file can't be uploaded.")
    assert problems[1].startswith("empty.jpg: This file is empty.")


def test_a_file_over_the_limit_is_named_and_not_kept(folder: Place, as_ada: StrictClient, draft: Service) -> None:
    send(as_ada, draft, (b"%PDF-" + bytes(20 * 2**20), "huge.pdf", "application/pdf"))
    assert attached() == []
    assert said(as_ada)[0][1].startswith("huge.pdf: This PDF is larger than 20 MB.")


def test_a_form_larger_than_other_forms_may_be_is_read(folder: Place, as_ada: StrictClient, draft: Service) -> None:
    send(as_ada, draft, (files.mp4() + bytes(20 * 2**20), "clip.mp4", "video/mp4"))
    assert [row.declared_bytes for row in attached()] == [len(files.mp4()) + 20 * 2**20]


def test_sending_nothing_says_what_to_do(folder: Place, as_ada: StrictClient, draft: Service) -> None:
    send(as_ada, draft)
    assert said(as_ada) == [("warning", "Choose one or more files first, then press Upload.")]


def test_a_form_with_a_stale_token_is_refused(folder: Place, as_ada: StrictClient, draft: Service) -> None:
    assert send(as_ada, draft, (files.jpeg(), "a.jpg", "image/jpeg"), csrf_token="stale").status_code == 400
    assert attached() == []


def test_nobody_sends_files_to_another_providers_draft(folder: Place, as_boris: StrictClient, draft: Service) -> None:
    assert send(as_boris, draft, (files.jpeg(), "a.jpg", "image/jpeg")).status_code == 404
    assert attached() == []


def test_a_store_that_is_full_says_so_and_loses_nothing(
    folder: Place, as_ada: StrictClient, draft: Service, monkeypatch: Any
) -> None:
    monkeypatch.setattr(folder.store, "_free_floor", 2**62)
    send(as_ada, draft, (files.jpeg(), "a.jpg", "image/jpeg"))
    assert [row.state for row in attached()] == [State.GRANTED]
    assert "does not answer" in said(as_ada)[0][1]


def test_a_form_that_would_fill_the_disk_is_not_read(
    folder: Place, as_ada: StrictClient, draft: Service, app: Flask, monkeypatch: Any
) -> None:
    monkeypatch.setitem(app.extensions, "settings", replace(app.extensions["settings"], storage_free_floor=2**62))
    answer = send(as_ada, draft, (files.jpeg(), "a.jpg", "image/jpeg"))
    assert answer.status_code == 503
    assert "too little room for files" in answer.page.words
    assert attached() == []


def test_files_of_a_form_wait_in_var_and_leave_nothing_there(
    folder: Place, as_ada: StrictClient, draft: Service, app: Flask, monkeypatch: Any
) -> None:
    place = app.extensions["settings"].var_dir / "arriving"
    monkeypatch.setattr(forms.tempfile, "tempdir", "/nowhere")
    send(as_ada, draft, (files.mp4() + bytes(2**20), "clip.mp4", "video/mp4"))
    assert [row.state for row in attached()] == [State.RECEIVED]
    assert list(place.iterdir()) == []


def test_a_file_name_that_no_page_can_hold_is_said_without_it(folder: Place, as_ada: StrictClient, draft: Service) -> None:
    send(as_ada, draft, (b"text", "let\x00ter\u202e.txt", "text/plain"))
    [(_kind, sentence)] = said(as_ada)
    assert sentence.startswith("letter.txt: ")


def test_the_names_of_many_files_fit_into_a_cookie(folder: Place, as_ada: StrictClient, draft: Service) -> None:
    answer = send(as_ada, draft, *((files.pdf(), f"{uuid4().hex * 6}.pdf", "application/pdf") for _ in range(20)))
    assert len(answer.headers["Set-Cookie"]) < 4096
    assert said(as_ada)


def test_a_file_that_goes_while_it_is_brought_back_is_told_as_a_page(
    as_ada: StrictClient, folder: Place, upload: Upload
) -> None:
    row = upload(folder, files.jpeg())
    operations.remove(row.id, row.provider_id)
    db.session.commit()
    address, engine = f"/media/{row.id}/restore", db.engine
    swept: list[int] = []

    def sweep(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if "FROM media" in statement and not swept:
            swept.append(1)
            with engine.begin() as other:
                other.execute(delete(Media))

    event.listen(engine, "after_cursor_execute", sweep)
    answer = as_ada.post(address)
    event.remove(engine, "after_cursor_execute", sweep)
    assert answer.status_code == 409
    assert "This changed in the meantime" in answer.page.words
    with as_ada.session_transaction() as session:
        assert "_flashes" not in session
