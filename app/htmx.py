"""Pages and fragments: one URL answers both, and says so (`Vary: HX-Request`)."""

from typing import Any

from flask import Response, make_response, redirect, render_template, request


def wants_fragment() -> bool:
    """Whether HTMX asked for a part of the page. Restoring history needs the whole page, fragment or not."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-History-Restore-Request") != "true"


def render(page: str, fragment: str, status: int = 200, **values: Any) -> Response:
    """The fragment when HTMX asks, else the page that includes the same fragment. Both know which they are (`is_fragment`)."""
    is_fragment = wants_fragment()
    response = make_response(render_template(fragment if is_fragment else page, is_fragment=is_fragment, **values), status)
    response.vary.add("HX-Request")
    return response


def see_other(location: str, *, whole_page: bool = False) -> Response:
    """303. `fetch` follows it and HTMX swaps the fragment it finds there (which names its own address in `HX-Push-Url`); where the next thing is
    another page and not a fragment of this one, `whole_page` makes HTMX load it like a link."""
    if whole_page and wants_fragment():
        response = Response(status=200)
        response.headers["HX-Redirect"] = location
        return response
    return make_response(redirect(location, 303))
