"""Typed text and its rows."""

from werkzeug.datastructures import MultiDict

from app.wizard import typed


def test_rows_are_read_in_the_order_of_their_numbers() -> None:
    given = {"packages-10-name": ["ten"], "packages-2-name": ["two"], "name": ["Haircut"]}
    assert typed.rows(given, "packages") == [{"name": ["two"]}, {"name": ["ten"]}]


def test_new_rows_are_numbered_from_zero_and_leave_the_rest_alone() -> None:
    given = {"packages-5-name": ["old"], "name": ["Haircut"]}
    assert typed.with_rows(given, "packages", [{"name": ["a"]}, {"name": ["b"]}]) == {
        "name": ["Haircut"],
        "packages-0-name": ["a"],
        "packages-1-name": ["b"],
    }


def test_a_field_that_only_looks_like_a_row_is_left_alone() -> None:
    assert typed.with_rows({"packages-note": ["keep"]}, "packages", []) == {"packages-note": ["keep"]}


def test_an_item_moved_past_the_end_stays() -> None:
    assert typed.moved(["a", "b"], 1, 1) == ["a", "b"]


def test_an_item_moves_by_one() -> None:
    assert typed.moved(["a", "b", "c"], 2, -1) == ["a", "c", "b"]


def test_spaces_alone_are_blank() -> None:
    assert typed.is_blank({"name": ["  \n"]})


def test_a_preset_choice_alone_is_blank() -> None:
    assert typed.is_blank({"currency": ["EUR"], "price_minor": [""]}, {"currency"})


def test_a_text_longer_than_the_limit_is_named_with_its_length() -> None:
    assert typed.too_long({"name": ["x" * (typed.LONGEST + 1)], "summary": ["fine"]}) == {"name": typed.LONGEST + 1}


def test_fields_that_no_form_has_are_not_read() -> None:
    sent = MultiDict([("name", "x"), ("packages-²-name", "x"), ("packages-" + "9" * 5000 + "-name", "x"), ("\x00", "x" * 9)])
    assert set(typed.of_request(sent)) == {"name"}


def test_texts_that_are_too_long_together_are_too_long() -> None:
    assert typed.too_long({f"packages-{number}-name": ["x" * 150_000] for number in range(7)})


def test_one_field_sent_many_times_is_as_long_as_all_of_it() -> None:
    assert typed.too_long({"places": ["x" * 1000] * 201}) == {"places": 201_000}
