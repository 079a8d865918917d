"""The door for text that a browser kept because it had not reached the server: compare it with what is saved, and put back what is chosen."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from app import config, tokens
from app.wizard import answers, arrivals, kept, pages, steps
from app.wizard.access import context_of, say_which
from app.wizard.context import Context
from app.wizard.kept import CopyOrigin
from app.wizard.steps import Step
from app.wizard.typed import Typed

copies = Blueprint("copies", __name__)
copies.url_value_preprocessor(say_which)
CHOICE = "choice-"
CHOOSE = _l("Choose one of the two texts.")
TOO_LONG = _l("This text is too long to be saved. Copy what you need of it, and choose the other one.")


@copies.post("/drafts/<uuid:service_id>/<step_key>/kept")
@tokens.remembered
def compare(service_id: UUID, step_key: str) -> ResponseReturnValue:
    """Compare what a browser kept (`kept`) with what is saved. What it knows of its origin comes along: `base`, the words that were saved then,
    `version`, that of the page, and `undecided`, the units between whose texts nobody had chosen yet. With `action=restore`: put back the parts whose
    `choice-<part>` is "kept", on top of `version`.

    204: there is nothing, or nothing more, to decide. 409: what is saved changed while one was deciding, or a part is not decided yet; 422: a chosen
    text is too long to be saved. What comes with either asks again.
    """
    context, step = context_of(service_id), steps.find(step_key)
    typed = kept.words(request.form.get("kept", ""))
    if request.form.get("action") != "restore":
        return _compared(context, step, typed, 200)
    saved = answers.of(context).get(step.key, answers.BLANK)
    if str(saved["version"]) != request.form.get("version"):
        return _compared(context, step, typed, 409)
    choices = _choices()
    differences = kept.differences(context, step, saved, typed, _origin())
    if missing := {each.part: CHOOSE for each in differences if each.part not in choices}:
        return _compared(context, step, typed, 409, choices, missing)
    chosen = {part for part, side in choices.items() if side == "kept"}
    wanted = kept.put_back(step, saved["typed"], typed, chosen)
    if long := kept.too_long(step, wanted, chosen):
        return _compared(context, step, typed, 422, choices, dict.fromkeys(long, TOO_LONG))
    try:
        answers.save(context, step, wanted, saved["version"], config.current(), keeps=True)
    except answers.Stale:
        return _compared(context, step, typed, 409)
    arrivals.saved(context.service.id)
    return Response(status=204)


def _compared(
    context: Context,
    step: Step,
    typed: Typed,
    status: int,
    choices: Mapping[str, str] | None = None,
    problems: Mapping[str, Any] | None = None,
) -> Response:
    """The parts to decide. `choices`: what was chosen, where not all of it could be done; `problems`: part -> why."""
    answer, origin = answers.of(context).get(step.key, answers.BLANK), _origin()
    found = kept.differences(context, step, answer, typed, origin)
    if not found:
        return Response(status=204)
    chosen = {each.part: "kept" if each.is_newer else None for each in found} if choices is None else choices
    given = [(name, request.form[name]) for name in ("kept", "base", "at") if name in request.form]
    given += [("undecided", unit) for unit in origin.undecided]
    if origin.version is not None:
        given.append(("typed_on", str(origin.version)))
    values = {
        "differences": found,
        "chosen": chosen,
        "problems": problems or {},
        "version": answer["version"],
        "saved_at": pages.saved_at(answer),
        "kept_at": _moment(request.form.get("at", "")),
    }
    return make_response(render_template("wizard/_kept.html", step=step, context=context, given=given, **values), status)


def _choices() -> dict[str, str]:
    found = {name.removeprefix(CHOICE): side for name, side in request.form.items() if name.startswith(CHOICE)}
    return {part: side for part, side in found.items() if side in ("kept", "saved")}


def _origin() -> CopyOrigin:
    """What the kept text grew out of. The answer to a comparison has that version as `typed_on`: its own is the one that it compared with."""
    base = request.form.get("base")
    version = request.form.get("typed_on" if request.form.get("action") == "restore" else "version", "")
    number = int(version) if version.isascii() and version.isdigit() and len(version) < 10 else None
    return CopyOrigin(kept.words(base) if base is not None else None, number, request.form.getlist("undecided"))


def _moment(milliseconds: str) -> datetime | None:
    """When the browser kept it, by its own clock; None for what is no moment."""
    if not (milliseconds.isascii() and milliseconds.isdigit() and len(milliseconds) < 15):
        return None
    return datetime.fromtimestamp(int(milliseconds) / 1000, UTC)
