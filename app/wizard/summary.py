"""What was answered, in words: for the page that checks it before publishing, and for comparing two versions of a step."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import singledispatch
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from wtforms import FieldList, FormField, SelectFieldBase

from app.media.models import State
from app.services import texts
from app.wizard.fields import MoneyField, ProseField, clean
from app.wizard.forms import AvailabilityForm, DayForm, MediaForm, PriceForm
from app.wizard.step_form import StepForm


@dataclass(frozen=True)
class Answer:
    """One question and its answer, a text a line (none: nothing was answered); what is wrong with it; and the id of the field to go to.

    `prose` is an answer in Markdown, as it was typed; its lines are `texts` too.
    """

    question: str
    texts: tuple[str, ...]
    error: str
    anchor: str
    prose: str = ""


@singledispatch
def of(form: StepForm) -> list[Answer]:
    """The answers of a validated form, in its order. A step says it in its own way where single fields would say too little."""
    return [_answer(field) for field in form]


@of.register
def _price(form: PriceForm) -> list[Answer]:
    amount = form.price_minor
    said = _texts(form.price_kind) if form.price_kind.data == "on_request" else _amount(amount)
    if form.price_kind.data == "from" and amount.data:
        said = (_("From %(price)s", price=said[0]),)
    error = _sentences(form.price_kind.errors) or _sentences(amount.errors)
    packages = tuple(" · ".join(part for part in map(_part, row) if part) for row in form.packages)
    return [
        Answer(_("Price"), said, error, "price_kind"),
        _time(form.duration_minutes, 1),
        Answer(_("Packages"), packages, _sentences(form.packages.errors), "packages"),
    ]


@of.register
def _availability(form: AvailabilityForm) -> list[Answer]:
    days = [(name, day.form) for name, day in form.days]
    hours = tuple(f"{name}: {_hours(day)}" for name, day in days if any(field.data for field in day))
    error = _sentences([day.errors for _name, day in days])
    return [Answer(_("Weekly hours"), hours, error, "mon-opens"), _time(form.notice_hours, 60), _answer(form.capacity)]


@of.register
def _media(form: MediaForm) -> list[Answer]:
    refused = sum(each.state == State.REJECTED for each in form.ordered)
    count = len(form.ordered) - refused
    said = (ngettext("%(num)s file", "%(num)s files", count),) if count else ()
    if refused:
        said += (
            ngettext(
                "%(num)s more was refused, and nobody will see it.",
                "%(num)s more were refused, and nobody will see them.",
                refused,
            ),
        )
    shown = {str(each.id): each.file_name for each in form.ordered}
    described = tuple(f"{name}: {clean(form.alts[identity])}" for identity, name in shown.items() if form.alts.get(identity))
    return [
        Answer(str(form.media.label.text), said, _sentences(form.media.errors), "wizard"),
        Answer(_("What they show"), described, "", "wizard"),
    ]


def unshown(form: StepForm) -> list[Answer]:
    """What was typed about things that the step doesn't show any more."""
    if not isinstance(form, MediaForm):
        return []
    shown = {str(each.id) for each in form.ordered}
    gone = tuple(clean(text) for identity, text in form.alts.items() if text and identity not in shown)
    return [Answer(_("What removed files show"), gone, "", "wizard")]


def said(form: StepForm, unit: str) -> tuple[str, str]:
    """A field, day or row of a validated form in words: (what it is, what it says). A name that the form doesn't have says nothing."""
    head, _sep, at = unit.partition("-")
    if isinstance(form, MediaForm):
        return _of_media(form, head, at)
    field = form._fields.get(head)
    if isinstance(field, FieldList):
        found = [" · ".join(part for part in map(_part, row) if part) for row in field]
        if not at:
            return str(field.label.text), "\n".join(found)
        return _row(field, int(at)), found[int(at)] if int(at) < len(found) else ""
    if isinstance(field, FormField):
        return str(field.label.text), _hours(field.form) if isinstance(field.form, DayForm) else " · ".join(map(_part, field))
    if field is None:
        return "", ""
    return str(field.label.text), "\n".join(_amount(field)) if isinstance(
        field, SelectFieldBase | MoneyField
    ) else field._value()


def _row(field: FieldList, at: int) -> str:
    return str(_("%(part)s, row %(number)s", part=field.label.text, number=at + 1))


def _of_media(form: MediaForm, head: str, identity: str) -> tuple[str, str]:
    names = {str(each.id): each.file_name for each in form.context.media}
    if head == "alt":
        return str(_("What %(name)s shows", name=names.get(identity, identity))), clean(form.alts.get(identity, ""))
    if head == "cover":
        return str(_("Cover photo")), names.get(form.cover.data or "", "")
    return str(_("Order of the files")), "\n".join(each.file_name for each in form.ordered)


def _answer(field: Any) -> Answer:
    prose = str(field.data or "") if isinstance(field, ProseField) else ""
    return Answer(str(field.label.text), _texts(field), _sentences(field.errors), field.id, prose)


def _texts(field: Any) -> tuple[str, ...]:
    if isinstance(field, SelectFieldBase):
        chosen = field.data if isinstance(field.data, list) else [field.data]
        labels = {str(choice.value): str(choice.label) for choice in field.iter_choices()}
        return tuple(labels.get(str(each), str(each)) for each in chosen if each)
    return tuple(line for line in str(field._value()).splitlines() if line.strip())


def _time(field: Any, minutes: int) -> Answer:
    """A length of time, each unit of the field being so many minutes."""
    said = (texts.duration(field.data * minutes),) if field.data and not field.errors else _texts(field)
    return Answer(str(field.label.text), said, _sentences(field.errors), field.id)


def _part(field: Any) -> str:
    """One field of a package."""
    return " ".join(_time(field, 1).texts if field.short_name == "duration_minutes" else _amount(field))


def _amount(field: Any) -> tuple[str, ...]:
    """A price with its currency where it is one; any other field, and what is no price, as it was typed."""
    if not hasattr(field, "money_in") or field.data is None:
        return _texts(field)
    return (texts.money(field.data, field.currency),)


def _hours(day: Any) -> str:
    if day.errors:
        return " ".join(field.data for field in day if field.data)
    return ", ".join(f"{start}–{end}" for start, end in day.spans())


def _sentences(errors: Any) -> str:
    """WTForms nests the errors of rows in lists and dicts; people read sentences, each once."""
    return " ".join(dict.fromkeys(_flat(errors)))


def _flat(errors: Any) -> Iterable[str]:
    if isinstance(errors, dict):
        errors = errors.values()
    elif not isinstance(errors, (list, tuple)):
        yield str(errors)
        return
    for each in errors:
        yield from _flat(each)
