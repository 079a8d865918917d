"""A form that was refused before its view saw it comes back as it was typed, with a sentence that says why.

A stale CSRF token and a rate limit stop a request before any view runs. Whoever wrote a page of text should not lose it to an error page: a view
that is registered here runs all the same, but the form that it reads has lost its token, so it can't pass its own check (every `FlaskForm`
checks it) and nothing can happen. What the view then answers is the page with what was typed; passwords are never shown.
"""

from inspect import unwrap
from typing import Any

from flask import Flask, Response, current_app, flash, g, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.datastructures import ImmutableMultiDict


def init_app(app: Flask) -> None:
    app.extensions["shown_again"] = {}


def shows_again(app: Flask, *endpoints: str, signed_in: bool = False) -> None:
    """Register views that act only on a `FlaskForm` that is valid, and answer an invalid one with `render`. `signed_in`: they need a provider."""
    app.extensions["shown_again"].update(dict.fromkeys(endpoints, signed_in))


def possible() -> bool:
    """Whether the page of the form that was sent can be shown again."""
    needs_provider = current_app.extensions["shown_again"].get(request.endpoint)
    if needs_provider is None or request.method != "POST" or not request.form:
        return False
    return bool(current_user.is_authenticated) or not needs_provider


def show(status: int, message: str) -> ResponseReturnValue:
    """That page, with `message` above it. The view's decorators are left out: they would refuse the request once more."""
    field = current_app.config["WTF_CSRF_FIELD_NAME"]
    request.form = ImmutableMultiDict([pair for pair in request.form.items(multi=True) if pair[0] != field])
    g.pop("csrf_valid", None)
    g.shown_again = True
    flash(message, "error")
    response: Response = make_response(unwrap(current_app.view_functions[str(request.endpoint)])(**(request.view_args or {})))
    response.status_code = status
    return response


def render(template: str, **values: Any) -> str:
    """`render_template`, without the errors of a form that nobody has judged."""
    if g.get("shown_again"):
        for form in (each for each in values.values() if isinstance(each, FlaskForm)):
            form.form_errors = []
            for field in form:
                field.errors = []
    return render_template(template, **values)
