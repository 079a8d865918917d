"""The steps of the wizard, declared. Everything else (routes, navigation, saving, publishing, review) reads this list."""

import hashlib
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from flask_babel import lazy_gettext as _l

from app.errors import NotFound
from app.wizard import forms
from app.wizard.step_form import StepForm

REVIEW = "review"


@dataclass(frozen=True)
class Step:
    """One page: its key (in the URL and in `answers`), its title, its form, and `templates/wizard/steps/_<key>.html`."""

    key: str
    title: Any
    form: type[StepForm]

    @property
    def template(self) -> str:
        return f"wizard/steps/_{self.key}.html"

    @property
    def may_be_skipped(self) -> bool:
        return self.form.may_be_skipped

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """The names of what it asks, in the form's order; a row or a day is one."""
        return _fields(self.form)

    @cached_property
    def sign(self) -> str:
        """A short name of what it asks: a page sends it, so that one from before a change is known as such."""
        return hashlib.sha256(" ".join(self.fields).encode()).hexdigest()[:8]


STEPS = [
    Step("basics", _l("Basics"), forms.BasicsForm),
    Step("details", _l("Details"), forms.DetailsForm),
    Step("price", _l("Price and time"), forms.PriceForm),
    Step("availability", _l("Availability"), forms.AvailabilityForm),
    Step("media", _l("Photos and files"), forms.MediaForm),
]


def find(key: str) -> Step:
    """The step with this key; `NotFound` for any other."""
    for step in STEPS:
        if step.key == key:
            return step
    raise NotFound()


def asked(step: Step) -> str:
    """What a saved step remembers: which steps there were, and which fields it had."""
    return f"{' '.join(each.key for each in STEPS)}: {' '.join(step.fields)}"


def schema() -> str:
    """A short name for the present steps and fields: answers written under another name were asked other questions."""
    return _name(tuple((step.key, step.form) for step in STEPS))


@cache
def _name(declared: tuple[tuple[str, type[StepForm]], ...]) -> str:
    fields = ";".join(f"{key}:{','.join(sorted(_fields(form)))}" for key, form in declared)
    return hashlib.sha256(fields.encode()).hexdigest()[:16]


def _fields(form: type[StepForm]) -> tuple[str, ...]:
    declared = [(getattr(form, name), name) for name in dir(form) if hasattr(getattr(form, name), "field_class")]
    return tuple(name for _field, name in sorted(declared, key=lambda each: each[0].creation_counter))
