"""What guards unsaved text, one by one: its witness, a named round of the typist or a named test, is clean with it and not without.

    python -m tests.browser.typist.guards                     # each witness as it is, and then without its guard, in a copy of the repository
    python -m tests.browser.typist.guards --only carried      # guards with this word in their names
    python -m tests.browser.typist.guards --only carried --find 5 --mood rows   # look for rounds that miss it, for 5 minutes

It ends with 0 if each witness is clean and each guard is missed.

A guard is a piece of the source that stands there once; `without` stands in its place when it is taken away. Chance has a part in a round (how long
requests take), so a guard is taken away up to three times before it counts as not missed. A test is the witness where a round hardly ever meets what
the guard is there for.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.servers.start import ROOT

TRIES = 3
INSTALLED = (".venv", "node_modules", "static/vendor")


@dataclass(frozen=True)
class Round:
    """One of the typist, in which nobody takes text away on purpose."""

    mood: str
    seed: int
    number: int


@dataclass(frozen=True)
class Guard:
    """Once `text` in `path` is replaced, the round shows a difference, or the test fails."""

    name: str
    path: str
    text: str
    without: str
    witness: Round | str


GUARDS = (
    Guard(
        "a save under an older version is not taken",
        "app/wizard/answers.py",
        'if present["version"] != version and present["typed"] != typed:',
        "if False:",
        Round("slow", 700, 0),
    ),
    Guard(
        "a version never comes back",
        "app/wizard/answers.py",
        'common = BLANK | {"version": context.service.revision, "complete": True}',
        'common = BLANK | {"version": 0, "complete": True}',
        "tests/browser/test_versions_go_on.py::test_what_another_device_published_since_is_asked_about_on_a_page_that_showed_what_was_published",
    ),
    Guard(
        "no page takes the place of a form with unsaved words",
        "static/js/wizard.js",
        "const mayLeave = (text) => !text ||",
        "const mayLeave = (text) => true || !text ||",
        "tests/browser/test_text_under_way.py::test_no_other_step_takes_the_place_of_words_that_can_not_be_saved",
    ),
    Guard(
        "words are carried into the form that arrives",
        "static/js/unsaved-text.js",
        'const carried = carry(form, (isOlder ? this.saved : this.#pressed ?? saved) ?? "", typed, action);',
        "const carried = { gone: [], met: [], rename: (name) => name };",
        Round("slow", 50100, 0),
    ),
    Guard(
        "an answer that is older than the last save takes nothing back",
        "static/js/unsaved-text.js",
        "const isOlder = this.#pressed === null && Number(this.version) < Number(version);",
        "const isOlder = false;",
        "tests/browser/test_text_under_way.py::test_a_save_under_way_while_the_same_step_arrives_loses_nothing",
    ),
    Guard(
        "words are carried into the rows that arrive",
        "static/js/unsaved-text.js",
        "const brought = carryRows(this.form, before, old, rows, action);",
        "const brought = carryRows(this.form, before, rows.cloneNode(true), rows, action);",
        Round("rows", 70100, 0),
    ),
    Guard(
        "words in a row go where the row went",
        "static/js/carry.js",
        "const target = rename(name);",
        "const target = name;",
        "tests/browser/test_text_under_way.py::test_what_is_typed_in_a_row_while_rows_change_is_saved",
    ),
    Guard(
        "words typed into a row after the press that removes it are put aside",
        "static/js/unsaved-text.js",
        "if (late.length) Object.assign(carried,",
        "if (false) Object.assign(carried,",
        Round("slow", 70300, 3),
    ),
    Guard(
        "a save without an answer goes again word for word",
        "static/js/unsaved-text.js",
        "const words = this.#sent ?? this.words;\n",
        "const { words } = this;\n",
        "tests/browser/test_wizard_typing.py::test_a_save_whose_answer_was_lost_does_not_make_a_conflict_with_oneself",
    ),
    Guard(
        "what others took back does not come back by a save that got no answer",
        "static/js/unsaved-text.js",
        "if (again.base !== undefined && this.#isLost) this.#tellSent(body);",
        "",
        "tests/browser/test_text_under_way.py::test_what_another_device_took_back_does_not_come_back_by_a_save_that_got_no_answer",
    ),
    Guard(
        "words of others come only where nobody has typed",
        "static/js/merge.js",
        "const fits = (group) => !touched.has(group) && (",
        "const fits = (group) => (",
        Round("slow", 70600, 1),
    ),
    Guard(
        "words of others in a field that was typed in lead to a question",
        "static/js/unsaved-text.js",
        "if (met.length) this.version = STALE;",
        "",
        "tests/browser/test_text_under_way.py::test_what_is_typed_where_an_answer_brings_words_of_another_device_is_asked_about",
    ),
    Guard(
        "a form that does not show all that is saved saves under no version",
        "static/js/unsaved-text.js",
        "this.version = this.saved === words ? version : STALE;",
        "this.version = version;",
        "tests/browser/test_wizard_together.py::test_a_choice_counts_though_rows_from_elsewhere_are_still_to_come",
    ),
    Guard(
        "unsaved words are kept in the browser",
        "static/js/local-copy.js",
        "if (text.isUnsaved) await write(store, text);",
        "if (text.isUnsaved) ;",
        Round("away", 80300, 1),
    ),
    Guard(
        "a failed save says so",
        "static/js/unsaved-text.js",
        "    this.#move(event);\n    this.#say(why);\n    this.schedule(RETRIES[Math",
        "    this.#move(event);\n    this.schedule(RETRIES[Math",
        Round("faulty", 80500, 1),
    ),
    Guard(
        "a text tells of itself in its own form alone",
        "static/js/unsaved-text.js",
        "else if (this.isShown) htmx.swap({ text, target: this.#box, sourceElement: this.#box,",
        'else htmx.swap({ text, target: "#save-status", sourceElement: document.body,',
        "tests/browser/test_text_under_way.py::test_what_is_typed_as_another_step_is_being_shown_tells_nothing_in_its_place",
    ),
    Guard(
        "every request has an end",
        "static/js/request.js",
        "signal: AbortSignal.timeout(",
        "signal: true ? undefined : AbortSignal.timeout(",
        "tests/browser/test_failed_requests.py::test_a_save_that_hangs_says_so",
    ),
    Guard(
        "a press waits for the save that is under way",
        "static/js/presses.js",
        "if (STATES[text.state].leaves && (text.isSafe || resumed?.isTried)) {",
        'if (text.state !== "leaving") {',
        "tests/browser/test_text_under_way.py::test_continue_waits_for_the_save_that_is_under_way",
    ),
    Guard(
        "what was chosen against goes into the history",
        "static/js/unsaved-text.js",
        '    body.set("asked", this.form.elements.asked.value);\n    if (this.#isChosen) body.set("chosen", "yes");',
        '    body.set("asked", this.form.elements.asked.value);',
        "tests/browser/test_text_under_way.py::test_what_is_chosen_against_while_a_save_is_under_way_is_in_the_history",
    ),
    Guard(
        "what is typed just before a page is left goes out in a last save",
        "static/js/unsaved-text.js",
        "if (!this.isUnsaved || this.saved === null) return this.flush();",
        "return this.flush();",
        "tests/browser/test_text_under_way.py::test_what_was_typed_just_before_leaving_is_saved_beside_what_another_device_saved",
    ),
    Guard(
        "nothing is pressed before the scripts are there",
        "static/js/early.js",
        "if (globalThis.savesByItself || !form()) return;",
        "return;",
        "tests/browser/test_text_under_way.py::test_a_step_link_before_the_scripts_are_there_loses_nothing",
    ),
    Guard(
        "what is kept is shown when the step is opened again",
        "static/js/local-copy.js",
        "const delay = content && present() === text ? await question(record, content, text).catch(() => 0) : 0;",
        "const delay = 0;",
        Round("away", 80400, 1),
    ),
    Guard(
        "going back waits for the save",
        "static/js/wizard.js",
        "const isSaved = !text || (await save(text, null));",
        "const isSaved = true;",
        "tests/browser/test_text_under_way.py::test_the_step_that_going_back_shows_knows_what_was_typed_just_before",
    ),
)


def main(given: list[str] | None = None) -> int:
    """1 if a witness is not clean, or a guard was taken away and nobody missed it."""
    parser = argparse.ArgumentParser(prog="python -m tests.browser.typist.guards", description="Are the guards missed?")
    parser.add_argument("--only", default="", help="guards with these words in their names")
    parser.add_argument("--find", type=float, help="so many minutes for any round that misses it, instead of its witness")
    parser.add_argument("--seed", type=int, default=500, help="where to begin looking")
    parser.add_argument("--mood", default="slow", help="what to look in")
    asked = parser.parse_args(given)
    guards = [each for each in GUARDS if asked.only in each.name]
    missed = [_find(each, asked) if asked.find else is_missed(each) for each in guards]
    print(f"{sum(missed)} of {len(guards)} guards are missed when they are taken away")
    return 0 if guards and all(missed) else 1


def is_missed(guard: Guard) -> bool:
    """Whether the guard's witness is clean, and is not once the guard was taken away."""
    if said := _ask(ROOT, guard.witness):
        print(f"{guard.name}: NOT CLEAN WITH IT: {said}", flush=True)
        return False
    with taken_away(guard) as folder:
        missed = next((each for _try in range(TRIES) if (each := _ask(folder, guard.witness))), "")
    print(f"{guard.name}: {missed or 'NOT MISSED'}", flush=True)
    return bool(missed)


def _ask(folder: Path, witness: Round | str) -> str:
    """What is wrong in a copy of the repository by this witness; nothing if all is well."""
    if isinstance(witness, Round):
        one = ["--mood", witness.mood, "--seed", str(witness.seed), "--round", str(witness.number), "--keep-on"]
        return _typist(folder, one)
    command = [sys.executable, "-m", "pytest", "-q", "-n0", "--no-header", "-p", "no:cacheprovider", witness]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        raise RuntimeError(done.stdout[-2000:])
    return next((each for each in done.stdout.splitlines() if each.startswith("FAILED")), "")


def _find(guard: Guard, asked: argparse.Namespace) -> bool:
    with taken_away(guard) as folder:
        said = _typist(folder, ["--mood", asked.mood, "--seed", str(asked.seed), "--minutes", str(asked.find), "--tries", "0"])
    print(f"{guard.name}: {said or 'NOT MISSED'}", flush=True)
    return bool(said)


@contextmanager
def taken_away(guard: Guard) -> Iterator[Path]:
    """A copy of the repository without it."""
    with tempfile.TemporaryDirectory(prefix="shingle-guard-") as folder:
        copy = Path(folder)
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
        for name in filter(None, listed.split("\0")):
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)
        for name in INSTALLED:
            (copy / name).symlink_to((ROOT / name).resolve())
        source = (copy / guard.path).read_text()
        if source.count(guard.text) != 1:
            raise ValueError(f"{guard.name}: the guard does not stand once in {guard.path}")
        (copy / guard.path).write_text(source.replace(guard.text, guard.without))
        yield copy


def _typist(folder: Path, more: list[str]) -> str:
    """The round that showed a difference and what it showed, or nothing."""
    command = [sys.executable, "-m", "tests.browser.typist", "--alone", *more]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1) or "differences" not in done.stdout:
        raise RuntimeError(done.stderr[-2000:])
    lines = done.stdout.splitlines()
    found = (at for at, each in enumerate(lines) if each.endswith(" differences") and not each.endswith(" 0 differences"))
    at = next(found, None) if done.returncode else None
    return "" if at is None else f"{lines[at]}; {lines[at + 1].strip()}"


if __name__ == "__main__":
    sys.exit(main())
