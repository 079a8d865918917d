"""Two texts that grew out of one: what one side changed is taken, what both changed is disputed, and no word of either is lost."""

import pytest
from hypothesis import HealthCheck, given, seed, settings

from app.wizard import merging
from app.wizard.forms import AvailabilityForm, BasicsForm, DetailsForm, MediaForm, PriceForm
from app.wizard.merging import Dispute, Merged
from app.wizard.typed import Typed, rows, with_rows
from tests.wizard import merges

ORIGIN: Typed = {"name": ["Hair"], "summary": ["Cut"]}


def packages(*names: str) -> Typed:
    return with_rows({}, "packages", [{"name": [name], "price_minor": ["5"]} for name in names])


def names(merged: Merged) -> list[str]:
    return [row["name"][0] for row in rows(merged.typed, "packages")]


def test_what_only_i_changed_is_mine() -> None:
    assert merging.merge(BasicsForm, ORIGIN, ORIGIN | {"name": ["Mine"]}, ORIGIN) == Merged(ORIGIN | {"name": ["Mine"]})


def test_what_only_they_changed_is_theirs() -> None:
    assert merging.merge(BasicsForm, ORIGIN, ORIGIN, ORIGIN | {"name": ["Theirs"]}) == Merged(ORIGIN | {"name": ["Theirs"]})


def test_different_fields_merge() -> None:
    merged = merging.merge(BasicsForm, ORIGIN, ORIGIN | {"name": ["Mine"]}, ORIGIN | {"summary": ["Theirs"]})
    assert merged == Merged({"name": ["Mine"], "summary": ["Theirs"]})


def test_what_both_changed_is_disputed_and_theirs_stays_until_then() -> None:
    merged = merging.merge(BasicsForm, ORIGIN, ORIGIN | {"name": ["Mine"]}, ORIGIN | {"name": ["Theirs"]})
    assert merged.disputes == [Dispute("name", {"name": ["Mine"]}, {"name": ["Theirs"]})]
    assert merged.typed["name"] == ["Theirs"]
    assert merged.mine["name"] == ["Mine"]


def test_what_both_changed_alike_is_not_disputed() -> None:
    both = ORIGIN | {"name": ["Both"]}
    assert merging.merge(BasicsForm, ORIGIN, both, both) == Merged(both)


def test_without_an_origin_all_that_differs_is_disputed() -> None:
    merged = merging.merge(BasicsForm, None, ORIGIN | {"name": ["Mine"]}, ORIGIN)
    assert [each.unit for each in merged.disputes] == ["name"]


def test_line_breaks_that_a_form_sends_its_own_way_are_no_change() -> None:
    merged = merging.merge(DetailsForm, {"description": ["a\nb"]}, {"description": ["a\r\nb"]}, {"description": ["a\nb and c"]})
    assert merged == Merged({"description": ["a\nb and c"]})


def test_a_day_is_one_thing() -> None:
    origin, mine, theirs = (
        {"mon-opens": [start], "mon-closes": [end]}
        for start, end in (("09:00", "12:00"), ("08:00", "12:00"), ("09:00", "13:00"))
    )
    merged = merging.merge(AvailabilityForm, origin, mine, theirs)
    assert merged.disputes == [Dispute("mon", mine, theirs)]


def test_files_that_were_added_on_both_sides_are_all_in_the_order() -> None:
    merged = merging.merge(MediaForm, {"media": ["a"]}, {"media": ["a", "b"]}, {"media": ["a", "c"]})
    assert merged == Merged({"media": ["a", "b", "c"]})


def test_a_ticked_box_and_another_one_unticked_elsewhere_both_count() -> None:
    merged = merging.merge(DetailsForm, {"places": ["client"]}, {"places": ["client", "online"]}, {})
    assert merged == Merged({"places": ["online"]})


@pytest.mark.parametrize(
    ("origin", "mine", "theirs", "both"),
    [
        ("A", "A M", "A T", "A M T"),
        ("A", "M A", "A T", "M A T"),
        ("A B", "A2 B", "A B T", "A2 B T"),
        ("A B", "B", "A B T", "B T"),
        ("A B", "B A", "A B", "B A"),
        ("A B", "B", "A2 B", "A2 B"),
        ("A", "A M", "T A", "T A M"),
        ("", "M", "M", "M"),
        ("- -", "- M", "T -", "T M"),
        ("- - -", "- - M", "- T -", "- T M"),
    ],
)
def test_rows_are_matched_by_what_stands_in_them(origin: str, mine: str, theirs: str, both: str) -> None:
    merged = merging.merge(PriceForm, *(packages(*each.split()) for each in (origin, mine, theirs)))
    assert names(merged) == both.split()
    assert merged.disputes == []


def test_a_row_that_both_changed_is_disputed_where_it_stands_now() -> None:
    merged = merging.merge(PriceForm, packages("A", "B"), packages("A", "B1"), packages("T", "A", "B2"))
    assert [(each.unit, each.mine["packages-2-name"], each.theirs["packages-2-name"]) for each in merged.disputes] == [
        ("packages-2", ["B1"], ["B2"])
    ]


def test_a_row_that_was_just_added_stays_though_nothing_stands_in_it() -> None:
    merged = merging.merge(PriceForm, packages("A"), packages("A") | {"packages-1-name": [""]}, packages("A2"))
    assert len(rows(merged.typed, "packages")) == 2


def test_more_rows_than_the_step_takes_are_disputed_as_a_whole() -> None:
    mine, theirs = (packages(*(f"{side}{at}" for at in range(11))) for side in "MT")
    merged = merging.merge(PriceForm, {}, mine, theirs)
    assert [each.unit for each in merged.disputes] == ["packages"]
    assert names(merged) == [f"T{at}" for at in range(11)]


@pytest.mark.parametrize(
    ("origin", "mine", "theirs", "both"),
    [
        # A blank row moved above one that both changed, or that I changed on the way.
        ("A5 _", "_ A5x", "A5 _ T", "_ T A5x"),
        ("_ A5", "A5x _", "_ A5", "A5x _"),
        ("A5 _", "_ A5", "A5x _", "_ A5x"),
        # Both added the same row, one of them in another place.
        ("A", "A N _", "N A", "A N _"),
        # One rewrote a row as what the other rewrote another one as.
        ("A B", "N B", "A N", "N"),
        # A blank row that I filled in while they added another.
        ("A _", "A N", "A _ _", "A N _"),
    ],
)
def test_no_row_stands_twice(origin: str, mine: str, theirs: str, both: str) -> None:
    merged = merging.merge(PriceForm, *(typed_rows(each) for each in (origin, mine, theirs)))
    assert ["".join(row["name"]) or "_" for row in rows(merged.typed, "packages")] == both.split()
    assert merged.disputes == []


def typed_rows(names: str) -> Typed:
    """Packages by their names; "_" is a row in which nothing stands."""
    return with_rows({}, "packages", [{"name": [name.replace("_", "")], "price_minor": [""]} for name in names.split()])


def test_a_row_that_one_side_moved_and_both_changed_is_disputed_where_it_stands_now() -> None:
    merged = merging.merge(PriceForm, *(typed_rows(each) for each in ("Long _", "_ Longer", "Longest _")))
    assert [(each.unit, each.mine["packages-1-name"], each.theirs["packages-1-name"]) for each in merged.disputes] == [
        ("packages-1", ["Longer"], ["Longest"])
    ]


def test_blank_rows_are_nothing_to_ask_about() -> None:
    merged = merging.merge(PriceForm, None, typed_rows("_ A _"), typed_rows("A"))
    assert merged == Merged(typed_rows("_ A _"))


def test_files_keep_their_order_when_the_same_request_comes_again() -> None:
    texts = ({"media": ["a", "c", "b"]}, {"media": ["d", "e", "c", "a"]}, {"media": ["d", "a", "b", "c"]})
    merged = merging.merge(MediaForm, *texts)
    assert merging.merge(MediaForm, texts[0], texts[1], merged.typed) == merged


@seed(0)
@settings(deadline=None, max_examples=1_000, database=None, suppress_health_check=list(HealthCheck))
@given(merges.cases)
def test_random_merges_lose_nothing_double_nothing_and_ask_about_something(case: merges.Case) -> None:
    merges.check(case)
