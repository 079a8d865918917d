"""What search engines ask for first: what they may read, and where everything is."""

from datetime import datetime
from typing import Any
from urllib.parse import urljoin
from xml.sax.saxutils import escape

from flask import Blueprint, Response, current_app, request, url_for
from flask.typing import ResponseReturnValue

from app.services import cursors, queries
from app.services.caching import for_everybody

crawlers = Blueprint("crawlers", __name__)

#: URLs on one page of the sitemap; sitemaps.org allows 50,000 and 50 MB.
SITEMAP = 5_000
#: Seconds that a cache keeps them: a new listing may wait this long.
KEPT = 3600
#: What is of no use to a crawler. Where an account is needed it meets the page that asks for one, which says `noindex` itself: a page that a
#: crawler may not read can't tell it so.
USELESS = ("/l/", "/services?q=", "/services?*&q=")


@crawlers.get("/robots.txt")
def robots() -> ResponseReturnValue:
    """Everything public may be read."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in USELESS), "", f"Sitemap: {_absolute('crawlers.sitemap')}", ""]
    return for_everybody(Response("\n".join(lines), mimetype="text/plain"), KEPT)


@crawlers.get("/sitemap.xml")
def sitemap() -> ResponseReturnValue:
    """The index of the sitemap's pages. A page is full for good: what is published later comes after it."""
    starts = [None, *map(str, queries.sitemap_pages(SITEMAP))]
    urls = [_absolute("crawlers.sitemap_page", after=start) for start in starts]
    return _xml("sitemap", [(url, None) for url in urls])


@crawlers.get("/sitemap/listings.xml")
def sitemap_page() -> ResponseReturnValue:
    """The listings after the cursor, oldest first."""
    rows = queries.sitemap(cursors.read(request.args.get("after")), SITEMAP)
    return _xml("url", [(_absolute("listing.show", slug=slug), changed_at) for slug, changed_at in rows])


def _xml(kind: str, entries: list[tuple[str, datetime | None]]) -> Response:
    """A document of sitemaps.org: `kind` is "sitemap" in an index, "url" on a page."""
    root = {"sitemap": "sitemapindex", "url": "urlset"}[kind]
    body = "".join(f"<{kind}><loc>{escape(url)}</loc>{_changed(moment)}</{kind}>\n" for url, moment in entries)
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{body}</{root}>\n'
    return for_everybody(Response(text, mimetype="application/xml"), KEPT)


def _changed(moment: datetime | None) -> str:
    return f"<lastmod>{moment:%Y-%m-%dT%H:%M:%SZ}</lastmod>" if moment else ""


def _absolute(endpoint: str, **values: Any) -> str:
    return urljoin(current_app.extensions["settings"].base_url + "/", url_for(endpoint, **values))
