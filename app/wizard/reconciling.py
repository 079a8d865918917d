"""Saving a step that somebody else saved in the meantime: both texts are put together, and only what both changed waits for a choice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.browser import CONTROLS
from app.config import Settings
from app.errors import Conflict
from app.extensions import db
from app.wizard import answers, history, merging
from app.wizard.answers import ATTEMPTS, BLANK, Author, Saved, Stale
from app.wizard.context import Context
from app.wizard.merging import Dispute, Merged
from app.wizard.steps import Step
from app.wizard.typed import Typed

#: For each unit that was disputed: "mine", "theirs", or nothing yet.
Choices = Mapping[str, str | None]

#: A version that no step has.
NEVER = -1


@dataclass(frozen=True)
class Origin:
    """What a page knows of where its text comes from: the version that it showed, the text out of which its own grew if that is known, and who wrote
    it. `sent` are the texts of earlier requests of it that may have arrived or not, the latest first, and `since` is the version under which they
    went. `is_chosen`: somebody chose between two texts, and the history keeps the other."""

    version: int
    base: Typed | None = None
    by: Author = None
    sent: Sequence[Typed] = ()
    since: int = NEVER
    is_chosen: bool = False

    def arrived(self, step: Step, kept: Mapping[str, Any], context: Context) -> Typed | None:
        """The text of an earlier request that was saved: it is kept now, or was since."""
        sent = [step.form.completed(text, kept["typed"], context) for text in self.sent]
        return next((text for text in sent if merging.same(text, kept["typed"]) or answers.was(kept, text, self.since)), None)

    def is_unsure(self, kept: Mapping[str, Any]) -> bool:
        """Whether nobody can tell if an earlier request was saved: what is kept does not remember as far back."""
        return bool(self.sent) and not answers.remembers(kept, self.since)


@dataclass(frozen=True)
class Kept:
    """What is kept now, and what is not for want of a choice. `other` is the answer that was found there (`by` whom), and `by` is mine."""

    saved: Saved
    text: Merged
    other: Mapping[str, Any]
    #: Whether something of another save is in the text.
    is_merged: bool
    by: Author


def keep(
    context: Context,
    step: Step,
    typed: Typed,
    origin: Origin,
    settings: Settings,
    *,
    choices: Choices | None = None,
    asks: bool = True,
    aside: Typed | None = None,
) -> Kept:
    """Save what was typed on top of whatever is kept; a unit without a choice stays as it is kept. `asks`: somebody is there to be asked about what
    both sides changed; else the history gets my side of it. `aside` is another text that goes there. Raises `Refused`, and `Conflict` when the others
    don't stop saving."""
    choices = choices or {}
    for _attempt in range(ATTEMPTS):
        other = answers.of(context).get(step.key, BLANK)
        mine = merging.chosen(
            step.form.completed(typed, other["typed"], context),
            {unit: merging.part(other["typed"], unit) for unit, side in choices.items() if side != "mine"},
        )
        is_stale = other["version"] != origin.version
        text = _together(context, step, origin, mine, other) if is_stale else Merged(mine)
        # Whoever is asked next is told who wrote the other text: of both together that is the other author. A choice replaces what they wrote, and
        # the history keeps it.
        last, forces = (other.get("by") if is_stale else origin.by), origin.is_chosen or "mine" in choices.values()
        if text.disputes and not asks and not history.has(context.service, step.key, mine, settings):
            aside = mine
        try:
            saved = answers.save(context, step, text.typed, other["version"], settings, by=last, keeps=forces, aside=aside)
        except Stale:
            continue
        waiting = [
            Dispute(unit, merging.part(typed, unit), merging.part(other["typed"], unit))
            for unit, side in choices.items()
            if side is None
        ]
        text.disputes.extend(each for each in waiting if not merging.same(each.mine, each.theirs))
        return Kept(saved, text, other, is_stale and not merging.same(text.mine, mine), origin.by)
    db.session.rollback()
    raise Conflict()


def _together(context: Context, step: Step, origin: Origin, mine: Typed, other: Mapping[str, Any]) -> Merged:
    arrived = origin.arrived(step, other, context)
    base = origin.base if arrived is None else arrived
    return merging.merge(step.form, base, mine, other["typed"], is_unsure=arrived is None and origin.is_unsure(other))


def keep_onto(context: Context, step: Step, typed: Typed, origin: Origin, settings: Settings) -> Kept:
    """Put what was typed together with what is kept under the origin's version. `Stale` if that is something else by now: a request that comes late
    may bring back what was deleted after it was sent, and whoever is still there sends it again."""
    other = answers.of(context).get(step.key, BLANK)
    if other["version"] != origin.version:
        raise Stale(other)
    return keep(context, step, typed, replace(origin, version=NEVER), settings)


def as_kept(typed: Typed, kept: Typed) -> Typed:
    """A page can't show control characters and sends line breaks its own way: a field that comes back as it was shown was not touched."""
    return {
        name: kept[name] if name in kept and _shown(kept[name]) == _shown(texts) else texts for name, texts in typed.items()
    }


def unshown(typed: Typed) -> Typed:
    """The fields whose text a page can't show as it was typed."""
    return {name: texts for name, texts in typed.items() if any(CONTROLS.search(text) for text in texts)}


def _shown(texts: list[str]) -> list[str]:
    return [CONTROLS.sub("", text.replace("\r\n", "\n")) for text in texts]
