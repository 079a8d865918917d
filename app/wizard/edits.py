"""Buttons inside a step that change its rows: add, remove and reorder, without JavaScript too.

An action is a dotted name sent as the form field `action`: `packages.add`, `packages.remove.2`, `packages.up.1`, `packages.down.1`;
for files `media.up.<id>`, `media.down.<id>`, `media.cover.<id>`, `media.remove.<id>`, `media.restore.<id>`.
"""

from uuid import UUID

from wtforms import FieldList

from app.errors import Refused
from app.media import operations as media
from app.wizard.context import Context
from app.wizard.forms import MediaForm
from app.wizard.steps import Step
from app.wizard.typed import Typed, is_blank, moved, rows, with_rows


def edit(context: Context, step: Step, typed: Typed, action: str) -> Typed:
    """The typed text after the action; `Refused` for an action that this step doesn't have."""
    part, _, rest = action.partition(".")
    verb, _, which = rest.partition(".")
    if step.form is MediaForm and part == "media":
        return _edit_media(context, typed, verb, which)
    field = getattr(step.form, part, None)
    if field is None or getattr(field, "field_class", None) is not FieldList:
        raise Refused()
    return _edit_rows(typed, part, verb, which)


def takes_words(typed: Typed, action: str) -> bool:
    """Whether the action removes a row in which something stands. (A file that is removed can be put back.)"""
    part, _, rest = action.partition(".")
    verb, _, which = rest.partition(".")
    present = rows(typed, part)
    return (
        verb == "remove"
        and which.isdecimal()
        and len(which) <= 4
        and int(which) < len(present)
        and not is_blank(present[int(which)])
    )


def _edit_rows(typed: Typed, name: str, verb: str, which: str) -> Typed:
    present = rows(typed, name)
    if verb == "add":
        return with_rows(typed, name, [*present, {"name": [""]}])
    if not which.isdecimal() or len(which) > 4 or int(which) >= len(present):
        raise Refused()
    index = int(which)
    if verb == "remove":
        return with_rows(typed, name, present[:index] + present[index + 1 :])
    if verb in ("up", "down"):
        return with_rows(typed, name, moved(present, index, -1 if verb == "up" else 1))
    raise Refused()


def _edit_media(context: Context, typed: Typed, verb: str, which: str) -> Typed:
    try:
        identity = UUID(which)
    except ValueError as error:
        raise Refused() from error
    if verb == "remove":
        media.remove(identity, context.provider.id)
        return typed
    if verb == "restore":
        media.restore(identity, context.provider.id)
        return typed
    form = MediaForm.read(typed, context)
    order = [str(each.id) for each in form.ordered]
    if str(identity) not in order or verb not in ("up", "down", "cover"):
        raise Refused()
    if verb == "cover":
        return typed | {"cover": [str(identity)]}
    return typed | {"media": moved(order, order.index(str(identity)), -1 if verb == "up" else 1)}
