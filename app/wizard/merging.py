"""Two texts of one step that grew out of the same one: what only one side changed is taken, what both changed is disputed.

The unit is a field; of hours a day, of repeated parts a row. Rows have no names, so they are matched by what stands in them: rows that one side
added are there beside the other's, and a row that one side changed outlives its removal by the other. Pure functions over typed text.
"""

import json
from collections import Counter
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from wtforms import FieldList, Form, FormField, SelectMultipleField

from app.wizard.typed import Typed, rows, with_rows


@dataclass(frozen=True)
class Dispute:
    """A unit that both sides changed, each in its own way. `mine` and `theirs` are its fields' texts."""

    unit: str
    mine: Typed
    theirs: Typed


@dataclass
class Merged:
    """The text of both sides. Where they dispute, `typed` is theirs: it is what is kept already."""

    typed: Typed
    disputes: list[Dispute] = field(default_factory=list)

    @property
    def mine(self) -> Typed:
        """The same with my side of each dispute."""
        return chosen(self.typed, {dispute.unit: dispute.mine for dispute in self.disputes})


def merge(form: type[Form], base: Typed | None, mine: Typed, theirs: Typed) -> Merged:
    """Both sides' changes to `base`. Without a base nobody knows who changed what: all that differs is disputed."""
    merged = Merged({})
    sides = (base or {}, mine, theirs)
    for unit in dict.fromkeys(_unit(form, name) for side in (theirs, mine, sides[0]) for name in side):
        before, ours, others = (part(side, unit) for side in sides)
        equal = _same_rows if _kind(form, unit) is FieldList else same
        if equal(ours, others) or (base is not None and equal(before, ours)):
            merged.typed |= others
        elif base is not None and equal(before, others):
            merged.typed |= ours
        elif base is not None and _is_list(form, unit):
            merged.typed[unit] = _merge_lists(*(side.get(unit, []) for side in (before, ours, others)))
        elif base is not None and _kind(form, unit) is FieldList:
            most = getattr(form, unit).kwargs.get("max_entries")
            _merge_rows(merged, unit, most, *(rows(side, unit) for side in (before, ours, others)))
        else:
            merged.typed |= others
            merged.disputes.append(Dispute(unit, ours, others))
    return merged


def part(typed: Typed, unit: str) -> Typed:
    """The fields of a unit: the one of that name, or those of a day or a row."""
    return {name: texts for name, texts in typed.items() if name == unit or name.startswith(f"{unit}-")}


def chosen(typed: Typed, parts: dict[str, Typed]) -> Typed:
    """The text with other texts for some units."""
    others = {
        name: texts for name, texts in typed.items() if not any(name == unit or name.startswith(f"{unit}-") for unit in parts)
    }
    return others | {name: texts for texts_of in parts.values() for name, texts in texts_of.items()}


def same(one: Typed, other: Typed) -> bool:
    """Whether two texts say the same: forms send line breaks in two ways, and a box that isn't ticked or a field that isn't there as nothing."""
    return _plain(one) == _plain(other)


def _plain(typed: Typed) -> dict[str, list[str]]:
    texts = {name: [text.replace("\r\n", "\n") for text in texts] for name, texts in typed.items()}
    return {name: each for name, each in texts.items() if each not in ([], [""])}


def _same_rows(one: Typed, other: Typed) -> bool:
    """A row in which nothing stands yet is a row: somebody has just added it."""
    return same(one, other) and one.keys() == other.keys()


def _is_list(form: type[Form], unit: str) -> bool:
    kind = _kind(form, unit)
    return isinstance(kind, type) and issubclass(kind, SelectMultipleField)


def _merge_lists(base: list[str], mine: list[str], theirs: list[str]) -> list[str]:
    """What neither side took away, and what either added. The order is theirs if they changed it, else mine."""
    is_moved = [each for each in theirs if each in base] != [each for each in base if each in theirs]
    first, second = (theirs, mine) if is_moved else (mine, theirs)
    return [
        each
        for each in [*first, *(each for each in second if each not in first)]
        if each not in base or (each in first and each in second)
    ]


def _kind(form: type[Form], name: str) -> object:
    return getattr(getattr(form, name, None), "field_class", None)


def _unit(form: type[Form], name: str) -> str:
    """The unit that a field belongs to: `mon-opens` to Monday, `packages-0-name` to the packages, any other to itself."""
    head, _, rest = name.partition("-")
    is_part = _kind(form, head) is FormField or (_kind(form, head) is FieldList and "-" in rest)
    return head if is_part else name


def _merge_rows(merged: Merged, unit: str, most: int | None, base: list[Typed], mine: list[Typed], theirs: list[Typed]) -> None:
    found: list[Typed] = []
    disputed: list[tuple[int, Typed, Typed]] = []
    (ours, mine_added), (others, theirs_added) = _changes(base, mine), _changes(base, theirs)
    for index in range(len(base) + 1):
        found += mine_added[index] + [row for row in theirs_added[index] if row not in mine_added[index]]
        if index == len(base):
            break
        row, one, other = base[index], ours[index], others[index]
        if one is None or other is None:
            # Removed by one side: it stays where the other changed it.
            found += [each for each in (one, other) if each is not None and not same(each, row)]
        elif same(one, row) or same(one, other):
            found.append(other)
        elif same(other, row):
            found.append(one)
        else:
            disputed.append((len(found), one, other))
            found.append(other)
    if most is not None and len(found) > most:
        # Together they are more than the step takes.
        disputed, found = [], theirs
        merged.disputes.append(Dispute(unit, with_rows({}, unit, mine), with_rows({}, unit, theirs)))
    merged.typed |= with_rows({}, unit, found)
    merged.disputes += [Dispute(f"{unit}-{at}", _named(unit, at, one), _named(unit, at, other)) for at, one, other in disputed]


def _changes(base: list[Typed], side: list[Typed]) -> tuple[list[Typed | None], list[list[Typed]]]:
    """What became of each row (None: it was removed), and the rows that were added before each and after the last."""
    became: list[Typed | None] = [None] * len(base)
    added: list[list[Typed]] = [[] for _ in range(len(base) + 1)]
    before, after = _keys(base, side)
    for _tag, start, end, first, last in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        for at, row in zip(range(start, end), side[first:last], strict=False):
            became[at] = row
        added[end] += side[first + end - start : last]
    return became, added


def _keys(base: list[Typed], side: list[Typed]) -> list[list[str]]:
    """What rows are matched by: what stands in them, and for rows that are there twice their place."""
    found = [[json.dumps(_plain(row), sort_keys=True) for row in each] for each in (base, side)]
    counts = [Counter(keys) for keys in found]
    is_twice = {key for count in counts for key, number in count.items() if number > 1}
    return [[f"{at} {key}" if key in is_twice else key for at, key in enumerate(keys)] for keys in found]


def _named(unit: str, at: int, row: Typed) -> Typed:
    return {f"{unit}-{at}-{inner}": texts for inner, texts in row.items()}
