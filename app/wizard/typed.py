"""Typed text: what a step's form sent, field by field, exactly as it came. Pure functions over it."""

import re
from collections.abc import Collection, Mapping
from typing import Any

from wtforms import FieldList, Form, FormField

Typed = dict[str, list[str]]

#: A longer text in one field is refused before it is kept: ten times what the longest field of a listing takes.
LONGEST = 200_000
#: All that one step may hold, for the same reason. Characters.
MOST = 1_000_000
#: The name of a field is Shingle's and nobody types it: a longer one, or one with other letters, was made up.
LONGEST_NAME = 100
NAME = re.compile(r"[A-Za-z0-9_-]+")
#: These travel with the form and are not answers.
CONTROL = {"csrf_token", "version", "action", "asked", "base", "sent", "since", "last", "keep", "chosen"}


def of_request(values: Mapping[str, Any]) -> Typed:
    """A request's form data (a MultiDict) without what only steers the request, and without fields that no form has."""
    fields = values.lists()  # type: ignore[attr-defined]
    return {name: list(texts) for name, texts in fields if name not in CONTROL and "." not in name and _is_name(name)}


def _is_name(name: str) -> bool:
    return len(name) <= LONGEST_NAME and NAME.fullmatch(name) is not None


def too_long(typed: Typed) -> dict[str, int]:
    """The fields whose text is too long to be kept, with their lengths in characters; all of them when together they are."""
    lengths = {name: sum(map(len, texts)) for name, texts in typed.items()}
    return lengths if sum(lengths.values()) > MOST else {name: length for name, length in lengths.items() if length > LONGEST}


def is_blank(typed: Typed, preset: Collection[str] = ()) -> bool:
    """Whether nothing was typed or chosen; `preset` names the fields that a form fills by itself."""
    return not any(text.strip() for name, texts in typed.items() if name not in preset for text in texts)


def of_form(form: Form) -> Typed:
    """What somebody would have typed to fill the form as it is."""
    typed: Typed = {}
    for field in form:
        _add(typed, field)
    return typed


def _add(typed: Typed, field: Any) -> None:
    if isinstance(field, FieldList):
        for entry in field.entries:
            _add(typed, entry)
    elif isinstance(field, FormField):
        for inner in field.form:
            _add(typed, inner)
    elif isinstance(field.data, list) and not hasattr(field, "_value"):
        typed[field.name] = [str(each) for each in field.data]
    elif hasattr(field, "_value"):
        typed[field.name] = [field._value()]
    elif field.data is not None:
        typed[field.name] = [str(field.data)]


def rows(typed: Typed, name: str) -> list[Typed]:
    """The rows of a repeated part: `packages-0-name` and `packages-1-name` are two rows with a `name` each."""
    found: dict[int, Typed] = {}
    for field, texts in typed.items():
        head, _, rest = field.partition("-")
        index, _, inner = rest.partition("-")
        if head == name and index.isdecimal() and inner:
            found.setdefault(int(index), {})[inner] = texts
    return [found[index] for index in sorted(found)]


def with_rows(typed: Typed, name: str, new: list[Typed]) -> Typed:
    """The same text with other rows, numbered from 0."""
    others = {
        field: texts for field, texts in typed.items() if not (field.startswith(f"{name}-") and field.split("-")[1].isdecimal())
    }
    return others | {f"{name}-{index}-{inner}": texts for index, row in enumerate(new) for inner, texts in row.items()}


def moved(items: list[Any], index: int, by: int) -> list[Any]:
    """The list with one item moved; past an end it stays where it is."""
    target = index + by
    if not (0 <= index < len(items) and 0 <= target < len(items)):
        return items
    changed = list(items)
    changed.insert(target, changed.pop(index))
    return changed
