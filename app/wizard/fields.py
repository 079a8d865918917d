"""The fields that WTForms doesn't have: text without control characters, prices, lines, and rows."""

import re
from typing import Any

from babel.numbers import get_currency_precision
from flask_babel import format_decimal
from flask_babel import gettext as _
from wtforms import Field, IntegerField, StringField, TextAreaField
from wtforms.validators import StopValidation, ValidationError
from wtforms.widgets import TextArea, TextInput

from app.browser import CONTROLS
from app.wizard import money


def clean(text: str) -> str:
    """What a listing keeps of a typed text: no control characters, one kind of line break, no blank ends."""
    return CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def shown(raw_data: list[Any] | None) -> str | None:
    """What was typed, without the characters that no page can hold; None if nothing was sent."""
    return CONTROLS.sub("", str(raw_data[0])) if raw_data else None


class _Cleaned:
    """`data` is the cleaned text; what was typed stays in `raw_data` and is what the field shows."""

    data: str | None
    raw_data: list[Any] | None

    def process_formdata(self, valuelist: list[Any]) -> None:
        if valuelist:
            self.data = clean(valuelist[0])

    def _value(self) -> str:
        typed = shown(self.raw_data)
        return self.data or "" if typed is None else typed


class LineField(_Cleaned, StringField):
    """One line of text."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        super().process_formdata(valuelist)
        self.data = " ".join((self.data or "").split())


class ProseField(_Cleaned, TextAreaField):
    """Text of several lines."""


class LinesField(Field):
    """A list, one entry a line; blank lines are left out."""

    widget = TextArea()

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = [line for line in (clean(each) for each in valuelist[0].splitlines()) if line] if valuelist else []

    def _value(self) -> str:
        typed = shown(self.raw_data)
        return "\n".join(self.data or []) if typed is None else typed


class MoneyField(Field):
    """A price in minor units, written as the provider's locale writes numbers. The form says `locale` and `currency` (`money_in`)."""

    widget = TextInput()
    locale, currency = "en", "EUR"

    def money_in(self, currency: str, locale: str) -> None:
        self.currency, self.locale = currency, locale

    def process_formdata(self, valuelist: list[Any]) -> None:
        # The currency is another field of the same form: reading waits until all of them are there.
        self.data: int | None = None

    def pre_validate(self, form: Any) -> None:
        typed = str(self.raw_data[0]).strip() if self.raw_data else ""
        if not typed:
            return
        try:
            self.data = money.to_minor(typed, self.currency, self.locale)
        except money.PriceError as error:
            raise StopValidation(self._sentence(str(error))) from error

    def _sentence(self, reason: str) -> str:
        example = money.example(self.currency, self.locale)
        if reason == "negative":
            return str(_("A price can't be below zero. Write it like %(example)s.", example=example))
        if reason == "fraction":
            digits = get_currency_precision(self.currency)
            return str(
                _(
                    "%(currency)s has %(digits)d decimals. Write the price like %(example)s.",
                    currency=self.currency,
                    digits=digits,
                    example=example,
                )
            )
        if reason == "large":
            return str(_("This price is too large to be right. Check the number of zeros."))
        return str(_("Write the price as a number, like %(example)s.", example=example))

    def _value(self) -> str:
        typed = shown(self.raw_data)
        if typed is not None:
            return typed
        return "" if self.data is None else money.to_typed(self.data, self.currency, self.locale)


class WholeField(IntegerField):
    """A whole number; what isn't one stays in the field and is explained in our words (a browser's number field would not show it)."""

    widget = TextInput()

    def __init__(self, *args: Any, least: int, most: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.least, self.most = least, most

    def process_formdata(self, valuelist: list[Any]) -> None:
        typed = valuelist[0].strip() if valuelist else ""
        self.data = int(typed) if re.fullmatch(r"[0-9]{1,9}", typed) else None

    def pre_validate(self, form: Any) -> None:
        typed = str(self.raw_data[0]).strip() if self.raw_data else ""
        if typed and (self.data is None or not self.least <= self.data <= self.most):
            least, most = format_decimal(self.least), format_decimal(self.most)
            raise StopValidation(_("Write a whole number from %(least)s to %(most)s.", least=least, most=most))

    def _value(self) -> str:
        typed = shown(self.raw_data)
        if typed is not None:
            return typed
        return "" if self.data is None else str(self.data)


class Fits:
    """At most `most` characters, said with both numbers."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.field_flags = {"data_most": most}

    def __call__(self, form: Any, field: Any) -> None:
        length = len(field.data or "")
        if length > self.most:
            raise ValidationError(
                _("This is %(length)d characters long; %(most)d fit. Shorten it a little.", length=length, most=self.most)
            )


class Wanted:
    """Something must be there; `message` says what."""

    field_flags = {"needed": True}

    def __init__(self, message: Any) -> None:
        self.message = message

    def __call__(self, form: Any, field: Any) -> None:
        if field.data is None or field.data in ("", []):
            raise StopValidation(self.message)
