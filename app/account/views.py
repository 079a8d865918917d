"""The pages of one's own account that Flask-Security does not have."""

from types import SimpleNamespace

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import refresh
from flask_security import auth_required, current_user, logout_user

from app import again, config
from app.account import closing, letters, operations
from app.account.forms import CloseForm, ProfileForm
from app.locales import LOCALES, currency_choices, time_zones
from app.providers.models import Provider

account = Blueprint("account", __name__)


def _me() -> Provider:
    provider: Provider = current_user._get_current_object()
    return provider


@account.get("/sign-up/check-your-mail")
def check_mail() -> ResponseReturnValue:
    """After signing up. It says the same whether the address had an account or not; which address it was, the flashed message says."""
    return render_template("account/check_mail.html", shows_outbox=config.current().embedded_mail)


@account.route("/account", methods=["GET", "POST"])
@auth_required("session")
def profile() -> ResponseReturnValue:
    """What customers see, and how Shingle speaks to the provider."""
    provider = _me()
    form = ProfileForm(obj=provider, wants_reminders=provider.reminders_stopped_at is None)
    form.time_zone.choices = sorted({*time_zones(), provider.time_zone})
    form.locale.choices = list(LOCALES.items())
    form.currency.choices = currency_choices(provider.locale, provider.currency)
    if not form.validate_on_submit():
        address = f"{current_app.extensions['settings'].base_url}/p/{provider.slug}"
        return again.render("account/profile.html", form=form, provider=provider, address=address)
    operations.change_profile(provider, form.data)
    refresh()
    flash(_("Saved."), "success")
    return redirect(url_for("account.profile"), 303)


@account.post("/account/sign-out-everywhere")
@auth_required("session")
def sign_out_everywhere() -> ResponseReturnValue:
    """End every session of this provider, this one too."""
    operations.sign_out_everywhere(_me())
    logout_user()
    flash(_("You are signed out on every device."), "success")
    return redirect(url_for("security.login"), 303)


@account.route("/account/close", methods=["GET", "POST"])
@auth_required("session")
def close() -> ResponseReturnValue:
    """Say exactly what goes, ask for the password, and delete it."""
    provider = _me()
    form = CloseForm()
    if not form.validate_on_submit():
        return again.render("account/close.html", form=form, belongings=operations.belongings(provider.id))
    reader = SimpleNamespace(email=provider.email, locale=provider.locale, time_zone=provider.time_zone)
    logout_user()
    letters.closed(reader, closing.close(provider))
    flash(_("Your account is closed, and everything in it is deleted."), "success")
    return redirect("/", 303)
