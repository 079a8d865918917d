"""Which row became which: rows have no names, so two lists of them are matched by what stands in them, and then by their place.

Pure functions over typed text. The lists are short (a step says how many rows it takes), so each row is compared with each.
"""

from collections import Counter, defaultdict

from app.wizard.typed import Typed

#: The part of the text that two rows must share, at their ends, for one to be an edit of the other wherever it stands.
ALIKE = 0.5

Pairs = dict[int, int]
#: What stands in a row: empty if nothing does.
Said = frozenset[tuple[str, tuple[str, ...]]]


def key(row: Typed) -> Said:
    """The same for rows that say the same: the ends of lines don't count, nor does a field in which nothing stands."""
    said = {name: tuple(text.replace("\r\n", "\n") for text in texts) for name, texts in row.items()}
    return frozenset((name, texts) for name, texts in said.items() if any(texts))


def match(base: list[Typed], side: list[Typed]) -> Pairs:
    """The index in `side` of what each row of `base` became. A row without one was removed; a row of `side` that no row became was added.

    A row that says the same is the same row, moved or not. Of the others the most similar belong together, wherever they stand. What is left was
    rewritten in its place, behind the same neighbour.
    """
    pairs = same_rows(base, side)
    befores, afters = _left(base, side, pairs)
    pairs |= _best(base, side, [(i, j) for i in befores for j in afters if similarity(base[i], side[j]) >= ALIKE])
    befores, afters = _left(base, side, pairs)
    return pairs | _best(base, side, _gaps(pairs, befores, afters))


def has_changes(side: list[Typed], base: list[Typed], other: list[Typed]) -> bool:
    """Whether all that `other` changed is in `side` already: what it added is there, what it removed is not, and it put nothing in another order."""
    have, before, brought = (Counter(map(key, each)) for each in (side, base, other))
    is_there = all(have[each] >= number for each, number in brought.items() if number > before[each])
    is_gone = all(have[each] <= brought[each] for each, number in before.items() if brought[each] < number)
    return is_there and is_gone and _is_one_order(side, other) and _is_one_order(base, other)


def _is_one_order(one: list[Typed], other: list[Typed]) -> bool:
    first, second = [key(row) for row in one], [key(row) for row in other]
    return len(_in_order(first, second)) == (Counter(first) & Counter(second)).total()


def same_rows(one: list[Typed], other: list[Typed]) -> Pairs:
    """Rows that say the same, each once: first those that are in the same order on both sides, then those that moved."""
    first, second = [key(row) for row in one], [key(row) for row in other]
    pairs = _in_order(first, second)
    free = defaultdict(list)
    for at in reversed([at for at in range(len(second)) if at not in pairs.values()]):
        free[second[at]].append(at)
    return pairs | {at: free[each].pop() for at, each in enumerate(first) if at not in pairs and free[each]}


def _in_order(first: list[Said], second: list[Said]) -> Pairs:
    """The longest common part of both lists; of several the one whose rows stand nearest to where they stood."""
    step = (len(first) + len(second)) ** 2
    best = [[0] * (len(second) + 1) for _ in range(len(first) + 1)]
    for i in reversed(range(len(first))):
        for j in reversed(range(len(second))):
            skipped = max(best[i + 1][j], best[i][j + 1])
            best[i][j] = max(skipped, best[i + 1][j + 1] + step - abs(i - j)) if first[i] == second[j] else skipped
    pairs, i, j = {}, 0, 0
    while i < len(first) and j < len(second):
        if best[i][j] == best[i + 1][j]:
            i += 1
        elif best[i][j] == best[i][j + 1]:
            j += 1
        else:
            pairs[i] = j
            i, j = i + 1, j + 1
    return pairs


def _left(base: list[Typed], side: list[Typed], pairs: Pairs) -> tuple[list[int], list[int]]:
    """The rows on both sides that are in no pair."""
    taken = set(pairs.values())
    return [at for at in range(len(base)) if at not in pairs], [at for at in range(len(side)) if at not in taken]


def _best(base: list[Typed], side: list[Typed], allowed: list[tuple[int, int]]) -> Pairs:
    """Of the pairs that are allowed, the most similar first; of those the rows that are both filled in, then those that stand nearest."""
    pairs: Pairs = {}
    for i, j in sorted(allowed, key=lambda pair: _distance(base, side, *pair)):
        if i not in pairs and j not in pairs.values():
            pairs[i] = j
    return pairs


def _distance(base: list[Typed], side: list[Typed], i: int, j: int) -> tuple[float, bool, int, int, int]:
    one, other = base[i], side[j]
    return -similarity(one, other), bool(key(one)) != bool(key(other)), abs(i - j), i, j


def similarity(one: Typed, other: Typed) -> float:
    """How much of the longer text of each field is the same at its ends in both rows: from 0 to 1 for all of it."""
    texts = [("\n".join(one.get(name, [])), "\n".join(other.get(name, []))) for name in {*one, *other}]
    longest = sum(max(len(first), len(second)) for first, second in texts)
    return sum(_shared(*each) for each in texts) / longest if longest else 0.0


def _shared(one: str, other: str) -> int:
    most = min(len(one), len(other))
    head = next((at for at in range(most) if one[at] != other[at]), most)
    return head + next((at for at in range(most - head) if one[-1 - at] != other[-1 - at]), most - head)


def _gaps(pairs: Pairs, befores: list[int], afters: list[int]) -> list[tuple[int, int]]:
    """The rows that stand behind the same neighbour on both sides."""
    became_of = {after: before for before, after in pairs.items()}
    neighbours = {j: max((at for at in became_of if at < j), default=-1) for j in afters}
    found = []
    for i in befores:
        neighbour = max((at for at in pairs if at < i), default=None)
        place = -1 if neighbour is None else pairs[neighbour]
        found += [(i, j) for j in afters if neighbours[j] == place]
    return found
