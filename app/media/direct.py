"""Direct upload: files sent through the app, by a form, for a browser without JavaScript."""

from collections.abc import Callable
from functools import wraps
from typing import BinaryIO, cast
from uuid import UUID

from flask import flash, g, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from flask_security import auth_required
from flask_wtf.csrf import CSRFError, validate_csrf
from werkzeug.datastructures import FileStorage
from wtforms import ValidationError

from app import config
from app.errors import NotFound, ShingleError
from app.extensions import csrf, db
from app.media import forms, names, uploads
from app.media.views import ASKING, back, media


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
    return redirect(back(fields.get("next")), 303)


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
