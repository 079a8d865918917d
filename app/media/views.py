"""The doors for files: asking for an upload, telling that it arrived, looking at it, taking it away; and sending it without JavaScript."""

from collections.abc import Callable
from functools import wraps
from typing import Any, BinaryIO, cast
from uuid import UUID

from flask import Blueprint, Response, flash, g, jsonify, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from flask_security import auth_required
from flask_wtf.csrf import CSRFError, validate_csrf
from werkzeug.datastructures import FileStorage
from wtforms import ValidationError

from app import config
from app.errors import NotFound, ShingleError
from app.extensions import csrf, db, limiter
from app.media import entities, forms, kinds, names, operations, pictures, uploads
from app.media.models import Media, State
from app.providers.access import owned
from app.storage import serving, store

media = Blueprint("media", __name__, url_prefix="/media")
ASKING = limiter.shared_limit("240 per minute", scope="uploads", key_func=lambda: str(current_user.get_id()))
FOR_A_YEAR = "public, max-age=31536000, immutable"


@media.post("")
@auth_required("session")
@ASKING
def grant() -> ResponseReturnValue:
    """Allow one file to be sent to the store, and answer with where and how, and with its tile."""
    asked = forms.Asked.read(request.get_json(silent=True))
    row, upload = uploads.grant(
        current_user.id, asked.entity_type, asked.entity_id, asked.file_name, asked.content_type, asked.size, asked.sha256
    )
    tile = render_template("media/_tile.html", media=row, alt="", is_cover=False)
    return jsonify(id=str(row.id), tile=tile, **_upload(upload)), 201


@media.post("/<uuid:media_id>/url")
@auth_required("session")
def resign(media_id: UUID) -> ResponseReturnValue:
    """A fresh URL for a file that has not arrived."""
    return jsonify(_upload(uploads.resign(media_id, current_user.id)))


@media.post("/<uuid:media_id>/received")
@auth_required("session")
def received(media_id: UUID) -> ResponseReturnValue:
    """The browser says that it sent the file; the store is asked. 410 when it isn't there."""
    row = uploads.receive(media_id, current_user.id)
    return jsonify(id=str(row.id), state=row.state, tile=render_template("media/_state.html", media=row))


@media.get("/<uuid:media_id>/tile")
@auth_required("session")
def show(media_id: UUID) -> ResponseReturnValue:
    """How the file is doing: the part of its tile that changes."""
    row = owned(Media, media_id, current_user.id)
    return _private(make_response(render_template("media/_state.html", media=row)))


@media.post("/<uuid:media_id>/remove")
@auth_required("session")
def remove(media_id: UUID) -> ResponseReturnValue:
    """Take a file away; it can be put back for an hour."""
    row = operations.remove(media_id, current_user.id)
    return _done(row, _("%(name)s is removed.", name=row.file_name))


@media.post("/<uuid:media_id>/restore")
@auth_required("session")
def restore(media_id: UUID) -> ResponseReturnValue:
    """Put a removed file back."""
    row = operations.restore(media_id, current_user.id)
    return _done(row, _("%(name)s is back.", name=row.file_name))


def _token_inside(view: Callable[[], ResponseReturnValue]) -> Callable[[], ResponseReturnValue]:
    """Flask-Security would look for the token in the form, and read it whole, under the limits of small forms: the view looks itself."""

    @wraps(view)
    def run() -> ResponseReturnValue:
        g.csrf_valid = True
        return view()

    return run


@media.post("/direct")
@csrf.exempt
@_token_inside
@auth_required("session")
@ASKING
def direct() -> ResponseReturnValue:
    """Files sent through the app, for a browser without JavaScript. The token is checked here, after the limits for reading are set."""
    with forms.parsed(request, config.current()) as (fields, files):
        try:
            validate_csrf(fields.get("csrf_token"))
        except ValidationError as error:
            raise CSRFError(str(error)) from error
        if not files:
            flash(_("Choose one or more files first, then press Upload."), "warning")
        entity_type, entity_id = fields.get("entity_type", ""), forms.identity(fields.get("entity_id"))
        taken = [names.clean(str(each.filename)) for each in files if _take(each, entity_type, entity_id)]
    if taken:
        flash(_("Uploaded: %(names)s", names=_shortened(", ".join(taken), 1000)), "success")
    return redirect(_back(fields.get("next")), 303)


@media.get("/<uuid:media_id>/file/<variant>")
@auth_required("session")
def private(media_id: UUID, variant: str) -> ResponseReturnValue:
    """A file of a draft, for its owner: a redirect to a URL of minutes."""
    row = owned(Media, media_id, current_user.id)
    keys = {pictures.variant_name(each): each["key"] for each in row.variants or []}
    key = row.original_key if variant == "original" else keys.get(variant)
    if row.state != State.READY or key is None:
        raise NotFound()
    return _private(redirect(store().presign_get(key, lifetime=config.current().upload_url_lifetime), 302))


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
        return _private(redirect(store().presign_get(key, lifetime=config.current().upload_url_lifetime), 302))
    info = store().head(key)
    if info is None:
        raise NotFound()
    return serving.respond(store(), info, cache=FOR_A_YEAR)


def _shown_keys(row: Media) -> list[str | None]:
    return [row.original_key, *(each["key"] for each in row.variants or [])]


def _upload(upload: Any) -> dict[str, Any]:
    return {"url": upload.url, "headers": dict(upload.headers), "expires_at": upload.expires_at.isoformat()}


def _take(file: FileStorage, entity_type: str, entity_id: UUID) -> bool:
    """Grant, store and receive one file of a form. What can't be taken is named, and keeps none of the others back."""
    part = cast(forms.Part, file.stream)
    try:
        row, _unused = uploads.grant(
            current_user.id, entity_type, entity_id, str(file.filename), file.mimetype or "", part.size
        )
        # The row is there before the object is, whatever happens in between; and nobody waits for a lock while bytes travel.
        db.session.commit()
        uploads.send(row, cast(BinaryIO, part))
        uploads.receive(row.id, current_user.id)
        db.session.commit()
    except NotFound:
        raise
    except ShingleError as error:
        db.session.rollback()
        flash(f"{_shortened(names.clean(str(file.filename)), 80)}: {error.message}", "error")
        return False
    return True


def _shortened(text: str, most: int) -> str:
    """A message travels in a cookie, and browsers drop one of more than 4 KB."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _done(row: Media, sentence: str) -> ResponseReturnValue:
    """JSON for a script, a page for a form."""
    if request.accept_mimetypes.best == "application/json":
        return jsonify(id=str(row.id), message=sentence)
    flash(sentence)
    return redirect(_back(request.form.get("next")), 303)


def _back(path: str | None) -> str:
    """Where the form was: a path of this site and nothing else, because a form's field is anybody's to fill."""
    plain = path and path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if path and plain else "/drafts"


def _private(response: Any) -> Response:
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return cast(Response, response)


def rules() -> dict[str, Any]:
    """What the script checks before it asks, and what it says: the same as the server, in the reader's language."""
    settings = config.current()
    return {
        "types": {each.content_type: kinds.limit(each.kind, settings) for each in kinds.TYPES.values()},
        "endings": kinds.ENDINGS,
        "heic": str(kinds.HOW_TO_EXPORT),
        "unknown": _("This kind of file can't be uploaded.") + " " + str(kinds.WHAT_IS_TAKEN),
        "empty": _("This file is empty. Choose it again, or export it once more."),
        "large": {kind: kinds.too_large(kind, kinds.limit(kind, settings)) for kind in ("image", "video", "document")},
    }
