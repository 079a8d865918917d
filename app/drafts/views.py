"""The dashboard, and what a provider does to a draft from there."""

from functools import partial
from uuid import UUID

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from flask_security import auth_required
from sqlalchemy.orm import undefer

from app import clock, config, htmx
from app.drafts import operations, queries
from app.drafts.duplicates import duplicate
from app.drafts.summaries import name_of
from app.errors import Gone, NotFound
from app.insights.operations import record
from app.locales import moment
from app.providers.access import owned
from app.services import cursors, expiry
from app.services.models import Service, Status
from app.wizard.context import Context
from app.wizard.publishing import journey
from app.wizard.steps import REVIEW

drafts = Blueprint("drafts", __name__)


@drafts.get("/drafts")
@auth_required("session")
def dashboard() -> ResponseReturnValue:
    """A provider's drafts, published services, and drafts that can still be brought back. `undo` names the one that was just deleted."""
    now = clock.now()
    asked = request.args
    drafts_after, published_after = cursors.read(asked.get("drafts_after")), cursors.read(asked.get("published_after"))
    discarded = _uuid_or_none(asked.get("undo", ""))
    shelves = queries.of_provider(
        current_user.id, now, drafts_after=drafts_after, published_after=published_after, first=discarded
    )
    undo = next((each for each in shelves.deleted if each.service.id == discarded), None)
    response = htmx.render(
        "drafts/dashboard.html",
        "drafts/_dashboard.html",
        **shelves._asdict(),
        is_later=bool(drafts_after or published_after),
        undo=undo,
        warned_until=now + config.current().notice,
        edits_kept_until=partial(expiry.edits_kept_until, kept_for=config.current().edits_kept_for),
    )
    response.headers["Cache-Control"] = "no-store"
    return response


@drafts.post("/drafts")
@auth_required("session")
def start() -> ResponseReturnValue:
    """A new draft, or a copy of a service (`duplicate_of`), and off to its first step."""
    source = request.form.get("duplicate_of")
    if source:
        draft, left_out = duplicate(owned(Service, _uuid(source), current_user.id), current_user, config.current())
        if left_out:
            flash(
                ngettext(
                    "One file was not copied: your account is full.",
                    "%(num)s files were not copied: your account is full.",
                    left_out,
                )
            )
    else:
        draft = operations.start(current_user, config.current())
    return htmx.see_other(step_url(draft), whole_page=True)


@drafts.get("/drafts/<uuid:service_id>")
@auth_required("session")
def resume(service_id: UUID) -> ResponseReturnValue:
    """To the first step that is missing something. Nothing is recorded: a GET changes nothing."""
    return redirect(step_url(_mine(service_id)))


@drafts.post("/drafts/<uuid:service_id>")
@auth_required("session")
def take_up(service_id: UUID) -> ResponseReturnValue:
    """The same, from the dashboard's button."""
    draft = _mine(service_id)
    record("resumed", draft.id, "dashboard")
    return htmx.see_other(step_url(draft), whole_page=True)


@drafts.post("/drafts/<uuid:service_id>/discard")
@auth_required("session")
def discard(service_id: UUID) -> ResponseReturnValue:
    """Delete a draft; the dashboard then offers to undo it."""
    operations.discard(owned(Service, service_id, current_user.id), config.current())
    return htmx.see_other(url_for("drafts.dashboard", undo=service_id))


@drafts.post("/drafts/<uuid:service_id>/restore")
@auth_required("session")
def restore(service_id: UUID) -> ResponseReturnValue:
    """Bring a deleted draft back."""
    draft = owned(Service, service_id, current_user.id, undefer(Service.answers))
    operations.restore(draft, config.current())
    flash(_("“%(name)s” is back.", name=name_of(draft)), "success")
    return htmx.see_other(url_for("drafts.dashboard"))


@drafts.post("/drafts/<uuid:service_id>/purge")
@auth_required("session")
def purge(service_id: UUID) -> ResponseReturnValue:
    """Delete a deleted draft for good, now."""
    draft = owned(Service, service_id, current_user.id, undefer(Service.answers))
    name = name_of(draft)
    operations.delete_for_good(draft)
    flash(_("“%(name)s” is gone for good.", name=name), "success")
    return htmx.see_other(url_for("drafts.dashboard"))


@drafts.post("/drafts/<uuid:service_id>/keep")
@auth_required("session")
def keep(service_id: UUID) -> ResponseReturnValue:
    """Give a draft the whole window again."""
    draft = owned(Service, service_id, current_user.id, undefer(Service.answers))
    operations.keep(draft, config.current())
    until = moment(draft.expires_at) if draft.expires_at else ""
    flash(_("“%(name)s” is kept until %(moment)s.", name=name_of(draft), moment=until), "success")
    return htmx.see_other(url_for("drafts.dashboard"))


def step_url(service: Service) -> str:
    """Where to go on with this service; `answers` must have been read."""
    key = journey(Context.of(current_user, service)).resume
    if key == REVIEW:
        return url_for("wizard.review", service_id=service.id)
    return url_for("wizard.step", service_id=service.id, step_key=key)


def _mine(service_id: UUID) -> Service:
    service = owned(Service, service_id, current_user.id, undefer(Service.answers))
    if service.deleted_at is not None:
        raise Gone(_("This draft was deleted. If it can still be brought back, it is on your dashboard."))
    if service.status == Status.ARCHIVED:
        raise NotFound()
    return service


def _uuid(text: str) -> UUID:
    found = _uuid_or_none(text)
    if found is None:
        raise NotFound()
    return found


def _uuid_or_none(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
