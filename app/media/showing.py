"""The doors where files are looked at: a draft's by its owner, a listing's by everybody."""

from uuid import UUID

from flask import redirect
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_security import auth_required

from app import config
from app.errors import NotFound
from app.extensions import db
from app.media import entities, operations, pictures
from app.media.models import Media, State
from app.media.views import media, private_answer
from app.providers.access import owned
from app.storage import serving, store

#: A photo under one address never changes, but it may be withdrawn: a browser that has shown it keeps it, and a cache that others ask for 60 seconds.
FOR_A_YEAR = "public, max-age=31536000, s-maxage=60, immutable"


@media.get("/<uuid:media_id>/file/<variant>")
@auth_required("session")
def private(media_id: UUID, variant: str) -> ResponseReturnValue:
    """A file of a draft, for its owner: a redirect to a URL of minutes."""
    row = owned(Media, media_id, current_user.id)
    keys = {pictures.variant_name(each): each["key"] for each in row.variants or []}
    key = row.original_key if variant == "original" else keys.get(variant)
    if row.state != State.READY or key is None:
        raise NotFound()
    return private_answer(redirect(store().presign_get(key, lifetime=config.current().upload_url_lifetime), 302))


@media.get("/files/media/<uuid:media_id>/<name>")
def public(media_id: UUID, name: str) -> ResponseReturnValue:
    """A file that visitors may see: only while the listing that shows it may be seen. Its address changes with its content."""
    row = db.session.get(Media, media_id)
    key = f"{operations.folder(media_id)}{name}"
    if row is None or not row.is_live or key not in _shown_keys(row):
        raise NotFound()
    if row.entity_id is None or not entities.find(row.entity_type).is_shown(row.entity_id):
        raise NotFound()
    if not config.current().embedded_storage:
        return private_answer(redirect(store().presign_get(key, lifetime=config.current().upload_url_lifetime), 302))
    info = store().head(key)
    if info is None:
        raise NotFound()
    return serving.respond(store(), info, cache=FOR_A_YEAR)


def _shown_keys(row: Media) -> list[str | None]:
    return [row.original_key, *(each["key"] for each in row.variants or [])]
