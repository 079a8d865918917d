"""A field, its hint and its error belong together, whatever kind of field it is."""

import pytest
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, FieldList, Form, FormField, RadioField, SelectChoice, StringField, validators

from tests.design.conftest import Draw


class Package(Form):
    title = StringField("Title", [validators.DataRequired("Give the package a title.")])


class Listing(Form):
    name = StringField("Name", [validators.DataRequired("Give it a name.")])
    place = RadioField(
        "Place",
        [validators.InputRequired("Choose a place.")],
        choices=[SelectChoice("here", "Here"), SelectChoice("online", "Online")],
    )
    listed = BooleanField("List it")
    packages = FieldList(FormField(Package), min_entries=2)


@pytest.fixture
def refused() -> Listing:
    form = Listing(MultiDict({"packages-0-title": "Half an hour", "packages-1-title": ""}))
    form.validate()
    return form


def test_a_refused_field_says_so_to_a_screen_reader(draw: Draw, refused: Listing) -> None:
    field = draw("{{ forms.field(form.name) }}", form=refused).one("input")
    assert field.get("aria-invalid") == "true"


def test_a_field_is_described_by_its_hint_and_its_error(draw: Draw, refused: Listing) -> None:
    page = draw('{{ forms.field(form.name, hint="As clients say it.") }}', form=refused)
    described = (page.one("input").get("aria-describedby") or "").split()
    words = ["".join(page.by_id(each).itertext()) for each in described]  # type: ignore[union-attr]
    assert words[0] == "As clients say it."
    assert "Give it a name." in words[1]


def test_a_field_without_hint_or_error_is_described_by_nothing(draw: Draw) -> None:
    field = draw("{{ forms.field(form.name) }}", form=Listing()).one("input")
    assert field.get("aria-describedby") is None
    assert field.get("aria-invalid") is None


def test_radios_are_a_group_named_by_their_question(draw: Draw) -> None:
    page = draw("{{ forms.field(form.place) }}", form=Listing())
    assert "".join(page.one("fieldset")[0].itertext()) == "Place"
    assert page.one("fieldset")[0].tag.endswith("legend")


def test_a_single_checkbox_is_named_by_its_label(draw: Draw) -> None:
    page = draw("{{ forms.field(form.listed) }}", form=Listing())
    assert page.one("label").get("for") == page.one("input", type="checkbox").get("id")


def test_the_summary_links_to_every_refused_field_and_to_the_right_row(draw: Draw, refused: Listing) -> None:
    page = draw("{{ forms.error_summary(form) }}", form=refused)
    links = {link.text: link.get("href") for link in page.all("a")}
    assert links == {
        "Give it a name.": "#name",
        "Choose a place.": "#place-0",
        "Give the package a title.": "#packages-1-title",
    }


def test_the_summary_links_lead_to_fields_that_are_there(draw: Draw, refused: Listing) -> None:
    page = draw(
        "{{ forms.error_summary(form) }}{{ forms.field(form.name) }}{{ forms.field(form.place) }}"
        "{% for row in form.packages %}{{ forms.field(row.form.title) }}{% endfor %}",
        form=refused,
    )
    assert all(page.by_id((link.get("href") or "")[1:]) is not None for link in page.all("a"))


def test_the_summary_takes_the_focus_and_is_announced(draw: Draw, refused: Listing) -> None:
    summary = draw("{{ forms.error_summary(form) }}", form=refused).one("div", role="alert")
    assert summary.get("autofocus") is not None
    assert summary.get("tabindex") == "-1"


def test_a_form_without_errors_has_no_summary(draw: Draw) -> None:
    assert not draw("{{ forms.error_summary(form) }}", form=Listing()).all("div")


def test_what_was_typed_comes_back_as_text_and_never_as_markup(draw: Draw) -> None:
    typed = '"><script>alert(1)</script> \u202eشینگل 🪧'
    page = draw("{{ forms.field(form.name) }}", form=Listing(MultiDict({"name": typed})))
    assert page.one("input").get("value") == typed
    assert not page.all("script")


def test_a_button_that_changes_something_carries_a_token(draw: Draw) -> None:
    form = draw('{{ forms.post_button("Keep", "/keep", fields={"days": 2}) }}').one("form", method="post", action="/keep")
    assert {each.get("name") for each in form.iter()} >= {"csrf_token", "days"}
