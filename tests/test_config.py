"""A setting that can't be used stops the start with one sentence that names it."""

from dataclasses import fields
from datetime import timedelta
from pathlib import Path

import pytest

from app import create_app
from app.config import SettingError, Settings, load, secret


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        (
            {"DRAFT_DELETE_AFTER": "soon"},
            "DRAFT_DELETE_AFTER must be a length of time such as 90s, 15m, 24h or 7d, not 'soon'.",
        ),
        (
            {"DRAFT_WARN_AFTER": "3d"},
            "DRAFT_DELETE_AFTER must be longer than DRAFT_WARN_AFTER, or nobody would be warned in time.",
        ),
        ({"BASE_URL": "shingle.example"}, "BASE_URL must be a URL that starts with http:// or https://."),
        (
            {"DATABASE_URL": "mysql://x"},
            "DATABASE_URL must be a URL that starts with sqlite:// or postgresql:// or postgres:// or postgresql+psycopg://.",
        ),
        ({"IMAGE_MAX_BYTES": "many"}, "IMAGE_MAX_BYTES must be a size such as 500K, 20M or 2G, not 'many'."),
        ({"RATE_LIMITS": "maybe"}, "RATE_LIMITS must be yes or no, not 'maybe'."),
        ({"MEDIA_PER_SERVICE": "-1"}, "MEDIA_PER_SERVICE must be a whole number, not '-1'."),
        (
            {"DEFAULT_TIME_ZONE": "Mars/Base"},
            "DEFAULT_TIME_ZONE must be an IANA time zone such as Europe/Berlin, not 'Mars/Base'.",
        ),
        ({"LOG_LEVEL": "LOUD"}, "LOG_LEVEL must be DEBUG, INFO, WARNING or ERROR, not 'LOUD'."),
        ({"BASE_URL": "https://x.example/sub"}, "BASE_URL must be a URL without a path, such as https://shingle.example."),
        ({"BASE_URL": "https://[::1"}, "BASE_URL must be a URL whose host and port can be read."),
        ({"SMTP_URL": "smtp://mail:abc"}, "SMTP_URL must be a URL whose host and port can be read."),
        ({"MEDIA_BASE_URL": "https:/cdn.example"}, "MEDIA_BASE_URL must name a host."),
        (
            {"MAIL_FROM": "Shingle"},
            "MAIL_FROM must be an email address, with a name before it or without: Shingle <hello@shingle.example>, not 'Shingle'.",
        ),
        ({"VAR_DIR": "/dev/null"}, "VAR_DIR must be a folder, or a place where one can be made, not '/dev/null'."),
        ({"DEFAULT_LOCALE": "fr"}, "DEFAULT_LOCALE must be de or en, not 'fr'."),
        (
            {"DEFAULT_CURRENCY": "EURO"},
            "DEFAULT_CURRENCY must be the three letters of a currency such as EUR (ISO 4217), not 'EURO'.",
        ),
        ({"METRICS_TOKEN": "two words"}, "METRICS_TOKEN must be letters, digits and -._~+/ alone."),
        ({"S3_BUCKET": "my bucket"}, "S3_BUCKET must be the name of a bucket, not 'my bucket'."),
        (
            {"UPLOAD_URL_LIFETIME": "8d"},
            "UPLOAD_URL_LIFETIME must be at most 7d: no store takes a URL that was signed longer ago.",
        ),
        ({"PASSWORD_MEMORY": "1K"}, "PASSWORD_MEMORY must be at least 8K."),
        ({"S3_ENDPOINT_URL": "http://store"}, "S3_BUCKET must be set when S3_ENDPOINT_URL is."),
        ({"S3_BUCKET": "photos", "S3_ACCESS_KEY_ID": "k"}, "S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY must be set together."),
        ({"PRODUCTION": "yes"}, "SECRET_KEY must be set in production, the same for every process."),
        ({"PRODUCTION": "yes", "SECRET_KEY": "s"}, "SMTP_URL must be set in production, or no provider would be warned."),
    ],
)
def test_a_wrong_setting_is_named_in_one_sentence(environment: dict[str, str], sentence: str) -> None:
    with pytest.raises(SettingError) as error:
        load(environment)
    assert str(error.value) == sentence


def test_a_wrong_address_is_not_repeated_because_it_may_hold_a_password() -> None:
    with pytest.raises(SettingError) as error:
        load({"DATABASE_URL": "mysql://user:hunter2@host"})
    assert "hunter2" not in str(error.value)


def test_the_start_ends_with_the_sentence_and_no_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RATE_LIMITS", "maybe")
    with pytest.raises(SystemExit) as end:
        create_app()
    assert str(end.value) == "Shingle can't start: RATE_LIMITS must be yes or no, not 'maybe'."


def test_an_empty_value_means_the_default() -> None:
    assert load({"DRAFT_WARN_AFTER": " "}).draft_warn_after == timedelta(hours=24)


def test_the_notice_is_the_time_between_warning_and_deletion() -> None:
    assert load({"DRAFT_WARN_AFTER": "6d", "DRAFT_DELETE_AFTER": "7d"}).notice == timedelta(days=1)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_spelling_of_postgresql_means_psycopg_3(scheme: str) -> None:
    assert load({"DATABASE_URL": f"{scheme}://u@h/d"}).database == "postgresql+psycopg://u@h/d"


def test_a_secret_that_was_made_stays_the_same(tmp_path: Path) -> None:
    settings = load({"VAR_DIR": str(tmp_path)})
    assert secret(settings) == secret(settings)


def test_a_secret_that_was_made_is_for_the_owner_alone(tmp_path: Path) -> None:
    secret(load({"VAR_DIR": str(tmp_path)}))
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600


def test_the_readme_lists_every_setting_with_its_default(checkout: Path) -> None:
    listed = (checkout / "README.md").read_text()
    for each in fields(Settings):
        default = each.metadata["default"]
        row = f"| `{each.name.upper()}` | {'unset' if default is None else f'`{default}`'} | {each.metadata['about']} |"
        assert row in listed, f"missing: {row}"
