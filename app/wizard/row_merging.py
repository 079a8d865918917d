"""Two lists of rows that grew out of the same one, put together. Pure functions over typed text; which row became which is found in `row_matching`.

A row that one side changed is as that side has it, and stays even if the other removed it. A row that both changed, each in its own way, is disputed.
A row that both added is there once.
"""

from collections import Counter
from dataclasses import dataclass

from app.wizard import row_matching
from app.wizard.row_matching import Pairs, Said, key
from app.wizard.typed import Typed


@dataclass(eq=False)
class Row:
    """A row by its place in each text (None: it isn't there), and whether both sides changed it, each in its own way."""

    before: int | None
    mine: int | None
    theirs: int | None
    is_disputed: bool = False


@dataclass(frozen=True)
class Rows:
    """The three texts."""

    base: list[Typed]
    mine: list[Typed]
    theirs: list[Typed]

    def together(self) -> list[Row] | None:
        """The rows of both sides, in order. None where rows that are there several times leave open which became which: the same request again,
        after its answer was lost, would change what it has put there."""
        found = self._once()
        texts = [self.text(row) for row in found]
        filled = _filled(texts)
        again = [Rows(self.base, self.mine, texts), Rows(self.base, texts, self.theirs)]
        if all(_filled([each.text(row) for row in each._once()]) == filled for each in again):
            return found
        # This is the same request again: all but blank rows is as it was put there.
        if filled == _filled(self.theirs):
            return self._as_theirs(found)
        is_mine = filled == _filled(self.mine) and not any(row.is_disputed for row in found)
        return [Row(None, at, None) for at in range(len(self.mine))] if is_mine else None

    def _as_theirs(self, found: list[Row]) -> list[Row]:
        rows = {row.theirs: row for row in found if row.is_disputed}
        return [rows.get(at) or Row(None, None, at) for at in range(len(self.theirs))]

    def text(self, row: Row) -> Typed:
        """What stands in a row that stays; theirs where it is disputed."""
        if row.theirs is None or (row.mine is not None and not row.is_disputed and self._is_left(row, self.theirs, row.theirs)):
            return self.mine[row.mine or 0]
        return self.theirs[row.theirs]

    def _once(self) -> list[Row]:
        if row_matching.has_changes(self.theirs, self.base, self.mine):
            return [Row(None, None, at) for at in range(len(self.theirs))]
        if row_matching.has_changes(self.mine, self.base, self.theirs):
            return [Row(None, at, None) for at in range(len(self.mine))]
        rows = [row for row in self._matched() if self._stays(row)]
        for row in rows:
            row.is_disputed = self._is_disputed(row)
        return self._ordered(rows)

    def _matched(self) -> list[Row]:
        ours, others = row_matching.match(self.base, self.mine), row_matching.match(self.base, self.theirs)
        both = self._alike(ours, others)
        # A row that both have and that didn't grow out of the same one, both added, and removed the one before.
        parted = {(_origin(ours, one), _origin(others, other)) for one, other in both.items()}
        ours, others = (
            _without(pairs, {each[side] for each in parted if each[0] != each[1]}) for side, pairs in enumerate((ours, others))
        )
        mine_doubled, theirs_doubled = (
            self._doubled(self.mine, ours, self.theirs, others),
            self._doubled(self.theirs, others, self.mine, ours),
        )
        ours, others = _without(ours, mine_doubled), _without(others, theirs_doubled)
        rows = [Row(at, ours.get(at), others.get(at)) for at in range(len(self.base))]
        rows += [Row(None, at, both.get(at)) for at in range(len(self.mine)) if at not in ours.values()]
        taken = {*others.values(), *both.values()}
        return rows + [Row(None, None, at) for at in range(len(self.theirs)) if at not in taken]

    def _alike(self, ours: Pairs, others: Pairs) -> Pairs:
        """Which of my new rows say the same as which of theirs."""
        mine, theirs = self._new(self.mine, ours), self._new(self.theirs, others)
        pairs = row_matching.same_rows([self.mine[at] for at in mine], [self.theirs[at] for at in theirs])
        return {mine[one]: theirs[other] for one, other in pairs.items()}

    def _new(self, side: list[Typed], pairs: Pairs) -> list[int]:
        left = {at for before, at in pairs.items() if key(self.base[before]) == key(side[at])}
        return [at for at in range(len(side)) if at not in left]

    def _doubled(self, side: list[Typed], pairs: Pairs, other: list[Typed], others: Pairs) -> set[int]:
        """Rows of the base that this side has more often and the other changed or removed: nobody knows which of them that was meant for, so
        what this side has stays beside what the other made of it."""
        counts, before = Counter(map(key, side)), Counter(map(key, self.base))
        doubled = {each for each, number in counts.items() if each and number > before[each] > 0}
        return {
            at
            for at, row in enumerate(self.base)
            if (said := key(row)) in doubled and at in pairs and key(side[pairs[at]]) == said
            if at not in others or key(other[others[at]]) != said
        }

    def _is_left(self, row: Row, side: list[Typed], at: int) -> bool:
        return row.before is not None and key(self.base[row.before]) == key(side[at])

    def _stays(self, row: Row) -> bool:
        """Not if one side removed it and the other left it alone."""
        if row.mine is not None and row.theirs is not None:
            return True
        sides = ((self.mine, row.mine), (self.theirs, row.theirs))
        return any(at is not None and not self._is_left(row, side, at) for side, at in sides)

    def _is_disputed(self, row: Row) -> bool:
        if row.before is None or row.mine is None or row.theirs is None:
            return False
        return len({key(self.base[row.before]), key(self.mine[row.mine]), key(self.theirs[row.theirs])}) == 3

    def _ordered(self, rows: list[Row]) -> list[Row]:
        """In their order if they moved rows, else in mine. A row that isn't there follows the one that it follows on the other side."""
        in_mine, in_theirs = (_by_place(rows, side) for side in ("mine", "theirs"))
        places = [row.before for row in in_theirs if row.before is not None and row.mine is not None]
        is_moved = places != sorted(places)
        found, others = (in_theirs, in_mine) if is_moved else (in_mine, in_theirs)
        at = 0
        for row in others:
            if row in found:
                at = found.index(row) + 1
                continue
            while not is_moved and at < len(found) and found[at].before is None and found[at].theirs is None:
                at += 1  # what I added comes first
            found.insert(at, row)
            at += 1
        return found


def _origin(pairs: Pairs, at: int) -> int | None:
    return next((before for before, after in pairs.items() if after == at), None)


def _filled(rows: list[Typed]) -> list[Said]:
    """What stands in the rows, without those in which nothing does: to lose or to gain one of them is no reason to ask anybody."""
    return [said for row in rows if (said := key(row))]


def _without(pairs: Pairs, befores: set[int] | set[int | None]) -> Pairs:
    return {before: after for before, after in pairs.items() if before not in befores}


def _by_place(rows: list[Row], side: str) -> list[Row]:
    return sorted((row for row in rows if getattr(row, side) is not None), key=lambda row: getattr(row, side))
