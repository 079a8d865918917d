"""The command: rounds until the time is over or something is wrong; then the shortest script that shows it, and numbers."""

import argparse
import json
import tempfile
import time
from copy import deepcopy
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.browser.typist.judging import Difference
from tests.browser.typist.rounds import Numbers, play
from tests.browser.typist.script import MOODS, Action, Script, Writer
from tests.browser.typist.shrinking import Limit, shrink
from tests.browser.typist.world import World
from tests.servers.start import program

TAKING = ("Publish", "Discard changes")


def main(given: list[str] | None = None) -> int:
    """1 if anything was wrong."""
    asked = _parser().parse_args(given)
    with (
        tempfile.TemporaryDirectory(prefix="shingle-typist-") as folder,
        World(asked.database, Path(folder)) as world,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=program("browser", "chromium"))
        try:
            return _run(browser, world, asked)
        finally:
            browser.close()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.browser.typist", description="A random typist.")
    parser.add_argument("--seed", type=int, default=1, help="the same seed does the same things")
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--replay", type=Path, help="a script that was saved, instead of random ones")
    parser.add_argument("--round", type=int, help="only this round of the seed")
    parser.add_argument("--mood", choices=list(MOODS), help="only rounds in this mood")
    parser.add_argument(
        "--alone", action="store_true", help="without what takes text away on purpose: publishing, discarding, archiving"
    )
    parser.add_argument("--only", help="only differences of this kind: lost, overwritten, unsaved, silent, untrue or shown")
    parser.add_argument(
        "--keep-on", action="store_true", help="go on after a difference, without looking for the shortest script"
    )
    parser.add_argument("--tries", type=int, default=60, help="as many replays to find the shortest script")
    parser.add_argument("--shrink-seconds", type=float, default=240.0, help="and as much time")
    parser.add_argument("--save", type=Path, default=Path("var/typist.json"), help="where the shortest script is written")
    return parser


def _scripts(asked: argparse.Namespace) -> list[Script]:
    if asked.replay:
        return [Script(**json.loads(asked.replay.read_text()))]
    return [Writer(f"{asked.seed}.{asked.round}", asked.mood).write()] if asked.round is not None else []


def _run(browser: Browser, world: World, asked: argparse.Namespace) -> int:
    numbers, end, given = Numbers(), time.monotonic() + asked.minutes * 60, _scripts(asked)
    number = 0
    while given or (not (asked.replay or asked.round is not None) and time.monotonic() < end):
        script = given.pop() if given else Writer(f"{asked.seed}.{number}", asked.mood).write()
        number += 1
        if asked.alone:
            script.actions[:] = [each for each in script.actions if each["do"] != "manage" and each.get("name") not in TAKING]
        found = [
            each for each in play(browser, world, deepcopy(script), numbers, asked.only) if asked.only in (None, each.kind)
        ]
        numbers.counts["differences"] += len(found)
        _tell(script, found)
        if found and not asked.keep_on:
            _shorten(browser, world, script, found[0], asked)
            break
    print(numbers, flush=True)
    return 1 if numbers.counts["differences"] else 0


def _tell(script: Script, found: list[Difference]) -> None:
    print(f"{script.seed}, {script.state}: {len(found)} differences", flush=True)
    for each in found:
        print(f"  {each}", flush=True)


def _shorten(browser: Browser, world: World, script: Script, first: Difference, asked: argparse.Namespace) -> None:
    last: list[Difference] = [first]

    def shows(actions: list[Action]) -> bool:
        nonlocal last
        shorter = Script(script.seed, script.state, script.begin, deepcopy(actions))
        found = [each for each in play(browser, world, shorter, Numbers(), first.kind) if each.kind == first.kind]
        last = found or last
        return bool(found)

    actions = shrink(script.actions, shows, Limit(asked.tries, asked.shrink_seconds))
    shortest = Script(script.seed, script.state, script.begin, actions)
    asked.save.parent.mkdir(parents=True, exist_ok=True)
    asked.save.write_text(json.dumps(shortest.as_json(), indent=1))
    print(
        f"The shortest script that shows it, of {len(actions)} actions ({asked.save}), on {script.state}, from {script.begin}:"
    )
    for action in actions:
        print(f"  {json.dumps(action)}")
    print(f"  {last[0]}", flush=True)
