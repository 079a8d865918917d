"""What a provider does with a published listing: pause and resume it, list and unlist it, take it down for good."""

from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, select, update

from app.errors import Refused
from app.extensions import db
from app.insights.models import Name
from app.insights.operations import record
from app.locales import in_every_language
from app.providers.access import owned
from app.providers.models import Provider
from app.services import search
from app.services.models import Service, ServiceType, Status
from app.transaction import read_again

BATCH = 500
#: For an UPDATE. The revision is counted by the database: one that was read may be old by now, and a revision is never used twice.
EDITS_DROPPED = {"answers": None, "answers_schema": None, "revision": Service.revision + 1}


def pause(service_id: UUID, provider_id: UUID) -> Service:
    """Visitors get "not found" until it is resumed; nothing else changes. Pausing twice is fine, as is every verb here."""
    return _turn(_published(service_id, provider_id), "is_active", False, "paused")


def resume(service_id: UUID, provider_id: UUID) -> Service:
    """Visitors see it again, also after it was archived."""
    service = _locked(service_id, provider_id)
    if service.status == Status.ARCHIVED:
        service.status = Status.PUBLISHED
    return _turn(_no_draft(service), "is_active", True, "resumed")


def enlist(service_id: UUID, provider_id: UUID) -> Service:
    """The directory and search engines show it."""
    return _turn(_published(service_id, provider_id), "is_public", True, "listed")


def unlist(service_id: UUID, provider_id: UUID) -> Service:
    """Only those who have its link find it."""
    return _turn(_published(service_id, provider_id), "is_public", False, "unlisted")


def archive(service_id: UUID, provider_id: UUID) -> Service:
    """Take it down: its address says "gone". Its owner keeps it, and can duplicate or resume it; changes that weren't published are dropped."""
    service = _locked(service_id, provider_id)
    if service.status == Status.DRAFT:
        raise Refused(_l("This is still a draft. Delete it if you don't need it any more."))
    if service.status == Status.PUBLISHED:
        service.status, service.is_active = Status.ARCHIVED, False
        drop_edits(service.id)
        record("archived", service.id)
    return service


def drop_edits(service_id: UUID) -> None:
    """Forget what was typed since the last publication. A publication or a save that has begun meets another revision and gives up."""
    db.session.execute(update(Service).where(Service.id == service_id).values(**EDITS_DROPPED))


def index(service: Service) -> None:
    """Write down what the listing is found by, of its present columns. Its type is found by its name in each language that Shingle speaks."""
    provider = db.session.get_one(Provider, service.provider_id)
    service_type = db.session.get(ServiceType, service.service_type_id) if service.service_type_id else None
    service.search_text = search.text_of(
        service, provider.display_name, in_every_language(service_type.name) if service_type else ""
    )


def index_again(condition: ColumnElement[bool]) -> None:
    """The same for all published services that meet the condition, after their provider or type was renamed; 500 rows at a time."""
    statement = select(Service).where(condition, Service.status == Status.PUBLISHED).order_by(Service.id).limit(BATCH)
    batch = list(db.session.scalars(statement))
    while batch:
        for service in batch:
            index(service)
        db.session.flush()
        batch = list(db.session.scalars(statement.where(Service.id > batch[-1].id)))


def show_anew(provider_id: UUID) -> None:
    """What is published is shown to its provider as they would type it. After another locale was chosen that is another text (45.00 is 45,00), and so
    it is another revision."""
    unedited = (Service.provider_id == provider_id, Service.published_at.is_not(None), Service.answers_schema.is_(None))
    db.session.execute(update(Service).where(*unedited).values(revision=Service.revision + 1))


def _locked(service_id: UUID, provider_id: UUID) -> Service:
    service = owned(Service, service_id, provider_id)
    read_again(service, locks=True)
    return service


def _published(service_id: UUID, provider_id: UUID) -> Service:
    service = _no_draft(_locked(service_id, provider_id))
    if service.status == Status.ARCHIVED:
        raise Refused(_l("This listing is archived. Publish it again first."))
    return service


def _no_draft(service: Service) -> Service:
    if service.status == Status.DRAFT:
        raise Refused(_l("This is still a draft. Publish it first."))
    return service


def _turn(service: Service, column: str, value: bool, event: Name) -> Service:
    if getattr(service, column) is not value:
        setattr(service, column, value)
        record(event, service.id)
    return service
