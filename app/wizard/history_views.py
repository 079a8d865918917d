"""The pages of a step's earlier versions: which there are, what one of them said, and the button that takes it back."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import flash, make_response, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security import auth_required

from app import config, htmx
from app.errors import Gone
from app.locales import moment
from app.wizard import answers, history, pages, sent, steps
from app.wizard.access import context_of
from app.wizard.context import Context
from app.wizard.models import EarlierAnswer
from app.wizard.step_form import StepForm
from app.wizard.steps import Step
from app.wizard.summary import Answer
from app.wizard.typed import Typed
from app.wizard.views import wizard


@dataclass(frozen=True)
class Version:
    """One line of the list. `saved_at` is None for what was published; `differs_in` are the questions whose answer is another one now."""

    number: int
    saved_at: datetime | None
    differs_in: list[str]
    is_present: bool


@wizard.get("/drafts/<uuid:service_id>/<step_key>/earlier")
@auth_required("session")
def earlier(service_id: UUID, step_key: str) -> ResponseReturnValue:
    """What is kept of a step, the latest first, each with what has changed since."""
    context, step = context_of(service_id), steps.find(step_key)
    present = _present(context, step)
    found = history.of_step(context.service, step.key, config.current())
    versions = [_version(each, step, context, present) for each in found]
    return _page("wizard/earlier.html", context, step, versions=versions)


@wizard.get("/drafts/<uuid:service_id>/<step_key>/earlier/<int:number>")
@auth_required("session")
def earlier_version(service_id: UUID, step_key: str, number: int) -> ResponseReturnValue:
    """One of them beside what stands there now."""
    context, step = context_of(service_id), steps.find(step_key)
    version = _found(context, step, number)
    then, now = _form(step, version.typed, context), _form(step, _present(context, step), context)
    pairs = pages.differences(now, then)
    changed = {before.question for _after, before in pairs}
    same: list[Answer] = [answer for answer in pages.everything(then) if answer.texts and answer.question not in changed]
    return _page("wizard/earlier_version.html", context, step, version=version, pairs=pairs, same=same)


@wizard.post("/drafts/<uuid:service_id>/<step_key>/earlier/<int:number>")
@auth_required("session")
def take_back(service_id: UUID, step_key: str, number: int) -> ResponseReturnValue:
    """Let the step say again what it said then."""
    context, step = context_of(service_id), steps.find(step_key)
    version = _found(context, step, number)
    answers.take_back(context, step, number, config.current(), by=sent.author())
    if version.saved_at:
        said = _(
            "This step is as it was on %(moment)s. What stood here until now is among its earlier versions.",
            moment=moment(version.saved_at),
        )
    else:
        said = _("This step is as it was published. What stood here until now is among its earlier versions.")
    flash(said, "success")
    return htmx.see_other(pages.address(context, step.key), whole_page=True)


def _found(context: Context, step: Step, number: int) -> EarlierAnswer:
    try:
        return history.find(context.service, step.key, number, config.current())
    except Gone:
        raise Gone(_("This version is no longer kept: newer ones have taken its place, or it became too old.")) from None


def _present(context: Context, step: Step) -> Typed:
    typed: Typed = answers.of(context).get(step.key, answers.BLANK)["typed"]
    return typed


def _version(row: EarlierAnswer, step: Step, context: Context, present: Typed) -> Version:
    pairs = pages.differences(_form(step, present, context), _form(step, row.typed, context))
    return Version(row.number, row.saved_at, [before.question for _after, before in pairs], row.typed == present)


def _form(step: Step, typed: Typed, context: Context) -> StepForm:
    form = step.form.read(typed, context)
    form.validate()
    return form


def _page(template: str, context: Context, step: Step, **values: object) -> ResponseReturnValue:
    shown = {"context": context, "service": context.service, "step": step, "back": pages.address(context, step.key)}
    response = make_response(render_template(template, **shown, **values))
    response.headers["Cache-Control"] = "no-store"
    return response
