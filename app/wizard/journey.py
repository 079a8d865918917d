"""The way through the wizard: a pure function of the declared steps and the answers. No current step is stored anywhere."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from app.wizard.steps import REVIEW, Step
from app.wizard.typed import is_blank


class Mark(StrEnum):
    """`done`: everything it needs is there; `started`: something is, not all; `missing`: nothing is; `optional`: nothing is, and that's fine."""

    DONE = "done"
    STARTED = "started"
    MISSING = "missing"
    OPTIONAL = "optional"


@dataclass(frozen=True)
class Stop:
    """One step on the way, as the navigation shows it."""

    key: str
    title: Any
    mark: Mark


@dataclass(frozen=True)
class Journey:
    """The stops in order, and what follows from their marks."""

    stops: tuple[Stop, ...]

    @property
    def done(self) -> int:
        return sum(stop.mark == Mark.DONE for stop in self.stops)

    @property
    def total(self) -> int:
        return len(self.stops)

    @property
    def missing(self) -> tuple[Stop, ...]:
        """What must be completed before publishing. A skippable step that was begun wrongly counts: its text would be lost."""
        return tuple(stop for stop in self.stops if stop.mark in (Mark.STARTED, Mark.MISSING))

    @property
    def resume(self) -> str:
        """Where to go on: the first stop that is missing something, then the first optional one, then the review."""
        waiting = [stop.key for stop in self.missing] or [stop.key for stop in self.stops if stop.mark == Mark.OPTIONAL]
        return waiting[0] if waiting else REVIEW

    def after(self, key: str) -> str:
        keys = [stop.key for stop in self.stops] + [REVIEW]
        return keys[keys.index(key) + 1]

    def before(self, key: str) -> str | None:
        keys = [stop.key for stop in self.stops] + [REVIEW]
        index = keys.index(key)
        return keys[index - 1] if index else None


def of(steps: Sequence[Step], answers: Mapping[str, Mapping[str, Any]], filled: Collection[str] = ()) -> Journey:
    """The journey through `steps`. `filled` names steps whose substance lies outside the answers, as uploaded files do."""
    return Journey(tuple(Stop(step.key, step.title, mark(step, answers.get(step.key), step.key in filled)) for step in steps))


def mark(step: Step, answer: Mapping[str, Any] | None, is_filled: bool) -> Mark:
    """How far one step is; `answer` is None where it was never saved."""
    blank = answer is None or is_blank(answer["typed"], step.form.preset)
    if step.form.holds_files:
        blank = not is_filled
    complete = answer["complete"] if answer is not None else is_filled
    if complete and not (blank and step.form.holds_files):
        return Mark.DONE
    if not blank:
        return Mark.STARTED
    return Mark.OPTIONAL if step.may_be_skipped else Mark.MISSING
