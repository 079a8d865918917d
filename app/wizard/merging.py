"""Two texts of one step that grew out of the same one: what only one side changed is taken, what both changed is disputed.

The unit is a field; of hours a day, of repeated parts a row. Rows have no names, so they are matched by what stands in them: rows that one side
added are there beside the other's, and a row that one side changed outlives its removal by the other. Pure functions over typed text.
"""

from dataclasses import dataclass, field, replace

from wtforms import FieldList, Form, FormField, SelectMultipleField

from app.wizard import row_matching
from app.wizard.row_merging import Rows
from app.wizard.typed import Typed, rows, with_rows


@dataclass(frozen=True)
class Dispute:
    """A unit that both sides changed, each in its own way. `mine` and `theirs` are its fields' texts. `here` is what it is called in my text: both
    together may have a row in another place."""

    unit: str
    mine: Typed
    theirs: Typed
    here: str = ""

    @property
    def in_place(self) -> "Dispute":
        """The same as a page knows it that goes on showing its own rows."""
        return (
            replace(self, unit=self.here, mine=self._renamed(self.mine), theirs=self._renamed(self.theirs))
            if self.here
            else self
        )

    def _renamed(self, typed: Typed) -> Typed:
        return {f"{self.here}{name.removeprefix(self.unit)}": texts for name, texts in typed.items()}


@dataclass
class Merged:
    """The text of both sides. Where they dispute, `typed` is theirs: it is what is kept already."""

    typed: Typed
    disputes: list[Dispute] = field(default_factory=list)

    @property
    def mine(self) -> Typed:
        """The same with my side of each dispute."""
        return chosen(self.typed, {dispute.unit: dispute.mine for dispute in self.disputes})


def merge(form: type[Form], base: Typed | None, mine: Typed, theirs: Typed, *, is_unsure: bool = False) -> Merged:
    """Both sides' changes to `base`. Without a base nobody knows who changed what: all that differs is disputed. `is_unsure`: what stands there as
    in the base may have been mine in between, and they took it back."""
    merged = Merged({})
    sides = (base or {}, mine, theirs)
    for unit in dict.fromkeys(_unit(form, name) for side in (theirs, mine, sides[0]) for name in side):
        before, ours, others = (part(side, unit) for side in sides)
        equal = _same_rows if _kind(form, unit) is FieldList else same
        if equal(ours, others) or (base is not None and equal(before, ours)):
            merged.typed |= others
        elif base is not None and equal(before, others) and not is_unsure:
            merged.typed |= ours
        elif is_unsure and equal(before, others):
            merged.typed |= others
            merged.disputes.append(Dispute(unit, ours, others))
        elif base is not None and _is_list(form, unit):
            merged.typed[unit] = _merge_lists(*(side.get(unit, []) for side in (before, ours, others)))
        elif base is not None and _kind(form, unit) is FieldList:
            most = getattr(form, unit).kwargs.get("max_entries")
            _merge_rows(merged, unit, most, Rows(rows(before, unit), rows(ours, unit), rows(others, unit)))
        elif _kind(form, unit) is FieldList and _filled(ours, unit) == _filled(others, unit):
            # Rows in which nothing stands are nothing to ask about: the more there are, the fewer vanish from under somebody's hands.
            merged.typed |= ours if len(rows(ours, unit)) > len(rows(others, unit)) else others
        else:
            merged.typed |= others
            merged.disputes.append(Dispute(unit, ours, others))
    return merged


def _filled(typed: Typed, unit: str) -> list[row_matching.Said]:
    return [key for row in rows(typed, unit) if (key := row_matching.key(row))]


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
    kept = [each for each in base if each in mine and each in theirs]
    is_moved = [each for each in theirs if each in kept] != kept
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


def _merge_rows(merged: Merged, unit: str, most: int | None, found: Rows) -> None:
    together = found.together() if most is None or max(map(len, (found.base, found.mine, found.theirs))) <= most else None
    if together is None or (most is not None and len(together) > most):
        # Nobody can tell what became of which, or together they are more than the step takes.
        ours, others = (with_rows({}, unit, side) for side in (found.mine, found.theirs))
        merged.typed |= others
        merged.disputes.append(Dispute(unit, ours, others))
        return
    merged.typed |= with_rows({}, unit, [found.text(row) for row in together])
    for at, row in enumerate(together):
        if row.is_disputed and row.mine is not None and row.theirs is not None:
            mine, theirs = (_named(unit, at, text) for text in (found.mine[row.mine], found.theirs[row.theirs]))
            merged.disputes.append(Dispute(f"{unit}-{at}", mine, theirs, here=f"{unit}-{row.mine}"))


def _named(unit: str, at: int, row: Typed) -> Typed:
    return {f"{unit}-{at}-{inner}": texts for inner, texts in row.items()}
