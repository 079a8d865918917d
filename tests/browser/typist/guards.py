"""What guards unsaved text, one by one: a named round of the typist is clean with all of them, and shows a difference once one is taken away.

    python -m tests.browser.typist.guards                     # each round as it is, and then without its guard, in a copy of the repository
    python -m tests.browser.typist.guards --only carried      # guards with this word in their names
    python -m tests.browser.typist.guards --only carried --find 5   # look for rounds that miss it, for 5 minutes

It ends with 0 if each round is clean and each guard is missed.

A guard is a piece of the source that stands there once; `without` stands in its place when it is taken away. Chance has a part in a round (how long
requests take), so a guard is taken away up to three times before it counts as not missed.
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
class Guard:
    """A round of the typist's `seed` shows a difference once `text` in `path` is replaced. `alone`: nobody takes text away on purpose."""

    name: str
    path: str
    text: str
    without: str
    mood: str
    seed: int
    round: int
    alone: bool = True

    @property
    def options(self) -> list[str]:
        """For the typist's command."""
        return ["--mood", self.mood, *(["--alone"] if self.alone else [])]


GUARDS = (
    Guard(
        "a save under an older version is not taken",
        "app/wizard/answers.py",
        'if present["version"] != version and present["typed"] != typed:',
        "if False:",
        "slow",
        700,
        0,
    ),
    Guard(
        "a version never comes back",
        "app/wizard/answers.py",
        'common = BLANK | {"version": context.service.revision, "complete": True}',
        'common = BLANK | {"version": 0, "complete": True}',
        "calm",
        1,
        0,
        alone=False,
    ),
    Guard(
        "no page takes the place of a form with unsaved words",
        "static/js/wizard.js",
        "const mayLeave = (text) => !text ||",
        "const mayLeave = (text) => true || !text ||",
        "slow",
        1010,
        8,
    ),
    Guard(
        "words are carried into the form that arrives",
        "static/js/unsaved-text.js",
        'const carried = carry(form, (isOlder ? this.saved : this.#pressed ?? saved) ?? "", typed, action);',
        "const carried = { gone: [], met: [], rename: (name) => name };",
        "slow",
        1020,
        0,
    ),
    Guard(
        "an answer that is older than the last save takes nothing back",
        "static/js/unsaved-text.js",
        "const isOlder = this.#pressed === null && Number(this.version) < Number(version);",
        "const isOlder = false;",
        "rows",
        20100,
        0,
    ),
    Guard(
        "words are carried into the rows that arrive",
        "static/js/unsaved-text.js",
        "const brought = carryRows(this.form, before, old, rows, action);",
        "const brought = carryRows(this.form, before, rows.cloneNode(true), rows, action);",
        "rows",
        20100,
        0,
    ),
    Guard(
        "words in a row go where the row went",
        "static/js/carry.js",
        "const target = rename(name);",
        "const target = name;",
        "rows",
        20200,
        1,
    ),
    Guard(
        "words typed into a row after the press that removes it are put aside",
        "static/js/unsaved-text.js",
        "if (late.length) Object.assign(carried,",
        "if (false) Object.assign(carried,",
        "slow",
        700,
        3,
    ),
    Guard(
        "a save without an answer goes again word for word",
        "static/js/unsaved-text.js",
        "const words = this.#sent ?? this.words;\n",
        "const { words } = this;\n",
        "faulty",
        1,
        0,
    ),
    Guard(
        "words of others come only where nobody has typed",
        "static/js/merge.js",
        "const fits = (group) => !touched.has(group) && (",
        "const fits = (group) => (",
        "slow",
        1,
        0,
    ),
    Guard(
        "words of others in a field that was typed in lead to a question",
        "static/js/unsaved-text.js",
        "if (met.length) this.version = STALE;",
        "",
        "rows",
        20300,
        1,
    ),
    Guard(
        "a form that does not show all that is saved saves under no version",
        "static/js/unsaved-text.js",
        "this.version = this.saved === words ? version : STALE;",
        "this.version = version;",
        "rows",
        20400,
        3,
    ),
    Guard(
        "unsaved words are kept in the browser",
        "static/js/local-copy.js",
        "if (text.isUnsaved) await write(store, text);",
        "if (text.isUnsaved) ;",
        "away",
        20500,
        1,
    ),
    Guard(
        "a failed save says so",
        "static/js/unsaved-text.js",
        "    this.#move(event);\n    this.#say(why);\n    this.schedule(RETRIES[Math",
        "    this.#move(event);\n    this.schedule(RETRIES[Math",
        "faulty",
        30100,
        1,
    ),
    Guard(
        "a text tells of itself in its own form alone",
        "static/js/unsaved-text.js",
        "else if (this.isShown) htmx.swap({ text, target: this.#box, sourceElement: this.#box,",
        'else htmx.swap({ text, target: "#save-status", sourceElement: document.body,',
        "slow",
        1,
        0,
    ),
    Guard(
        "every request has an end",
        "static/js/request.js",
        "signal: AbortSignal.timeout(",
        "signal: true ? undefined : AbortSignal.timeout(",
        "faulty",
        1,
        0,
    ),
    Guard(
        "a press waits for the save that is under way",
        "static/js/wizard.js",
        "if (STATES[text.state].leaves && (text.isSafe || isTried)) {",
        'if (text.state !== "leaving") {',
        "slow",
        1,
        0,
    ),
    Guard(
        "what was chosen against goes into the history",
        "static/js/unsaved-text.js",
        '{ chosen: "yes", ...again }',
        "again",
        "calm",
        1,
        0,
    ),
    Guard(
        "what is typed just before a page is left goes out in a last save",
        "static/js/unsaved-text.js",
        "if (!this.isUnsaved || this.saved === null) return this.flush();",
        "return this.flush();",
        "hasty",
        1,
        0,
    ),
    Guard(
        "nothing is pressed before the scripts are there",
        "static/js/early.js",
        "if (globalThis.savesByItself || !form()) return;",
        "return;",
        "hasty",
        1,
        0,
    ),
    Guard(
        "what is kept is shown when the step is opened again",
        "static/js/local-copy.js",
        "if (content && present() === text) await question(record, content, text);",
        "",
        "away",
        20600,
        0,
    ),
    Guard(
        "going back waits for the save",
        "static/js/wizard.js",
        "const isSaved = !text || (await save(text, null));",
        "const isSaved = true;",
        "slow",
        20900,
        1,
    ),
)


def main(given: list[str] | None = None) -> int:
    """1 if a round is not clean, or a guard was taken away and nobody missed it."""
    parser = argparse.ArgumentParser(prog="python -m tests.browser.typist.guards", description="Are the guards missed?")
    parser.add_argument("--only", default="", help="guards with these words in their names")
    parser.add_argument(
        "--find", type=float, help="so many minutes for any round that misses it, instead of the one that is named"
    )
    parser.add_argument("--seed", type=int, default=500, help="where to begin looking")
    asked = parser.parse_args(given)
    guards = [each for each in GUARDS if asked.only in each.name]
    missed = [_find(each, asked) if asked.find else is_missed(each) for each in guards]
    print(f"{sum(missed)} of {len(guards)} guards are missed when they are taken away")
    return 0 if guards and all(missed) else 1


def is_missed(guard: Guard) -> bool:
    """Whether the guard's round is clean, and is not once the guard was taken away."""
    one = ["--seed", str(guard.seed), "--round", str(guard.round), "--keep-on"]
    said = _typist(ROOT, guard, one)
    if not said:
        with taken_away(guard) as folder:
            missed = next((each for _try in range(TRIES) if (each := _typist(folder, guard, one))), [])
        print(f"{guard.name}: {'; '.join(missed) or 'NOT MISSED'}", flush=True)
        return bool(missed)
    print(f"{guard.name}: NOT CLEAN WITH IT: {'; '.join(said)}", flush=True)
    return False


def _find(guard: Guard, asked: argparse.Namespace) -> bool:
    with taken_away(guard) as folder:
        said = _typist(folder, guard, ["--seed", str(asked.seed), "--minutes", str(asked.find), "--tries", "0"])
    print(f"{guard.name}: {'; '.join(said) or 'NOT MISSED'}", flush=True)
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


def _typist(folder: Path, guard: Guard, more: list[str]) -> list[str]:
    """The round that showed a difference and what it showed, or nothing."""
    command = [sys.executable, "-m", "tests.browser.typist", *guard.options, *more]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1) or "differences" not in done.stdout:
        raise RuntimeError(done.stderr[-2000:])
    lines = done.stdout.splitlines()
    at = next(
        (number for number, each in enumerate(lines) if not each.endswith(" 0 differences") and each.endswith(" differences")),
        None,
    )
    return [] if at is None or not done.returncode else [lines[at], lines[at + 1].strip()]


if __name__ == "__main__":
    sys.exit(main())
