"""What each step asks. Adding a step is one class here, one template, one line in `steps.py`."""

import re
from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from werkzeug.datastructures import MultiDict
from wtforms import FieldList, Form, FormField, RadioField, SelectField, SelectMultipleField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from app.browser import CONTROLS
from app.locales import currency_choices
from app.media.models import Media, State
from app.services import texts
from app.services.models import Service
from app.wizard.context import Context
from app.wizard.fields import Fits, LineField, LinesField, MoneyField, ProseField, Wanted, WholeField, clean
from app.wizard.step_form import StepForm
from app.wizard.typed import Typed

PLACES = [
    SelectChoice("provider", _l("At my place")),
    SelectChoice("client", _l("At the client's place")),
    SelectChoice("online", _l("Online")),
]
PRICE_KINDS = [
    SelectChoice("fixed", _l("A fixed price")),
    SelectChoice("from", _l("From a price up")),
    SelectChoice("on_request", _l("On request")),
]


class Choices(SelectMultipleField):
    """Check boxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class BasicsForm(StepForm):
    name = LineField(
        _l("Name of the service"),
        [Wanted(_l("Give the service a name.")), Fits(120)],
        description=_l("For example: Haircut and styling"),
    )
    service_type = SelectField(_l("Type"), validate_choice=False)
    summary = LineField(
        _l("In one line"),
        [Wanted(_l("Say in one line what the client gets.")), Fits(200)],
        description=_l("Shown in lists and search results. For example: Wash, cut and blow-dry by a master stylist"),
    )

    def prepare(self) -> None:
        self.service_type.choices = [
            SelectChoice("", _l("Choose a type")),
            *(SelectChoice(each.key, LazyString(texts.type_name, each)) for each in self.context.service_types),
        ]

    def validate_service_type(self, field: SelectField) -> None:
        if field.data not in {each.key for each in self.context.service_types}:
            raise ValidationError(_l("Choose the type that fits best."))

    @classmethod
    def stored(cls, service: Service, step_key: str, context: Context) -> dict[str, Any]:
        key = next((each.key for each in context.service_types if each.id == service.service_type_id), "")
        return {**super().stored(service, step_key, context), "service_type": key}

    def values(self) -> Mapping[str, Any]:
        chosen = next(each.id for each in self.context.service_types if each.key == self.service_type.data)
        return {"name": self.name.data, "summary": self.summary.data, "service_type_id": chosen}


class DetailsForm(StepForm):
    description = ProseField(
        _l("Description"),
        [Wanted(_l("Describe the service.")), Fits(10_000)],
        description=_l("What happens, for whom it is, what to bring. **Bold**, *italic*, lists and links work."),
    )
    included = LinesField(_l("What is included"), description=_l("One thing a line"))
    places = Choices(_l("Where it happens"), [Wanted(_l("Choose at least one place."))], choices=PLACES)
    location = LineField(
        _l("Town or area"),
        [Fits(200)],
        description=_l("Visitors see this; the exact address stays between you and the client."),
    )

    def validate_included(self, field: LinesField) -> None:
        if len(field.data) > 30 or any(len(line) > 200 for line in field.data):
            raise ValidationError(_l("At most 30 lines of 200 characters fit here."))

    def validate_location(self, field: LineField) -> None:
        if not field.data and set(self.places.data or []) & {"provider", "client"}:
            raise ValidationError(_l("Say in which town or area, or choose only “Online”."))


class PackageForm(Form):
    name = LineField(_l("Package"), [Wanted(_l("Name this package, or remove the row.")), Fits(80)])
    duration_minutes = WholeField(_l("Minutes"), [Wanted(_l("How many minutes?"))], least=1, most=10_080)
    price_minor = MoneyField(_l("Price"), [Wanted(_l("What does it cost?"))])


class PriceForm(StepForm):
    preset = frozenset({"price_kind", "currency"})

    price_kind = RadioField(_l("Price"), choices=PRICE_KINDS, default="fixed")
    price_minor = MoneyField(_l("Amount"))
    currency = SelectField(_l("Currency"))
    duration_minutes = WholeField(_l("Duration"), [Wanted(_l("How many minutes does it take?"))], least=1, most=10_080)
    packages = FieldList(FormField(PackageForm), _l("Packages"), max_entries=20)

    def prepare(self) -> None:
        offered = currency_choices(self.context.locale, self.context.provider.currency, self.context.service.currency or "")
        self.currency.choices = [SelectChoice(code, label) for code, label in offered]
        if not self.currency.data:
            self.currency.data = self.context.service.currency or self.context.provider.currency
        currency = self.currency.data if self.currency.data in dict(offered) else self.context.provider.currency
        for field in [self.price_minor, *(row.form.price_minor for row in self.packages)]:
            field.money_in(currency, self.context.locale)

    def validate_price_minor(self, field: MoneyField) -> None:
        if field.data is None and self.price_kind.data != "on_request":
            raise ValidationError(_l("Give a price, or choose “On request”."))

    def values(self) -> Mapping[str, Any]:
        values = {name: field.data for name, field in self._fields.items()}
        if self.price_kind.data == "on_request":
            values["price_minor"] = None
        return values


TIME = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")  # not `\d`: it takes the digits of every script


def day_time(typed: str) -> str | None:
    """A typed time as a browser's time field takes it ("9:30" is "09:30", nothing is nothing); None for what is no time."""
    typed = typed.strip()
    return f"{typed:0>5}" if TIME.fullmatch(typed) else None if typed else ""


DAYS = [
    ("mon", _l("Monday")),
    ("tue", _l("Tuesday")),
    ("wed", _l("Wednesday")),
    ("thu", _l("Thursday")),
    ("fri", _l("Friday")),
    ("sat", _l("Saturday")),
    ("sun", _l("Sunday")),
]


class DayForm(Form):
    """One day's hours: up to two spans, HH:MM in the provider's local time. A closing time of 00:00 is the end of the day."""

    opens = LineField(_l("from"))
    closes = LineField(_l("to"))
    reopens = LineField(_l("and from"))
    recloses = LineField(_l("to"))

    def spans(self) -> list[list[str]]:
        """The spans that were filled in, as HH:MM."""
        pairs = [(self.opens.data, self.closes.data), (self.reopens.data, self.recloses.data)]
        return [[f"{start:0>5}", f"{end:0>5}"] for start, end in pairs if start and end]

    def validate(self, extra_validators: Any = None) -> bool:
        valid: bool = super().validate(extra_validators)
        for start, end in ((self.opens, self.closes), (self.reopens, self.recloses)):
            for field in (start, end):
                if field.data and not TIME.fullmatch(field.data):
                    field.errors = [_l("Write a time like 09:30.")]
                    valid = False
            if bool(start.data) != bool(end.data):
                (end if start.data else start).errors = [_l("Give both times, or none.")]
                valid = False
        return valid and self._in_order()

    def _in_order(self) -> bool:
        """Every span ends after it starts, and the second starts after the first ends."""
        times = [time for span in self.spans() for time in span]
        if times and times[-1] == "00:00":
            times[-1] = "24:00"
        if times == sorted(set(times)):
            return True
        field = self.recloses if self.recloses.data else self.closes
        field.errors = [_l("These times are not in order.")]
        return False


class AvailabilityForm(StepForm):
    may_be_skipped = True

    mon = FormField(DayForm, _l("Monday"))
    tue = FormField(DayForm, _l("Tuesday"))
    wed = FormField(DayForm, _l("Wednesday"))
    thu = FormField(DayForm, _l("Thursday"))
    fri = FormField(DayForm, _l("Friday"))
    sat = FormField(DayForm, _l("Saturday"))
    sun = FormField(DayForm, _l("Sunday"))
    notice_hours = WholeField(
        _l("Notice"),
        description=_l("How long before must a client book? Leave it empty if it doesn't matter."),
        least=0,
        most=8_760,
    )
    capacity = WholeField(
        _l("People at once"),
        description=_l("How many people can take part at once? Leave it empty for one."),
        least=1,
        most=10_000,
    )

    @property
    def days(self) -> list[tuple[Any, FormField]]:
        """Each day's name and form, Monday first."""
        return [(name, self._fields[key]) for key, name in DAYS]

    @classmethod
    def stored(cls, service: Service, step_key: str, context: Context) -> dict[str, Any]:
        names = ("opens", "closes", "reopens", "recloses")
        hours = {
            day: dict(zip(names, [time for span in spans for time in span], strict=False))
            for day, spans in (service.hours or {}).items()
        }
        return {**super().stored(service, step_key, context), **hours}

    def values(self) -> Mapping[str, Any]:
        hours = {key: spans for key, _name in DAYS if (spans := self._fields[key].form.spans())}
        return {"hours": hours or None, "notice_hours": self.notice_hours.data, "capacity": self.capacity.data}


ALT = "alt-"


class MediaForm(StepForm):
    """The order of the files (`media`, ids), the `cover` (an id), and an `alt-<id>` text each. The files themselves are rows of `app/media`."""

    may_be_skipped = True
    holds_files = True

    reads = ALT + r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"

    media = SelectMultipleField(_l("Photos and files"), validate_choice=False, choices=[])
    cover = StringField(_l("Cover"))

    def __init__(self, formdata: MultiDict[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(formdata, **kwargs)
        given = formdata or MultiDict()
        self.alts = {name.removeprefix(ALT): CONTROLS.sub("", text) for name, text in given.items() if name.startswith(ALT)}

    @classmethod
    def completed(cls, typed: Typed, kept: Typed, context: Context) -> Typed:
        """A page shows a description beside its file. It stays when the file is removed, on this page or another, and comes back with it."""
        unshown = {name: texts for name, texts in kept.items() if name.startswith(ALT) and name not in typed}
        if not unshown:
            return typed
        return typed | {name: texts for name, texts in unshown.items() if name.removeprefix(ALT) in context.known_media}

    @classmethod
    def loses(cls, typed: Typed, kept: Typed) -> bool:
        """A file that can't be put back, such as one that never arrived, takes its description along."""
        return any(name.startswith(ALT) and any(texts) for name, texts in kept.items() if name not in typed)

    @property
    def ordered(self) -> list[Media]:
        """The files that are there: first those with a place in the answer, then the others as they arrived."""
        places = {identity: place for place, identity in enumerate(self.media.data or [])}
        return sorted(self.context.media, key=lambda each: places.get(str(each.id), len(places)))

    @property
    def gallery(self) -> list[dict[str, str]]:
        """What visitors will see: [{"id", "alt"}], the cover first."""
        rows = [
            {"id": str(each.id), "alt": clean(self.alts.get(str(each.id), ""))}
            for each in self.ordered
            if each.state != State.REJECTED
        ]
        return sorted(rows, key=lambda row: row["id"] != self.cover.data)

    def validate_media(self, field: SelectMultipleField) -> None:
        if any(len(self.alts.get(str(each.id), "")) > 300 for each in self.ordered):
            raise ValidationError(_l("A description of a photo may have 300 characters. Shorten the longest."))

    @classmethod
    def write(cls, service: Service, step_key: str, context: Context) -> Typed:
        gallery = service.gallery or []
        alts = cls._unshown(service, step_key, context)
        alts |= {f"{ALT}{each['id']}": [each["alt"]] for each in gallery}
        return {"media": [each["id"] for each in gallery], "cover": [each["id"] for each in gallery[:1]], **alts}

    @classmethod
    def _unshown(cls, service: Service, step_key: str, context: Context) -> Typed:
        """The descriptions of files that visitors don't see, as they were when it was published."""
        kept = (service.extras or {}).get(step_key, {}).get("alts", {})
        return {f"{ALT}{identity}": [text] for identity, text in kept.items() if identity in context.known_media}

    def values(self) -> Mapping[str, Any]:
        """Besides the gallery, which is not the form's to write: what removed and refused files show, should they come back."""
        seen = {each["id"] for each in self.gallery}
        alts = {identity: text for identity, text in self.alts.items() if text and identity not in seen}
        had = any("alts" in kept for kept in (self.context.service.extras or {}).values())
        return {"alts": alts} if alts or had else {}
