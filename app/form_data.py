"""Form-encoded text, whether it is the body of a request or stands inside of a field: it is read here alone, and within limits."""

from urllib.parse import parse_qsl

from werkzeug.exceptions import RequestEntityTooLarge

#: The largest form of Shingle sends some hundred. A reader makes about a kilobyte of each, whatever it says.
MOST_FIELDS = 2_000


def parsed(text: str) -> dict[str, list[str]]:
    """The texts of each name, in their order. `RequestEntityTooLarge` (413) for more fields than any form has."""
    count(text)
    found: dict[str, list[str]] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        found.setdefault(name, []).append(value)
    return found


def count(text: str | bytes) -> None:
    """`RequestEntityTooLarge` for more fields than any form has; nothing is read for that."""
    if (text.count(b"&") if isinstance(text, bytes) else text.count("&")) >= MOST_FIELDS:
        raise RequestEntityTooLarge
