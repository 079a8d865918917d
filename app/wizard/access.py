"""Who may open a service in the wizard, and what a page learns that was made for somebody else."""

from typing import Any
from uuid import UUID

from flask import current_app, g, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from sqlalchemy.orm import undefer

from app.errors import NotFound, ShingleError
from app.providers import local
from app.providers.access import owned
from app.providers.models import Provider
from app.services.models import Service, Status
from app.wizard.context import Context

WITH_ANSWERS = undefer(Service.answers)


class OtherAccount(ShingleError):
    """The page belongs to an account, and another one is signed in by now. Nothing of it is looked at."""

    status, title, code = 403, _l("Another account is signed in now"), "other_account"


def say_which(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Every page here is about one service: it is read together with its provider, in one statement (`account.Providers`)."""
    if values and "service_id" in values:
        g.wants = (Service, values["service_id"], WITH_ANSWERS)


def context_of(service_id: UUID) -> Context:
    """The signed-in provider's service, ready to be edited; `NotFound` for all others, or `OtherAccount` where the page says whose it is."""
    provider: Any = current_user._get_current_object()
    try:
        service = g.pop("brought", None) or owned(Service, service_id, provider.id, WITH_ANSWERS)
    except NotFound:
        _same_account()
        raise
    if service.deleted_at is not None or service.status == Status.ARCHIVED:
        raise NotFound()
    return Context(provider, service)


def local_of(provider: Provider) -> dict[str, str]:
    """What a page of this provider is told, so that its script can keep what is not saved yet: whose it is, and the key."""
    secret = str(current_app.secret_key)
    return {"account": local.tag(secret, provider.id), "key": local.key(secret, provider.id)}


def _same_account() -> None:
    """A page's script says for which account it was made (`X-Account`); a draft that isn't there may be there for that one."""
    meant = request.headers.get("X-Account")
    if meant and meant != local.tag(str(current_app.secret_key), current_user.id):
        raise OtherAccount(_("This page belongs to another account, so nothing was saved. Sign in with that account to go on."))
