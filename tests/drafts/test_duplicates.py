"""A duplicate has photos and files of its own: they look like the first ones and outlive them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from app.drafts.duplicates import duplicate
from app.extensions import db
from app.media import operations, verification
from app.media.models import Media, State
from app.media.queries import attached
from app.services.models import Service
from app.wizard import answers, steps
from app.wizard.context import ENTITY, Context
from tests import factories, queues
from tests.media import files
from tests.media.conftest import Upload, arrive, draft, folder, grant, place, upload
from tests.storage.conftest import Place, disk_place, s3_place
from tests.strict import StrictClient

__all__ = ["arrive", "disk_place", "draft", "folder", "grant", "place", "s3_place", "upload"]


@pytest.fixture
def copied(app: Flask, ada: Any, draft: Service) -> Callable[[], list[Media]]:
    """Duplicate Ada's draft, and let the worker do its part; the copies in the order of their arrival."""

    def copy() -> list[Media]:
        made, _left_out = duplicate(draft, ada, app.extensions["settings"])
        identity = made.id
        db.session.commit()
        for row in attached(ENTITY, identity):
            verification.verify(row.id)
            db.session.commit()
        return attached(ENTITY, identity)

    return copy


def objects(place: Place, row: Media) -> list[bytes]:
    keys = [each["key"] for each in row.variants or []] + [key for key in [row.original_key] if key]
    return [place.store.read(key).read() for key in keys]


def test_a_copy_has_the_same_pictures_under_keys_of_its_own(place: Place, upload: Upload, copied: Any) -> None:
    first = upload(place, files.jpeg())
    (copy,) = copied()
    assert (copy.state, copy.kind, copy.file_name) == (State.READY, first.kind, first.file_name)
    assert (copy.width, copy.height, copy.etag) == (first.width, first.height, first.etag)
    assert objects(place, copy) == objects(place, first) != []
    assert all(each["key"].startswith(f"media/{copy.id}/") for each in copy.variants or [])


def test_a_document_is_copied_whole(folder: Place, upload: Upload, copied: Any) -> None:
    first = upload(folder, files.pdf(), "prices.pdf", "application/pdf")
    (copy,) = copied()
    assert copy.original_key != first.original_key
    assert objects(folder, copy) == objects(folder, first) != []


def test_a_copy_outlives_the_first(folder: Place, upload: Upload, copied: Any) -> None:
    first = upload(folder, files.jpeg())
    (copy,) = copied()
    folder.store.delete([each["key"] for each in first.variants or []])
    operations.delete([first])
    db.session.commit()
    assert len(objects(folder, copy)) == len(copy.variants or [])


def test_a_copy_whose_first_is_gone_by_then_says_so(
    folder: Place, upload: Upload, app: Flask, ada: Any, draft: Service
) -> None:
    first = upload(folder, files.jpeg())
    made, _left_out = duplicate(draft, ada, app.extensions["settings"])
    operations.delete([first])
    db.session.commit()
    (copy,) = attached(ENTITY, made.id)
    verification.verify(copy.id)
    db.session.commit()
    assert (copy.state, copy.reason) == (State.REJECTED, "lost")


def test_a_copy_of_what_is_not_verified_yet_waits_for_it(
    folder: Place, upload: Upload, app: Flask, ada: Any, draft: Service
) -> None:
    first = upload(folder, files.jpeg())
    first.state = State.RECEIVED
    made, _left_out = duplicate(draft, ada, app.extensions["settings"])
    db.session.commit()
    (copy,) = attached(ENTITY, made.id)
    verification.verify(copy.id)
    db.session.commit()
    assert copy.state == State.RECEIVED
    first.state = State.READY
    db.session.commit()
    verification.verify(copy.id)
    db.session.commit()
    assert copy.state == State.READY


def test_order_cover_and_descriptions_come_along(folder: Place, upload: Upload, app: Flask, ada: Any, draft: Service) -> None:
    one, two = (upload(folder, files.jpeg()) for _ in range(2))
    typed = {"media": [str(two.id), str(one.id)], "cover": [str(one.id)], f"alt-{two.id}": ["The chair"]}
    db.session.refresh(draft, ["answers"])
    answers.save(Context.of(ada, draft), steps.find("media"), typed, 0, app.extensions["settings"])
    made, _left_out = duplicate(draft, ada, app.extensions["settings"])
    db.session.commit()
    by_first = {row.copy_of: str(row.id) for row in attached(ENTITY, made.id)}
    db.session.refresh(made, ["answers"])
    assert (made.answers or {})["media"]["typed"] == {
        "media": [by_first[two.id], by_first[one.id]],
        "cover": [by_first[one.id]],
        f"alt-{by_first[two.id]}": ["The chair"],
    }


def test_the_photos_of_a_published_service_are_copied_with_its_gallery(
    folder: Place, upload: Upload, app: Flask, ada: Any
) -> None:
    first = upload(folder, files.jpeg())
    service = factories.published(ada, gallery=[{"id": str(first.id), "alt": "The chair"}])
    first.entity_id, first.is_live = service.id, True
    db.session.commit()
    made, _left_out = duplicate(service, ada, app.extensions["settings"])
    db.session.commit()
    (copy,) = attached(ENTITY, made.id)
    db.session.refresh(made, ["answers"])
    assert (made.answers or {})["media"]["typed"]["media"] == [str(copy.id)]
    assert copy.is_live is False


def test_what_does_not_fit_is_left_out_and_said(
    folder: Place, upload: Upload, app: Flask, as_ada: StrictClient, draft: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):
        upload(folder, files.jpeg())
    monkeypatch.setitem(app.extensions, "settings", replace(app.extensions["settings"], provider_max_files=3))
    answer = as_ada.post("/drafts", data={"duplicate_of": str(draft.id)}, follow_redirects=True)
    assert "One file was not copied: your account is full." in answer.page.words
    assert db.session.query(Media).filter(Media.copy_of.is_not(None)).count() == 1


def test_a_copy_is_asked_for_once_its_row_is_there(
    folder: Place, upload: Upload, app: Flask, as_ada: StrictClient, draft: Service
) -> None:
    upload(folder, files.jpeg())
    queues.empty(app)
    as_ada.post("/drafts", data={"duplicate_of": str(draft.id)})
    (job,) = queues.waiting(app)
    assert job.func_name == "jobs.media.verify"
    assert db.session.get_one(Media, UUID(job.args[0])).copy_of is not None
