"""The door for text that a browser kept because it had not reached the server: compare it with what is saved, and put back what is chosen."""

from datetime import UTC, datetime
from uuid import UUID

from flask import Blueprint, Response, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_security import auth_required

from app import config
from app.wizard import answers, arrivals, kept, pages, steps
from app.wizard.access import context_of, say_which
from app.wizard.context import Context
from app.wizard.steps import Step
from app.wizard.typed import Typed

copies = Blueprint("copies", __name__)
copies.url_value_preprocessor(say_which)
CHOICE = "choice-"


@copies.post("/drafts/<uuid:service_id>/<step_key>/kept")
@auth_required("session")
def compare(service_id: UUID, step_key: str) -> ResponseReturnValue:
    """Compare (`kept`, and `base` if the browser knows it), or with `action=restore` put back the parts whose `choice-<part>` is "kept", on top of
    `version`.

    204: there is nothing, or nothing more, to decide. 409: what is saved changed while one was deciding; the comparison is a new one.
    """
    context, step = context_of(service_id), steps.find(step_key)
    typed = kept.words(request.form.get("kept", ""))
    if request.form.get("action") != "restore":
        return _compared(context, step, typed, 200)
    saved = answers.of(context).get(step.key, answers.BLANK)
    if str(saved["version"]) != request.form.get("version"):
        return _compared(context, step, typed, 409)
    chosen = {name.removeprefix(CHOICE) for name, value in request.form.items() if name.startswith(CHOICE) and value == "kept"}
    wanted = kept.put_back(step, saved["typed"], typed, chosen)
    try:
        answers.save(context, step, wanted, saved["version"], config.current(), keeps=True)
    except answers.Stale:
        return _compared(context, step, typed, 409)
    arrivals.saved(context.service.id)
    return Response(status=204)


def _compared(context: Context, step: Step, typed: Typed, status: int) -> Response:
    answer = answers.of(context).get(step.key, answers.BLANK)
    base = request.form.get("base")
    found = kept.differences(context, step, answer["typed"], typed, kept.words(base) if base else None)
    if not found:
        return Response(status=204)
    given = {name: request.form.get(name, "") for name in ("kept", "base", "at")}
    values = {
        "differences": found,
        "version": answer["version"],
        "saved_at": pages.saved_at(answer),
        "kept_at": _moment(given["at"]),
    }
    return make_response(render_template("wizard/_kept.html", step=step, context=context, given=given, **values), status)


def _moment(milliseconds: str) -> datetime | None:
    """When the browser kept it, by its own clock; None for what is no moment."""
    if not (milliseconds.isascii() and milliseconds.isdigit() and len(milliseconds) < 15):
        return None
    return datetime.fromtimestamp(int(milliseconds) / 1000, UTC)
