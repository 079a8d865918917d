"""A listing as it is shown: the same for visitors, for the preview, and on cards. What differs is only who may open the files' URLs."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from flask import url_for

from app.media import notes, pictures
from app.media.models import Kind, Media, State
from app.media.pictures import Picture
from app.providers.models import Provider
from app.services.models import Service
from app.storage import store


@dataclass(frozen=True)
class Addresses:
    """Where a file's pictures are, and where the file itself is if it is served as it came."""

    picture: Callable[[Media, str], Picture | None]
    original: Callable[[Media], str]


@dataclass(frozen=True)
class File:
    """A video, which plays where it stands, or a document, to be downloaded. `poster` is a frame of the one, the first page of the other."""

    name: str
    url: str
    kind: str
    content_type: str
    bytes: int
    poster: Picture | None
    note: str | None


@dataclass(frozen=True)
class Listing:
    """Everything that `templates/services/_listing.html` shows."""

    service: Service
    provider: Provider
    type_name: str
    photos: list[Picture]
    files: list[File]


@dataclass(frozen=True)
class Card:
    """A listing among others."""

    service: Service
    cover: Picture | None


def show(service: Service, provider: Provider, type_name: str, media: Iterable[Media], addresses: Addresses) -> Listing:
    """The listing with these files, in the order of its gallery."""
    rows = {str(row.id): row for row in media}
    placed = [(rows[each["id"]], each["alt"]) for each in service.gallery or [] if each["id"] in rows]
    photos = [photo for row, alt in placed if row.kind == Kind.IMAGE and (photo := addresses.picture(row, alt))]
    files = [
        File(
            name=row.file_name,
            url=addresses.original(row),
            kind=row.kind,
            content_type=row.content_type or "",
            bytes=row.declared_bytes,
            poster=addresses.picture(row, ""),
            note=notes.note(row),
        )
        for row, _alt in placed
        if row.kind != Kind.IMAGE and row.state == State.READY and row.original_key
    ]
    return Listing(service, provider, type_name, photos, files)


def card(service: Service, covers: Mapping[UUID, Media]) -> Card:
    """The listing's card, with its first photo if it has one."""
    cover = covers.get(service.id)
    alts = {each["id"]: each["alt"] for each in service.gallery or []}
    return Card(service, pictures.public_sources(cover, alts.get(str(cover.id), "")) if cover else None)


def _public_original(media: Media) -> str:
    return store().public_url(str(media.original_key))


def _private_original(media: Media) -> str:
    return url_for("media.private", media_id=media.id, variant="original")


#: For everybody's pages, and for what only the owner sees.
PUBLIC = Addresses(pictures.public_sources, _public_original)
PRIVATE = Addresses(pictures.private_sources, _private_original)
