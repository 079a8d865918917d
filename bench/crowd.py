"""Very many drafts that are due, or services that are published, made inside the database: for `bench.sweeps` and `bench.dashboard`.

Each draft has three verified photos of one object each and the record of its warning; ten belong to one provider, who stopped the reminders, so
that no mail is measured. Ids rise as those of UUID version 7 do.
"""

import json
from datetime import datetime, timedelta

from sqlalchemy import Connection, text

from app import clock

ANSWERS = {
    "basics": {
        "typed": {
            "name": ["Haircut and styling"],
            "service_type": ["hair"],
            "summary": ["Wash, cut and blow-dry by a stylist"],
        },
        "version": 3,
        "complete": True,
        "saved_at": "2026-01-01T10:00:00+00:00",
    },
    "details": {
        "typed": {"description": ["What happens in the hour. " * 8], "places": ["provider"]},
        "version": 2,
        "complete": False,
    },
}
PROVIDERS = """INSERT INTO provider (id, email, active, fs_uniquifier, confirmed_at, created_at, display_name, about, has_public_page, time_zone,
 locale, currency, reminders_stopped_at)
SELECT {provider}, 'provider' || n || '@example.com', {true}, 'provider' || n, :long_ago, :long_ago, 'Provider ' || n, '', {true}, 'Europe/Berlin',
 'en', 'EUR', :long_ago FROM {numbers_of_providers}"""
DRAFTS = """INSERT INTO service (id, provider_id, status, is_active, is_public, name, summary, search_text, answers, answers_schema, revision,
 has_content, created_at, edited_at, expires_at)
SELECT {service}, {owner}, 'draft', {false}, {false}, 'Haircut ' || n, 'Wash, cut and blow-dry', '', :answers, 'bench', 5, {true}, :long_ago,
 :long_ago, {spread} FROM {numbers}"""
WARNINGS = """INSERT INTO warning (id, service_id, provider_id, expires_at, message_id, claimed_at, sent_at, attempts)
SELECT {warning}, {service}, {owner}, {spread}, '<expiry.' || n || '@shingle.example>', :long_ago, :long_ago, 1 FROM {numbers}"""
MEDIA = """INSERT INTO media (id, provider_id, entity_type, entity_id, state, kind, file_name, declared_type, declared_bytes,
 incoming_key, urls_expire_at, content_type, etag, width, height, variants, is_live, created_at, received_at, verified_at)
SELECT {media}, {owner_of_media}, 'service', {service_of_media}, 'ready', 'image', 'photo.jpg', 'image/jpeg', 300000,
 'incoming/' || {photo} || '/1', :long_ago,
 'image/jpeg', 'etag', 1600, 1200,
 '[{{"key": "media/' || {photo} || '/1-640.jpg","width": 640, "type": "image/jpeg", "bytes": 30000}}]',
 {false}, :long_ago, :long_ago, :long_ago FROM {numbers_of_media}"""
SERVICES = """INSERT INTO service (id, provider_id, service_type_id, status, is_active, is_public, slug, name, summary, location, price_kind,
 price_minor, currency, duration_minutes, search_text, revision, has_content, created_at, edited_at, published_at, changed_at)
SELECT {service}, {owner}, (SELECT id FROM service_type WHERE position = n % 16 LIMIT 1), 'published', {true}, {true}, 'haircut-' || n,
 'Haircut ' || n, 'Wash, cut and blow-dry', 'Berlin', 'fixed', 4500, 'EUR', 60, 'haircut', 5, {true}, :long_ago, :long_ago, {spread}, :long_ago
 FROM {numbers}"""


def fill(connection: Connection, statements: tuple[str, ...], count: int) -> None:
    """So many drafts or services; their expiries (or publications) are spread over the day before."""
    words = _words(connection.dialect.name, count)
    now = clock.now()
    given = {"long_ago": _moment(connection, now - timedelta(days=4)), "answers": json.dumps(ANSWERS)}
    given |= {"yesterday": _moment(connection, now - timedelta(days=1)), "step": 80_000 / count}
    for statement in statements:
        named = {name: value for name, value in given.items() if f":{name}" in statement.format(**words)}
        connection.execute(text(statement.format(**words)), named)


def _moment(connection: Connection, moment: datetime) -> datetime | str:
    return f"{moment.replace(tzinfo=None):%Y-%m-%d %H:%M:%S.%f}" if connection.dialect.name == "sqlite" else moment


def _words(dialect: str, count: int) -> dict[str, str]:
    if dialect == "postgresql":

        def identity(table: int, number: str) -> str:
            return f"('0{table}000000-0000-7000-8000-' || lpad(to_hex({number}), 12, '0'))::uuid"

        def numbers(most: int) -> str:
            return f"generate_series(0, {most - 1}) AS numbers(n)"

        photo, spread = f"{identity(3, 'n')}::text", "CAST(:yesterday AS timestamptz) + make_interval(secs => n * :step)"
        true, false = "true", "false"
    else:

        def identity(table: int, number: str) -> str:
            return f"('0{table}00000000007000' || '8000' || printf('%012x', {number}))"

        def numbers(most: int) -> str:
            return f"(WITH RECURSIVE c(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM c WHERE n < {most - 1}) SELECT n FROM c)"

        photo = "('03000000-0000-7000-8000-' || printf('%012x', n))"
        spread = "strftime('%Y-%m-%d %H:%M:%f', :yesterday, '+' || (n * :step) || ' seconds') || '000'"
        true, false = "1", "0"
    each = {"provider": identity(1, "n"), "service": identity(2, "n"), "media": identity(3, "n"), "warning": identity(4, "n")}
    each |= {
        "owner": identity(1, "n / 10"),
        "numbers": numbers(count),
        "numbers_of_providers": numbers(max(1, -(-count // 10))),
    }
    each |= {"owner_of_media": identity(1, "n / 30"), "service_of_media": identity(2, "n / 3")}
    return each | {"numbers_of_media": numbers(3 * count), "photo": photo, "spread": spread, "true": true, "false": false}
