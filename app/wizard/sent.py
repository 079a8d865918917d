"""What a request of the wizard brings beside the typed text: the version and the text it started from, choices, and from which browser."""

import hashlib
from functools import lru_cache

from flask import request, session

from app import clock, form_data
from app.wizard.reconciling import Origin
from app.wizard.typed import Typed


def version(name: str = "version") -> int:
    """The version of the step that the page showed; -1, which no step has, for what is no version."""
    given = request.form.get(name, "")
    return int(given) if given.isdecimal() and len(given) < 10 else -1


def origin() -> Origin:
    """Where the typed text comes from. The page's script, or `<noscript>`, sends the text along out of which it grew (`base`), and those of requests
    which had no answer yet (`sent`, the latest first, under the version `since`)."""
    sent = [text for given in request.form.getlist("sent") if (text := _text(given)) is not None]
    return Origin(version(), _text(request.form.get("base", "")), author(), sent, version("since"), is_chosen())


def is_chosen() -> bool:
    """Whether somebody chose this text against another one."""
    return "chosen" in request.form


def _text(given: str) -> Typed | None:
    return form_data.parsed(given) or None


def choices() -> dict[str, str | None]:
    """The units that the page showed as disputed, and which side was chosen for each."""
    return {unit: request.form.get(f"keep.{unit}") for unit in request.form.getlist("keep")}


def author() -> tuple[str, str]:
    """This browser, by a name of its session that says nothing but whether two saves came from the same, and now."""
    return _short(str(session.get("csrf_token", ""))), clock.now().isoformat()


@lru_cache(4096)
def _short(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()[:12]
