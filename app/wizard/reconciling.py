"""Saving a step that somebody else saved in the meantime: both texts are put together, and only what both changed waits for a choice."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.browser import CONTROLS
from app.config import Settings
from app.errors import Conflict
from app.extensions import db
from app.wizard import answers, merging
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
    version: int,
    settings: Settings,
    *,
    base: Typed | None,
    choices: Choices,
    by: Author,
    is_chosen: bool = False,
) -> Kept:
    """Save what was typed on top of whatever is kept. `base` is the text from which it grew, if that is known; a unit without a choice
    stays as it is kept. `is_chosen`: somebody chose between two texts, and the history keeps the other. Raises `Refused`, and `Conflict` when the
    others don't stop saving."""
    for _attempt in range(ATTEMPTS):
        other = answers.of(context).get(step.key, BLANK)
        mine = merging.chosen(
            typed, {unit: merging.part(other["typed"], unit) for unit, side in choices.items() if side != "mine"}
        )
        is_stale = other["version"] != version
        text = merging.merge(step.form, base, mine, other["typed"]) if is_stale else Merged(mine)
        try:
            # Of both texts together the last author is the other, for it is theirs that may be asked about again. A choice replaces what they wrote:
            # the history has it.
            last, forces = (other.get("by") if is_stale else by), is_chosen or "mine" in choices.values()
            saved = answers.save(context, step, text.typed, other["version"], settings, by=last, keeps=forces)
        except Stale:
            continue
        waiting = [
            Dispute(unit, merging.part(typed, unit), merging.part(other["typed"], unit))
            for unit, side in choices.items()
            if side is None
        ]
        text.disputes.extend(each for each in waiting if not merging.same(each.mine, each.theirs))
        return Kept(saved, text, other, is_stale and not merging.same(text.mine, mine), by)
    db.session.rollback()
    raise Conflict()


def keep_onto(
    context: Context,
    step: Step,
    typed: Typed,
    version: int,
    settings: Settings,
    *,
    base: Typed | None,
    by: Author,
    is_chosen: bool = False,
) -> Kept:
    """Put what was typed together with what is kept under `version`. `Stale` if that is something else by now: a request that comes late may bring
    back what was deleted after it was sent, and whoever is still there sends it again."""
    other = answers.of(context).get(step.key, BLANK)
    if other["version"] != version:
        raise Stale(other)
    return keep(context, step, typed, NEVER, settings, base=base, choices={}, by=by, is_chosen=is_chosen)


def keep_last(
    context: Context,
    step: Step,
    typed: Typed,
    version: int,
    settings: Settings,
    *,
    base: Typed | None,
    sent: Typed | None,
    by: Author,
) -> None:
    """The last save of a page that is left, which can ask nobody: what others changed meanwhile stays as they left it, and the history has what was
    typed there. `sent` is the text of the save before, of which that page never heard whether it was kept."""
    other = answers.of(context).get(step.key, BLANK)
    origin = sent if sent is not None and merging.same(sent, other["typed"]) else base
    if other["version"] != version and merging.merge(step.form, origin, typed, other["typed"]).disputes:
        answers.save(context, step, typed, other["version"], settings, by=by, keeps=True)
        mine = answers.of(context)[step.key]
        text = merging.merge(step.form, origin, typed, other["typed"])
        answers.save(context, step, text.typed, mine["version"], settings, by=other.get("by"), keeps=True)
        return
    keep(context, step, typed, version, settings, base=origin, choices={}, by=by)


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
