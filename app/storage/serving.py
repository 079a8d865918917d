"""Answering with an object of the folder: in pieces, by range, and never as something that a browser would run."""

from typing import cast
from urllib.parse import quote

from flask import Response, request
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.http import dump_options_header
from werkzeug.wsgi import FileWrapper

from app import folding
from app.storage.protocol import ObjectInfo, Storage

# What a browser may show in the page; everything else is downloaded.
INLINE = {"image/jpeg", "image/png", "image/webp", "image/avif", "image/gif", "video/mp4", "video/webm", "application/pdf"}


def download(file_name: str) -> str:
    """Content-Disposition of a download (RFC 6266): the name in ASCII as well as can be, and in full as RFC 5987 writes it."""
    names = {"filename": folding.in_ascii(file_name) or "file"}
    if not file_name.isascii():
        names["filename*"] = "UTF-8''" + quote(file_name, safe="!#$&+-.^_`|~", errors="replace")
    return dump_options_header("attachment", names)


def respond(store: Storage, info: ObjectInfo, *, cache: str, file_name: str | None = None) -> Response:
    """The object, or the range of it that was asked for (206), or 304."""
    response = Response(content_type=info.content_type, direct_passthrough=True)
    shown = "inline" if info.content_type in INLINE else "attachment"
    response.headers["Content-Disposition"] = download(file_name) if file_name else shown
    response.headers["Cache-Control"] = cache
    response.headers["X-Content-Type-Options"] = "nosniff"
    # Nothing in the file may load, run or navigate, whatever it is. Browsers show a PDF with a viewer of their own, which a sandbox would stop.
    response.headers["Content-Security-Policy"] = "default-src 'none'" + "; sandbox" * (info.content_type != "application/pdf")
    response.headers["Referrer-Policy"] = "no-referrer"
    response.set_etag(info.etag)
    response.last_modified = info.modified_at
    response.content_length = info.size
    if request.method == "HEAD":
        response.make_conditional(request, accept_ranges=True, complete_length=info.size)
        return response
    stream = store.read(info.key)
    response.response = cast(list[bytes], FileWrapper(stream, 64 * 1024))
    try:
        response.make_conditional(request, accept_ranges=True, complete_length=info.size)
    except RequestedRangeNotSatisfiable:
        stream.close()
        raise
    if response.status_code == 304:
        # Nobody will read it, and Werkzeug would not close it.
        stream.close()
    return response
