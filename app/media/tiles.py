"""The tiles that answer an upload. Of two files that were just granted, or have just arrived, only the id, the name, the size and the fingerprint
differ: everything else is rendered once for each language and kind, because drawing a tile costs as much as granting the file."""

from types import SimpleNamespace
from typing import Any

from flask import current_app, render_template
from flask_babel import get_locale
from markupsafe import escape

from app.media import kinds
from app.media.models import Media, State

# What stands where a file's own values belong. No file's name has these signs (`names.clean`).
ID, NAME, FINGERPRINT, SIZE = "\ue000", "\ue001", "\ue002", "\ue003"
BYTES = 7_777_777_777_777  # more than any file has


def granted(row: Media) -> str:
    """The tile of a file that may be sent now."""
    return _filled(row, "media/_tile.html")


def state(row: Media) -> str:
    """The part of a tile that changes."""
    if row.state == State.RECEIVED:
        return _filled(row, "media/_state.html")
    return render_template("media/_state.html", media=row)


def _filled(row: Media, template: str) -> str:
    known: dict[tuple[str, ...], str] = current_app.extensions.setdefault("media_tiles", {})
    key = (template, str(get_locale()), row.kind, row.state, "known" if row.fingerprint else "")
    if key not in known or current_app.jinja_env.auto_reload:
        known[key] = _blank(row, template)
    return (
        known[key]
        .replace(ID, str(row.id))
        .replace(str(BYTES), str(row.declared_bytes))
        .replace(SIZE, kinds.size_in_words(row.declared_bytes))
        .replace(FINGERPRINT, escape(row.fingerprint or ""))
        .replace(NAME, escape(row.file_name))
    )


def _blank(row: Media, template: str) -> str:
    values: dict[str, Any] = {"state": row.state, "kind": row.kind, "variants": None, "original_key": None}
    values |= {"id": ID, "file_name": NAME, "fingerprint": FINGERPRINT if row.fingerprint else None, "declared_bytes": BYTES}
    drawn = render_template(template, media=SimpleNamespace(**values), alt="", is_cover=False)
    return drawn.replace(kinds.size_in_words(BYTES), SIZE)
