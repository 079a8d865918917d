"""A test client that holds every answer to the house rules: valid HTML, a title, one h1, unique ids, named fields, and the security headers."""

import time
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.extensions import db

HTML = "{http://www.w3.org/1999/xhtml}"
NEEDS_NO_LABEL = {"hidden", "submit", "button", "reset", "image"}


class Page:
    """A parsed answer, with the questions that tests ask of it."""

    def __init__(self, root: Element, text: str) -> None:
        self.root, self.text = root, text

    def all(self, tag: str, **attributes: str) -> list[Element]:
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        return [each for each in self.root.iter(HTML + tag) if all(each.get(name) == value for name, value in wanted.items())]

    def one(self, tag: str, **attributes: str) -> Element:
        found = self.all(tag, **attributes)
        assert len(found) == 1, f"{len(found)} of <{tag}> with {attributes}"
        return found[0]

    def by_id(self, identity: str) -> Element | None:
        return next((each for each in self.root.iter() if each.get("id") == identity), None)

    @property
    def words(self) -> str:
        """What a person reads, in one line."""
        return " ".join("".join(self.root.itertext()).split())


class StrictClient(FlaskClient):
    """Posts carry a valid CSRF token unless the test gives its own; every HTML answer is checked before the test sees it."""

    def sign_in(self, provider: Any) -> "StrictClient":
        """Begin a fresh session of this provider, without the sign-in page."""
        with self.session_transaction() as session:
            session["_user_id"] = provider.fs_uniquifier
            session["_fresh"] = True
            session["fs_cc"] = "set"
            session["fs_paa"] = time.time()  # noqa: TID251 the clock of Flask-Security
        return self

    def token(self) -> str:
        """A CSRF token of this session, as a page would hold it."""
        from flask_wtf.csrf import generate_csrf

        with self.session_transaction() as session:
            held = dict(session)
        with self.application.app_context(), self.application.test_request_context():
            from flask import session as present

            present.update(held)
            token = generate_csrf()
            raw = present["csrf_token"]
        with self.session_transaction() as session:
            session["csrf_token"] = raw
        return token

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        if kwargs.get("method") in {"POST", "PUT", "PATCH", "DELETE"}:
            headers = dict(kwargs.get("headers") or {})
            data = kwargs.get("data")
            given = isinstance(data, dict) and "csrf_token" in data
            if not given and "X-CSRFToken" not in headers:
                kwargs["headers"] = headers | {"X-CSRFToken": self.token()}
        # A request has an application context of its own, as on a server: with the test's, it would share its `g` and its database session.
        # What the test made is committed first, and read anew after.
        db.session.commit()
        with self.application.app_context():
            response = super().open(*args, **kwargs)
        if response.mimetype == "text/html" and response.data:
            response.page = check(response)  # type: ignore[attr-defined]
        return response


def check(response: TestResponse) -> Page:
    """Parse strictly (a parse error fails the test), then the rules that a parser does not know."""
    text = response.get_data(as_text=True)
    is_page = "<!doctype html>" in text[:200].lower()
    parser = html5lib.HTMLParser(strict=True)
    root = parser.parse(text) if is_page else _fragment(parser, text)
    page = Page(root, text)
    _ids_are_unique(page)
    _nothing_is_inline(page)
    _fields_have_names(page)
    if is_page:
        _is_a_whole_page(page)
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]
        assert response.headers["X-Content-Type-Options"] == "nosniff"
    return page


def _fragment(parser: Any, text: str) -> Element:
    root = Element("fragment")
    # html5lib hands back a list-like fragment; one root keeps the questions the same.
    root.extend(list(parser.parseFragment(text.replace("<hx-partial", "<div").replace("</hx-partial", "</div"))))
    return root


def _ids_are_unique(page: Page) -> None:
    ids = [each.get("id") for each in page.root.iter() if each.get("id")]
    assert len(ids) == len(set(ids)), f"twice: {sorted({each for each in ids if ids.count(each) > 1})}"


def _nothing_is_inline(page: Page) -> None:
    """The content security policy forbids it; the page would silently lack it."""
    for each in page.root.iter():
        assert "style" not in each.attrib, f"inline style on {each.tag}"
        assert not [name for name in each.attrib if name.startswith(("on", "data-hx-on"))], f"inline handler on {each.tag}"
        assert not [name for name in each.attrib if name.startswith("hx-")], (
            f"an attribute that HTML doesn't know on {each.tag}"
        )
    assert all(each.get("src") or each.get("type") == "application/ld+json" for each in page.all("script")), "inline script"
    assert not page.all("style"), "inline style sheet"


def _fields_have_names(page: Page) -> None:
    labelled = {each.get("for") for each in page.all("label")}
    wrapped = {id(inner) for label in page.all("label") for inner in label.iter()}
    for tag in ("input", "textarea", "select"):
        for field in page.all(tag):
            if field.get("type") in NEEDS_NO_LABEL:
                continue
            named = (
                field.get("id") in labelled or id(field) in wrapped or field.get("aria-label") or field.get("aria-labelledby")
            )
            assert named, f"<{tag} name={field.get('name')}> has no label"


def _is_a_whole_page(page: Page) -> None:
    assert page.one("html").get("lang"), "no language"
    title = page.all("head")[0].find(HTML + "title")
    assert title is not None
    assert (title.text or "").strip(), "no title"
    assert len(page.all("h1")) == 1, f"{len(page.all('h1'))} h1"
    for form in page.all("form"):
        method = (form.get("method") or "get").lower()
        if method == "post":
            names = {each.get("name") for each in form.iter(HTML + "input")}
            linked = {each.get("name") for each in page.all("input", form=form.get("id") or "-")}
            assert "csrf_token" in names | linked, f"form {form.get('action')} has no CSRF token"
