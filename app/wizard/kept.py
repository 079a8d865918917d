"""Text that a browser kept because it had not reached the server: what of it differs from what is saved, and putting it back."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import FieldList, FormField, SelectFieldBase

from app import form_data
from app.wizard import summary
from app.wizard.context import Context
from app.wizard.fields import clean
from app.wizard.forms import ALT, DayForm, MediaForm
from app.wizard.step_form import StepForm
from app.wizard.steps import Step
from app.wizard.typed import Typed, of_request
from app.wizard.typed import too_long as fields_too_long


@dataclass(frozen=True)
class Difference:
    """One part of a step that is not the same in both: its texts as they were typed, a line or row each (none: nothing stands there)."""

    part: str
    label: Any
    saved: tuple[str, ...]
    kept: tuple[str, ...]
    #: Whether the kept text certainly is the newer one.
    is_newer: bool


@dataclass(frozen=True)
class CopyOrigin:
    """What a kept text grew out of, as far as the browser knows it: the words that were saved then, under which version, and the parts in which a
    choice between two texts was still open."""

    base: Typed | None = None
    version: int | None = None
    undecided: Collection[str] = ()


UNKNOWN = CopyOrigin()


def words(text: str) -> Typed:
    """What a browser kept, which is what it would have sent."""
    return of_request(MultiDict(form_data.parsed(text)))


def differences(
    context: Context, step: Step, saved: Mapping[str, Any], kept: Typed, origin: CopyOrigin = UNKNOWN
) -> list[Difference]:
    """What is to be decided, in the order of the form. `saved` is the step's answer. What stands in the kept text as it was saved when it was kept is
    nobody's typing, and the newer text counts."""
    base, typed = origin.base, saved["typed"]
    ours, theirs = step.form.read(typed, context), step.form.read(kept, context)
    touched = [
        part
        for part in dict.fromkeys([*step.fields, *(_part(step, name) for name in kept)])  # no field that the page did not show
        if _of(step, typed, part) != _of(step, kept, part) and (base is None or _of(step, base, part) != _of(step, kept, part))
    ]
    open_parts = {_part(step, unit) for unit in origin.undecided}
    return [
        Difference(
            part,
            _label(theirs, part),
            _texts(ours, typed, part),
            _texts(theirs, kept, part),
            part not in open_parts and _is_newer(step, saved, origin, part),
        )
        for part in touched
    ]


def _is_newer(step: Step, saved: Mapping[str, Any], origin: CopyOrigin, part: str) -> bool:
    """Whether what is saved of a part is still what the kept text grew out of. Times don't tell: the clock of a device may be wrong."""
    if origin.base is not None:
        return _of(step, origin.base, part) == _of(step, saved["typed"], part)
    return saved["saved_at"] is None or origin.version == saved["version"]


def put_back(step: Step, saved: Typed, kept: Typed, parts: Collection[str]) -> Typed:
    """What is saved, with these parts as the browser kept them."""
    rest = {name: texts for name, texts in saved.items() if _part(step, name) not in parts}
    return rest | {name: texts for name, texts in kept.items() if _part(step, name) in parts}


def too_long(step: Step, wanted: Typed, parts: Collection[str]) -> list[str]:
    """Which of these parts hold a text that is too long to be saved."""
    return sorted({_part(step, name) for name in fields_too_long(wanted)} & set(parts))


def _part(step: Step, name: str) -> str:
    """The part that a field belongs to: all rows are one, a day is one, and so is the order of files with its cover."""
    if step.form.holds_files:
        return name if name.startswith(ALT) else step.fields[0]
    head = name.partition("-")[0]
    return head if head in step.fields else name


def _of(step: Step, typed: Typed, part: str) -> dict[str, list[str]]:
    """The words of one part; what is empty is nothing, and the two ways to end a line are one."""
    mine = {name: [text.replace("\r\n", "\n") for text in texts] for name, texts in typed.items() if _part(step, name) == part}
    return {name: texts for name, texts in mine.items() if any(texts)}


def _label(form: StepForm, part: str) -> Any:
    return form[part].label.text if part in form else summary.said(form, part)[0]


def _texts(form: StepForm, typed: Typed, part: str) -> tuple[str, ...]:
    if part not in form:
        return tuple(clean(text) for text in typed.get(part, []) if text)
    return tuple(_files(form) if isinstance(form, MediaForm) else _lines(form[part]))


def _files(form: MediaForm) -> Iterator[str]:
    """The gallery in its order, the cover first."""
    shown = {str(each.id): each.file_name for each in form.context.media}
    for row in form.gallery:
        yield shown[row["id"]]


def _lines(field: Any) -> Iterator[str]:
    if isinstance(field, FieldList):
        for entry in field.entries:
            yield " · ".join(_lines(entry))
    elif isinstance(field, FormField) and isinstance(field.form, DayForm):
        times = [inner.data or "" for inner in field.form]
        yield from (f"{start}–{end}" for start, end in zip(times[::2], times[1::2], strict=True) if start or end)
    elif isinstance(field, FormField):
        for inner in field.form:
            yield from _lines(inner)
    elif isinstance(field, SelectFieldBase):
        labels = {str(choice.value): str(choice.label) for choice in field.iter_choices()}
        chosen = field.data if isinstance(field.data, list) else [field.data]
        yield from (labels.get(str(each), str(each)) for each in chosen if each)
    elif text := str(field._value()):
        yield text
