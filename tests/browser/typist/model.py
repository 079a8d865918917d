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
    dropped: set[str] = field(default_factory=set)
    characters: int = 0
    conflicts: int = 0
    restarted: bool = False  # whether answers were published or discarded

    @property
    def alive(self) -> set[str]:
        return self.typed.keys() - self.dropped

    def hear(self, who: str, told: Mapping[str, Any]) -> None:
        """What a page tells of its person."""
        what = told["what"]
        if what == "typed":
            self.characters += told["length"]
            for word in told["came"]:
                self.typed.setdefault(word, Origin(who, told["step"], told["name"], time.monotonic()))
            self.dropped = (self.dropped | set(told["went"])) - set(told["came"])
        elif what == "dropped":
            self.dropped |= set(told["words"])
        elif what == "chose":
            self.conflicts += 1
            self.dropped = (self.dropped | set(told["lost"])) - set(told["kept"])

    def crash(self, who: str) -> None:
        """The last breath of a page that crashes is not asked for."""
        now = time.monotonic()
        self.dropped |= {word for word, origin in self.typed.items() if origin.who == who and now - origin.at < BREATH}

    def discard(self, kept: Kept) -> None:
        """The person discards what was saved and not published; what is not saved yet is not meant."""
        self.restarted = True
        listed = {word for typed in kept.listing.values() for word in words_of(typed)}
        self.dropped |= {word for typed in kept.answers.values() for word in words_of(typed)} - listed

    def said_by(self, who: str) -> set[str]:
        return {word for word, origin in self.typed.items() if origin.who == who}
