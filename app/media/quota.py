"""How much a provider may keep. What is granted counts, arrived or not, so unfinished uploads can't fill the store; a row that goes gives it back."""

from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import Uuid, bindparam, case, func, select

from app import config
from app.config import Settings
from app.errors import TooMany
from app.extensions import db, table
from app.media import kinds
from app.media.models import Media, State
from app.providers.models import Provider

_FILES, _PROVIDERS = table(Media).c, table(Provider).c
_HERE = (_FILES.entity_type == bindparam("type")) & (_FILES.entity_id == bindparam("entity")) & _FILES.removed_at.is_(None)
_OWNER = bindparam("provider", type_=Uuid())  # it stands in two places, and has the type of none that was read first
_GUEST = select(_PROVIDERS.guest_since.is_not(None)).where(_PROVIDERS.id == _OWNER).scalar_subquery()
#: All files of a provider, their bytes, how many of them are attached to one entity, and whether the provider is a guest. Built once: that costs
#: more than sending it.
COUNTS = select(
    func.count(),
    func.coalesce(func.sum(_FILES.declared_bytes), 0),
    func.coalesce(func.sum(case((_HERE, 1), else_=0)), 0),
    _GUEST,
).where(_FILES.provider_id == _OWNER, _FILES.state != State.REJECTED)


def check(provider_id: UUID, entity_type: str, entity_id: UUID, size: int) -> None:
    """`TooMany` when one more file of `size` bytes is too much. Under the provider's lock (`access.lock`), or two grants would both fit.

    What was rejected is not kept and does not count.
    """
    settings = config.current()
    values = {"provider": provider_id, "type": entity_type, "entity": entity_id}
    files, used, attached, is_guest = db.session.execute(COUNTS, values).one()
    if attached >= settings.media_per_service:
        raise TooMany(_("There are %(most)s files already. Remove one to add another.", most=settings.media_per_service))
    if is_guest:
        _check_guest(files, used + size, settings)
    if files >= settings.provider_max_files:
        raise TooMany(_("Your account holds as many files as it can. Remove some that you don't need."))
    if used + size > settings.provider_max_bytes:
        shown = kinds.size_in_words(settings.provider_max_bytes)
        raise TooMany(_("Your account is full: it holds up to %(most)s. Remove files that you don't need.", most=shown))


def _check_guest(files: int, size: int, settings: Settings) -> None:
    if files >= settings.guest_max_files:
        raise TooMany(
            _("Without an account you can add up to %(most)s files. Sign up to add more.", most=settings.guest_max_files)
        )
    if size > settings.guest_max_bytes:
        shown = kinds.size_in_words(settings.guest_max_bytes)
        raise TooMany(_("Without an account, all files together may have up to %(most)s. Sign up to add more.", most=shown))
