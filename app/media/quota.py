"""How much a provider may keep. What is granted counts, arrived or not, so unfinished uploads can't fill the store; a row that goes gives it back."""

from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import case, func, select

from app import config
from app.errors import TooMany
from app.extensions import db
from app.media import kinds
from app.media.models import Media, State


def check(provider_id: UUID, entity_type: str, entity_id: UUID, size: int) -> None:
    """`TooMany` when one more file of `size` bytes is too much. Under the provider's lock (`access.lock`), or two grants would both fit.

    What was rejected is not kept and does not count.
    """
    settings = config.current()
    here = (Media.entity_type == entity_type) & (Media.entity_id == entity_id) & Media.removed_at.is_(None)
    counts = select(
        func.count(), func.coalesce(func.sum(Media.declared_bytes), 0), func.coalesce(func.sum(case((here, 1), else_=0)), 0)
    )
    files, used, attached = db.session.execute(
        counts.where(Media.provider_id == provider_id, Media.state != State.REJECTED)
    ).one()
    if attached >= settings.media_per_service:
        raise TooMany(_("There are %(most)s files already. Remove one to add another.", most=settings.media_per_service))
    if files >= settings.provider_max_files:
        raise TooMany(_("Your account holds as many files as it can. Remove some that you don't need."))
    if used + size > settings.provider_max_bytes:
        shown = kinds.size_in_words(settings.provider_max_bytes)
        raise TooMany(_("Your account is full: it holds up to %(most)s. Remove files that you don't need.", most=shown))
