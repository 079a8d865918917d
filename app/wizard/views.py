"""The pages of the wizard. One URL a step: GET shows it, POST continues, PUT saves what was typed so far."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, current_app, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_security import auth_required
from wtforms import FieldList, FormField

from app import browser, htmx, tokens
from app.config import Settings
from app.errors import Conflict, NotFound
from app.extensions import db
from app.providers.models import Provider
from app.services import listing, texts
from app.services.markdown import to_html
from app.transaction import commit_now
from app.wizard import answers, arrivals, comparing, edits, news, pages, publishing, reconciling, sent, steps
from app.wizard.access import context_of as _context
from app.wizard.access import say_which, step_of
from app.wizard.context import Context
from app.wizard.fields import clean
from app.wizard.step_form import StepForm, faults
from app.wizard.steps import Step
from app.wizard.typed import Typed, is_blank, of_request, too_long

wizard = Blueprint("wizard", __name__)
wizard.url_value_preprocessor(say_which)
#: What somebody is told who pressed a button, by status (`_fault`).
REFUSED = {
    400: _l("This page was open for a long time. Your text is all here: check it and press the button again."),
    422: _l("One text is too long to be kept. Shorten it and try again; what was saved before is unchanged."),
}
#: The same where it was to be saved by itself.
NOT_SAVED = {
    400: _l("Not saved: this page was open for a long time. Your text is still here; press Continue to save it."),
    422: _l("Not saved: one text is too long. Shorten it, and it will be saved."),
}


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings


@wizard.get("/drafts/<uuid:service_id>/<step_key>")
@auth_required("session")
def step(service_id: UUID, step_key: str) -> ResponseReturnValue:
    """A step with what was typed so far. Only text that can't be right is marked; what is merely missing waits for Continue."""
    context = _context(service_id)
    if browser.is_outdated():
        return htmx.see_other(pages.address(context, step_key, **_then()), whole_page=True)
    try:
        step = steps.find(step_key)
    except NotFound:
        if not news.once_had(context, step_key):
            raise
        flash(_("That step is not part of Shingle any more. Here you can go on."))
        return htmx.see_other(pages.address(context, publishing.journey(context).resume), whole_page=True)
    kept = answers.of(context)
    answer = kept.get(step.key, answers.BLANK)
    form = step.form.read(answer["typed"], context) if step.key in kept else step.form(context=context)
    if not is_blank(answer["typed"], step.form.preset):
        form.validate()
        _forget_blank(form)
    return _pushed(
        _page(context, step, form, answer["version"], saved_at=pages.saved_at(answer), typed=answer["typed"]), context, step.key
    )


@wizard.post("/drafts/<uuid:service_id>/<step_key>")
@tokens.left_to_view
@auth_required("session")
def proceed(service_id: UUID, step_key: str) -> ResponseReturnValue:
    """Continue: keep what was typed, and go on if it is complete; or change the step's rows and stay."""
    context, step = _context(service_id), step_of(step_key)
    typed, action = of_request(request.form), request.form.get("action", "")
    if fault := _fault(typed):
        return _again(context, step, typed, fault, str(REFUSED[fault]))
    choices, aside = sent.choices(), None
    if not htmx.wants_fragment():
        typed = reconciling.as_kept(typed, answers.of(context).get(step.key, answers.BLANK)["typed"])
    if "." in action and not choices:
        aside = typed if edits.takes_words(typed, action) else None
        typed = edits.edit(context, step, typed, action)
    kept = reconciling.keep(context, step, typed, sent.origin(), _settings(), choices=choices, aside=aside)
    arrivals.saved(context.service.id)
    if kept.text.disputes:
        return _disputed(context, step, kept)
    shown: dict[str, Any] = {"typed": kept.text.typed, "saved_at": kept.saved.saved_at}
    form = step.form.read(kept.text.typed, context)
    if "." in action:
        form.validate()
        _forget_blank(form)
        # HTMX takes the rows alone from a 200; more than they changed if somebody else's text came along.
        status = 409 if kept.is_merged and htmx.wants_fragment() else 200
        return _page(context, step, form, kept.saved.version, status, edited=action, **shown)
    if action == "later":
        return htmx.see_other(url_for("drafts.dashboard"), whole_page=True)
    if not form.validate():
        return _page(context, step, form, kept.saved.version, 422, **shown)
    return htmx.see_other(pages.address(context, _next(context, step)))


def _fault(typed: Typed) -> int | None:
    """Why what was sent can't be saved at all, as a status."""
    if not tokens.is_good():
        return 400
    return 422 if too_long(typed) else None


@wizard.put("/drafts/<uuid:service_id>/<step_key>")
@tokens.left_to_view
@auth_required("session")
def save(service_id: UUID, step_key: str) -> ResponseReturnValue:
    """Autosave. It accepts anything and answers with the save status only: nothing swaps under the cursor.
    A page that shows messages is told what they are by now; one that sends its `base` along is told what others changed.
    Where somebody chose between two texts (`chosen`), the history gets the other one. The last save of a page that is being left (`last`) has no
    answer that anybody could read."""
    context, step = _context(service_id), step_of(step_key)
    typed, version = of_request(request.form), sent.version()
    if fault := _fault(typed):
        return _status(fault, version, problem=NOT_SAVED[fault])
    mark = publishing.mark(context, step)
    values: dict[str, Any] = {}
    try:
        if "last" in request.form:
            reconciling.keep(context, step, typed, sent.origin(), _settings(), asks=False)
            arrivals.saved(context.service.id)
            return "", 204
        if "base" in request.form:
            kept = reconciling.keep_onto(context, step, typed, sent.origin(), _settings())
            saved = kept.saved
            disputes = comparing.disputes(context, step, kept, is_in_place=True)
            values |= {"merged": comparing.words(kept.text.typed), "disputes": disputes}
        else:
            saved = answers.save(context, step, typed, version, _settings(), by=sent.author(), keeps=sent.is_chosen())
    except answers.Stale as stale:
        problem = _("Not saved: this step was changed in another tab or on another device. Press Continue to compare.")
        return _status(409, stale.version, problem=problem)
    arrivals.saved(context.service.id)
    # Most saves leave the mark as it is. The same words again follow an answer that was lost, and the mark with it.
    if saved.version == version or publishing.mark(context, step) != mark:
        values["entry"] = pages.entry(context, step)
    if context.asked not in (None, step.sign):
        values["outdated"] = pages.saved(saved.saved_at)
    if "X-Shows-Faults" in request.headers:
        values["faults"] = list(faults(saved.form))
    status = 409 if values.get("disputes") else 200
    commit_now()  # nobody waits for the database's one writer while an answer is drawn
    return _status(status, saved.version, saved=pages.saved_line(context, saved.saved_at), **values)


@wizard.get("/drafts/<uuid:service_id>/review")
@auth_required("session")
def review(service_id: UUID) -> ResponseReturnValue:
    """Every answer with its Change link, what is missing, and the button that publishes."""
    context = _context(service_id)
    if browser.is_outdated():
        return htmx.see_other(pages.address(context, steps.REVIEW), whole_page=True)
    return _pushed(_review(context, 200), context, steps.REVIEW)


@wizard.post("/drafts/<uuid:service_id>/publication")
@tokens.remembered
def publish(service_id: UUID) -> ResponseReturnValue:
    """Publish a draft, or the changes of a published service: what the page showed, or it is shown again (409)."""
    context = _context(service_id)
    if _is_unseen(context, is_published=True):
        return _review(context, 409)
    given = request.form.get("visibility")
    is_public = given == "public" if given else context.service.is_draft or context.service.is_public
    try:
        publishing.publish(context, is_public=is_public)
    except publishing.Incomplete:
        return _review(context, 422)
    except publishing.NeedsAccount:
        publishing.put_off(context)
        return htmx.see_other(url_for("guests.claim", service=service_id), whole_page=True)
    except Conflict:
        # A double press: the other request published the same text. Anything else is told as it is.
        db.session.rollback()
        context.read_again()
        if _is_unseen(context, is_published=True):
            return _review(context, 409)
    flash(_("Published. This is what visitors see."))
    return htmx.see_other(url_for("listing.show", slug=context.whole.slug), whole_page=True)


@wizard.post("/services/<uuid:service_id>/discard-changes")
@tokens.remembered
def discard_changes(service_id: UUID) -> ResponseReturnValue:
    """Drop what was typed since the last publication: what the page showed, or it is shown again (409)."""
    context = _context(service_id)
    if _is_unseen(context, is_published=False):
        return _review(context, 409)
    try:
        publishing.discard_changes(context, _settings())
    except Conflict:
        db.session.rollback()
        context.read_again()
        return _review(context, 409)
    flash(
        _(
            "Your changes are discarded. The published listing is as it was. What you had typed is among the earlier versions of each step."
        )
    )
    return htmx.see_other(url_for("drafts.dashboard"), whole_page=True)


def _is_unseen(context: Context, *, is_published: bool) -> bool:
    """Whether something happened, here or elsewhere, since the review was shown from which the request comes. What the same press made of it before
    counts as seen: that its text `is_published`, or is not."""
    if request.form.get("revision", "") in ("", str(context.service.revision)):
        return False
    if context.service.is_draft or context.service.is_being_edited:
        return True
    listing = context.whole
    return is_published != (listing.changed_at is not None and listing.edited_at <= listing.changed_at)


@wizard.get("/drafts/<uuid:service_id>/preview")
@auth_required("session")
def preview(service_id: UUID) -> ResponseReturnValue:
    """The listing as a visitor would see it, with files that only the owner can open."""
    context = _context(service_id)
    shown = publishing.preview(context)
    chosen = next((each for each in context.service_types if each.id == shown.service_type_id), None)
    provider = db.session.get_one(Provider, context.provider.id)
    page = listing.show(shown, provider, texts.type_name(chosen), context.media, listing.PRIVATE)
    return render_template("wizard/preview.html", service=shown, context=context, listing=page)


@wizard.post("/markdown")
@auth_required("session")
def markdown() -> ResponseReturnValue:
    """The description as visitors will see it: a fragment that follows the typing, or without JavaScript a page of its own."""
    text = clean(request.form.get("description", ""))[:20_000]
    return htmx.render("wizard/markdown.html", "wizard/_markdown.html", html=to_html(text))


def _next(context: Context, step: Step) -> str:
    """Where Continue leads: to the next step, or back to the page that checks the answers for who came from there."""
    return steps.REVIEW if _then() else publishing.journey(context).after(step.key)


def _then() -> dict[str, str]:
    return {"then": steps.REVIEW} if request.args.get("then") == steps.REVIEW else {}


def _forget_blank(fields: Iterable[Any]) -> None:
    """Keep the messages of fields in which something stands, and drop those that only say that nothing does."""
    for field in fields:
        if isinstance(field, (FormField, FieldList)):
            _forget_blank(field)
        elif not any(str(text).strip() for text in field.raw_data or []):
            field.errors = []


def _page(context: Context, step: Step, form: StepForm, version: int, status: int = 200, **more: Any) -> Response:
    more["refused"] = status == 422 and "problem" not in more
    more["action"] = pages.address(context, step.key, **_then())
    values = pages.step(context, step, form, version, **more)
    response = htmx.render("wizard/step.html", "wizard/_step.html", status, **values)
    response.headers["Cache-Control"] = "no-store"
    return response


def _again(context: Context, step: Step, typed: Typed, status: int, problem: str) -> Response:
    """The same step with what was just typed, which was not saved."""
    form = step.form.read(typed, context)
    form.validate()
    return _page(context, step, form, sent.version(), status, problem=problem)


def _disputed(context: Context, step: Step, kept: reconciling.Kept) -> Response:
    """The step with my text in its form, and a choice for each part that somebody else changed too. All of the rest is saved."""
    form = step.form.read(kept.text.mine, context)
    form.validate()
    _forget_blank(form)
    shown = {"typed": kept.text.mine, "saved_at": kept.saved.saved_at, "disputes": comparing.disputes(context, step, kept)}
    return _page(context, step, form, kept.saved.version, 409, **shown)


def _review(context: Context, status: int) -> Response:
    values = pages.review(context, refused=status == 422, outdated=status == 409)
    response = htmx.render("wizard/review.html", "wizard/_review.html", status, **values)
    response.headers["Cache-Control"] = "no-store"
    return response


def _pushed(response: Response, context: Context, key: str) -> Response:
    """HTMX shows a fragment under its own address. Only a GET does so: an answer to POST belongs to the page that is there already, and going
    back through the history asks for whole pages whose address is in it already."""
    if htmx.wants_fragment():
        response.headers["HX-Push-Url"] = pages.address(context, key, **_then())
    return response


def _status(status: int, version: int, **values: object) -> Response:
    """The save status alone, with the new version and the navigation's marks when it was saved. It says nothing of who asks, and so it is drawn
    without what Flask's extensions would look up for a page."""
    template = current_app.jinja_env.get_template("wizard/_status.html")
    response = current_app.response_class(template.render(version=version, **values), status)
    response.headers["Cache-Control"] = "no-store"
    return response
