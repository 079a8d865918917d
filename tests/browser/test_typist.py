"""The random typist finds nothing wrong in a minute of fixed rounds. `make soak` goes on for as long as one likes. That it finds what it has to find
is shown by `python -m tests.browser.typist.guards`, which takes every guard away in turn and lasts for half an hour."""

import subprocess
import sys

import pytest

from tests.browser.typist.guards import GUARDS, Guard
from tests.servers.start import ROOT

LONGEST = 300  # seconds for a round
MOODS = ("slow", "rows")


@pytest.mark.parametrize("mood", MOODS)
def test_a_fixed_round_shows_no_difference(mood: str) -> None:
    command = [sys.executable, "-m", "tests.browser.typist", "--seed", "1", "--round", "1", "--mood", mood, "--keep-on"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=LONGEST, check=False)
    assert ("1 rounds" in done.stdout, done.returncode) == (True, 0), done.stdout + done.stderr


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.name.replace(" ", "-"))
def test_each_guard_stands_once_in_the_source(guard: Guard) -> None:
    assert (ROOT / guard.path).read_text().count(guard.text) == 1
