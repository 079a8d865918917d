"""Pages and fragments: one URL answers both, and says so (`Vary: HX-Request`)."""

from typing import Any

from flask import Response, make_response, redirect, render_template, request


def wants_fragment() -> bool:
    """Whether HTMX asked for a part of the page. Restoring history needs the whole page, fragment or not."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-History-Restore-Request") != "true"


def render(page: str, fragment: str, status: int = 200, **values: Any) -> Response:
    """The fragment when HTMX asks, else the page that includes the same fragment."""
    response = make_response(render_template(fragment if wants_fragment() else page, **values), status)
    response.vary.add("HX-Request")
    return response


def see_other(location: str) -> Response:
    """303 for browsers; for HTMX, `HX-Location`, because `fetch` would follow a 303 silently and leave the old address in the bar."""
    if not wants_fragment():
        return make_response(redirect(location, 303))
    response = Response(status=200)
    response.headers["HX-Location"] = location
    response.vary.add("HX-Request")
    return response
