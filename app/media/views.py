"""The doors for uploads: asking for one, its parts, telling that it arrived, how it stands, taking it away. `direct.py` has the way without
JavaScript, `showing.py` the doors where files are looked at."""

from typing import Any, cast
from uuid import UUID

from flask import Blueprint, Response, flash, jsonify, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from flask_security import auth_required

from app import config, tokens
from app.extensions import limiter
from app.locales import LOCALES, read_by
from app.media import forms, kinds, operations, parts, tiles, uploads
from app.media.models import Media
from app.providers.access import owned
from app.storage.protocol import UploadURL
from app.transaction import commit_now

media = Blueprint("media", __name__, url_prefix="/media")
ASKING = limiter.shared_limit("240 per minute", scope="uploads", key_func=lambda: str(current_user.get_id()))


@media.post("")
@tokens.remembered
@ASKING
def grant() -> ResponseReturnValue:
    """Allow one file to be sent to the store, and answer with its tile and where and how to send it: of a large one, the first parts."""
    asked = forms.Asked.read(request.get_json(silent=True))
    row, upload = uploads.grant(current_user.id, **asked.fields)
    known: dict[str, Any] = {"id": str(row.id), "tile": tiles.granted(row)}
    if upload:
        return jsonify(**known, **_upload(upload)), 201
    known |= {"part_bytes": row.part_bytes, "parts": parts.count(row)}
    commit_now()  # the row is there before its upload is, and nobody waits for the store with a lock in hand
    signed = uploads.sign_first(row)
    how = _signed(signed, "urls") if signed else {}
    return jsonify(**known, **how, done=[part.number for part in signed.done] if signed else []), 201


@media.post("/<uuid:media_id>/url")
@auth_required("session")
def resign(media_id: UUID) -> ResponseReturnValue:
    """A fresh URL for a file that has not arrived."""
    return jsonify(_upload(uploads.resign(media_id, current_user.id)))


@media.post("/<uuid:media_id>/parts")
@tokens.remembered
def sign(media_id: UUID) -> ResponseReturnValue:
    """Where to send some parts of a large file, and which are there already. 409 when there is nothing to send any more."""
    row = owned(Media, media_id, current_user.id)
    signed = uploads.sign(row, forms.numbers(request.get_json(silent=True)))
    done = [{"number": part.number, "size": part.size} for part in signed.done]
    return jsonify(done=done, **_signed(signed, "parts"))


@media.get("/<uuid:media_id>/upload")
@auth_required("session")
def standing(media_id: UUID) -> ResponseReturnValue:
    """How far an upload came, for a browser that was closed in the middle of it."""
    row, done = uploads.standing(media_id, current_user.id)
    known = {"state": row.state, "size": row.declared_bytes, "fingerprint": row.fingerprint, "part_bytes": row.part_bytes}
    return private_answer(jsonify(known | {"parts": parts.count(row), "done": done}))


@media.post("/<uuid:media_id>/received")
@tokens.remembered
def received(media_id: UUID) -> ResponseReturnValue:
    """The browser says that it sent the file; the store is asked. 410 when it isn't there, with the numbers of the parts that are missing."""
    row = uploads.receive(media_id, current_user.id, forms.etags(request.get_json(silent=True) if request.data else {}))
    return jsonify(id=str(row.id), state=row.state, tile=tiles.state(row))


@media.get("/<uuid:media_id>/tile")
@auth_required("session")
def show(media_id: UUID) -> ResponseReturnValue:
    """How the file is doing: the part of its tile that changes."""
    row = owned(Media, media_id, current_user.id)
    return private_answer(make_response(render_template("media/_state.html", media=row)))


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


def _signed(signed: parts.Signed, name: str) -> dict[str, Any]:
    urls = {number: {"url": each.url, "headers": dict(each.headers)} for number, each in signed.urls.items()}
    return {name: urls, "expires_at": signed.expires_at.isoformat()}


def _upload(upload: UploadURL) -> dict[str, Any]:
    return {"url": upload.url, "headers": dict(upload.headers), "expires_at": upload.expires_at.isoformat()}


def _done(row: Media, sentence: str) -> ResponseReturnValue:
    """JSON for a script, a page for a form."""
    if request.accept_mimetypes.best == "application/json":
        return jsonify(id=str(row.id), message=sentence)
    flash(sentence)
    return redirect(back(request.form.get("next")), 303)


def back(path: str | None) -> str:
    """Where the form was: a path of this site and nothing else, because a form's field is anybody's to fill."""
    plain = path and path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if path and plain else "/drafts"


def private_answer(response: Any) -> Response:
    """For its owner alone, and for no cache."""
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return cast(Response, response)


@media.get("/words/<language>.js")
def words(language: str) -> Response:
    """The words and rules of the script, in the page's language."""
    with read_by(language if language in LOCALES else "en", "UTC"):
        response = Response(render_template("media/words.html", rules=rules()), content_type="text/javascript; charset=utf-8")
    response.add_etag()
    return cast(Response, response.make_conditional(request))


def rules() -> dict[str, Any]:
    """What the script checks before it asks, and what it says: the same as the server, in the reader's language."""
    settings = config.current()
    return {
        "types": kinds.limits(settings),
        "endings": kinds.ENDINGS,
        "unknown": _("This kind of file can't be uploaded.") + " " + str(kinds.WHAT_IS_TAKEN),
        "empty": _("This file is empty. Choose it again, or export it once more."),
        "large": {kind: kinds.too_large(kind, kinds.limit(kind, settings)) for kind in ("image", "video", "document")},
    }
