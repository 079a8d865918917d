"""The end of a round: everything is mended, and the person answers what is asked and goes on typing here and there until nothing is left to do."""

import time
from random import Random

from tests.browser.typist.device import Devices, Look, Tab
from tests.browser.typist.model import Model, saved_words
from tests.browser.typist.person import Person
from tests.browser.typist.world import Kept, World

PATIENCE = 40.0  # seconds until all must be saved
NUDGE = 4.0  # seconds after which a person types another word where some is not saved
HOPE = 2.0  # seconds for words that no page shows any more to reach the site
OFFER = 20.0  # seconds for a page to offer text that its browser kept: its lock alone may take three
SIDES = ("Keep what stands here", "Use the other text")


class Settling:
    """Brings a round to rest."""

    def __init__(self, world: World, devices: Devices, person: Person, model: Model, seed: str) -> None:
        self.world, self.devices, self.person, self.model = world, devices, person, model
        self._random = Random(seed)
        self._nudges = 0

    @property
    def kept(self) -> Kept:
        return self.world.kept(self.devices.account)

    @property
    def missing(self) -> set[str]:
        """Words that the site has not got."""
        return self.model.alive - saved_words(self.kept)

    def settle(self) -> None:
        self.person.mend()
        self.world.publish_again(self.devices.account)
        now = time.monotonic()
        end, nudge, hope = now + PATIENCE, now + NUDGE, now + HOPE
        while (now := time.monotonic()) < end:
            looks = {name: tab.look() for name, tab in self.devices.tabs.items()}
            busy = [self.tend(tab, looks[name]) for name, tab in self.devices.tabs.items()]
            missing = self.missing
            if not any(busy) and not missing:
                return
            if any(busy) or self._are_shown(missing, looks):
                hope = now + HOPE
            elif now > hope:
                break  # no page has them: where else they are is looked for now
            if missing and now > nudge:
                self._nudge(missing, looks)
                nudge = now + NUDGE
            self.person.rest(100)
        self._look_for_offers()

    def _are_shown(self, missing: set[str], looks: dict[str, Look]) -> bool:
        return any(missing & set(_words(look)) for look in looks.values())

    def _nudge(self, missing: set[str], looks: dict[str, Look]) -> None:
        for name, tab in self.devices.tabs.items():
            if missing & set(_words(looks[name])):
                self.type_on(tab, looks[name])

    def type_on(self, tab: Tab, look: Look) -> str:
        """One more word in this page, in a field that is no row's; the word. No field has the focus then: rows from elsewhere wait for that."""
        self._nudges += 1
        word = f"q{9000 + self._nudges}x"
        names = [
            each for each in look.fields if each.startswith(("alt-", "name", "summary", "description", "included", "location"))
        ]
        numbers = [each for each in look.fields if each in ("duration_minutes", "capacity", "notice_hours")]
        if names and tab.focus(names[0]):
            tab.write(f" {word}")
        elif numbers and tab.focus(numbers[0]):
            word = str(700 + self._nudges)
            tab.keys("Control+A")
            tab.write(word)
        tab.leave_field()
        return word

    def tend(self, tab: Tab, look: Look) -> bool:
        """Do one thing that this page asks for; whether there was one."""
        if tab.is_crashed or not (look.title or look.step):
            tab.reopen()
        elif look.asks == "sign in":
            self.person.sign_in(tab)
        elif look.asks == "kept":
            is_long = any("too long" in each for each in look.told)
            self.person.answer(tab, "saved" if is_long else self._random.choice(("kept", "kept", "saved")))
        elif look.asks:
            tab.keys("Escape")
        elif "signed out" in look.says:
            tab.press("link", "Sign in again")
        elif look.disputes:
            self.person.decide(tab, look.disputes[0], self._random.choice(SIDES))
        elif look.is_plain and self.missing & set(_words(look)):
            tab.press("button", "Continue")  # as the page says
        elif look.is_plain:
            tab.go(tab.address)  # with its scripts this time
        elif "too long" in " ".join([look.says, *look.told]) and (name := _longest(look)):
            if tab.focus(name):
                tab.keys("Control+A")
                tab.write(f"short {self.type_word()}")
        else:
            return False
        self.person.rest(100)
        return True

    def type_word(self) -> str:
        self._nudges += 1
        return f"q{9000 + self._nudges}x"

    def _look_for_offers(self) -> None:
        """Open, in each browser, the steps at which words are missing, and put back what is offered there."""
        origins = [self.model.typed[word] for word in self.missing]
        for who, step in dict.fromkeys(("device" if each.who == "device" else "tab", each.step) for each in origins):
            self._open_and_answer(self.devices.tabs[who], step)

    def _open_and_answer(self, tab: Tab, step: str) -> None:
        tab.go(self.devices.of(step))
        end = time.monotonic() + OFFER
        while time.monotonic() < end and self.missing:
            self.tend(tab, tab.look())
            self.person.rest(150)


def _words(look: Look) -> list[str]:
    return [word for text in look.fields.values() for word in text.replace("-", " ").split()]


def _longest(look: Look) -> str:
    """The field with too much in it."""
    name = max(look.fields, key=lambda each: len(look.fields[each]), default="")
    return name if len(look.fields.get(name, "")) > 1_000 else ""
