"""Rows of files that go, and their keys into the ledger: however many files, in statements of which none brings a row into this process.

What is written down of each file:

- one that was verified: the objects that were made of it. No URL that writes them was ever issued, so they are deleted once; what arrived was
  written down when it was verified;
- any other: what may have arrived under its incoming key, everything below its folder (a verification may be writing there at this moment), and its
  multipart upload. These are deleted twice, the second time when nothing can bring them back.
"""

from typing import Any

from sqlalchemy import CTE, ColumnElement, Text, case, delete, func, literal, null, or_, select, type_coerce, union_all

from app.columns import fresh_id, id_text
from app.extensions import db
from app.media.models import Media, State
from app.storage import ledger

UNSYNCHRONISED = {"synchronize_session": False}
NO_UPLOAD, NO_KEYS = null().label("upload_id"), null().label("keys")

# What was made of a file that was verified, in the words of `LedgerEntry.keys`; of any other nothing is known. Said where the row is read: PostgreSQL
# keeps what it read until it is written down, and the less, the faster.
IS_KNOWN = (Media.state == State.READY) & or_(
    func.length(type_coerce(Media.variants, Text)) > len("[]"), Media.original_key.is_not(None)
)
OBJECTS = func.coalesce(Media.original_key, "") + literal("\n") + func.coalesce(type_coerce(Media.variants, Text), "")
READ = (
    Media.id,
    case((IS_KNOWN, OBJECTS)).label("keys"),
    case((IS_KNOWN, None), else_=Media.incoming_key).label("incoming_key"),
    case((IS_KNOWN, None), else_=Media.urls_expire_at).label("urls_expire_at"),
    Media.upload_id,
)


def let_go(*conditions: ColumnElement[bool]) -> int:
    """Delete the rows that meet these conditions, judged anew where another transaction was faster, and write their keys into the ledger, in the
    present transaction. The number of rows."""
    if db.engine.dialect.name == "postgresql":
        gone, noted = going(*conditions)
        return db.session.scalar(select(func.count()).select_from(gone).add_cte(noted)) or 0
    # SQLite can't insert what a DELETE returns. The INSERT takes the only writer's place before it reads; not with a CTE, because Python's driver
    # opens no transaction for a statement that begins with WITH.
    db.session.execute(ledger.adding(_entries(select(*READ).where(*conditions).subquery("gone"))))
    result: Any = db.session.execute(delete(Media).where(*conditions), execution_options=UNSYNCHRONISED)
    return int(result.rowcount)


def going(*conditions: ColumnElement[bool]) -> tuple[CTE, CTE]:
    """The same as parts of a larger statement, on PostgreSQL: the rows that go, and what is noted of them (`add_cte`).

    One statement reads and deletes: no address is signed and no upload begun in between that the ledger would not know of.
    """
    gone = delete(Media).where(*conditions).returning(*READ).cte("gone")
    return gone, ledger.adding(_entries(gone)).cte("noted")


def _entries(gone: Any) -> Any:
    """The id of a file is the id of the entry that stands for its folder: nothing needs to be made up, it rises with time, and whoever looks for that
    entry finds it."""
    row = gone.c
    folder = literal("media/") + id_text(row.id) + "/"
    below = select(row.id, folder.label("key"), NO_UPLOAD, row["keys"], row.urls_expire_at)
    sent = (
        select(fresh_id(), row.incoming_key, NO_UPLOAD, NO_KEYS, row.urls_expire_at).where(row["keys"].is_(None)),
        select(fresh_id(), row.incoming_key, row.upload_id, NO_KEYS, row.urls_expire_at).where(row.upload_id.is_not(None)),
    )
    return union_all(below, *sent).subquery("found")
