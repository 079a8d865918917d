"""Trying Shingle without an account: the start, the way to an account, and the way out."""

from contextlib import nullcontext
from uuid import UUID

import flask_login
from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user
from flask_security import auth_required, login_user
from flask_wtf import FlaskForm
from sqlalchemy import select

from app import again, config, htmx, networks
from app.account import claiming, guests, letters
from app.account.forms import FinishForm, LinkForm
from app.account.places import guess
from app.drafts import operations
from app.drafts.views import step_url
from app.errors import Gone, NotFound
from app.extensions import db
from app.locales import moment, read_by
from app.providers import operations as providers
from app.providers.models import Provider
from app.reminders import links
from app.services import texts

rooms = Blueprint("guests", __name__)
PRIVATE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow"}


def _me() -> Provider:
    person: Provider = current_user._get_current_object()
    return person


def _has_account() -> bool:
    return bool(current_user.is_authenticated and not current_user.is_guest)


@rooms.route("/try", methods=["GET", "POST"])
def start() -> ResponseReturnValue:
    """Say what a guest has and what not; its button makes one, bound to this browser, with a first draft."""
    settings = config.current()
    if not guests.may_try():
        raise NotFound()
    if _has_account() or (current_user.is_authenticated and request.method == "GET"):
        return redirect(url_for("drafts.dashboard"), 303)
    if request.method == "GET":
        kept_for = texts.duration(int(settings.draft_delete_after.total_seconds()) // 60, "long")
        return render_template("account/try.html", settings=settings, kept_for=kept_for)
    if not current_user.is_authenticated:
        guest = providers.add_guest(**_guessed(), network=networks.mark(networks.of_request()))
        flask_login.login_user(guest, remember=True)
    return htmx.see_other(step_url(operations.start(_me(), settings)), whole_page=True)


def _guessed() -> dict[str, str]:
    """What the browser says of its reader; the language is the one of the page that they read."""
    tags = [str(get_locale()), request.form.get("locale", "")[:35], *request.accept_languages.values()]
    return guess(tags, request.form.get("time_zone"), config.current())


@rooms.get("/try/account")
@auth_required("session")
def claim() -> ResponseReturnValue:
    """What needs an account, and the three ways to one. `service`: the draft that is about to be published."""
    if _has_account():
        return redirect(url_for("drafts.dashboard"), 303)
    drafts = {each.id: each for each in claiming.waiting(current_user.id)}
    chosen = drafts.get(_uuid_or_none(request.args.get("service", "")) or UUID(int=0))
    return render_template("account/claim.html", draft=chosen, has_drafts=bool(drafts))


@rooms.route("/try/link", methods=["GET", "POST"])
@auth_required("session")
def link() -> ResponseReturnValue:
    """ "Email me a link to finish later": to an address that nobody has proved yet, which is what the link is for."""
    if _has_account():
        return redirect(url_for("drafts.dashboard"), 303)
    form, guest = LinkForm(), _me()
    if not form.validate_on_submit():
        return again.render("account/finish_later.html", form=form, drafts=claiming.waiting(guest.id))
    claiming.offer(guest, form.email.data, config.current())
    letters.hand_over("finish_later", guest.id, form.email.data)
    until = min(each.expires_at for each in claiming.waiting(guest.id) if each.expires_at)
    flash(
        _(
            "We have sent a link to %(email)s. It works on any device until %(moment)s, and longer if you go on writing here.",
            email=form.email.data,
            moment=moment(until),
        ),
        "success",
    )
    return redirect(url_for("drafts.dashboard"), 303)


@rooms.route("/try/leave", methods=["GET", "POST"])
@auth_required("session")
def leave() -> ResponseReturnValue:
    """For a browser that others use too: nothing of it stays."""
    if _has_account():
        return redirect(url_for("drafts.dashboard"), 303)
    if request.method == "GET":
        return render_template("account/leave.html", drafts=claiming.waiting(current_user.id))
    guest = _me()
    flask_login.logout_user()
    claiming.leave(guest)
    flash(_("Everything that you began here is deleted."), "success")
    return redirect("/", 303)


@rooms.route("/l/finish/<token>", methods=["GET", "POST"])
def finish(token: str) -> Response:
    """The link in the mail. It proves the address: the drafts go into the account of that address, old or new, and into no other."""
    link = links.read_finish(token)
    guest = db.session.get(Provider, link.guest_id)
    # Whoever opens it has no account yet, or another zone than the guest: the moments are those that the guest was shown.
    with read_by(str(get_locale()), guest.time_zone) if guest else nullcontext():
        response = make_response(_finish(link, guest))
    response.headers.update(PRIVATE)
    return response


def _finish(link: links.FinishLink, guest: Provider | None) -> ResponseReturnValue:
    if guest is None or not guest.is_guest:
        if _has_account():
            return redirect(url_for("drafts.dashboard"), 303)
        raise Gone(_("What this link was for is in an account already, or it was deleted. Sign in to look."))
    if not link.fits(guest):
        raise Gone(_("A newer link was sent to another address, so this one doesn't work any more."))
    owner = db.session.scalar(select(Provider).where(Provider.email == link.address, Provider.confirmed_at.is_not(None)))
    if owner is None and not _has_account():
        return _new_account(link, guest)
    if owner is not None and _has_account() and current_user.id == owner.id and FlaskForm().validate_on_submit():
        guests.tell(claiming.claim(guest.id, owner.id, config.current()))
        return redirect(guests.next_page(), 303)
    return render_template("account/finish.html", link=link, owner=owner, drafts=claiming.waiting(guest.id))


def _new_account(link: links.FinishLink, guest: Provider) -> ResponseReturnValue:
    """The link has confirmed the address: a name and a password make the account."""
    form = FinishForm(address=link.address)
    if not form.validate_on_submit():
        return again.render("account/finish_new.html", form=form, link=link, drafts=claiming.waiting(guest.id))
    kept = {"locale": guest.locale, "time_zone": guest.time_zone, "currency": guest.currency}
    account = providers.open_account(link.address, form.password.data, display_name=form.display_name.data, **kept)
    guests.tell(claiming.claim(guest.id, account.id, config.current()))
    login_user(account, authn_via=["confirm"])
    return redirect(guests.next_page(), 303)


def _uuid_or_none(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
