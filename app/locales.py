"""The language and the time zone of the person who is asking."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache, lru_cache
from io import BytesIO
from zoneinfo import available_timezones

from babel import Locale
from babel.dates import format_datetime
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import get_currency_name
from babel.support import NullTranslations, Translations
from flask import Flask, has_request_context, request
from flask_babel import Domain, get_locale, get_timezone, refresh
from flask_babel import gettext as _
from flask_login import current_user

from app import clock
from app.extensions import babel
from app.readers import TRANSLATIONS

# The currencies of most people who offer services; a provider's own is offered beside them (ISO 4217).
CURRENCIES = (
    *(
        "EUR",
        "USD",
        "GBP",
        "CHF",
        "AUD",
        "BGN",
        "BRL",
        "CAD",
        "CNY",
        "CZK",
        "DKK",
        "HKD",
        "HUF",
        "IDR",
        "ILS",
        "INR",
        "ISK",
        "JPY",
    ),
    *("KRW", "KWD", "MXN", "MYR", "NOK", "NZD", "PHP", "PLN", "RON", "RSD", "SEK", "SGD", "THB", "TRY", "UAH", "ZAR"),
)
LOCALES = {"en": "English", "de": "Deutsch"}
CATALOGUES = TRANSLATIONS

_reader: ContextVar[tuple[str, str] | None] = ContextVar("reader", default=None)


class Words(Domain):
    """Translations from `messages.po` as it is in the checkout: nothing has to be compiled, so nothing can be forgotten or out of date."""

    def get_translations(self) -> NullTranslations:
        locale = get_locale()
        return _catalogue(locale.language) if locale else NullTranslations()


@cache
def _catalogue(language: str) -> NullTranslations:
    """Read once per process, in a tenth of a second. English needs none: it is what the source says."""
    file = CATALOGUES / language / "LC_MESSAGES" / "messages.po"
    if not file.is_file():
        return NullTranslations()
    compiled = BytesIO()
    with file.open("rb") as source:
        write_mo(compiled, read_po(source))
    compiled.seek(0)
    return Translations(compiled)


def in_every_language(text: str) -> str:
    """A text of the catalogues in all languages that have a word for it, the source's first."""
    return " ".join(dict.fromkeys([text, *(_catalogue(language).gettext(text) for language in LOCALES)]))


def N_(text: str) -> str:
    """Mark a text for translation that is translated later, when it is shown."""
    return text


words = Words()


def init_app(app: Flask) -> None:
    babel.init_app(app, locale_selector=_locale, timezone_selector=_time_zone)
    babel.domain_instance = words
    app.add_template_filter(moment)
    app.jinja_env.globals["get_locale"] = get_locale


@contextmanager
def read_by(locale: str, time_zone: str) -> Iterator[None]:
    """Words and moments as this person reads them, whoever is asking: for mail, and for jobs, where nobody is."""
    before = _reader.set((locale, time_zone))
    refresh()
    try:
        yield
    finally:
        _reader.reset(before)
        refresh()


@cache
def time_zones() -> list[str]:
    """The zones that a person can choose: places and UTC, without the aliases that IANA keeps for old systems."""
    places = ("Africa/", "America/", "Antarctica/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/")
    return [*sorted(name for name in available_timezones() if name.startswith(places)), "UTC"]


def _locale() -> str | None:
    """A provider's own choice, else the best that the browser asks for among those we have."""
    if reader := _reader.get():
        return reader[0]
    if not has_request_context():
        return None
    if current_user.is_authenticated and current_user.locale:
        return str(current_user.locale)
    return request.accept_languages.best_match(LOCALES)


def _time_zone() -> str | None:
    if reader := _reader.get():
        return reader[1]
    if has_request_context() and current_user.is_authenticated:
        return str(current_user.time_zone)
    return None


def moment(value: datetime) -> str:
    """A moment as a person reads it, in the provider's zone and locale: "Tue 24 Nov, 14:00"; the year is said when it is another one, and the
    offset when the clocks are set back in that hour ("Sun 25 Oct, 02:30 GMT+02:00")."""
    zone = get_timezone()
    is_this_year = value.astimezone(zone).year == clock.now().astimezone(zone).year
    # Patterns of Unicode's date formats (UTS 35): a language's own order and signs.
    return _written(value, _("EEE d MMM, HH:mm") if is_this_year else _("EEE d MMM y, HH:mm"), zone)


def recent(value: datetime) -> str:
    """A moment that is over, as short as can be: "14:02", with the day when that wasn't today, and the offset as in `moment`."""
    zone = get_timezone()
    is_today = value.astimezone(zone).date() == clock.now().astimezone(zone).date()
    return _written(value, "HH:mm" if is_today else _("EEE d MMM, HH:mm"), zone)


def _written(value: datetime, pattern: str, zone: tzinfo) -> str:
    return _of_minute(value.astimezone(UTC).replace(second=0, microsecond=0), pattern, get_locale(), zone)


@lru_cache(maxsize=4096)
def _of_minute(minute: datetime, pattern: str, locale: Locale | None, zone: tzinfo) -> str:
    """Many are told of the same minutes, and to write one costs as much as a statement to the database."""
    with_offset = f"{pattern} ZZZZ" if _comes_twice(minute, zone) else pattern
    return format_datetime(minute, with_offset, tzinfo=zone, locale=locale)


def _comes_twice(moment: datetime, zone: tzinfo) -> bool:
    """Whether another moment has the same time of day on the same day, because clocks were set back between them."""
    own, *near = (_offset(moment + timedelta(hours=hours), zone) for hours in (0, -3, 3))
    return any(other != own and _offset(moment + own - other, zone) == other for other in near)


def _offset(moment: datetime, zone: tzinfo) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()


def currency_choices(locale: str, *own: str) -> list[tuple[str, str]]:
    """Code and label of each currency on offer, with the name in this language: ("EUR", "EUR – Euro")."""
    codes = [code for code in own if code and code not in CURRENCIES] + list(CURRENCIES)
    return [(code, _currency(code, locale)) for code in codes]


@lru_cache(maxsize=1024)
def _currency(code: str, locale: str) -> str:
    """Babel looks its languages up for each name anew, and each save of a price asks for all of them."""
    return f"{code} – {get_currency_name(code, locale=locale)}"
