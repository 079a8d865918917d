"""A wizard that changed under a draft: what it asks that the draft was not asked, and what was answered that nobody asks for any more.

Each saved step remembers which steps there were and what it asked itself (`steps.asked`). What is new stays new until the step is saved by a page
that asked it: a page that was open when the wizard changed did not.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.wizard import steps
from app.wizard.context import Context
from app.wizard.fields import clean
from app.wizard.steps import Step


@dataclass(frozen=True)
class New:
    """A step with something new: the labels of its new fields; none: all of it is new."""

    step: Step
    labels: tuple[Any, ...]


def of(context: Context) -> list[New]:
    """What is new since the draft was worked on, in the order of the steps. A published service that nobody edits has no news."""
    kept = context.service.answers or {}
    entries = {key: entry["asked"] for key, entry in kept.items() if entry.get("asked")}
    found = [_of_step(context, step, entries, step.key in kept) for step in steps.STEPS]
    return [each for each in found if each is not None]


def _of_step(context: Context, step: Step, entries: Mapping[str, str], is_kept: bool) -> New | None:
    if step.key not in entries:
        is_new = any(step.key not in asked.partition(":")[0].split() for asked in entries.values())
        return New(step, ()) if is_new and not is_kept else None
    before = entries[step.key].partition(":")[2].split()
    fresh = [name for name in step.fields if name not in before]
    if not fresh:
        return None
    form = step.form(context=context)
    return New(step, tuple(form[name].label.text for name in fresh))


def once_had(context: Context, key: str) -> bool:
    """Whether the draft knows a step of this name, from when there was one."""
    kept = context.service.answers or {}
    return key in kept or any(key in (entry.get("asked") or "").partition(":")[0].split() for entry in kept.values())


def no_longer_asked(context: Context, step: Step) -> list[str]:
    """What was answered to questions that the step does not have any more."""
    typed = (context.service.answers or {}).get(step.key, {}).get("typed", {})
    if step.form.holds_files:
        return []
    found = [clean(text) for name, texts in typed.items() if name.partition("-")[0] not in step.fields for text in texts]
    return [text for text in found if text]
