"""Publishing: the answers become the listing, through the same forms that Continue uses. Nothing reaches a visitor unvalidated."""

import secrets
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from slugify import slugify
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from app import clock, config, folding
from app.config import Settings
from app.errors import Conflict, Refused
from app.extensions import db
from app.insights.operations import record
from app.media import operations as media
from app.media.models import State
from app.providers.models import Provider
from app.services import operations as services
from app.services.models import Service, Status
from app.transaction import read_again
from app.wizard import answers, history, steps
from app.wizard.context import ENTITY, Context
from app.wizard.forms import MediaForm
from app.wizard.journey import Journey, Mark
from app.wizard.journey import mark as mark_of
from app.wizard.journey import of as journey_of
from app.wizard.rows import ServiceRow
from app.wizard.step_form import StepForm
from app.wizard.steps import Step
from app.wizard.typed import is_blank


class Incomplete(Refused):
    """Something required is missing; `missing` are the steps that lack it."""

    def __init__(self, missing: tuple[str, ...]) -> None:
        super().__init__(missing=list(missing))
        self.missing = missing


class NeedsAccount(Refused):
    """All is there, but a guest has no address and no name that visitors could see: an account comes first."""


def journey(context: Context) -> Journey:
    """The way through this service's answers as they are kept."""
    filled = [step.key for step in steps.STEPS if step.form.holds_files and context.media]
    return journey_of(steps.STEPS, answers.of(context), filled)


def mark(context: Context, step: Step) -> Mark:
    """The mark of one step; files are asked for only if the step holds them."""
    return mark_of(step, answers.of(context).get(step.key), step.form.holds_files and bool(context.media))


def review(context: Context) -> list[tuple[Step, StepForm]]:
    """Every step with its form, validated now: what is complete under older rules may not be under today's."""
    kept = answers.of(context)
    forms = [(step, step.form.read(kept.get(step.key, answers.BLANK)["typed"], context)) for step in steps.STEPS]
    for _step, form in forms:
        form.validate()
    return forms


def publish(context: Context, *, is_public: bool) -> None:
    """Make the answers the listing. Raises `Incomplete`, `NeedsAccount`, or `Conflict` when another request was faster; all
    change nothing."""
    service = context.whole
    if not context.service.is_open:
        raise Refused()
    forms = review(context)
    missing = lacking(context, forms)
    if missing:
        raise Incomplete(missing)
    if context.provider.is_guest:
        raise NeedsAccount()
    _claim(context.service)
    read_again(service, ["revision"])
    for step, form in forms:
        if not form.errors:
            form.apply(service, step.key)
        if isinstance(form, MediaForm):
            _set_aside(context, step, form)
            _show(service, form)
    _mark_published(service, is_public)


def put_off(context: Context) -> None:
    """A guest goes for an account first: it leads back to this draft, wherever it is confirmed (`account/claiming.py`)."""
    guest = update(Provider).where(Provider.id == context.provider.id)
    db.session.execute(guest.values(publishing_id=context.service.id))


def lacking(context: Context, forms: list[tuple[Step, StepForm]]) -> tuple[str, ...]:
    """The steps that stand in the way of publishing."""
    kept = answers.of(context)
    return tuple(step.key for step, form in forms if form.errors and not _skipped(step, kept))


def _skipped(step: Step, kept: Mapping[str, Mapping[str, Any]]) -> bool:
    """A step that may be left out, and was."""
    return step.may_be_skipped and is_blank(kept.get(step.key, answers.BLANK)["typed"], step.form.preset)


def _claim(row: ServiceRow) -> None:
    """Two requests that publish at once meet here: the second finds another revision. So does one that expiry was faster than."""
    statement = update(Service).where(Service.id == row.id, Service.revision == row.revision, Service.deleted_at.is_(None))
    result: Any = db.session.execute(statement.values(revision=row.revision + 1).execution_options(synchronize_session=False))
    if result.rowcount != 1:
        raise Conflict()


def _set_aside(context: Context, step: Step, form: MediaForm) -> None:
    """Files that were refused go, and what was typed about them goes into the history."""
    settings = config.current()
    if settings.history_versions and any(form.alts.get(str(each.id)) for each in form.ordered if each.state == State.REJECTED):
        entry = answers.of(context)[step.key]
        history.keep(context.service.id, step.key, entry, history.next_number(context.service, step.key, entry), settings)


def _show(service: Service, form: MediaForm) -> None:
    service.gallery = form.gallery
    media.make_live(ENTITY, service.id, [UUID(each["id"]) for each in form.gallery])


def _mark_published(service: Service, is_public: bool) -> None:
    now = clock.now()
    if service.status == Status.DRAFT:
        _name_address(service)
        service.status, service.is_active, service.published_at = Status.PUBLISHED, True, now
    service.is_public = is_public
    service.changed_at = now
    service.expires_at = None
    service.answers, service.answers_schema = None, None
    services.index(service)
    db.session.flush()
    record("published", service.id)


def _name_address(service: Service) -> None:
    """The name as a path, with an ending of its own if the plain one is taken. A listing keeps it for ever."""
    plain = slugify(folding.in_ascii(service.name or ""), max_length=80, word_boundary=True)
    for slug in (plain, f"{plain or 'service'}-{secrets.token_hex(4)}"):
        if not slug or db.session.scalar(select(Service.id).where(Service.slug == slug)):
            continue
        try:
            with db.session.begin_nested():
                service.slug = slug
            return
        except IntegrityError:
            # Somebody else took it between the question and the answer.
            continue
    raise Conflict()


def preview(context: Context) -> Service:
    """The listing as it would be if it were published now, as a row that is in no session; what isn't valid yet is left out."""
    columns = {attribute.key: getattr(context.whole, attribute.key) for attribute in Service.__mapper__.column_attrs}
    shown = Service(**columns)
    for step, form in review(context):
        if not form.errors:
            form.apply(shown, step.key)
        if isinstance(form, MediaForm):
            shown.gallery = form.gallery
    return shown


def discard_changes(context: Context, settings: Settings) -> None:
    """Put away what was typed since the last publication, into the history of each step; the live listing and its files stay as they are. Raises
    `Conflict` when a save was faster."""
    if context.service.published_at is None:
        raise Refused()
    kept, listing = answers.of(context), context.whole
    _claim(context.service)
    for step in steps.STEPS if settings.history_versions else ():
        entry = kept.get(step.key, answers.BLANK)
        if not is_blank(entry["typed"], step.form.preset) and entry["typed"] != step.form.write(listing, step.key, context):
            history.keep(context.service.id, step.key, entry, history.next_number(context.service, step.key, entry), settings)
    services.drop_edits(context.service.id)
    media.keep_live(ENTITY, context.service.id)
