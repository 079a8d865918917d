"""What can be guessed about a person from the language tags and the time zone that their browser gives. A guess that makes no sense is None."""

from collections.abc import Sequence

from babel import Locale, UnknownLocaleError
from babel.numbers import get_territory_currencies

from app.config import Settings
from app.locales import CURRENCIES, LOCALES, time_zones


def guess(tags: Sequence[str], zone: str | None, settings: Settings) -> dict[str, str]:
    """A language, a time zone and a currency to begin with. The first tag that tells something counts, then the settings."""
    return {
        "locale": next(filter(None, map(language_of, tags)), settings.default_locale),
        "time_zone": zone_or_none(zone) or settings.default_time_zone,
        "currency": next(filter(None, map(currency_of, tags)), settings.default_currency),
    }


def zone_or_none(name: str | None) -> str | None:
    """The IANA time zone, if it is one that can be chosen."""
    return name if name in time_zones() else None


def language_of(tag: str) -> str | None:
    """The language of a BCP 47 tag ("de-AT"), if Shingle speaks it."""
    locale = _locale(tag)
    return locale.language if locale and locale.language in LOCALES else None


def currency_of(tag: str) -> str | None:
    """The currency of the tag's country ("de-AT": EUR), if it has one that is on offer."""
    locale = _locale(tag)
    known = get_territory_currencies(locale.territory) if locale and locale.territory else []
    return next((code for code in known if code in CURRENCIES), None)


def _locale(tag: str) -> Locale | None:
    try:
        return Locale.parse(tag, sep="-") if tag else None
    except (ValueError, UnknownLocaleError):
        return None
