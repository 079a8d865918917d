"""What must hold when a fault has lifted and one round of sweeps has run, whatever the fault was. Everything that does not is said at once."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

from sqlalchemy import select, text

from app.drafts.models import ExpiryWarning
from app.extensions import db
from app.insights.models import Event, SweepRun
from app.media.models import Media, State
from app.services.models import Service
from app.storage.models import LedgerEntry
from tests.faults import stage
from tests.faults.stage import NOTICE, TOLD_BEFORE, identity
from tests.faults.world import World

NAMES = {identity(name): name for name in stage.OUTCOME | stage.OF_CROWD}


def judge(world: World, outcome: Mapping[str, str], *, may_repeat: bool = False, files: bool = True) -> None:
    """`outcome`: where each draft must have come to. `may_repeat`: the fault is the one gap that SMTP leaves, and the same mail may come twice.
    Without `files` the stage had none."""
    db.session.remove()
    problems = [
        *_promise(world),
        *_outcome(outcome),
        *(_store(world) if files else ()),
        *_ledger(),
        *_letters(world, may_repeat),
        *_events(),
        *_runs(),
    ]
    db.session.remove()
    assert not problems, "\n".join(problems)


def promise_kept(world: World) -> None:
    """The promise and the mails alone: also while a fault lasts, and when it is not over yet."""
    problems = [*_promise(world), *_events()]
    db.session.remove()
    assert not problems, "\n".join(problems)


def _promise(world: World) -> Iterator[str]:
    taken = {letter.message_id: letter for letter in reversed(world.mailbox.letters)}
    for seen in db.session.execute(text("SELECT * FROM witness ORDER BY id")):
        name = NAMES[seen.service_id]
        if seen.what == "purged":
            if seen.status != "draft" or seen.deleted_at is None or seen.purge_at is None or seen.purge_at > world.latest:
                yield f"{name} was purged before its time"
        elif seen.what == "warned":
            if seen.message_id not in taken or taken[seen.message_id].taken_at > seen.sent_at:
                yield f"{name} was recorded as warned, and no mail about it had been taken"
            elif f"[{name}]" not in taken[seen.message_id].text:
                yield f"{name} was recorded as warned by a mail that does not name it"
        elif seen.deleted_by == "expiry":
            if seen.status != "draft" or seen.expires_at > seen.deleted_at:
                yield f"{name} was deleted before its expiry"
            if seen.has_content and seen.is_reachable and (seen.sent_at is None or seen.sent_at + NOTICE > seen.deleted_at):
                yield f"{name} was deleted without a full notice (warned {seen.sent_at}, deleted {seen.deleted_at})"
            if (
                seen.message_id
                and seen.message_id != TOLD_BEFORE
                and taken[seen.message_id].taken_at + NOTICE > seen.deleted_at
            ):
                yield f"{name} was deleted less than the notice after its mail"


def _outcome(outcome: Mapping[str, str]) -> Iterator[str]:
    rows = {row.id: row for row in db.session.scalars(select(Service))}
    for name, expected in outcome.items():
        found = _state(rows.get(identity(name)))
        if found != expected:
            yield f"{name} is {found}, and should be {expected}"


def _state(row: Service | None) -> str:
    if row is None:
        return "gone"
    if row.deleted_at is not None:
        return "deleted"
    if row.status != "draft":
        return "being edited" if row.is_being_edited else str(row.status)
    said = select(ExpiryWarning).where(ExpiryWarning.service_id == row.id, ExpiryWarning.expires_at == row.expires_at)
    warning = db.session.scalar(said)
    if warning is None or warning.message_id == TOLD_BEFORE:
        return "open"
    if warning.sent_at is None:
        return "claimed"
    return "warned" if warning.sent_at + NOTICE <= warning.expires_at else "warned too late"


def _store(world: World) -> Iterator[str]:
    """Rows and objects agree in both directions, open uploads too."""
    wanted, uploads, may_come = set[str](), set[tuple[str, str]](), set[str]()
    services = set(db.session.scalars(select(Service.id)))
    for row in db.session.scalars(select(Media)):
        if row.entity_id not in services:
            yield f"{row.file_name} belongs to a service that is no more"
        if row.state == State.RECEIVED:
            wanted.add(row.incoming_key)
        elif row.state == State.READY:
            wanted.update(key for key in (row.original_key, *(each["key"] for each in row.variants or [])) if key)
        elif row.state == State.GRANTED:
            may_come.add(row.incoming_key)
            if row.upload_id:
                uploads.add((row.incoming_key, row.upload_id))
    there = stage.in_store(world.bucket)
    yield from (f"{key} is in the store, and no row wants it" for key in sorted(there - wanted - may_come))
    yield from (f"{key} is wanted, and not in the store" for key in sorted(wanted - there))
    found = stage.open_uploads(world.bucket)
    yield from (f"{key} is an open upload that no row knows" for key, _id in sorted(found - uploads))
    yield from (f"{key} has lost its open upload" for key, _id in sorted(uploads - found))


def _ledger() -> Iterator[str]:
    for entry in db.session.scalars(select(LedgerEntry)):
        if entry.deleted_at is None or entry.error:
            yield f"{entry.key} waits in the ledger for its first deletion ({entry.error or 'never tried'})"


def _letters(world: World, may_repeat: bool) -> Iterator[str]:
    for message_id, count in Counter(letter.message_id for letter in world.mailbox.letters).items():
        if count > 1 and not may_repeat:
            yield f"{message_id} was sent {count} times"
    said = defaultdict[tuple[str, str], set[str]](set)
    for letter in world.mailbox.letters:
        kind = "warning" if "soon" in letter.subject else "farewell"
        for name in NAMES.values():
            if f"[{name}]" in letter.text:
                said[kind, name].add(letter.message_id)
    for (kind, name), ids in said.items():
        if len(ids) > 1:
            yield f"{name} has had {len(ids)} different mails ({kind})"
    for seen in db.session.execute(text("SELECT * FROM witness WHERE deleted_by = 'expiry' AND what = 'deleted'")):
        is_owed, name = seen.has_content and seen.is_reachable, NAMES[seen.service_id]
        if is_owed != bool(said["farewell", name]):
            yield f"{name} went, and its provider was {'never' if is_owed else 'needlessly'} told"


def _events() -> Iterator[str]:
    """What statistics will say is what the witness saw."""
    told = Counter((row.service_id, row.name) for row in db.session.execute(select(Event.service_id, Event.name)))
    for abandoned in db.session.scalars(select(Service).where(Service.id == identity("abandoned"))):
        if told[abandoned.id, "discarded"] != (not abandoned.is_being_edited):
            yield f"abandoned lost its edits, and {told[abandoned.id, 'discarded']} events say so"
    for what, name in (("warned", "warned"), ("deleted", "expired")):
        seen = text("SELECT service_id FROM witness WHERE what = :what AND (deleted_by IS NULL OR deleted_by = 'expiry')")
        happened = Counter(db.session.scalars(seen, {"what": what}))
        for service_id in happened.keys() | {each for each, called in told if called == name}:
            if happened[service_id] != told[service_id, name]:
                yield f"{NAMES[service_id]} was {name} {happened[service_id]} times, and {told[service_id, name]} events say so"


def _runs() -> Iterator[str]:
    for run in db.session.scalars(select(SweepRun)):
        if run.holder is not None or run.failures or run.ended != "done":
            yield f"the sweep {run.name} stands as {run.ended} ({run.error}), held by {run.holder}, {run.failures} failures"
