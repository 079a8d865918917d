"""The pages behind the links in mails. A GET shows what the link would do, or what happened instead, and changes nothing; its button POSTs.

The token is the permission: no session is needed, and none is asked for; a forged request could do nothing that its author could not do anyway.
What is done says the button that was pressed, in `act`: a program that follows every link, or sends every form without pressing a button, does
nothing.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm import undefer

from app import clock, config
from app.drafts import operations, standing
from app.drafts.standing import Standing
from app.drafts.summaries import name_of
from app.drafts.views import drafts, step_url
from app.errors import Gone
from app.extensions import csrf, db
from app.insights.operations import record
from app.providers.models import Provider
from app.reminders import links
from app.services.models import Service
from app.wizard import arrivals


def page_of_mail(path: str) -> Callable[..., Any]:
    """One URL for looking and acting, which leaves no trace in referrers, caches or search engines."""

    def register(view: Callable[[str], ResponseReturnValue]) -> Callable[[str], ResponseReturnValue]:
        @wraps(view)
        def shown(token: str) -> Response:
            response = make_response(view(token))
            response.headers.update(
                {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow"}
            )
            return response

        route: Any = drafts.route(f"/l/{path}/<token>", methods=["GET", "POST"], endpoint=view.__name__)
        return csrf.exempt(route(shown))

    return register


@page_of_mail("keep")
def link_keep(token: str) -> ResponseReturnValue:
    """Keep the draft longer, or bring it back."""
    link, draft = _draft("keep", token)
    if request.method == "POST" and draft is not None:
        if _pressed("keep") and standing.of(draft, link) == Standing.WAITING:
            operations.keep(draft, config.current(), "email")
        elif _pressed("restore") and _may_restore(draft, link):
            operations.restore(draft, config.current(), "email")
        return redirect(request.path, 303)
    return _page("keep", draft, link)


@page_of_mail("delete")
def link_delete(token: str) -> ResponseReturnValue:
    """Delete the draft now, or bring it back."""
    link, draft = _draft("delete", token)
    if request.method == "POST" and draft is not None:
        if _pressed("delete") and standing.of(draft, link) == Standing.WAITING:
            operations.discard(draft, config.current(), "email", only_if_expires_at=link.expires_at)
        elif _pressed("restore") and _may_restore(draft, link):
            operations.restore(draft, config.current(), "email")
        return redirect(request.path, 303)
    return _page("delete", draft, link)


@page_of_mail("resume")
def link_resume(token: str) -> ResponseReturnValue:
    """Go on with the draft: straight to the step for its provider, by way of signing in for anybody who isn't signed in."""
    link, draft = _draft("resume", token)
    can_go_on = standing.of(draft, link) in (Standing.WAITING, Standing.KEPT, Standing.EDITED)
    if draft is not None and can_go_on and _pressed("resume"):
        record("resumed", draft.id, "email")
        arrivals.note(draft.id, is_recorded=True)
    if draft is not None and can_go_on and current_user.is_authenticated and current_user.id == draft.provider_id:
        arrivals.note(draft.id)
        return redirect(step_url(draft), 303)
    if can_go_on and _pressed("resume") and not current_user.is_authenticated:
        return redirect(url_for("security.login", next=request.path), 303)
    return _page("resume", draft, link)


@page_of_mail("stop")
def link_stop(token: str) -> ResponseReturnValue:
    """Send this provider no more reminders. A mail program may POST here by itself, with one click of its reader (RFC 8058)."""
    link = links.read_stop(token)
    provider = db.session.get(Provider, link.provider_id)
    if provider is None:
        raise Gone(_("The account that this mail was sent to is closed. It gets no more mails."))
    if not link.fits(provider):
        raise Gone(
            _("This mail went to an address that its account doesn't use any more. Mails about drafts go to another one now.")
        )
    if request.form.get("List-Unsubscribe") == "One-Click":
        provider.reminders_stopped_at = provider.reminders_stopped_at or clock.now()
        return "", 200
    if request.method == "POST":
        if _pressed("stop"):
            provider.reminders_stopped_at = provider.reminders_stopped_at or clock.now()
        elif _pressed("start"):
            provider.reminders_stopped_at = None
        return redirect(request.path, 303)
    return render_template("drafts/link_stop.html", provider=provider)


def _pressed(act: str) -> bool:
    return request.method == "POST" and request.form.get("act") == act


def _draft(purpose: str, token: str) -> tuple[links.DraftLink, Service | None]:
    link = links.read_draft(purpose, token)
    return link, db.session.get(Service, link.service_id, options=[undefer(Service.answers)])


def _may_restore(draft: Service, link: links.DraftLink) -> bool:
    """A link may bring back what went with the expiry that it speaks of, and nothing later."""
    return draft.deleted_at is not None and draft.expires_at == link.expires_at and draft.purge_at > clock.now()  # type: ignore[operator]


def _page(purpose: str, draft: Service | None, link: links.DraftLink) -> str:
    return render_template(
        "drafts/link.html",
        purpose=purpose,
        draft=draft,
        name=name_of(draft) if draft else "",
        standing=standing.of(draft, link),
        may_restore=draft is not None and _may_restore(draft, link),
    )
