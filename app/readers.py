"""How the text of a setting is read. Each raises `ValueError` with what the setting must be, for `SettingError` to put its name before."""

import re
from collections.abc import Callable
from datetime import timedelta
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.numbers import list_currencies

ROOT = Path(__file__).resolve().parent.parent
TRANSLATIONS = ROOT / "app" / "translations"

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
SIZES = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30}
# Buckets of today have 3 to 63 lower-case characters; older ones, and other stores, allow more (the S3 user guide, "Bucket naming rules").
BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]")
BEARER = re.compile(r"[A-Za-z0-9._~+/-]+=*")  # RFC 6750, section 2.1


def text(value: str) -> str:
    if not value.strip():
        raise ValueError("must not be empty")
    return value.strip()


def flag(value: str) -> bool:
    known = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    if value.strip().lower() not in known:
        raise ValueError("must be yes or no")
    return known[value.strip().lower()]


def count(value: str) -> int:
    if not value.strip().isdecimal():
        raise ValueError("must be a whole number")
    return int(value)


def duration(value: str) -> timedelta:
    """`90s`, `15m`, `24h` or `7d`."""
    number, unit = value.strip()[:-1], value.strip()[-1:]
    if unit not in UNITS or not number.isdecimal() or int(number) == 0:
        raise ValueError("must be a length of time such as 90s, 15m, 24h or 7d")
    return timedelta(**{UNITS[unit]: int(number)})


def size(value: str) -> int:
    """`500K`, `20M` or `2G`, in powers of 1,024; a bare number is bytes."""
    number = value.strip().upper().rstrip("KMG")
    unit = value.strip().upper()[len(number) :]
    if unit not in SIZES or not number.isdecimal():
        raise ValueError("must be a size such as 500K, 20M or 2G")
    return int(number) * SIZES[unit]


def path(value: str) -> Path:
    return (ROOT / Path(value.strip()).expanduser()).resolve()


def url(*schemes: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        parts = _split(value)
        if parts.scheme not in schemes or not (parts.netloc or parts.path):
            raise ValueError(f"must be a URL that starts with {' or '.join(s + '://' for s in schemes)}")
        if not parts.hostname and parts.scheme in ("http", "https", "smtp", "smtps"):
            raise ValueError("must name a host")
        return value.strip().rstrip("/") if "http" in schemes[0] else value.strip()

    return read


def _split(value: str) -> SplitResult:
    try:
        parts = urlsplit(value.strip())
        _a_number_if_any = parts.port
    except ValueError as error:
        raise ValueError("must be a URL whose host and port can be read") from error
    return parts


def origin(value: str) -> str:
    """A URL that ends with its host: the product's addresses begin at the root."""
    found = url("http", "https")(value)
    if _split(found).path or "?" in found or "#" in found:
        raise ValueError("must be a URL without a path, such as https://shingle.example")
    return found


def database(value: str) -> str:
    """Both spellings of PostgreSQL's scheme mean psycopg 3; a SQLite path is relative to the checkout."""
    value = url("sqlite", "postgresql", "postgres", "postgresql+psycopg")(value)
    for scheme in ("postgres://", "postgresql://"):
        if value.startswith(scheme):
            return "postgresql+psycopg://" + value.removeprefix(scheme)
    return value


def sender(value: str) -> str:
    before, at, behind = parseaddr(value)[1].rpartition("@")
    if not (before and at and behind):
        raise ValueError("must be an email address, with a name before it or without: Shingle <hello@shingle.example>")
    return value.strip()


def bucket(value: str) -> str:
    if not BUCKET.fullmatch(value.strip()):
        raise ValueError("must be the name of a bucket")
    return value.strip()


def bearer(value: str) -> str:
    if not BEARER.fullmatch(value.strip()):
        raise ValueError("must be letters, digits and -._~+/ alone")
    return value.strip()


def language(value: str) -> str:
    known = sorted({"en"} | {each.name for each in TRANSLATIONS.iterdir() if each.is_dir()})
    if value.strip() not in known:
        raise ValueError(f"must be {' or '.join(known)}")
    return value.strip()


def currency(value: str) -> str:
    if value.strip().upper() not in list_currencies():
        raise ValueError("must be the three letters of a currency such as EUR (ISO 4217)")
    return value.strip().upper()


def zone(value: str) -> str:
    try:
        ZoneInfo(value.strip())
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("must be an IANA time zone such as Europe/Berlin") from error
    return value.strip()


def level(value: str) -> str:
    if value.strip().upper() not in ("DEBUG", "INFO", "WARNING", "ERROR"):
        raise ValueError("must be DEBUG, INFO, WARNING or ERROR")
    return value.strip().upper()
