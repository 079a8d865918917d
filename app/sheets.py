"""Style sheets that always go together travel as one: a page is not seen before all of them are there, and each is a request."""

import gzip
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from flask import Flask, Response, abort, current_app, request, url_for

from app.browser import build

#: What is joined, in this order, from `static/css/`.
FOR_A_YEAR = "public, max-age=31536000, immutable"
SHEETS = {
    "frame": ("tokens", "base", "forms", "components"),
    "wizard": ("pages/wizard", "pages/uploads"),
}


def init_app(app: Flask) -> None:
    app.add_url_rule("/sheets/<sheet>.css", "sheet", show)
    app.jinja_env.globals.update(sheet=sheet)


def sheet(name: str) -> str:
    """The URL of joined sheets, with their version, so that they may be cached for a year."""
    return url_for("sheet", sheet=name, v=_version(_text(name)))


def show(sheet: str) -> Response:
    """Kept for a year under the address of their version; under any other, such as that of a version which another host has already, they are asked
    for again."""
    if sheet not in SHEETS:
        abort(404)
    text, is_packed = _text(sheet), bool(request.accept_encodings["gzip"])
    response = Response(_packed(text) if is_packed else text, content_type="text/css; charset=utf-8")
    if is_packed:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Cache-Control"] = FOR_A_YEAR if request.args.get("v") == _version(text) else "no-cache"
    response.vary.add("Accept-Encoding")
    response.add_etag(weak=True)
    response.make_conditional(request)
    return response


def _text(name: str) -> bytes:
    files = [Path(str(current_app.static_folder), "css", f"{part}.css") for part in SHEETS[name]]
    changed = tuple(file.stat().st_mtime_ns for file in files) if current_app.debug else ()
    return _joined(tuple(files), f"{current_app.static_url_path}/@{build()}", changed)


@lru_cache(maxsize=32)
def _joined(files: tuple[Path, ...], static_url: str, _changed: tuple[int, ...]) -> bytes:
    """Once per process, and in debug mode per change. What they name beside themselves is named from the root, as they stand elsewhere here."""
    return "\n".join(file.read_text() for file in files).replace('url("../', f'url("{static_url}/').encode()


@lru_cache(maxsize=32)
def _version(text: bytes) -> str:
    return sha256(text).hexdigest()[:12]


@lru_cache(maxsize=32)
def _packed(text: bytes) -> bytes:
    return gzip.compress(text, 9, mtime=0)
