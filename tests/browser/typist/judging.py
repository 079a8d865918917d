"""What is wrong: words that are nowhere, words that an older text took the place of, pages that say "Saved" and are not, pages that show what the
site has not got."""

import time
from dataclasses import dataclass, field

from tests.browser.typist.device import Devices, Look, Tab
from tests.browser.typist.model import NUMBER, WORD, Model, earlier_words, saved_words
from tests.browser.typist.settling import Settling
from tests.browser.typist.world import Kept

SILENCE = 10.0  # seconds after which a page must say that it has not saved
ALL = 5  # actions between two looks at all pages
SHOWS = 15.0  # seconds for a page to show what the site has, after its own save
CLAIMS = ("saved", "idle")  # states of the status that say that all is well


@dataclass(frozen=True)
class Difference:
    """One thing that should not be: `kind` is lost, overwritten, unsaved, silent, untrue or shown."""

    kind: str
    words: tuple[str, ...]
    about: str

    def __str__(self) -> str:
        return f"{self.kind}: {' '.join(self.words)} {self.about}".replace("  ", " ")


@dataclass
class Judge:
    """Looks at every page after every action, and at everything in the end."""

    devices: Devices
    model: Model
    found: list[Difference] = field(default_factory=list)
    comparisons: int = 0
    _turn: int = 0
    _since: dict[str, tuple[frozenset[str], float]] = field(default_factory=dict)
    _ever_saved: set[str] = field(default_factory=set)

    def watch(self, who: str | None) -> None:
        """Look at the page where something was done, and now and then, or where nothing is known of it, at all of them."""
        self._turn += 1
        names = [who] if who in self.devices.tabs and self._turn % ALL else list(self.devices.tabs)
        looks = {name: self.devices.tabs[name].look() for name in names}
        kept = self.devices.world.kept(self.devices.account)
        self._ever_saved |= kept.saved
        for name, look in looks.items():
            self._judge_silence(name, look, kept)
            self._judge_claim(name, look)

    def _judge_silence(self, name: str, look: Look, kept: Kept) -> None:
        """A page whose words are not saved may say that all is well only for some seconds."""
        self.comparisons += 1
        unsaved = frozenset(_words(look) & (self.model.alive - saved_words(kept)))
        is_quiet = look.state in CLAIMS and not (look.told or look.dialog or look.disputes or look.is_plain)
        if not unsaved or not is_quiet:
            self._since.pop(name, None)
            return
        words, since = self._since.get(name, (frozenset(), 0.0))
        if words != unsaved:
            self._since[name] = (unsaved, time.monotonic())
        elif time.monotonic() - since > SILENCE:
            self._add("silent", unsaved, f'are not saved, and for {SILENCE:.0f} s the {name} says "{look.says}"')

    def _judge_claim(self, name: str, look: Look) -> None:
        """A step of which nothing was ever saved is not "Saved"."""
        self.comparisons += 1
        if look.step and look.state == "saved" and look.step not in self._ever_saved and not self.model.restarted:
            self._add("untrue", (), f'the {name} says "{look.says}" of {look.step}, of which nothing was ever saved')

    def end(self, settling: Settling, kind: str | None) -> None:
        """Everything was mended and answered. What pages show is compared only if that is asked for."""
        kept = settling.kept
        self.comparisons += len(self.model.alive)
        missing = settling.missing
        shown = {name: _words(tab.look()) for name, tab in self.devices.tabs.items()}
        for word in sorted(missing, key=lambda each: self.model.typed[each].at):
            self._missing(word, next((name for name in shown if word in shown[name]), ""), word in earlier_words(kept))
        if not missing and kind in (None, "shown"):
            for name, tab in self.devices.tabs.items():
                self._judge_page(name, tab, settling)

    def _missing(self, word: str, shown: str, is_earlier: bool) -> None:
        origin = self.model.typed[word]
        where = f"(typed by the {origin.who} at {origin.step}, {origin.name})"
        if shown:
            self._add("unsaved", (word,), f"{where} stands in the {shown} and does not get saved")
        elif is_earlier:
            self._add("overwritten", (word,), f"{where} without a question: only an earlier version has it")
        else:
            self._add("lost", (word,), f"{where} is nowhere")

    def _judge_page(self, name: str, tab: Tab, settling: Settling) -> None:
        """After a save of its own, a page shows what the site has."""
        look = tab.look()
        step = look.step
        if not step or not look.fields:
            return
        word, differing = settling.type_on(tab, look), {"": ""}
        if word not in _words(tab.look()):
            return  # the field is full: nothing is saved either
        end = time.monotonic() + SHOWS
        while time.monotonic() < end and differing:
            settling.person.rest(150)
            look, answers = tab.look(), settling.kept.answers.get(step, {})
            if look.step != step:
                return  # a press that waited has led on
            if look.disputes or look.asks or "signed out" in look.says:
                settling.tend(tab, look)
                continue
            has = {key: (answers.get(key) or [""])[0].replace("\r\n", "\n").strip() for key in look.fields}
            differing = {key: text for key, text in look.fields.items() if text.strip() != has[key]}
        self.comparisons += len(look.fields)
        if differing:
            about = "; ".join(f"{key}: {text[-40:]!r}" for key, text in differing.items())
            self._add("shown", (word,), f"the {name} shows at {look.step} what the site has not got: {about}")

    def _add(self, kind: str, words: frozenset[str] | tuple[str, ...], about: str) -> None:
        found = Difference(kind, tuple(sorted(words)), about)
        if found not in self.found:
            self.found.append(found)


def _words(look: Look) -> set[str]:
    """What stands in a page's fields."""
    texts = look.fields.values()
    return {word for text in texts for word in WORD.findall(text)} | {
        match[1] for text in texts if (match := NUMBER.fullmatch(text.strip()))
    }
