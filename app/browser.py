"""What every answer tells the browser: what it may load and run, and which version of a static file is meant."""

import gzip
import re
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, request, url_for
from flask_wtf.csrf import generate_csrf
from werkzeug.middleware.proxy_fix import ProxyFix

from app.config import Settings

EVERYWHERE = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "strict-origin-when-cross-origin"),
    ("Permissions-Policy", "geolocation=(), microphone=(), browsing-topics=()"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("X-Answered-By", "Shingle"),  # and not by a proxy, or a network that asks for something first (static/js/request.js)
)

#: Where files under `static/` are: under the name of the build (`asset`), and under their own.
FILES = ("asset", "static")
#: What is worth packing among static files; photos and icons in other formats are packed already.
TEXTS = {"text/css", "text/javascript", "application/javascript", "image/svg+xml"}


# What no text may hold: controls (line breaks and tabs stay), halves of surrogates, and what Unicode calls noncharacters. They carry no meaning, HTML
# forbids them and PostgreSQL's text refuses U+0000. Written as all but what may stand there: so each common character is known at the first look, and
# a text is searched in a twentieth of the time that a list of what is forbidden takes.
BEYOND = "".join(f"{chr(plane * 0x10000)}-{chr(plane * 0x10000 + 0xFFFD)}" for plane in range(1, 17))
CONTROLS = re.compile(rf"[^\t\n\r -~\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd{BEYOND}]")


def init_app(app: Flask) -> None:
    settings: Settings = app.extensions["settings"]
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    app.after_request(_headers)
    app.after_request(_readable)
    app.add_url_rule("/static/@<build>/<path:filename>", "asset", _file)
    app.jinja_env.globals.update(asset=asset, build=build, csrf_token=generate_csrf, has_page=has_page)
    app.extensions["assets"] = {}
    app.extensions["csp"] = content_security_policy(settings)
    secure = [("Strict-Transport-Security", "max-age=31536000")] if app.config["SESSION_COOKIE_SECURE"] else []
    app.extensions["said"] = {name.lower(): (name, value) for name, value in [*EVERYWHERE, *secure]}


def content_security_policy(settings: Settings) -> str:
    """Nothing inline, no eval, no other host but the store's: photos are shown from it and files are sent to it."""
    stores = {_origin(url) for url in (settings.s3_endpoint_url, settings.media_base_url) if url}
    if settings.s3_bucket and not settings.s3_endpoint_url:
        stores |= {"https://*.amazonaws.com"}
    store = " ".join(["", *sorted(stores)])
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; manifest-src 'self'; "
        f"img-src 'self' data: blob:{store}; media-src 'self' blob:{store}; connect-src 'self'{store}; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _headers(response: Response) -> Response:
    present = {name.lower() for name, _value in response.headers}
    if "content-security-policy" not in present:
        response.headers["Content-Security-Policy"] = current_app.extensions["csp"]
    response.headers.extend([pair for name, pair in current_app.extensions["said"].items() if name not in present])
    if request.endpoint in FILES:
        _keep(response)
    elif "cache-control" not in present:
        response.headers["Cache-Control"] = (
            "no-store" if request.blueprint == "security" or _is_somebodys() else "private, no-cache"
        )
    return response


def _readable(response: Response) -> Response:
    """A form that is shown again shows what came, and anything can come: no page holds a character that HTML forbids."""
    if response.mimetype == "text/html" and response.is_sequence and CONTROLS.search(text := response.get_data(as_text=True)):
        response.set_data(CONTROLS.sub("\N{REPLACEMENT CHARACTER}", text))
    return response


def _is_somebodys() -> bool:
    """Whether the request knew its provider; who was not asked for is not looked up now, the database may be what failed."""
    person = g.get("_login_user")
    return person is not None and not person.is_anonymous  # asks no row, which the commit has expired


def _keep(response: Response) -> None:
    """A file whose address names this build (`asset`) never changes; any other is asked for again, that of an earlier build too."""
    if (request.view_args or {}).get("build") == build() and response.status_code == 200:
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    if response.status_code == 304:
        response.close()  # Werkzeug opens the file and then forgets it
    elif response.status_code == 200 and response.mimetype in TEXTS:
        _pack(response)


def _pack(response: Response) -> None:
    """Style sheets, scripts and drawings in a quarter of their bytes, whoever serves them. Pages are left to a proxy: they differ for everybody."""
    response.vary.add("Accept-Encoding")
    if not request.accept_encodings["gzip"]:
        return
    file = Path(str(current_app.static_folder)) / str((request.view_args or {})["filename"])
    response.close()
    response.direct_passthrough = False
    response.set_data(_packed(file, file.stat().st_mtime_ns))
    response.headers["Content-Encoding"] = "gzip"
    tag, _is_weak = response.get_etag()
    response.set_etag(tag or "", weak=True)  # other bytes than the file's, which it stands for (RFC 9110, 8.8.1)


@lru_cache(maxsize=256)
def _packed(file: Path, _changed: int) -> bytes:
    """Once per process and version of a file: to pack all of them takes 20 ms."""
    return gzip.compress(file.read_bytes(), 9, mtime=0)


def _file(build: str, filename: str) -> Response:
    return current_app.send_static_file(filename)


def asset(path: str) -> str:
    """The URL of a file under `static/`, with the name of the build, so that it may be cached for a year. It is a part of the path: what a script
    imports, and what a style sheet shows, is named from there and so has it too."""
    known: dict[str, str] = current_app.extensions["assets"]
    if path not in known or current_app.debug:
        known[path] = url_for("asset", build=build(), filename=path)
    return known[path]


def build() -> str:
    """A name for the files under `static/` as they are: a page that was loaded with others can't show what this process draws."""
    known: dict[str, str] = current_app.extensions["assets"]
    if "" not in known or current_app.debug:
        files = sorted(file for file in Path(str(current_app.static_folder)).rglob("*.*"))
        known[""] = sha256(b"".join(sha256(file.read_bytes()).digest() for file in files)).hexdigest()[:8]
    return known[""]


def is_outdated() -> bool:
    """Whether a part is asked for by a page that was loaded before a deploy (`X-Build`, static/js/wizard.js): it should be loaded anew."""
    return request.headers.get("X-Build", build()) != build()


def has_page(endpoint: str) -> bool:
    """Whether a page answers at this endpoint: navigation offers only what is there."""
    return endpoint in current_app.view_functions
