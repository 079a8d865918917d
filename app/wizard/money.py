"""Prices as people write them, in minor units, never a float."""

import re
from decimal import Decimal

from babel.numbers import NumberFormatError, format_decimal, get_currency_precision, parse_decimal

LARGEST_MINOR = 10**11  # a thousand million of most currencies: more is a slip of the finger


class PriceError(ValueError):
    """Why it is not a price: `shape`, `negative`, `fraction` (more decimals than the currency has) or `large`."""


def to_minor(typed: str, currency: str, locale: str) -> int:
    """ "12,50" in German and "12.50" in English are 1250 minor units of EUR. Raises `PriceError`; never guesses what "1.234" means."""
    text = typed.strip().replace("\u00a0", "").replace("\u202f", "").replace(" ", "")
    if re.fullmatch(r"[-−]\S+", text):
        raise PriceError("negative")
    if not re.fullmatch(r"[\d.,'’٫٬]+", text):
        raise PriceError("shape")
    if len(text) > 32:
        raise PriceError("large")
    try:
        amount: Decimal = parse_decimal(text, locale=locale, strict=True)
    except NumberFormatError as error:
        raise PriceError("shape") from error
    minor = amount.scaleb(get_currency_precision(currency))
    if minor != minor.to_integral_value():
        raise PriceError("fraction")
    if minor > LARGEST_MINOR:
        raise PriceError("large")
    return int(minor)


def to_typed(minor: int, currency: str, locale: str) -> str:
    """The number as this locale writes it, without the currency: what `to_minor` reads back to the same amount."""
    digits = get_currency_precision(currency)
    pattern = "0" + ("." + "0" * digits if digits else "")
    return str(format_decimal(Decimal(minor).scaleb(-digits), format=pattern, locale=locale))


def example(currency: str, locale: str) -> str:
    """How a price is written here: "45.00", "45,00", or "45" for a currency without decimals."""
    return to_typed(45 * 10 ** get_currency_precision(currency), currency, locale)
