"""Prices as people write them."""

import contextlib

import pytest
from babel.numbers import get_currency_precision
from hypothesis import given
from hypothesis import strategies as st

from app.wizard.money import LARGEST_MINOR, PriceError, to_minor, to_typed


@pytest.mark.parametrize(
    ("typed", "currency", "locale", "minor"),
    [
        ("12,50", "EUR", "de", 1250),
        ("12.50", "EUR", "en", 1250),
        ("1.234,50", "EUR", "de", 123450),
        ("1,234.50", "EUR", "en", 123450),
        (" 45 ", "EUR", "en", 4500),
        ("500", "JPY", "en", 500),
        ("1.234", "KWD", "en", 1234),
        ("0", "EUR", "en", 0),
    ],
)
def test_a_price_is_read_as_its_locale_writes_it(typed: str, currency: str, locale: str, minor: int) -> None:
    assert to_minor(typed, currency, locale) == minor


@pytest.mark.parametrize(
    ("typed", "locale", "reason"),
    [
        ("abc", "en", "shape"),
        ("1e9", "en", "shape"),
        ("-5", "en", "negative"),
        ("0.001", "en", "fraction"),
        ("12,50", "en", "shape"),
        ("12.50", "de", "shape"),
        ("", "en", "shape"),
        (".", "en", "shape"),
        ("1.2.3", "en", "shape"),
        ("NaN", "en", "shape"),
        ("Infinity", "en", "shape"),
        ("999999999999", "en", "large"),
        ("9" * 10_000, "en", "large"),
    ],
)
def test_what_is_not_a_price_says_why(typed: str, locale: str, reason: str) -> None:
    with pytest.raises(PriceError, match=reason):
        to_minor(typed, "EUR", locale)


@given(
    st.integers(0, LARGEST_MINOR),
    st.sampled_from(["EUR", "JPY", "KWD", "CHF"]),
    st.sampled_from(["en", "de", "fr", "de_CH", "ar"]),
)
def test_a_price_that_was_written_reads_back_to_the_same_amount(minor: int, currency: str, locale: str) -> None:
    typed = to_typed(minor, currency, locale)
    if get_currency_precision(currency) or typed:
        assert to_minor(typed, currency, locale) == minor


@given(st.text(max_size=60), st.sampled_from(["en", "de"]))
def test_no_text_breaks_the_reading_of_prices(typed: str, locale: str) -> None:
    with contextlib.suppress(PriceError):
        assert 0 <= to_minor(typed, "EUR", locale) <= LARGEST_MINOR
