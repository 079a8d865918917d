"""Two texts of a field side by side: what is the same at both ends, and what differs between."""

import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from flask_babel import gettext as _

from app.browser import CONTROLS
from app.wizard import summary
from app.wizard.context import Context
from app.wizard.merging import Dispute
from app.wizard.reconciling import Kept
from app.wizard.step_form import StepForm
from app.wizard.steps import Step
from app.wizard.typed import Typed

WORD = re.compile(r"\s+|\S+")


@dataclass(frozen=True)
class Side:
    """One of the texts: `head` and `tail` stand in both. `words` are its fields exactly as they were typed, for the page's script."""

    head: str
    own: str
    tail: str
    words: str

    @property
    def is_marked(self) -> bool:
        """Whether pointing at the difference helps: something must be the same."""
        return bool(self.own and (self.head or self.tail))

    @property
    def is_blank(self) -> bool:
        return not (self.head + self.own + self.tail).strip()


@dataclass(frozen=True)
class Comparison:
    """A disputed unit in words."""

    unit: str
    question: str
    mine: Side
    theirs: Side


@dataclass(frozen=True)
class Disputes:
    """What waits for a choice, and what is known of the other save: when, and whether this browser made it."""

    comparisons: list[Comparison]
    changed_at: datetime | None
    is_from_here: bool


def disputes(context: Context, step: Step, kept: Kept, *, is_in_place: bool = False) -> Disputes | None:
    """What both sides changed, in words; None if nothing was. `is_in_place`: for a page that goes on showing its own rows."""
    if not kept.text.disputes:
        return None
    mine, theirs = (step.form.read(typed, context) for typed in (kept.text.mine, kept.text.typed))
    for form in (mine, theirs):
        form.validate()
    found = [compare(dispute, mine, theirs, is_in_place=is_in_place) for dispute in kept.text.disputes]
    browser, moment = kept.other.get("by") or ("", "")
    is_from_here = kept.by is not None and browser == kept.by[0]
    return Disputes(found, datetime.fromisoformat(moment) if moment else None, is_from_here)


def compare(dispute: Dispute, mine: StepForm, theirs: StepForm, *, is_in_place: bool = False) -> Comparison:
    """What both sides say in a dispute; the forms are the whole step with either side of it."""
    shown = dispute.in_place if is_in_place else dispute
    question = summary.said(mine, shown.unit)[0]
    one, other = (summary.said(form, dispute.unit)[1].replace("\r\n", "\n") for form in (mine, theirs))
    if one == other:
        # "45" and "45.00" are the same price, and yet not the same text.
        one, other = (_raw(typed) for typed in (dispute.mine, dispute.theirs))
    one, other = (CONTROLS.sub("", text) for text in (one, other))  # a page can't show them; `words` has them
    head, tail = _ends(one, other)
    sides = ((one, shown.mine), (other, shown.theirs))
    cut = [Side(text[:head], text[head : len(text) - tail], text[len(text) - tail :], words(typed)) for text, typed in sides]
    return Comparison(shown.unit, question or _("A field that this page does not show"), cut[0], cut[1])


def words(typed: Typed) -> str:
    """Typed text as one line of ASCII, which a page can carry whatever it is, and which a browser's URLSearchParams reads."""
    return urlencode([(name, text) for name, texts in typed.items() for text in texts], errors="replace")


def _raw(typed: Typed) -> str:
    return "\n".join(text for texts in typed.values() for text in texts)


def _ends(one: str, other: str) -> tuple[int, int]:
    """How many characters are the same at the start and at the end; whole words only, so that no letter is taken apart."""
    first, second = WORD.findall(one), WORD.findall(other)
    most = min(len(first), len(second))
    head = next((at for at in range(most) if first[at] != second[at]), most)
    tail = next((at for at in range(most - head) if first[-1 - at] != second[-1 - at]), most - head)
    return len("".join(first[:head])), len("".join(first[len(first) - tail :]))
