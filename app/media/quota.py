"""How much a provider may keep. What is granted counts, arrived or not, so unfinished uploads can't fill the store; a row that goes gives it back."""

from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import bindparam, case, func, select

from app import config
from app.errors import TooMany
from app.extensions import db
from app.media import kinds
from app.media.models import Media, State

_HERE = (Media.entity_type == bindparam("type")) & (Media.entity_id == bindparam("entity")) & Media.removed_at.is_(None)
#: All files of a provider, their bytes, and how many of them are attached to one entity. Built once: that costs more than sending it.
COUNTS = select(
    func.count(), func.coalesce(func.sum(Media.declared_bytes), 0), func.coalesce(func.sum(case((_HERE, 1), else_=0)), 0)
).where(Media.provider_id == bindparam("provider"), Media.state != State.REJECTED)


def check(provider_id: UUID, entity_type: str, entity_id: UUID, size: int) -> None:
    """`TooMany` when one more file of `size` bytes is too much. Under the provider's lock (`access.lock`), or two grants would both fit.

    What was rejected is not kept and does not count.
    """
    settings = config.current()
    values = {"provider": provider_id, "type": entity_type, "entity": entity_id}
    files, used, attached = db.session.execute(COUNTS, values).one()
    if attached >= settings.media_per_service:
        raise TooMany(_("There are %(most)s files already. Remove one to add another.", most=settings.media_per_service))
    if files >= settings.provider_max_files:
        raise TooMany(_("Your account holds as many files as it can. Remove some that you don't need."))
    if used + size > settings.provider_max_bytes:
        shown = kinds.size_in_words(settings.provider_max_bytes)
        raise TooMany(_("Your account is full: it holds up to %(most)s. Remove files that you don't need.", most=shown))
