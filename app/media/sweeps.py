"""What is left to do when a job was lost, a browser went away, or nobody wanted a file back. Each sweep works one bounded batch.

Rules: what was received two minutes ago and is not verified is verified again; what was granted and whose URLs expired an hour ago (twelve, where
parts of it were sent) is received if it is there, else it goes and gives its quota back; what was removed an hour ago and no visitor sees goes.
"""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import case, literal, select

from app import clock
from app.errors import NotFound, Unavailable
from app.extensions import db
from app.insights.runs import Turn
from app.media.asking import ask_to_verify
from app.media.models import UNDO, Media, State
from app.media.operations import delete, delete_where
from app.media.uploads import arrived

PATIENCE = timedelta(minutes=2)  # a verify job that was not lost is done by then
MARGIN = timedelta(hours=1)  # a transfer that began just before its URL expired may still be under way
RESUMED = timedelta(hours=12)  # a large file of which parts may be there goes on until the next morning


@dataclass
class Count:
    """What a sweep did, in files: asked to be verified again, received or given up, and taken away for good."""

    asked: int = 0
    settled: int = 0
    removed: int = 0


def pickup(batch: int = 100) -> int:
    """Ask again for the verification of files that arrived and were forgotten. The number of files."""
    statement = select(Media.id).where(Media.state == State.RECEIVED, Media.received_at <= clock.now() - PATIENCE)
    found = db.session.scalars(statement.order_by(Media.received_at).limit(batch)).all()
    for identity in found:
        ask_to_verify(identity)
    return len(found)


def abandoned(batch: int = 100) -> int:
    """Files that were granted and never announced: received if they are in the store after all, else deleted. The number of files settled.

    The store is asked while nothing is locked: what it says is acted upon only where the row still is as it was.
    """
    now = clock.now()
    patience = case(
        (Media.upload_id.is_(None), literal(now - MARGIN, Media.urls_expire_at.type)),
        else_=literal(now - RESUMED, Media.urls_expire_at.type),
    )
    due = (Media.state == State.GRANTED, Media.urls_expire_at <= now - MARGIN, Media.urls_expire_at <= patience)
    found = db.session.scalars(select(Media.id).where(*due).order_by(Media.urls_expire_at).limit(batch)).all()
    missing = []
    for identity in found:
        row = db.session.get(Media, identity, populate_existing=True)
        if row is None or row.state != State.GRANTED:
            continue
        try:
            if not arrived(row):
                missing.append(identity)
        except NotFound:
            continue
        except Unavailable:
            return 0
        db.session.commit()
    gone = delete_where(Media.id.in_(missing), *due)
    return len(found) - len(missing) + gone


def removed(batch: int = 500) -> int:
    """Files that were taken away and not wanted back; one that visitors still see stays until its owner publishes. The number of files."""
    statement = select(Media).where(Media.removed_at <= clock.now() - UNDO, Media.is_live.is_(False))
    return delete(db.session.scalars(statement.order_by(Media.removed_at).limit(batch).with_for_update(skip_locked=True)).all())


def run(turn: Turn | None = None, batch: int = 100) -> Count:
    """All three until nothing is left, committing each batch. What `pickup` asked for is still waiting afterwards, so it has one turn."""
    count, turn = Count(), turn or Turn()
    count.asked = pickup(batch)
    db.session.commit()
    while turn.goes_on() and (settled := abandoned(batch)):
        db.session.commit()
        count.settled += settled
    while turn.goes_on() and (gone := removed(batch)):
        db.session.commit()
        count.removed += gone
    db.session.commit()
    return count
