"""Form-encoded text, whether it is the body of a request or stands inside of a field: it is read here alone, and within limits."""

from urllib.parse import parse_qsl

from app.errors import Refused

#: The largest form of Shingle sends some hundred. A reader makes about a kilobyte of each, whatever it says.
MOST_FIELDS = 2_000


def parsed(text: str) -> dict[str, list[str]]:
    """The texts of each name, in their order. `Refused` for more fields than any form has."""
    found: dict[str, list[str]] = {}
    try:
        for name, value in parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS):
            found.setdefault(name, []).append(value)
    except ValueError as error:
        raise Refused() from error
    return found
