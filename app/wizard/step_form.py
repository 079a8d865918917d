"""What every step's form can do: read text as it was typed, say what is wrong with it, and know the values it stands for.

A field named like a column of `services.models.CONTENT` is written there; any other is kept in the service's `extras` under the step's key.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import islice
from typing import Any, ClassVar

from werkzeug.datastructures import MultiDict
from wtforms import FieldList, Form, FormField

from app.services.models import CONTENT, Service
from app.wizard.context import Context
from app.wizard.typed import Typed, of_form


class StepForm(Form):
    """A step's form. It knows no request: a view, an autosave, publishing and a test read typed text through it alike."""

    #: A listing can be published without this step.
    may_be_skipped: ClassVar[bool] = False
    #: The step is about uploaded files: without one it is empty, whatever was typed.
    holds_files: ClassVar[bool] = False
    #: Fields that the form fills by itself; alone they don't make a step begun.
    preset: ClassVar[frozenset[str]] = frozenset()

    #: More names that the form reads, as a regular expression.
    reads: ClassVar[str] = ""

    def __init__(self, formdata: MultiDict[str, str] | None = None, *, context: Context, **kwargs: Any) -> None:
        self.context = context
        super().__init__(formdata, **kwargs)
        self.prepare()

    def prepare(self) -> None:
        """Offer choices and locales that depend on the context; called once the fields have read their text."""

    @classmethod
    def declared(cls, typed: Typed, others: int = 0) -> Typed:
        """What was typed in fields that the form has, and in so many `others`."""
        pattern = _names(cls)  # type: ignore[arg-type]  # the stubs hide that classes of forms are hashable
        own = {name: texts for name, texts in typed.items() if pattern.fullmatch(name)}
        return (
            own
            if len(own) == len(typed)
            else own | dict(islice(((name, typed[name]) for name in typed if name not in own), others))
        )

    @classmethod
    def completed(cls, typed: Typed, kept: Typed, context: Context) -> Typed:
        """What was typed, with what is kept of fields that the page did not show."""
        return typed

    @classmethod
    def loses(cls, typed: Typed, kept: Typed) -> bool:
        """Whether words go away with the thing that they were about."""
        return False

    @classmethod
    def read(cls, typed: Typed, context: Context) -> "StepForm":
        """The form as it was typed."""
        pairs = [(name, value) for name, values in typed.items() for value in values]
        # WTForms takes empty form data for none at all, and would then show defaults as if they had been typed.
        return cls(MultiDict(pairs or [("", "")]), context=context)

    @classmethod
    def write(cls, service: Service, step_key: str, context: Context) -> Typed:
        """What somebody would have typed to get the service as it is now."""
        return of_form(cls(context=context, data=cls.stored(service, step_key, context)))

    @classmethod
    def stored(cls, service: Service, step_key: str, context: Context) -> dict[str, Any]:
        """The values of this step's fields in the live columns."""
        kept = (service.extras or {}).get(step_key, {})
        return {**kept, **{name: getattr(service, name) for name in CONTENT}}

    def values(self) -> Mapping[str, Any]:
        """The validated values, by field or column name."""
        return {name: field.data for name, field in self._fields.items()}

    def apply(self, service: Service, step_key: str) -> None:
        """Write the values to the service. Call it only after `validate()` was true."""
        values = self.values()
        for name in CONTENT:
            if name in values:
                setattr(service, name, values[name])
        extra = {name: value for name, value in values.items() if name not in CONTENT}
        if extra:
            service.extras = {**(service.extras or {}), step_key: extra}


@cache
def _names(form: type[StepForm]) -> re.Pattern[str]:
    """The names of the fields of a form: of a part (`mon-opens`), and of up to a hundred rows (`packages-7-name`)."""
    return re.compile("|".join([*_alternatives(form), *([form.reads] if form.reads else [])]))


def _alternatives(form: type[Form]) -> Iterator[str]:
    for name in dir(form):
        field = getattr(form, name)
        kind = getattr(field, "field_class", None)
        if kind is None:
            continue
        inner, row = (field.args[0], r"-\d{1,2}") if kind is FieldList else (field, "")
        if inner.field_class is FormField:
            yield f"{name}{row}-(?:{'|'.join(_alternatives(inner.args[0]))})"
        else:
            yield f"{name}{row}"


def faults(fields: Iterable[Any]) -> Iterator[tuple[str, str]]:
    """What is wrong with the fields of a validated form, rows and parts included: (id of the field, sentences)."""
    for field in fields:
        yield from faults(field.form if isinstance(field, FormField) else field.entries if isinstance(field, FieldList) else ())
        said = [str(each) for each in field.errors if not isinstance(each, (list, dict))]
        if said and not isinstance(field, FormField):
            yield field.id, " ".join(said)
