"""What must be findable: every word that was typed, but for those that the person took away on purpose.

A word is `q12x`, or in a field of numbers `512`: no word is typed twice in a round, so each can be found wherever it went. A word that was cut short
counts too (`q12`). What a page tells (`device.py`) is what the person did in it: `typed` with the words that came and went by it, `dropped`, and
`chose` with what was kept and what was not.
"""

import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.browser.typist.world import Kept

WORD = re.compile(r"q\d+x?")
NUMBER = re.compile(r"(\d{3,4})(?:\.00)?")
STEERING = ("media", "cover")  # ids of files: they hold digits that nobody typed
BREATH = 1.0  # seconds before a crash; what was typed then may not have been written down


def words_of(typed: Mapping[str, Iterable[str]]) -> set[str]:
    """The words in a step's answers."""
    found: set[str] = set()
    for name, texts in typed.items():
        for text in () if name in STEERING else texts:
            number = NUMBER.fullmatch(text.strip())
            found |= {number[1]} if number else set(WORD.findall(text))
    return found


def saved_words(kept: Kept) -> set[str]:
    """The words in the answers and in what visitors see."""
    return {word for typed in (*kept.answers.values(), *kept.listing.values()) for word in words_of(typed)}


def earlier_words(kept: Kept) -> set[str]:
    return {word for typed in kept.history for word in words_of(typed)}


@dataclass
class Origin:
    """Where and when a word was typed."""

    who: str
    step: str
    name: str
    at: float


@dataclass
class Model:
    """The words of a round."""

    typed: dict[str, Origin] = field(default_factory=dict)
    dropped: dict[str, set[str]] = field(default_factory=dict)  # by the names of the pages where that was done
    characters: int = 0
    conflicts: int = 0
    restarted: bool = False  # whether answers were published or discarded

    @property
    def alive(self) -> set[str]:
        return {word for word in self.typed if not self.dropped.get(word)}

    def hear(self, who: str, told: Mapping[str, Any]) -> None:
        """What a page tells of its person."""
        what = told["what"]
        if what == "typed":
            self.characters += told["length"]
            for word in told["came"]:
                self.typed.setdefault(word, Origin(who, told["step"], told["name"], time.monotonic()))
            self._choose(who, told["came"], told["went"])
        elif what == "dropped":
            # With a photo goes all that anybody wrote about it.
            about = [word for word, origin in self.typed.items() if origin.name in told["names"]]
            self._choose(who, [], [*told["words"], *about])
        elif what == "chose":
            self.conflicts += 1
            self._choose(who, told["kept"], told["lost"])

    def _choose(self, who: str, kept: Iterable[str], lost: Iterable[str]) -> None:
        """What was taken away in one page is given up, also if the person keeps it in another; in the same page one may go back and forth."""
        for word in kept:
            self.dropped.get(word, set()).discard(who)
        for word in lost:
            self.dropped.setdefault(word, set()).add(who)

    def crash(self, who: str) -> None:
        """The last breath of a page that crashes is not asked for."""
        now = time.monotonic()
        self._choose("", [], [word for word, each in self.typed.items() if each.who == who and now - each.at < BREATH])

    def discard(self, kept: Kept) -> None:
        """The person discards what was saved and not published; what is not saved yet is not meant."""
        self.restarted = True
        listed = {word for typed in kept.listing.values() for word in words_of(typed)}
        self._choose("", [], {word for typed in kept.answers.values() for word in words_of(typed)} - listed)
