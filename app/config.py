"""The settings, and the only reader of the environment.

Every setting can be given in the environment or in a `.env` file beside `wsgi.py`; the environment wins. A value that can't be used stops the
start with one sentence that names the setting (`SettingError`).
"""

import contextlib
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from pathlib import Path
from typing import Any

from dotenv import dotenv_values
from flask import current_app

from app import readers

# What a signature of AWS may last ("Authenticating Requests: Using Query Parameters (AWS Signature Version 4)", X-Amz-Expires).
LONGEST_URL = timedelta(days=7)
LEAST_PASSWORD_MEMORY = 8 * 2**10  # RFC 9106, section 3.1: 8 KiB for each lane


class SettingError(Exception):
    """A setting is missing or can't be used; the message is one sentence for the operator."""


def setting(default: str | None, read: Callable[[str], Any], about: str) -> Any:
    """Declare a setting: its default as it would be typed (None: unset), how it is read, and what it is for."""
    return field(metadata={"default": default, "read": read, "about": about})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What the operator can change. Field `draft_delete_after` is the setting `DRAFT_DELETE_AFTER`."""

    base_url: str = setting("http://127.0.0.1:8000", readers.origin, "Where people reach Shingle; used in emails and links")
    secret_key: str | None = setting(
        None, readers.text, "Signs sessions and links; made once in `var/` if unset, required in production"
    )
    production: bool = setting(
        "no", readers.flag, "Refuse embedded defaults that don't survive more than one machine; hide `/dev/outbox`"
    )
    var_dir: Path = setting("var", readers.path, "Where the embedded database, files, mail and Redis live")
    trusted_proxies: int = setting(
        "0", readers.count, "How many reverse proxies stand in front (their X-Forwarded-* are believed)"
    )

    database_url: str | None = setting(None, readers.database, "PostgreSQL or SQLite; SQLite in `var/` if unset")
    redis_url: str = setting("redis://127.0.0.1:6379/0", readers.url("redis", "rediss", "unix"), "Queue and rate limits")
    smtp_url: str | None = setting(
        None, readers.url("smtp", "smtps"), "`smtp://user:password@host:587`; mail stays in `var/outbox/` if unset"
    )
    mail_from: str = setting("Shingle <hello@shingle.example>", readers.sender, "The sender of every email")

    s3_endpoint_url: str | None = setting(
        None, readers.url("http", "https"), "R2's, MinIO's or another store's address; unset for AWS"
    )
    s3_bucket: str | None = setting(None, readers.bucket, "Keep files in this bucket instead of `var/storage/`")
    s3_region: str = setting("auto", readers.text, "The bucket's region; `auto` for R2")
    s3_access_key_id: str | None = setting(None, readers.text, "The store's access key; the AWS chain is asked if unset")
    s3_secret_access_key: str | None = setting(None, readers.text, "The store's secret key")
    media_base_url: str | None = setting(
        None, readers.url("http", "https"), "A CDN or public bucket address for published photos"
    )

    draft_warn_after: timedelta = setting("24h", readers.duration, "Warn about a draft this long after its last change")
    draft_delete_after: timedelta = setting("48h", readers.duration, "Delete a draft this long after its last change")
    draft_restore_for: timedelta = setting("7d", readers.duration, "A deleted draft can be brought back for this long")
    edits_kept_for: timedelta = setting(
        "180d", readers.duration, "Edits of a published service are dropped after lying idle this long"
    )
    history_versions: int = setting(
        "20", readers.count, "How many earlier versions of a step can be taken back; 0: none is kept"
    )
    history_every: timedelta = setting("5m", readers.duration, "While somebody types, keep an earlier version this often")
    history_kept_for: timedelta = setting("30d", readers.duration, "Earlier versions of a step are kept this long")
    events_kept_for: timedelta = setting("400d", readers.duration, "What happened to drafts is remembered this long")
    upload_url_lifetime: timedelta = setting("15m", readers.duration, "How long an upload URL may be used")
    upload_parts_above: int = setting("16M", readers.size, "Larger files are sent in parts, which can be resumed")
    upload_longest: timedelta = setting(
        "6h", readers.duration, "The longest a single transfer may take, for the second deletion"
    )
    image_max_bytes: int = setting("25M", readers.size, "The largest photo")
    video_max_bytes: int = setting("500M", readers.size, "The largest video")
    document_max_bytes: int = setting("20M", readers.size, "The largest PDF")
    image_max_pixels: int = setting("64000000", readers.count, "The most pixels that a photo may have")
    image_max_frames: int = setting(
        "150", readers.count, "The most frames that an animation keeps; one with more shows its first"
    )
    video_max_duration: timedelta = setting("15m", readers.duration, "The longest video")
    document_max_pages: int = setting("500", readers.count, "The most pages that a PDF may have")
    media_per_service: int = setting("24", readers.count, "How many files one service may have")
    provider_max_bytes: int = setting("2G", readers.size, "How much one provider may store, unfinished uploads included")
    provider_max_files: int = setting(
        "2000", readers.count, "How many files one provider may have, unfinished uploads included"
    )
    guest_drafts: int = setting(
        "3", readers.count, "How many drafts one may have without an account; 0: an account comes first"
    )
    guest_max_bytes: int = setting(
        "100M", readers.size, "How much may be stored without an account, unfinished uploads included"
    )
    guest_max_files: int = setting("12", readers.count, "How many files one may have without an account")
    storage_free_floor: int = setting(
        "256M", readers.size, "Refuse files when less than this would stay free on the disk of `var/`"
    )

    default_locale: str = setting("en", readers.language, "The language before a provider chooses one")
    default_time_zone: str = setting("Europe/London", readers.zone, "The time zone before a provider chooses one")
    default_currency: str = setting("EUR", readers.currency, "The currency before a provider chooses one (ISO 4217)")
    rate_limits: bool = setting("yes", readers.flag, "Limit how often accounts and uploads may be tried")
    password_memory: int = setting(
        "19M", readers.size, "Memory that checking one password takes (argon2id); at least 19M in production"
    )
    log_level: str = setting("INFO", readers.level, "DEBUG, INFO, WARNING or ERROR")
    metrics_token: str | None = setting(
        None, readers.bearer, "Who sends this as a bearer token may read `/metrics`; unset, there is no such page"
    )

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.var_dir / 'shingle.sqlite3'}"

    @property
    def notice(self) -> timedelta:
        """The time between a warning and the deletion that it announces, at least."""
        return self.draft_delete_after - self.draft_warn_after

    @property
    def embedded_mail(self) -> bool:
        return self.smtp_url is None

    @property
    def embedded_storage(self) -> bool:
        return self.s3_bucket is None


def current() -> Settings:
    """The settings of the application that is at work."""
    settings: Settings = current_app.extensions["settings"]
    return settings


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read every setting; raises `SettingError` with one sentence for the first that can't be used."""
    if environ is None:
        environ = {
            name: value for name, value in dotenv_values(readers.ROOT / ".env").items() if value is not None
        } | os.environ
    settings = Settings(**{each.name: _read(each.name.upper(), each.metadata, environ) for each in fields(Settings)})
    _check(settings)
    _make(settings.var_dir)
    return settings


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        raise SettingError(f"VAR_DIR must be a folder, or a place where one can be made, not '{folder}'.") from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise SettingError(f"VAR_DIR must be a folder that Shingle may write to, not '{folder}'.")


def _read(name: str, declared: Mapping[str, Any], environ: Mapping[str, str]) -> Any:
    value = environ.get(name, "")
    if not value.strip():
        value = declared["default"]
    if value is None:
        return None
    try:
        return declared["read"](value)
    except ValueError as error:
        # An address may hold a password: say what is wrong, not what was given.
        given = "" if any(word in name for word in ("URL", "KEY", "SECRET", "TOKEN")) else f", not {value!r}"
        raise SettingError(f"{name} {error}{given}.") from None


def _check(settings: Settings) -> None:
    """The rules that concern more than one setting."""
    if settings.draft_delete_after <= settings.draft_warn_after:
        raise SettingError("DRAFT_DELETE_AFTER must be longer than DRAFT_WARN_AFTER, or nobody would be warned in time.")
    if settings.upload_url_lifetime > LONGEST_URL:
        raise SettingError("UPLOAD_URL_LIFETIME must be at most 7d: no store takes a URL that was signed longer ago.")
    if settings.password_memory < LEAST_PASSWORD_MEMORY:
        raise SettingError("PASSWORD_MEMORY must be at least 8K.")
    if settings.s3_endpoint_url and not settings.s3_bucket:
        raise SettingError("S3_BUCKET must be set when S3_ENDPOINT_URL is.")
    if bool(settings.s3_access_key_id) != bool(settings.s3_secret_access_key):
        raise SettingError("S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY must be set together.")
    if settings.production and not settings.secret_key:
        raise SettingError("SECRET_KEY must be set in production, the same for every process.")
    if settings.production and settings.password_memory < 19 * 2**20:
        raise SettingError("PASSWORD_MEMORY must be at least 19M in production (OWASP's minimum for argon2id).")
    if settings.production and settings.embedded_mail:
        raise SettingError("SMTP_URL must be set in production, or no provider would be warned.")


def secret(settings: Settings) -> str:
    """The key that signs sessions and links: the setting, or one made once and kept in `var/`."""
    if settings.secret_key:
        return settings.secret_key
    path = settings.var_dir / "secret_key"
    if not path.exists():
        draft = path.with_suffix(f".{os.getpid()}")
        with open(draft, "x", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(secrets.token_urlsafe(48))
        # Several processes may start at once: the first link wins, and nobody reads a half-written key.
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text()


def for_flask(settings: Settings) -> dict[str, Any]:
    """The settings in the words of Flask and its extensions."""
    secure = settings.base_url.startswith("https://")
    return {
        "SECRET_KEY": secret(settings),
        "SQLALCHEMY_DATABASE_URI": settings.database,
        # What was typed stands in no error of the database, and so in no log.
        "SQLALCHEMY_ENGINE_OPTIONS": {"hide_parameters": True},
        # Connections of `transaction.alone`: nothing is begun on them, so there is nothing to roll back when they return to their pool.
        "SQLALCHEMY_BINDS": {
            "alone": {
                "url": settings.database,
                "isolation_level": "AUTOCOMMIT",
                "skip_autocommit_rollback": True,
                "hide_parameters": True,
            }
        },
        # A step holds at most some fields of 200,000 characters; larger bodies are files, which never pass through form parsing.
        "MAX_CONTENT_LENGTH": 16 * 2**20,
        "MAX_FORM_MEMORY_SIZE": 16 * 2**20,
        "MAX_FORM_PARTS": 2000,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SECURE": secure,
        "REMEMBER_COOKIE_SAMESITE": "Lax",
        "REMEMBER_COOKIE_HTTPONLY": True,
        "REMEMBER_COOKIE_SECURE": secure,
        # The token lives as long as the session it is tied to: a page left open over lunch must still save.
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_CSRF_SSL_STRICT": False,
        "RATELIMIT_ENABLED": settings.rate_limits,
        "RATELIMIT_STORAGE_URI": settings.redis_url,
        "RATELIMIT_STORAGE_OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},
        "RATELIMIT_IN_MEMORY_FALLBACK_ENABLED": True,
        "RATELIMIT_KEY_PREFIX": "shingle",
        "BABEL_DEFAULT_LOCALE": settings.default_locale,
        "BABEL_DEFAULT_TIMEZONE": settings.default_time_zone,
        "BABEL_TRANSLATION_DIRECTORIES": "translations",
    }
