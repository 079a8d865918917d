"""The states of unsaved text and the words that are carried along, as pure functions: the modules are loaded in the browser and called."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Site

pytestmark = pytest.mark.parametrize("size", ["desktop"], indirect=True)

UNSAFE = ["dirty", "sending", "lost", "refused", "barred", "conflict", "leaving"]
EVENTS = ["typed", "sent", "again", "saved", "noAnswer", "refused", "barred", "pressed", "answered"]


@pytest.fixture
def call(page: Page, site: Site) -> Callable[..., Any]:
    """Call a function of a module of `static/js`."""
    page.goto("/sign-in")

    def run(module: str, body: str, *given: Any) -> Any:
        return page.evaluate(
            f"async (given) => {{ const it = await import('/static/js/{module}.js'); return ({body})(it, ...given); }}",
            list(given),
        )

    return run


def follow(call: Callable[..., Any], state: str, event: str, rest: str = "clean") -> Any:
    return call("unsaved-states", "(it, state, event, rest) => it.follow(state, event, () => rest)", state, event, rest)


def test_only_when_the_server_has_every_word_may_another_page_take_the_forms_place(call: Callable[..., Any]) -> None:
    safe = call("unsaved-states", "(it) => Object.keys(it.STATES).filter((each) => it.STATES[each].isSafe)")
    assert safe == ["clean"]


def test_each_state_that_is_led_to_is_declared(call: Callable[..., Any]) -> None:
    states = call("unsaved-states", "(it) => Object.keys(it.STATES)")
    led_to = call("unsaved-states", "(it) => Object.values(it.TRANSITIONS).flatMap((each) => Object.values(each))")
    assert set(led_to) <= {*states, "rest"}
    assert states == call("unsaved-states", "(it) => Object.keys(it.TRANSITIONS)")


def test_each_event_that_is_named_is_one_that_is_known(call: Callable[..., Any]) -> None:
    events = call("unsaved-states", "(it) => Object.values(it.TRANSITIONS).flatMap((each) => Object.keys(each))")
    assert set(events) == set(EVENTS)


@pytest.mark.parametrize("state", UNSAFE)
def test_no_event_but_an_answer_or_typing_makes_a_state_safe(call: Callable[..., Any], state: str) -> None:
    safe = [event for event in EVENTS if follow(call, state, event) == "clean"]
    assert set(safe) <= {"typed", "saved", "refused", "answered"}


@pytest.mark.parametrize("state", ["lost", "barred", "leaving", "sending"])
def test_typing_does_not_end_a_wait_for_an_answer(call: Callable[..., Any], state: str) -> None:
    assert follow(call, state, "typed") == state


@pytest.mark.parametrize(("state", "after"), [("sending", "lost"), ("leaving", "lost"), ("dirty", "dirty")])
def test_without_an_answer_what_was_sent_counts_as_lost(call: Callable[..., Any], state: str, after: str) -> None:
    assert follow(call, state, "noAnswer") == after


def test_words_that_are_under_way_are_sent_by_nobody_else(call: Callable[..., Any]) -> None:
    sends = call("unsaved-states", "(it) => Object.keys(it.STATES).filter((each) => it.STATES[each].sends)")
    assert not {"sending", "leaving"} & set(sends)


CARRY = """(it, before, typed, action, brought) => {
  const form = document.createElement("form");
  for (const [name, value] of new URLSearchParams(brought)) form.append(Object.assign(document.createElement("input"), { name, value }));
  const { gone, met } = it.carry(form, before, typed, action);
  return { gone, met, now: Object.fromEntries(new FormData(form)) };
}"""
TWO = "packages-0-name=One&packages-1-name=Two"


@pytest.mark.parametrize(
    ("action", "brought", "now"),
    [
        ("", TWO, ["One", "Two!"]),
        ("packages.add", f"{TWO}&packages-2-name=", ["One", "Two!", ""]),
        ("packages.remove.0", "packages-0-name=Two", ["Two!"]),
        ("packages.up.1", "packages-0-name=Two&packages-1-name=One", ["Two!", "One"]),
        ("packages.down.0", "packages-0-name=Two&packages-1-name=One", ["Two!", "One"]),
    ],
)
def test_what_was_typed_in_a_row_goes_where_its_row_went(
    call: Callable[..., Any], action: str, brought: str, now: list[str]
) -> None:
    found = call("carry", CARRY, TWO, "packages-0-name=One&packages-1-name=Two!", action, brought)
    assert list(found["now"].values()) == now
    assert found["gone"] == []


def test_what_was_typed_in_a_row_that_is_removed_is_told_of(call: Callable[..., Any]) -> None:
    found = call("carry", CARRY, TWO, "packages-0-name=One&packages-1-name=Two!", "packages.remove.1", "packages-0-name=One")
    assert found["gone"] == ["packages-1-name"]


def test_a_row_is_found_again_though_rows_from_elsewhere_came_before_it(call: Callable[..., Any]) -> None:
    brought = "packages-0-name=Theirs&packages-1-name=One&packages-2-name=Two"
    found = call("carry", CARRY, TWO, "packages-0-name=One!&packages-1-name=Two", "packages.add", brought)
    assert found["now"]["packages-1-name"] == "One!"


def test_where_the_answer_brought_other_words_it_is_told_what_the_typed_ones_grew_out_of(call: Callable[..., Any]) -> None:
    found = call("carry", CARRY, "name=Cut", "name=Cut!", "", "name=Theirs")
    assert (found["now"], found["met"]) == ({"name": "Cut!"}, [["name", "name=Cut"]])


def test_a_field_that_nobody_typed_in_is_left_as_the_answer_brought_it(call: Callable[..., Any]) -> None:
    found = call("carry", CARRY, "name=Cut&summary=", "name=Cut!&summary=", "", "name=Cut&summary=Theirs")
    assert found["now"] == {"name": "Cut!", "summary": "Theirs"}
