"""Column types and keys that every room's rows share."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Dialect, Integer, Text, Uuid, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator
from uuid_utils.compat import uuid7

PARTS = ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))  # of an id in hexadecimal, where dashes stand between


class UTCDateTime(TypeDecorator[datetime]):
    """An aware moment, stored in UTC. SQLite keeps no offset, so it is put back on reading; a naive value is a bug and is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A time without a zone can't be stored.")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Document(TypeDecorator[Any]):
    """A JSON document kept as text, character for character.

    PostgreSQL's `jsonb` refuses U+0000 and lone surrogates, which people do paste; ASCII-escaped JSON in a text column keeps them.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else json.dumps(value, ensure_ascii=True, separators=(",", ":"))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)


def new_id() -> UUID:
    """A key that sorts by the time it was made (UUID version 7, RFC 9562 section 5.7), so that new rows land side by side in an index."""
    return uuid7()


class fresh_id(FunctionElement[UUID]):
    """The same, made by the database for each row of an `INSERT … SELECT`."""

    type = Uuid()
    inherit_cache = True


@compiles(fresh_id, "postgresql")
def _fresh_on_postgresql(_element: Any, _compiler: Any, **_kw: Any) -> str:
    # 48 bits of milliseconds laid over a random UUID, whose version 4 becomes 7 by two bits.
    now = "substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3)"
    return (
        f"encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid()) PLACING {now} FROM 1 FOR 6), 52, 1), 53, 1), 'hex')::uuid"
    )


@compiles(fresh_id, "sqlite")
def _fresh_on_sqlite(_element: Any, _compiler: Any, **_kw: Any) -> str:
    now = "printf('%012x', CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER))"
    return f"(lower({now} || '7' || substr(hex(randomblob(2)), 2) || 'a' || substr(hex(randomblob(8)), 2)))"


class id_text(FunctionElement[str]):
    """An id as text with its dashes, as `str` writes it. SQLite keeps ids without them."""

    type = Text()
    inherit_cache = True


@compiles(id_text, "postgresql")
def _text_on_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    return f"({compiler.process(element.clauses, **kw)})::text"


@compiles(id_text, "sqlite")
def _text_on_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    value = compiler.process(element.clauses, **kw)
    return "(" + " || '-' || ".join(f"substr({value}, {start}, {length})" for start, length in PARTS) + ")"


class later(FunctionElement[datetime]):
    """A moment so much later: `later(column, timedelta)`."""

    type = UTCDateTime()
    inherit_cache = True

    def __init__(self, moment: Any, length: timedelta) -> None:
        super().__init__(moment, literal(int(length.total_seconds()), Integer))


@compiles(later, "postgresql")
def _later_on_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    moment, seconds = (compiler.process(each, **kw) for each in element.clauses)
    return f"({moment} + make_interval(secs => {seconds}))"


@compiles(later, "sqlite")
def _later_on_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    moment, seconds = (compiler.process(each, **kw) for each in element.clauses)
    return f"(strftime('%Y-%m-%d %H:%M:%f', {moment}, '+' || {seconds} || ' seconds') || '000')"
