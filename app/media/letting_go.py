"""Rows of files that go, and their keys into the ledger: however many files, in statements of which none brings a row into this process.

What is written down of each file:

- one that was verified: the objects that were made of it. No URL that writes them was ever issued, so they are deleted once; what arrived was
  written down when it was verified;
- any other: what may have arrived under its incoming key, everything below its folder (a verification may be writing there at this moment), and its
  multipart upload. These are deleted twice, the second time when nothing can bring them back.
"""

from typing import Any

from sqlalchemy import JSON, ColumnElement, cast, delete, func, literal, not_, null, or_, select, true, union_all

from app.columns import UTCDateTime, id_text
from app.extensions import db
from app.media.models import Media, State
from app.storage import ledger

UNSYNCHRONISED = {"synchronize_session": False}
READ = (Media.id, Media.state, Media.incoming_key, Media.upload_id, Media.urls_expire_at, Media.original_key, Media.variants)
NO_UPLOAD, NEVER = null().label("upload_id"), cast(null(), UTCDateTime).label("urls_expire_at")


def let_go(*conditions: ColumnElement[bool]) -> int:
    """Delete the rows that meet these conditions, judged anew where another transaction was faster, and write their keys into the ledger, in the
    present transaction. The number of rows."""
    if db.engine.dialect.name == "postgresql":
        # One statement reads and deletes: no address is signed and no upload begun in between that the ledger would not know of.
        gone = delete(Media).where(*conditions).returning(*READ).cte("gone")
        noted = ledger.adding(_keys(gone)).cte("noted")
        return db.session.scalar(select(func.count()).select_from(gone).add_cte(noted)) or 0
    # SQLite can't insert what a DELETE returns. The INSERT takes the only writer's place before it reads; not with a CTE, because Python's driver
    # opens no transaction for a statement that begins with WITH.
    db.session.execute(ledger.adding(_keys(select(*READ).where(*conditions).subquery("gone"))))
    result: Any = db.session.execute(delete(Media).where(*conditions), execution_options=UNSYNCHRONISED)
    return int(result.rowcount)


def _keys(gone: Any) -> Any:
    row = gone.c
    is_known = (row.state == literal(State.READY)) & or_(
        func.coalesce(func.length(row.variants), 0) > len("[]"), row.original_key.is_not(None)
    )
    variants, variant = _variants(row.variants)
    folder = literal("media/") + id_text(row.id) + "/"
    made = (
        select(variant.label("key"), NO_UPLOAD, NEVER).select_from(gone.join(variants, true())).where(is_known),
        select(row.original_key, NO_UPLOAD, NEVER).where(is_known, row.original_key.is_not(None)),
    )
    sent = (
        select(row.incoming_key, NO_UPLOAD, row.urls_expire_at).where(not_(is_known)),
        select(folder, NO_UPLOAD, row.urls_expire_at).where(not_(is_known)),
        select(row.incoming_key, row.upload_id, row.urls_expire_at).where(row.upload_id.is_not(None)),
    )
    return union_all(*made, *sent).subquery("found")


def _variants(variants: ColumnElement[Any]) -> tuple[Any, ColumnElement[str]]:
    """The variants of each row as a table, and the key of one; the column holds the JSON text that `Document` writes."""
    if db.engine.dialect.name == "postgresql":
        table = func.json_array_elements(cast(variants, JSON)).table_valued("value", name="each").render_derived()
        return table, table.c.value.op("->>")("key")
    table = func.json_each(variants).table_valued("value", name="each")
    return table, func.json_extract(table.c.value, "$.key")
