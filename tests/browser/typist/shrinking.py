"""The shortest script that still shows a difference: halves, quarters and so on of its actions are left out (Zeller's ddmin) as long as it does."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from tests.browser.typist.script import Action


@dataclass
class Limit:
    """So many tries, and so many seconds."""

    tries: int
    seconds: float

    def __post_init__(self) -> None:
        self._end = time.monotonic() + self.seconds

    def take(self) -> bool:
        """Whether there is one more try, which is taken."""
        if self.tries <= 0 or time.monotonic() > self._end:
            return False
        self.tries -= 1
        return True


def shrink(actions: list[Action], shows: Callable[[list[Action]], bool], limit: Limit) -> list[Action]:
    """As few of the actions as are needed for `shows`, in their order; as far as the limit goes."""
    parts = 2
    while len(actions) > 1:
        size = -(-len(actions) // parts)
        for begin in range(0, len(actions), size):
            shorter = actions[:begin] + actions[begin + size :]
            if not limit.take():
                return actions
            if shows(shorter):
                actions, parts = shorter, max(parts - 1, 2)
                break
        else:
            if size == 1:
                return actions
            parts = min(parts * 2, len(actions))
    return actions
