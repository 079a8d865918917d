"""How a listing's values read, in the visitor's language and the listing's currency. Each is a template filter."""

import re
from datetime import time, timedelta
from decimal import Decimal
from typing import Literal
from zoneinfo import ZoneInfo

from babel.dates import get_day_names, get_timezone_location
from babel.numbers import get_currency_precision
from babel.units import format_unit
from flask import Flask
from flask_babel import format_currency, format_time, get_locale, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app import clock
from app.locales import N_
from app.media.kinds import size_in_words
from app.providers.models import Provider
from app.services.markdown import parts, to_html
from app.services.models import Service, ServiceType
from app.services.queries import OfferedType

LETTERS_MEET_DIGITS = re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
PLACES = {"provider": _l("At the provider's place"), "client": _l("At your place"), "online": _l("Online")}
# The types of the first migration. They are rows, and an operator may give them other names; these names have translations.
TYPES = (
    *(N_("Hair"), N_("Beauty and nails"), N_("Massage and wellness"), N_("Therapy and counselling")),
    *(N_("Personal training and fitness"), N_("Yoga and movement"), N_("Tutoring"), N_("Language lessons")),
    *(N_("Music lessons"), N_("Photography"), N_("Pet care"), N_("Cleaning"), N_("Repairs and handiwork")),
    *(N_("Events and catering"), N_("Business and tax advice"), N_("Something else")),
)


def init_app(app: Flask) -> None:
    for each in (type_name, money, price, duration, places, weekly_hours, time_zone, notice, capacity):
        app.add_template_filter(each)
    app.add_template_filter(to_html, "markdown")
    app.add_template_filter(parts, "markdown_parts")
    app.add_template_filter(size_in_words, "file_size")


def type_name(service_type: ServiceType | OfferedType | None) -> str:
    """The name in the reader's language, where it is one that Shingle came with; an operator's own as it is; nothing without a type."""
    return str(_(service_type.name)) if service_type else ""


def money(minor: int, currency: str) -> str:
    """An amount in minor units: "€45.00", or "Free" for nothing."""
    if minor == 0:
        return str(_("Free"))
    # Unicode's rules want a space between a currency's letters and the digits ("KWD 12.500"); Babel leaves it out.
    return LETTERS_MEET_DIGITS.sub("\u00a0", str(format_currency(amount(minor, currency), currency)))


def amount(minor: int, currency: str) -> Decimal:
    """4500 minor units of EUR are 45.00, of JPY 4500."""
    return Decimal(minor).scaleb(-get_currency_precision(currency))


def price(service: Service) -> str:
    """ "€45.00", "From €45.00", "Free" or "On request"."""
    if service.price_kind == "on_request" or service.price_minor is None or not service.currency:
        return str(_("On request"))
    text = money(service.price_minor, service.currency)
    return str(_("From %(price)s", price=text)) if service.price_kind == "from" and service.price_minor else text


def duration(minutes: int, length: Literal["short", "long"] = "short") -> str:
    """ "1 hr 30 min"; from a day on "2 days 4 hr". Inside a sentence the long words read better: "2 days 4 hours"."""
    days, rest = divmod(minutes, 24 * 60)
    parts = [(days, "duration-day"), (rest // 60, "duration-hour"), (rest % 60, "duration-minute")]
    return " ".join(format_unit(count, unit, length=length, locale=get_locale()) for count, unit in parts if count)


def places(service: Service) -> list[str]:
    """Where it happens, in the visitor's words."""
    return [str(PLACES[each]) for each in service.places or [] if each in PLACES]


def weekly_hours(service: Service) -> list[tuple[str, list[str]]]:
    """The whole week, Monday first: the day's name and its spans ("09:00 – 12:30"), none when closed. Empty if no hours are given."""
    if not service.hours:
        return []
    names = get_day_names("wide", locale=get_locale())
    return [(names[number], [_span(*each) for each in service.hours.get(day, [])]) for number, day in enumerate(DAYS)]


def _span(opens: str, closes: str) -> str:
    return f"{_clock(opens)} – {_clock(closes)}"


def _clock(text: str) -> str:
    return str(format_time(time.fromisoformat(text), "HH:mm", rebase=False))


def time_zone(provider: Provider) -> str:
    """The zone that hours are given in, by its city and by how far it is from UTC today: "Berlin time (UTC+1)". Names of zones don't tell Phoenix
    from Denver, which differ in summer, and CLDR has none for some."""
    now = clock.now().astimezone(ZoneInfo(provider.time_zone))
    minutes = round((now.utcoffset() or timedelta()).total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    offset = "UTC" + (f"{'-' if minutes < 0 else '+'}{hours}{f':{rest:02}' if rest else ''}" if minutes else "")
    if "/" not in provider.time_zone or provider.time_zone.startswith("Etc/"):
        return offset
    city = get_timezone_location(provider.time_zone, locale=get_locale(), return_city=True).rpartition("/")[2]
    return str(_("%(city)s time (%(offset)s)", city=city, offset=offset))


def notice(service: Service) -> str:
    """How long before a client must book; empty if it doesn't matter."""
    if not service.notice_hours:
        return ""
    return str(_("Book at least %(time)s ahead", time=duration(service.notice_hours * 60, "long")))


def capacity(service: Service) -> str:
    """How many people can take part at once; empty for one."""
    count = service.capacity or 1
    if count == 1:
        return ""
    return str(ngettext("%(num)s person at once", "Up to %(num)s people at once", count))
