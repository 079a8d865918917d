"""The stage that every fault finds: drafts at every point of their lives, files in every state, a published service with edits.

Ids are the same each time, so that a stage is set in some hundredths of a second: objects that are still in the store stay there.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import text

from app.drafts.models import ExpiryWarning
from app.extensions import db
from app.media.models import Kind, Media, State
from app.providers.models import Provider
from app.services.models import Service, ServiceType, Status
from tests.media import files
from tests.servers import s3
from tests.servers.s3 import Bucket

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
NOTICE = timedelta(hours=24)
PHOTO = files.jpeg(60, 40)
TOLD_BEFORE = "<told.before@shingle.example>"
REACHABLE = ("ada", "cleo")

#: What becomes of each draft in one round of sweeps, if nothing else is said. The comment of each is in `_drafts`.
OUTCOME = {
    "idle": "warned",
    "forgotten": "warned",
    "told": "deleted",
    "told late": "open",
    "claimed": "warned",
    "untouched": "gone",
    "fresh": "open",
    "unreachable": "deleted",
    "past": "gone",
    "restorable": "deleted",
    "listing": "being edited",
    "abandoned": "published",
}
NOTHING = "nothing"  # what a file belongs to that belongs to no service


#: Many more providers, of whom each has a draft to be warned about and one to be deleted.
CROWD = 30
OF_CROWD = {
    f"{name} of {number}": outcome for number in range(CROWD) for name, outcome in (("idle", "warned"), ("told", "deleted"))
}


def identity(name: str) -> UUID:
    return uuid5(NAMESPACE_URL, name)


def empty() -> None:
    names = ", ".join(f'"{table.name}"' for table in db.metadata.sorted_tables if table.name != "service_type")
    db.session.execute(text(f"TRUNCATE witness, {names}"))
    db.session.commit()


def build(now: datetime, bucket: Bucket, of: Collection[str] = (*OUTCOME, NOTHING)) -> None:
    """The rows, committed, with the files `of` these services, and the objects that they want; the store holds nothing else."""
    kind = db.session.query(ServiceType).order_by(ServiceType.position).first()
    db.session.add_all(_providers(now))
    db.session.flush()
    db.session.add_all(_drafts(now, kind.id if kind else None))
    db.session.flush()
    db.session.add_all(_warnings(now))
    if of:
        ids = {None if name == NOTHING else identity(name) for name in of}
        _add_files([row for row in _files(now) if row.entity_id in ids], bucket)
    db.session.commit()


def _add_files(rows: Collection[Media], bucket: Bucket) -> None:
    made = {each["key"] for row in rows for each in row.variants or []}
    arrived = {row.incoming_key for row in rows if row.id in {identity(name) for name in ARRIVED}}
    in_parts = [row for row in rows if row.part_bytes]
    uploads = _fill(bucket, made | arrived, {row.incoming_key for row in in_parts})
    for row in in_parts:
        row.upload_id = uploads[row.incoming_key]
    db.session.add_all(rows)


def crowd(now: datetime) -> None:
    """The crowd, committed."""
    shared = {"active": True, "confirmed_at": now, "time_zone": "Europe/Berlin", "locale": "en", "currency": "EUR"}
    for number in range(CROWD):
        owner = identity(f"provider {number}")
        db.session.add(Provider(id=owner, email=f"{number}@example.com", fs_uniquifier=str(number), display_name="-", **shared))
        for name, hours in (("idle", 20), ("told", -1)):
            key = f"{name} of {number}"
            values = {"name": f"[{key}]", "has_content": True, "expires_at": now + hours * HOUR, "currency": "EUR"}
            db.session.add(Service(id=identity(key), provider_id=owner, **values))
        db.session.flush()
        said = {"message_id": TOLD_BEFORE, "claimed_at": now, "sent_at": now - 2 * NOTICE, "expires_at": now - HOUR}
        db.session.add(ExpiryWarning(service_id=identity(f"told of {number}"), provider_id=owner, **said))
    db.session.commit()


ARRIVED = ("received", "unannounced", "received of past")


def _providers(now: datetime) -> list[Provider]:
    shared = {
        "active": True,
        "confirmed_at": now - 90 * NOTICE,
        "time_zone": "Europe/Berlin",
        "locale": "en",
        "currency": "EUR",
    }
    rows = [
        Provider(id=identity(name), email=f"{name}@example.com", fs_uniquifier=name, display_name=name.title(), **shared)
        for name in ("ada", "boris", "cleo")
    ]
    rows[1].undeliverable_at = now - 30 * NOTICE
    return rows


def _drafts(now: datetime, kind: UUID | None) -> list[Service]:
    def draft(key: str, owner: str, hours: float, **given: Any) -> Service:
        expires_at = now + hours * HOUR
        values = {"name": f"[{key}]", "has_content": True, "edited_at": expires_at - 2 * NOTICE, "currency": "EUR"} | given
        return Service(id=identity(key), provider_id=identity(owner), expires_at=expires_at, **values)

    past = {"deleted_at": now - 170 * HOUR, "deleted_by": "expiry", "purge_at": now - 2 * HOUR}
    restorable = {"deleted_at": now - 24 * HOUR, "deleted_by": "provider", "purge_at": now + 144 * HOUR}
    return [
        draft("idle", "ada", 23),  # its warning is due
        draft("forgotten", "ada", -2),  # past its expiry, and nobody was warned: it must be warned now, and have its notice
        draft("told", "ada", -1 / 60),  # warned in time: it goes
        draft("told late", "ada", -1 / 60),  # warned ten hours ago: it waits for its notice
        draft("claimed", "cleo", -1 / 6),  # claimed by a sweep that died before it sent anything
        draft("untouched", "ada", -1, has_content=False, name=None),  # goes without a word
        draft("fresh", "ada", 47),
        draft("unreachable", "boris", -1),  # goes: no warning can reach Boris
        draft("past", "ada", -170, **past),  # nobody can bring it back any more
        draft("restorable", "ada", -24, **restorable),
        _listing("listing", "live", now - NOTICE, now, kind),
        _listing("abandoned", "live too", now - 800 * NOTICE, now, kind),  # its edits go, what visitors see stays
    ]


def _listing(name: str, photo: str, edited_at: datetime, now: datetime, kind: UUID | None) -> Service:
    """Published, with a photo that visitors see and edits that they don't."""
    typed = {"basics": {"typed": {"name": ["New name"]}, "version": 2, "complete": False, "saved_at": now.isoformat()}}
    return Service(
        id=identity(name),
        provider_id=identity("ada"),
        service_type_id=kind,
        status=Status.PUBLISHED,
        is_active=True,
        is_public=True,
        slug=name,
        name=name.title(),
        currency="EUR",
        published_at=now - 900 * NOTICE,
        changed_at=now - 900 * NOTICE,
        edited_at=edited_at,
        has_content=True,
        gallery=[{"id": str(identity(photo)), "alt": "Salon"}],
        answers=typed,
        answers_schema="old",
    )


def _warnings(now: datetime) -> list[ExpiryWarning]:
    def warning(name: str, owner: str, hours: float, **given: Any) -> ExpiryWarning:
        values = {"claimed_at": now - 30 * MINUTE, "attempts": 1, "message_id": TOLD_BEFORE} | given
        return ExpiryWarning(service_id=identity(name), provider_id=identity(owner), expires_at=now + hours * HOUR, **values)

    return [
        warning("told", "ada", -1 / 60, sent_at=now - NOTICE - 2 * MINUTE),
        warning("told late", "ada", -1 / 60, sent_at=now - 10 * HOUR),
        warning("claimed", "cleo", -1 / 6, message_id="<claimed@shingle.example>"),
    ]


def _files(now: datetime) -> list[Media]:
    def file(name: str, of: str, state: State, **given: Any) -> Media:
        values: dict[str, Any] = {
            "entity_type": None if of == NOTHING else "service",
            "entity_id": None if of == NOTHING else identity(of),
            "kind": Kind.IMAGE,
            "file_name": f"{name}.jpg",
            "declared_type": "image/jpeg",
            "declared_bytes": len(PHOTO),
            "incoming_key": _incoming(name),
            "urls_expire_at": now - 20 * HOUR,
            "created_at": now - 20 * HOUR,
        }
        if state == State.READY:
            values |= {"content_type": "image/jpeg", "verified_at": now - 19 * HOUR, "variants": _variants(name)}
        return Media(id=identity(name), provider_id=identity("ada"), state=state, **(values | given))

    in_parts = {"part_bytes": 5 * 2**20, "declared_bytes": 6 * 2**20, "kind": Kind.VIDEO, "declared_type": "video/mp4"}
    return [
        file("live", "listing", State.READY, is_live=True),
        file("added", "listing", State.READY),
        file("live too", "abandoned", State.READY, is_live=True),
        file("added and forgotten", "abandoned", State.READY),  # goes with the edits that it was for
        file("of nothing", NOTHING, State.READY, created_at=now - 2 * NOTICE),  # goes
        file("photo of told", "told", State.READY),
        file("photo of past", "past", State.READY),
        file("photo of restorable", "restorable", State.READY),
        file("removed", "fresh", State.READY, removed_at=now - 2 * HOUR),  # goes
        file("received", "fresh", State.RECEIVED, received_at=now - 30 * MINUTE),  # its job was lost
        file("received of past", "past", State.RECEIVED, received_at=now - 170 * HOUR),
        file("unannounced", "idle", State.GRANTED),  # is in the store, and nobody said so
        file("never sent", "idle", State.GRANTED),
        file("in parts", "fresh", State.GRANTED, urls_expire_at=now, **in_parts),  # goes on
        file("parts of the past", "past", State.GRANTED, **in_parts),
    ]


def _incoming(name: str) -> str:
    return f"incoming/{identity(name)}/{identity(name).hex}"


def _made(name: str) -> list[str]:
    widths = (320, 640) if name == "photo of past" else (320,)
    return [f"media/{identity(name)}/{width}.jpg" for width in widths]


def _variants(name: str) -> list[dict[str, Any]]:
    return [
        {"key": key, "width": 320 * (at + 1), "height": 200, "type": "image/jpeg", "bytes": len(PHOTO)}
        for at, key in enumerate(_made(name))
    ]


def _fill(bucket: Bucket, wanted: Collection[str], in_parts: Collection[str]) -> dict[str, str]:
    """Bring the store to exactly these objects, and one open upload for each of the keys `in_parts`: their ids."""
    client = s3.client(bucket.endpoint)
    there = in_store(bucket)
    for key in there - set(wanted):
        client.delete_object(Bucket=bucket.bucket, Key=key)
    for key in set(wanted) - there:
        client.put_object(Bucket=bucket.bucket, Key=key, Body=PHOTO, ContentType="image/jpeg")
    found: dict[str, str] = {}
    for key, upload in open_uploads(bucket):
        if key in in_parts and key not in found:
            found[key] = upload
        else:
            client.abort_multipart_upload(Bucket=bucket.bucket, Key=key, UploadId=upload)
    for key in set(in_parts) - found.keys():
        found[key] = client.create_multipart_upload(Bucket=bucket.bucket, Key=key)["UploadId"]
    return found


def in_store(bucket: Bucket) -> set[str]:
    listed = s3.client(bucket.endpoint).list_objects_v2(Bucket=bucket.bucket)
    assert not listed["IsTruncated"]
    return {each["Key"] for each in listed.get("Contents", [])}


def open_uploads(bucket: Bucket) -> set[tuple[str, str]]:
    listed = s3.client(bucket.endpoint).list_multipart_uploads(Bucket=bucket.bucket)
    return {(each["Key"], each["UploadId"]) for each in listed.get("Uploads", [])}
