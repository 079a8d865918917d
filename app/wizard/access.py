"""Who may open a service in the wizard, and what a page learns that was made for somebody else."""

from functools import partial
from typing import Any
from uuid import UUID

from flask import abort, current_app, g, make_response, render_template, request, session
from flask_babel import gettext as _
from flask_login import current_user

from app.errors import Gone, NotFound
from app.providers import local
from app.providers.models import Provider
from app.wizard import rows, steps
from app.wizard.context import Context
from app.wizard.rows import ProviderRow, ServiceRow
from app.wizard.steps import Step

#: In the session: whose guest this browser had, and who took the drafts along.
FORMER = "former"


def say_which(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Every page here is about one service: it is read together with its provider, in one statement (`account.Providers`)."""
    if values and "service_id" in values:
        g.reads = partial(rows.of_session, service_id=values["service_id"])


def context_of(service_id: UUID) -> Context:
    """The signed-in provider's service, ready to be edited; `NotFound` for all others, or 403 where the page says that it is for another account."""
    provider: ProviderRow = current_user._get_current_object()
    service: ServiceRow | None = g.pop("brought", None)
    if service is None:
        _same_account()
    if service is None or service.id != service_id or not service.is_open:
        raise NotFound()
    return Context(provider, service, request.form.get("asked") if request.method != "GET" else None)


def step_of(key: str) -> Step:
    """The step that a page sends text for. `Gone` where there is none by now: the page keeps the text and says so."""
    try:
        return steps.find(key)
    except NotFound:
        raise Gone(
            _("Shingle was changed, and this step is not part of it any more. Copy what you need before you leave this page.")
        ) from None


def local_of(provider: Provider | ProviderRow) -> dict[str, Any]:
    """What a page of this provider is told, so that its script can keep what is not saved yet: whose it is, and the key. And the same of the guest
    whom this provider was in this browser, whose text is theirs now."""
    secret = str(current_app.secret_key)
    guest_id, heir_id = session.get(FORMER, ("", ""))
    of_guest = {}
    if heir_id == str(provider.id):
        of_guest = {"former": local.tag(secret, UUID(guest_id)), "former_key": local.key(secret, UUID(guest_id))}
    return {"account": local.tag(secret, provider.id), "key": local.key(secret, provider.id), "steps": steps.STEPS, **of_guest}


def inherits(guest_id: UUID, provider_id: UUID) -> None:
    """This browser's guest is this provider now. It is told to nobody else who signs in here later, and forgotten with the session."""
    session[FORMER] = [str(guest_id), str(provider_id)]


def _same_account() -> None:
    """A page's script says for which account it was made (`X-Account`); a draft that isn't there may be there for that one. Nothing of it is
    looked at."""
    meant = request.headers.get("X-Account")
    if meant and meant != local.tag(str(current_app.secret_key), current_user.id):
        abort(make_response(render_template("wizard/_other_account.html"), 403))
