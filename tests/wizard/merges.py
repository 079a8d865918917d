"""Random merges and what holds of each: `python -m tests.wizard.merges --number 100000 --seed 1`.

Two people begin with the same text. Each adds, moves, removes, doubles, empties and edits rows, changes fields and days, and orders and removes
files. Many of their words are the same, so that rows are doubled and both type alike.
"""

import argparse
from collections import Counter
from dataclasses import dataclass
from typing import Any

from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as some
from wtforms import Form

from app.wizard import merging
from app.wizard.forms import AvailabilityForm, BasicsForm, DetailsForm, MediaForm, PriceForm
from app.wizard.merging import Merged
from app.wizard.typed import Typed, moved, rows, with_rows

PARTS = ("name", "duration_minutes", "price_minor")
WORDS = ("", "A", "Long hair", "Long hair, dry", "Short hair", "5", "45", "45.00", "a\nb", "a\r\nb")


@dataclass(frozen=True)
class Case:
    """Two texts and the one from which both grew, if that is known."""

    form: type[Form]
    base: Typed | None
    mine: Typed
    theirs: Typed

    def merge(self) -> Merged:
        return merging.merge(self.form, self.base, self.mine, self.theirs)


word = some.sampled_from(WORDS)
row = some.one_of(
    some.just(("", "", "")),
    some.tuples(some.sampled_from("ABCD"), some.just("30"), some.just("5")),
    some.tuples(word, word, word),
)
deed = some.tuples(
    some.sampled_from(["add", "insert", "double", "move", "edit", "edit", "rewrite", "empty", "remove"]),
    some.integers(0, 7),
    some.integers(-3, 3),
    row,
)


def done(before: list[tuple[str, ...]], deeds: list[Any]) -> list[tuple[str, ...]]:
    """The rows after what somebody did to them."""
    found = list(before)
    for what, at, by, new in deeds:
        if what == "add":
            found.append(new)
        elif what == "insert":
            found.insert(at, new)
        elif at >= len(found):
            continue
        elif what == "double":
            found.insert(at, found[at])
        elif what == "move":
            found = moved(found, at, by)
        elif what == "edit":
            found[at] = tuple(new[part] if part == by % 3 else text for part, text in enumerate(found[at]))
        elif what == "remove":
            del found[at]
        else:
            found[at] = new if what == "rewrite" else ("", "", "")
    return found[:20]


def packages(found: list[tuple[str, ...]]) -> Typed:
    return with_rows({}, "packages", [{part: [text] for part, text in zip(PARTS, each, strict=True)} for each in found])


@some.composite
def of_rows(draw: Any) -> Case:
    before = draw(some.lists(row, max_size=6))
    mine, theirs = (done(before, draw(some.lists(deed, max_size=4))) for _side in "12")
    prices = [{"price_minor": [draw(some.sampled_from(["", "5", "6"]))]} for _text in "123"]
    base, *sides = (price | packages(each) for price, each in zip(prices, (before, mine, theirs), strict=True))
    return Case(PriceForm, base if draw(some.integers(0, 9)) else None, *sides)


def of_fields(form: type[Form], names: list[str]) -> some.SearchStrategy[Case]:
    text = some.dictionaries(some.sampled_from(names), word.map(lambda each: [each]), max_size=4)
    return some.builds(Case, some.just(form), some.none() | text, text, text)


def of_list(form: type[Form], name: str) -> some.SearchStrategy[Case]:
    text = some.lists(some.sampled_from("abcdef"), max_size=5, unique=True).map(lambda each: {name: each} if each else {})
    return some.builds(Case, some.just(form), some.none() | text, text, text)


days = [f"{day}-{part}" for day in ("mon", "tue") for part in ("opens", "closes", "reopens")]
cases = some.one_of(
    of_rows(),
    of_rows(),
    of_rows(),
    of_fields(BasicsForm, ["name", "summary", "parking"]),
    of_fields(AvailabilityForm, [*days, "capacity"]),
    of_list(DetailsForm, "places"),
    of_list(MediaForm, "media"),
)


def said(typed: Typed) -> Counter[Any]:
    """The rows of a text, each as what stands in it; a row in which nothing stands is one, too."""
    return Counter(_plain(each) for each in rows(typed, "packages"))


def _plain(typed: Typed) -> Any:
    return frozenset((name, text.replace("\r\n", "\n")) for name, texts in typed.items() for text in texts if text)


def words(typed: Typed) -> set[tuple[str, str]]:
    """What stands in each field, whichever row it is in."""
    return {(name.split("-")[-1], text) for name, text in _plain(typed)}


def check(case: Case) -> None:
    """All that holds of a merge."""
    merged = case.merge()
    _loses_nothing(case, merged)
    _doubles_nothing(case, merged)
    _asks_what_differs(case, merged)
    _is_done_once(case, merged)
    if case.base is not None:
        _is(merging.merge(case.form, case.base, case.mine, case.base), case.mine)
        _is(merging.merge(case.form, case.base, case.base, case.theirs), case.theirs)
    _is(merging.merge(case.form, case.base, case.mine, case.mine), case.mine)


def _is(merged: Merged, side: Typed) -> None:
    """The rows that nothing stands in, too."""
    assert merging.same(merged.typed, side), "what one side alone changed is not taken as it is"
    assert said(merged.typed) == said(side)
    assert merged.disputes == []


def _loses_nothing(case: Case, merged: Merged) -> None:
    before = case.base or {}
    offered = [merged.typed, merged.mine, *(side for each in merged.disputes for side in (each.mine, each.theirs))]
    found = set[tuple[str, str]]().union(*map(words, offered))
    stand = set[Any]().union(*map(said, [merged.typed, merged.mine]))
    for side in (case.mine, case.theirs):
        assert words(side) - words(before) <= found, "a text is lost"
        assert set(said(side)) - set(said(before)) <= stand, "a row is lost"


def _doubles_nothing(case: Case, merged: Merged) -> None:
    mine, theirs, base = said(case.mine), said(case.theirs), said(case.base or {})
    for each, number in said(merged.typed).items():
        assert number <= max(mine[each], theirs[each]), "a row is there more often than on either side"
        if each and case.base is not None and max(mine[each], theirs[each]) <= base[each] and not _is_whole(merged):
            assert number <= min(mine[each], theirs[each]), "a row that was removed is there again"


def _is_whole(merged: Merged) -> bool:
    return any(each.unit == "packages" for each in merged.disputes)


def _asks_what_differs(case: Case, merged: Merged) -> None:
    assert len({each.unit for each in merged.disputes}) == len(merged.disputes)
    for each in merged.disputes:
        assert not merging.same(each.mine, each.theirs), "a dispute about nothing"
        assert merging.part(merged.typed, each.unit) == each.theirs, "the dispute is about another part"
        assert merging.part(merged.mine, each.unit) == each.mine
        for side, text in ((case.mine, each.mine), (case.theirs, each.theirs)):
            if each.unit.startswith("packages-") and case.form is PriceForm:
                (one,) = said(text)
                assert said(side)[one] > said(case.base or {})[one], "a side of a dispute that nobody typed"
            else:
                assert text == merging.part(side, each.unit)
                assert case.base is None or not merging.same(text, merging.part(case.base, each.unit))


def _is_done_once(case: Case, merged: Merged) -> None:
    """A row in which nothing stands may come or go: to ask about it is worse."""
    again = merging.merge(case.form, case.base, case.mine, merged.typed)
    assert _filled(again.typed) == _filled(merged.typed), "the same text sent again changes what is kept"
    onto = merging.merge(case.form, case.base, merged.typed, case.theirs)
    assert _filled(onto.typed) == _filled(merged.typed), "what was put together changes when it meets theirs again"
    if case.base is not None:
        assert onto.disputes == []


def _filled(typed: Typed) -> Any:
    """The text without rows in which nothing stands."""
    others = {name: texts for name, texts in typed.items() if not name.startswith("packages-")}
    return _plain(others), [each for row in rows(typed, "packages") if (each := _plain(row))]


def run(number: int, at: int) -> None:
    rules = settings(max_examples=number, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    seed(at)(rules(given(cases)(check)))()
    print(f"{number} random merges of seed {at}: all as they should be")


if __name__ == "__main__":
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--number", type=int, default=100_000)
    reader.add_argument("--seed", type=int, default=0)
    asked = reader.parse_args()
    run(asked.number, asked.seed)
