"""The random walk: what is done, in which order, with which words, from a seed alone. A script is a list of actions, and JSON keeps it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.browser.typist.device import TABS

Action = dict[str, Any]
STEPS = {
    "basics": "Basics",
    "details": "Details",
    "price": "Price and time",
    "availability": "Availability",
    "media": "Photos and files",
}
STATES = ("empty", "whole", "published")
LENGTH = 45  # actions of a round
SLOW = (0.2, 0.6, 1.2)  # seconds that a request travels in either direction
#: What is frequent in a round. `calm` has a good line and many devices, `slow` a line on which everything travels while one types, `rows` rows that
#: come and go on such a line, `hasty` one who leaves a page in the middle of a word and presses on the next before all of it is there.
MOODS: dict[str, dict[str, int]] = {
    "calm": {"type": 10, "turn": 5, "publish": 2, "discard": 2, "together": 5, "step": 2, "archive": 1, "rows": 1, "long": 1},
    "slow": {"type": 12, "press": 6, "rows": 4, "step": 3, "late": 6, "history": 2, "slow": 2, "long": 2, "together": 1},
    "rows": {"type": 8, "rows": 12, "slow": 2, "together": 2, "press": 1, "step": 1},
    "hasty": {"type": 6, "hasty": 10, "together": 2, "slow": 1},
    "faulty": {"type": 12, "press": 4, "rows": 3, "step": 3, "line": 7, "offline": 2, "together": 2, "rest": 1, "long": 1},
    "away": {"type": 12, "press": 3, "step": 3, "kill": 2, "crash": 2, "expire": 3, "jump": 2, "offline": 3, "together": 2},
}
FAULTS = ("hold", "hold_answer", "lose", "lose_answer", "500", "502", "503", "duplicate", "repeat", "swap", "hang")


@dataclass
class Script:
    """A round: how its listing begins, where the pages are opened, and what is done."""

    seed: str
    state: str
    begin: list[str]
    actions: list[Action]

    def as_json(self) -> Action:
        return {"seed": self.seed, "state": self.state, "begin": self.begin, "actions": self.actions}


class Writer:
    """Writes the script of one round."""

    def __init__(self, seed: str, mood: str | None = None) -> None:
        self._random, self._mood = Random(seed), mood
        self._seed, self._word, self._number = seed, 0, 100

    def write(self, length: int = LENGTH) -> Script:
        state = self._random.choice(STATES)
        mood = self._random.choice([self._mood] if self._mood else list(MOODS))
        begin = [self._random.choice(list(STEPS)) for _tab in TABS]
        actions: list[Action] = []
        if mood in ("slow", "rows", "hasty"):
            actions.append({"do": "slow", "seconds": self._random.choice(SLOW)})
        while len(actions) < length:
            kinds = MOODS[mood] | ({"rest": 0} if any(each["do"] == "rest" for each in actions) else {})
            kind = self._random.choices(list(kinds), list(kinds.values()))[0]
            phrase: Callable[[str], Iterator[Action]] = getattr(self, f"_{kind}")
            actions += phrase(self._random.choice(TABS))
        for action in actions:
            # ms until the next, a pause in typing or none
            action.setdefault("then", self._random.choice((0, 0, 0, 0, 0, 30, 120, 300, 750)))
        return Script(f"{self._seed} ({mood})", state, begin, actions)

    def _type(self, who: str, how: str = "") -> Iterator[Action]:
        self._word, self._number = self._word + 1, self._number + 1
        how = how or self._random.choice(("add", "add", "add", "replace", "keys"))
        words = {"word": f"q{self._word}x", "number": str(self._number)}
        yield {"do": "type", "who": who, "field": round(self._random.random(), 3), "how": how, **words}

    def _long(self, who: str) -> Iterator[Action]:
        """More than fits: what Continue refuses, or what can't be kept at all."""
        yield from self._type(who, self._random.choice(("long", "long", "huge")))
        if self._random.random() < 0.7:
            yield {"do": "press", "who": who, "name": "Continue"}
            yield from self._type(who)

    def _press(self, who: str) -> Iterator[Action]:
        """Continue or Back, and typing on."""
        yield from self._type(who)
        yield {"do": "press", "who": who, "name": self._random.choice(("Continue", "Continue", "Continue", "Back"))}
        for _word in range(self._random.randrange(3)):
            yield from self._type(who)

    def _step(self, who: str) -> Iterator[Action]:
        """A link to another step, in the middle of a word or after it."""
        if self._random.random() < 0.6:
            yield from self._type(who)
        yield {"do": "step", "who": who, "name": self._random.choice([*STEPS.values(), "Review and publish"])}
        if self._random.random() < 0.6:
            yield from self._type(who)

    def _late(self, who: str) -> Iterator[Action]:
        """The next step comes to a page on which all was saved, while a save of the last word is under way."""
        here, there = self._random.sample(list(STEPS), 2)
        yield {"do": "go", "who": who, "step": here, "then": 300}
        yield {"do": "step", "who": who, "name": STEPS[there], "then": 0}
        yield from ({**each, "then": 750} for each in self._type(who))

    def _hasty(self, who: str) -> Iterator[Action]:
        """Two at one step; one leaves it in the middle of a word, and presses on the next page at once."""
        other = self._random.choice([each for each in TABS if each != who])
        here, there = self._random.sample(list(STEPS), 2)
        for each in (other, who):
            yield {"do": "go", "who": each, "step": here, "then": 300}
        for each in (other, who):
            yield from ({**action, "then": 0} for action in self._type(each))
        yield {"do": "go", "who": who, "step": there, "then": 0}
        yield from ({**action, "then": 0} for action in self._type(who))
        yield {"do": "press", "who": who, "name": "Continue"}
        yield from self._type(who)

    def _history(self, who: str) -> Iterator[Action]:
        yield from self._type(who)
        yield {"do": "history", "who": who, "by": self._random.choice((-1, -1, 1))}
        yield from self._type(who)

    def _rows(self, who: str) -> Iterator[Action]:
        """Packages come, go and move, or photos move, while one types."""
        if self._random.random() < 0.5:
            yield {"do": "go", "who": who, "step": self._random.choice(("price", "price", "media"))}
        yield from self._type(who)
        for _press in range(self._random.choice((1, 1, 2))):
            verb = self._random.choice(("Add a package", "Add a package", "Move", "Remove"))
            # The press waits for the save of what was typed before it, and travels then.
            pause = self._random.choice((0, 500, 1500))
            yield {"do": "row", "who": who, "verb": verb, "which": round(self._random.random(), 3), "then": pause}
            yield from self._type(who)

    def _together(self, who: str) -> Iterator[Action]:
        """Two at the same step."""
        other = self._random.choice([each for each in TABS if each != who])
        step = self._random.choice(list(STEPS))
        for each in (who, other):
            if self._random.random() < 0.7:
                yield {"do": "go", "who": each, "step": step}
        for each in (who, other, *self._random.sample((who, other), self._random.randrange(3))):
            yield from self._type(each)

    def _turn(self, who: str) -> Iterator[Action]:
        """What one has saved at a step is published or dropped by another, who goes on there; then the first goes on too."""
        other, step = self._random.choice([each for each in TABS if each != who]), self._random.choice(list(STEPS))
        yield {"do": "go", "who": who, "step": step}
        yield from ({**each, "then": 1000} for each in self._type(who, "add"))
        if self._random.random() < 0.7:
            yield {"do": "go", "who": other, "step": "review"}
            yield {"do": "press", "who": other, "name": self._random.choice(("Publish", "Discard changes")), "then": 750}
        else:
            yield {"do": "manage", "who": other, "name": "Archive", "then": 750}
            yield {"do": "manage", "who": other, "name": "Publish again", "then": 750}
        yield {"do": "go", "who": other, "step": step}
        yield from ({**each, "then": 1000} for each in self._type(other, "add"))
        yield from self._type(who, "add")

    def _publish(self, who: str) -> Iterator[Action]:
        yield {"do": "go", "who": who, "step": "review"}
        yield {"do": "press", "who": who, "name": "Publish"}
        yield from self._back_to_work(who)

    def _discard(self, who: str) -> Iterator[Action]:
        yield {"do": "go", "who": who, "step": "review"}
        yield {"do": "press", "who": who, "name": "Discard changes"}
        yield from self._back_to_work(who)

    def _back_to_work(self, who: str) -> Iterator[Action]:
        yield {"do": "go", "who": who, "step": self._random.choice(list(STEPS))}
        yield from self._type(who)

    def _archive(self, who: str) -> Iterator[Action]:
        yield {"do": "manage", "who": who, "name": "Archive"}
        yield {"do": "manage", "who": who, "name": "Publish again"}
        yield from self._back_to_work(who)

    def _line(self, who: str) -> Iterator[Action]:
        """Something befalls a request that is about to be made."""
        method = self._random.choice(("PUT", "PUT", "POST", "GET"))
        step = self._random.choice([*STEPS, ""])
        yield {
            "do": "line",
            "act": self._random.choice(FAULTS),
            "method": method,
            "step": step,
            "nth": self._random.choice((1, 1, 2)),
        }
        yield from self._random.choice((self._type, self._press, self._step, self._rows))(who)
        if self._random.random() < 0.6:
            yield {"do": "release"}

    def _slow(self, _who: str) -> Iterator[Action]:
        yield {"do": "slow", "seconds": self._random.choice((0, *SLOW))}

    def _offline(self, who: str) -> Iterator[Action]:
        """No network, and the browser knows; or nothing comes through, and it does not."""
        name = self._random.choice(("offline", "cut"))
        yield {"do": name, "who": who, "is": True}
        for _turn in range(self._random.randrange(1, 4)):
            yield from self._random.choice((self._type, self._type, self._press, self._step))(who)
        yield {"do": name, "who": who, "is": False}

    def _kill(self, who: str) -> Iterator[Action]:
        yield from self._type(who)
        yield {"do": "kill"}
        for _word in range(self._random.randrange(3)):
            yield from self._type(who)
        yield {"do": "start"}

    def _crash(self, who: str) -> Iterator[Action]:
        yield from self._type(who)
        if self._random.random() < 0.5:
            yield {"do": "offline", "who": who, "is": True}
            yield from self._type(who)
        yield {"do": "crash", "who": who}
        yield {"do": "offline", "who": who, "is": False}
        yield {"do": "answer", "who": who, "choose": self._random.choice(("kept", "saved", "drop"))}

    def _expire(self, who: str) -> Iterator[Action]:
        yield {"do": self._random.choice(("sign out", "end sessions")), "who": who}
        yield from self._random.choice((self._type, self._press, self._step))(who)
        yield {"do": self._random.choice(("sign in here", "sign in elsewhere")), "who": who}
        yield from self._type(who)

    def _jump(self, who: str) -> Iterator[Action]:
        """A clock goes to another time: this device's, or the site's."""
        whose = self._random.choice((who, who, "site"))
        yield {
            "do": "jump",
            "who": whose,
            "hours": self._random.choice((-1, 1, 26) if whose == "site" else (-40 * 24, -2, 1, 26)),
        }
        yield from self._type(who)

    def _rest(self, _who: str) -> Iterator[Action]:
        """Nobody does anything for longer than a failure may stay unsaid."""
        yield {"do": "rest", "ms": 12_000}
