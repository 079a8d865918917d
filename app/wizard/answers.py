"""Saving a step: what was typed is kept as typed, valid or not, and nothing newer is ever overwritten.

The row's `revision` grows by one with every save, and with everything else that changes what a step says: publishing, discarding changes, archiving,
the nightly tidying. It never goes back. A step's version is the revision at which its text last changed, so one number never stands for two texts.
The version is 0 while a draft's step was never saved; where nothing is being edited of a published service, it is the present revision.

A save says which version it saw. If the text is another one by now, nothing changes and `Stale` carries both texts. Saves of different steps never
conflict: they meet on `revision`, and the slower one tries again on top of the other.

Everybody saves by this function: the wizard's pages, autosave, merging, taking back, restoring kept text. One statement does it and commits itself,
unless something else belongs to it (an event, an entry of the history, the caller's transaction).
"""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Update, bindparam, update

from app import clock
from app.config import Settings
from app.errors import Conflict, Refused
from app.insights.operations import record
from app.services import expiry
from app.services.models import CONTENT, Service
from app.transaction import connection
from app.wizard import history, steps
from app.wizard.context import Context
from app.wizard.rows import ServiceRow
from app.wizard.step_form import StepForm
from app.wizard.steps import Step
from app.wizard.typed import Typed, is_blank, too_long

Entry = Mapping[str, Any]
Answers = Mapping[str, Entry]
#: A short name of the browser that changed a text, so that another one can be told from it, and when it did (ISO 8601).
Author = Sequence[str] | None
ATTEMPTS = 5
#: Fields that the step does not have any more, of a page that was open during a deploy.
OF_BEFORE = 100
#: Texts that a step remembers having had.
REMEMBERED = 8
BLANK: dict[str, Any] = {"typed": {}, "version": 0, "complete": False, "saved_at": None, "by": None}


@dataclass(frozen=True)
class Saved:
    """The step's new version, when it was saved, and its form as it was judged then."""

    version: int
    saved_at: datetime
    form: StepForm


class Stale(Conflict):
    """Another tab or device saved this step first. `theirs` is what is kept now, under `version`; nothing was changed."""

    def __init__(self, theirs: Mapping[str, Any]) -> None:
        super().__init__()
        self.theirs: Typed = theirs["typed"]
        self.version: int = theirs["version"]


def of(context: Context) -> Answers:
    """The answers as they are being edited: the kept ones, or for a published service without changes, what its columns say."""
    if _are_kept(context.service):
        return context.service.answers or {}
    listing = context.whole
    if _are_kept(context.service):  # somebody began to edit it before the columns were read
        return context.service.answers or {}
    common = BLANK | {"version": context.service.revision, "complete": True}
    return {step.key: common | {"typed": step.form.write(listing, step.key, context)} for step in steps.STEPS}


def _are_kept(service: ServiceRow) -> bool:
    return service.answers is not None or service.published_at is None


def save(
    context: Context,
    step: Step,
    typed: Typed,
    version: int,
    settings: Settings,
    *,
    by: Author = None,
    keeps: bool = False,
    aside: Typed | None = None,
) -> Saved:
    """Keep what was typed in a step, and move the draft's expiry. Raises `Stale`, or `Refused` for a text too long to keep.

    Saving the same text again, as a repeated request does, changes nothing and answers like the first time. `keeps`: what is replaced goes into the
    history whenever that was last done. `aside` is another text that goes into it.
    """
    if too_long(typed):
        raise Refused()
    is_outdated = context.asked not in (None, step.sign)
    typed = step.form.declared(typed, OF_BEFORE if is_outdated else 0)
    for _attempt in range(ATTEMPTS):
        answers = of(context)
        if not context.service.is_open:
            raise Conflict()
        present = answers.get(step.key, BLANK)
        typed = step.form.completed(typed, present["typed"], context)
        keeps = keeps or step.form.loses(typed, present["typed"])
        if present["version"] != version and present["typed"] != typed:
            raise Stale(present)
        saved = _write(context, step, answers, typed, settings, by, keeps, aside)
        if saved is not None:
            return saved
        context.read_again()
    raise Conflict()


def _write(
    context: Context,
    step: Step,
    answers: Answers,
    typed: Typed,
    settings: Settings,
    by: Author,
    keeps: bool,
    aside: Typed | None,
) -> Saved | None:
    """One statement that saves everything at once, if the row is still as it was read; None if it is not. Now and then, others for the history."""
    service, now = context.service, clock.now()
    present = answers.get(step.key, BLANK)
    form = step.form.read(typed, context)
    complete = form.validate()
    revision = service.revision + 1
    version = revision if step.key not in answers or present["typed"] != typed else present["version"]
    entry = {"typed": typed, "version": version, "complete": complete, "saved_at": now.isoformat(), "by": by}
    replaced = present if _is_kept(present, typed, now, step, settings, keeps) else None
    is_aside = aside is not None and settings.history_versions and not (replaced and replaced["typed"] == aside)
    beside = entry | {"typed": aside} if is_aside else None
    earlier = _numbered(service, step, present, replaced, beside)
    entry["kept"] = history.note(present, min(earlier) if replaced else None, now)
    if earlier:
        entry["kept"]["number"] = max(earlier)
    texts = present.get("was", ())
    entry["was"] = texts if texts and version == present["version"] else [*texts, (version, _mark(typed))][-REMEMBERED:]
    entry["asked"] = steps.asked(step) if context.asked in (None, step.sign) else present.get("asked")
    values: dict[str, Any] = {
        "answers": {**answers, step.key: entry},
        "answers_schema": steps.schema(),
        "revision": revision,
        "edited_at": now,
        "has_content": service.has_content or not is_blank(typed, step.form.preset),
    }
    if service.is_draft:
        values["expires_at"] = expiry.moved(service, now, settings.draft_delete_after)
        if complete:
            values |= _columns(service, step, form)
    is_completed = complete and not present["complete"]
    if not _replace(context, values, is_all=not earlier and not is_completed):
        return None
    for number, each in earlier.items():
        history.keep(service.id, step.key, each, number, settings)
    if is_completed:
        record("completed", service.id, step.key)
    return Saved(version, now, form)


def _numbered(service: ServiceRow, step: Step, present: Entry, *texts: Entry | None) -> dict[int, Entry]:
    """Those that go into the history, under their numbers there."""
    given = [text for text in texts if text is not None]
    return dict(enumerate(given, history.next_number(service, step.key, present))) if given else {}


def was(present: Entry, typed: Typed, since: int) -> bool:
    """Whether the step has said this in a version after `since`, as far as it remembers; a negative one is none."""
    return since >= 0 and any(version > since and mark == _mark(typed) for version, mark in present.get("was", ()))


def remembers(present: Entry, since: int) -> bool:
    """Whether it remembers all that it has said after `since`: what is published, or was discarded, remembers nothing."""
    texts: Sequence[Any] = present.get("was") or ()
    return bool(texts) and (texts[0][0] <= since or (since == 0 and len(texts) < REMEMBERED))


def _mark(typed: Typed) -> int:
    """A short name of a text. Forms send line breaks in two ways, and what is empty as nothing."""
    mark = 0
    for name, texts in sorted(typed.items()):
        if texts not in ([], [""]):
            mark = zlib.crc32("\0".join((name, *texts, "")).replace("\r\n", "\n").encode(errors="surrogatepass"), mark)
    return mark


def _replace(context: Context, values: Mapping[str, Any], *, is_all: bool) -> bool:
    """Whether the row was still as it was read; then it says this now, here and in the database. `is_all`: nothing else is written with it."""
    service = context.service
    seen = {"seen_id": service.id, "seen_revision": service.revision}
    seen |= {"seen_expires_at": service.expires_at, "seen_announced_for": service.announced_for}
    given = seen | {f"new_{name}": value for name, value in values.items()}
    with connection(begins=not is_all) as writing:
        if writing.execute(_update(tuple(values)), given).rowcount != 1:
            return False
    context.follow(values)
    return True


def _is_kept(present: Entry, typed: Typed, now: datetime, step: Step, settings: Settings, keeps: bool) -> bool:
    if keeps and settings.history_versions:
        return bool(present["typed"] != typed and not is_blank(present["typed"], step.form.preset))
    return history.is_due(present, typed, now, settings, step.form.preset)


def take_back(context: Context, step: Step, number: int, settings: Settings, *, by: Author = None) -> Saved:
    """Let a step say what it said before. That is a save like any other, and what it replaces is kept. Raises `Gone` as `history.find` does."""
    earlier = history.find(context.service, step.key, number, settings)
    return save(context, step, earlier.typed, of(context).get(step.key, BLANK)["version"], settings, by=by, keeps=True)


@lru_cache(maxsize=64)
def _update(columns: tuple[str, ...]) -> Update:
    """The statement for these columns, built once: putting it together costs more than sending it."""
    table: Any = Service.__table__
    unchanged = (
        table.c.id == bindparam("seen_id"),
        table.c.revision == bindparam("seen_revision"),
        # A sweep that is about to warn changes these without another revision.
        table.c.expires_at.is_not_distinct_from(bindparam("seen_expires_at")),
        table.c.announced_for.is_not_distinct_from(bindparam("seen_announced_for")),
        table.c.deleted_at.is_(None),
    )
    return update(table).where(*unchanged).values({name: bindparam(f"new_{name}") for name in columns})


def _columns(service: ServiceRow, step: Step, form: Any) -> dict[str, Any]:
    """The typed columns that a valid step of a draft writes through, so that lists can show them."""
    values = form.values()
    columns = {name: values[name] for name in CONTENT if name in values}
    extra = {name: value for name, value in values.items() if name not in CONTENT}
    if extra:
        columns["extras"] = {**(service.extras or {}), step.key: extra}
    return columns
