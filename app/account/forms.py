"""What accounts ask. Flask-Security checks its own fields; these forms add Shingle's, and its labels."""

from typing import Any

from flask import current_app, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_security import (
    ChangeEmailForm,
    ChangePasswordForm,
    ForgotPasswordForm,
    LoginForm,
    RegisterFormV2,
    ResetPasswordForm,
    SendConfirmationForm,
    VerifyForm,
    current_user,
    hash_password,
    verify_password,
)
from flask_security.confirmable import send_confirmation_instructions
from flask_security.recoverable import send_reset_password_instructions
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, PasswordField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, ValidationError

from app.account.letters import nobody
from app.account.places import guess
from app.config import current
from app.wizard.fields import clean


def _line(text: str | None) -> str:
    return " ".join(clean(text or "").split())


def _prose(text: str | None) -> str:
    return clean(text or "")


class NameMixin:
    display_name = StringField(
        _l("Name that customers see"),
        filters=[_line],
        validators=[
            DataRequired(_l("Type the name that customers will see.")),
            Length(max=80, message=_l("Use at most 80 characters.")),
        ],
    )


class SignUpForm(NameMixin, RegisterFormV2):
    """The time zone and the language come from the browser (`static/js/zone.js`) and are only a first guess: anything else is ignored."""

    time_zone = HiddenField()
    locale = HiddenField()

    def to_dict(self, only_user: bool) -> dict[str, Any]:
        values: dict[str, Any] = super().to_dict(only_user)
        if only_user:
            # Without the script there are the languages that the browser asks for.
            tags = [self.locale.data or "", *request.accept_languages.values()]
            values |= guess(tags, self.time_zone.data, current())
        return values


class SignInForm(LoginForm):
    pass


class ResendForm(SendConfirmationForm):
    """Both answers take as long as a password takes to check, like those of `ForgottenForm`."""

    def validate(self, **kwargs: Any) -> bool:
        valid: bool = super().validate(**kwargs)
        hash_password("not-a-password")
        if not valid:
            send_confirmation_instructions(nobody())  # type: ignore[no-untyped-call]
        return valid


class ForgottenForm(ForgotPasswordForm):
    """Who has not confirmed yet can't have a new password, but did ask to get in: the confirmation is sent again instead."""

    def validate(self, **kwargs: Any) -> bool:
        valid: bool = super().validate(**kwargs)
        if valid:  # the view does the same for an address without an account
            hash_password("not-a-password")
        elif self.requires_confirmation:
            send_confirmation_instructions(self.user)  # type: ignore[no-untyped-call]
        else:
            send_reset_password_instructions(nobody())  # type: ignore[no-untyped-call]
        return valid


class NewPasswordForm(ResetPasswordForm):
    """The link and the mailbox said who this is; the new password is typed once and can be shown."""

    password_confirm = None


class OtherPasswordForm(ChangePasswordForm):
    new_password_confirm = None


class OtherEmailForm(ChangeEmailForm):
    pass


class OnceMoreForm(VerifyForm):
    pass


class LinkForm(FlaskForm):
    """To which address a guest wants the link; it need not have an account, and nobody learns whether it has."""

    email = StringField(_l("Email"), filters=[_line])

    def validate_email(self, field: StringField) -> None:
        if not (field.data or "").strip():
            raise ValidationError(_("Type your email address."))
        try:
            field.data = current_app.extensions["security"]._mail_util.validate(field.data)
        except ValueError:
            raise ValidationError(_("This isn't an email address. It looks like name@example.com.")) from None


class FinishForm(NameMixin, FlaskForm):
    """What an account needs beside an address that is proved already."""

    password = PasswordField(_l("Password"))

    def __init__(self, *args: Any, address: str, **kwargs: Any) -> None:
        self.address = address
        super().__init__(*args, **kwargs)

    def validate_password(self, field: PasswordField) -> None:
        if not field.data:
            raise ValidationError(_("Type your password."))
        known = {"email": self.address, "display_name": self.display_name.data}
        refused, _normal = current_app.extensions["security"]._password_util.validate(field.data, True, **known)
        if refused:
            raise ValidationError(" ".join(refused))


FORMS = {
    "register_form": SignUpForm,
    "login_form": SignInForm,
    "send_confirmation_form": ResendForm,
    "forgot_password_form": ForgottenForm,
    "reset_password_form": NewPasswordForm,
    "change_password_form": OtherPasswordForm,
    "change_email_form": OtherEmailForm,
    "verify_form": OnceMoreForm,
}


class ProfileForm(NameMixin, FlaskForm):
    """What a provider can say and choose. The choices of the lists depend on the person and are set by the view."""

    has_public_page = BooleanField(_l("Show a public page with my services"))
    about = TextAreaField(
        _l("About you"), filters=[_prose], validators=[Length(max=2000, message=_l("Use at most 2,000 characters."))]
    )
    time_zone = SelectField(_l("Time zone"))
    locale = SelectField(_l("Language"))
    currency = SelectField(_l("Currency"))
    wants_reminders = BooleanField(_l("Email me before a draft is deleted"))


class CloseForm(FlaskForm):
    password = PasswordField(_l("Your password"), validators=[DataRequired(_l("Type your password to close your account."))])

    def validate_password(self, field: PasswordField) -> None:
        typed = current_app.extensions["security"].password_util.normalize(field.data or "")
        if not verify_password(typed, current_user.password):
            raise ValidationError(_("This isn't your password."))
