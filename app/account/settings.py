"""What Shingle asks of Flask-Security-Too, in its words. The names are those of version 5.9 (`flask_security/core.py`)."""

from datetime import timedelta
from typing import Any

from app import clock
from app.config import Settings
from app.locales import N_


def for_security(settings: Settings) -> dict[str, Any]:
    """Everything but the texts."""
    values = FEATURES | ADDRESSES | HABITS | {f"MSG_{name}": text for name, text in TEXTS.items()}
    values["PASSWORD_HASH_PASSLIB_OPTIONS"] = {
        # OWASP's smallest advice for argon2id: 19 MiB, two passes, one lane. More only slows down the sign-in of the honest.
        "argon2__memory_cost": settings.password_memory // 1024,
        "argon2__time_cost": 2,
        "argon2__parallelism": 1,
    }
    return {f"SECURITY_{name}": value for name, value in values.items()}


FEATURES = {
    "REGISTERABLE": True,
    "CONFIRMABLE": True,
    "RECOVERABLE": True,
    "CHANGEABLE": True,
    "CHANGE_EMAIL": True,
    # A job writes the letters (`letters.py`).
    "EMAIL_PLAINTEXT": False,
    "EMAIL_HTML": False,
    # Nobody learns from an answer which addresses have accounts.
    "RETURN_GENERIC_RESPONSES": True,
    "JOIN_USER_ROLES": False,
    "API_ENABLED_METHODS": ["session"],
    # Werkzeug writes its values as `no-store=True`, which no browser knows. Ours are in `browser.py`.
    "CACHE_CONTROL": {},
    # Its own files and commands are not needed: ours are in `static/` and `flask providers`.
    "STATIC_FOLDER": None,
    "CLI_USERS_NAME": None,
    "CLI_ROLES_NAME": None,
}

ADDRESSES = {
    "LOGIN_URL": "/sign-in",
    "LOGOUT_URL": "/sign-out",
    "REGISTER_URL": "/sign-up",
    "CONFIRM_URL": "/confirm",
    "RESET_URL": "/forgotten-password",
    "VERIFY_URL": "/account/verify",
    "CHANGE_URL": "/account/password",
    "CHANGE_EMAIL_URL": "/account/email",
    "POST_LOGIN_VIEW": "/drafts",
    "POST_LOGOUT_VIEW": "/",
    "POST_REGISTER_VIEW": "account.check_mail",
    "POST_CONFIRM_VIEW": "/drafts",
    "POST_VERIFY_VIEW": "account.profile",
    "POST_CHANGE_VIEW": "account.profile",
    "POST_CHANGE_EMAIL_VIEW": "account.profile",
}

HABITS = {
    "DATETIME_FACTORY": clock.now,
    "PASSWORD_HASH": "argon2",
    "PASSWORD_SCHEMES": ["argon2"],
    # One hash, without a pepper that is also the session key: a new SECRET_KEY must not lock everybody out.
    "PASSWORD_SINGLE_HASH": ["argon2"],
    # What tokens carry of an address or a password hash is signed as well; the slow default would cost a quarter of a second per mail.
    "HASHING_SCHEMES": ["hex_sha256"],
    # NIST SP 800-63B: length instead of rules about characters, and no second typing (the field can be shown).
    "PASSWORD_LENGTH_MIN": 10,
    "PASSWORD_CONFIRM_REQUIRED": False,
    # A domain that does not answer now may answer when the mail is sent; asking the DNS would also make the request wait.
    # Few mail servers take an address with letters beyond ASCII before the @ (RFC 6531): what can't be reached is not accepted.
    "EMAIL_VALIDATOR_ARGS": {"check_deliverability": False, "allow_smtputf8": False},
    "CONFIRM_EMAIL_WITHIN": timedelta(days=2),
    "RESET_PASSWORD_WITHIN": timedelta(hours=2),
    "CHANGE_EMAIL_WITHIN": timedelta(hours=2),
    # The link was in the mailbox that is being confirmed, and its page asks for a press: sign in at once.
    "AUTO_LOGIN_AFTER_CONFIRM": True,
    # Changing the address asks for the password again, an hour after it was last given.
    "FRESHNESS": timedelta(hours=1),
    "FRESHNESS_GRACE_PERIOD": timedelta(minutes=15),
    # With a stale token, signing out asks once more instead of failing (the view is exempt from the check for all).
    "LOGOUT_CSRF": True,
}

TEXTS = {
    "GENERIC_AUTHN_FAILED": (N_("This email and password don't go together, or the email isn't confirmed yet."), "error"),
    "UNAUTHENTICATED": (N_("Please sign in first."), "info"),
    "REAUTHENTICATION_REQUIRED": (N_("Please give your password once more before you change this."), "info"),
    "REAUTHENTICATION_SUCCESSFUL": (N_("Thank you. You can go on."), "success"),
    "CONFIRM_REGISTRATION": (N_("We have sent a link to %(email)s. Open it to start."), "success"),
    "CONFIRMATION_REQUEST": (N_("If %(email)s still has to be confirmed, a new link is on its way."), "success"),
    "CONFIRMATION_EXPIRED": (N_("This link worked for %(within)s only. Ask for a new one below."), "error"),
    "INVALID_CONFIRMATION_TOKEN": (N_("This link doesn't work, or no longer. Ask for a new one below."), "error"),
    "ALREADY_CONFIRMED": (N_("Your email is confirmed already. Just sign in."), "info"),
    "EMAIL_CONFIRMED": (N_("Your email is confirmed. Welcome to Shingle."), "success"),
    "PASSWORD_RESET_REQUEST": (N_("If %(email)s has an account, a link to choose a new password is on its way."), "success"),
    "PASSWORD_RESET_EXPIRED": (N_("This link worked for %(within)s only. Ask for a new one below."), "error"),
    "INVALID_RESET_PASSWORD_TOKEN": (N_("This link doesn't work, or no longer. Ask for a new one below."), "error"),
    "PASSWORD_RESET_NO_LOGIN": (N_("Your new password is set. Sign in with it."), "success"),
    "PASSWORD_CHANGE": (N_("Your password is changed, and every other device is signed out."), "success"),
    "PASSWORD_NOT_PROVIDED": (N_("Type your password."), "error"),
    "PASSWORD_INVALID_LENGTH": (N_("Use at least %(length)s characters. A few words in a row are easy to remember."), "error"),
    "PASSWORD_IS_THE_SAME": (N_("This is the password you have already."), "error"),
    "INVALID_PASSWORD": (N_("This isn't your password."), "error"),
    "EMAIL_NOT_PROVIDED": (N_("Type your email address."), "error"),
    "INVALID_EMAIL_ADDRESS": (N_("This isn't an email address. It looks like name@example.com."), "error"),
    "CHANGE_EMAIL_SENT": (N_("We have sent a link to %(email)s. Your address changes when you open it."), "success"),
    "CHANGE_EMAIL_EXPIRED": (N_("This link worked for %(within)s only. Type the new address again."), "error"),
    "CHANGE_EMAIL_CONFIRMED": (N_("Your email address is changed."), "success"),
    "API_ERROR": (N_("This link doesn't work, or no longer."), "error"),
    "ANONYMOUS_USER_REQUIRED": (N_("You are signed in already."), "info"),
    "INVALID_REDIRECT": (N_("That address isn't part of Shingle."), "error"),
}
