"""The random typist for half a minute from each of two seeds, one on each database. `make soak` gives it as long as one likes, and lets it publish,
discard and archive too."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers.start import ROOT


@pytest.mark.parametrize(("seed", "database"), [(1, "sqlite"), (2, "postgresql")])
def test_a_random_typist_loses_nothing(seed: int, database: str, tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "tests.browser.typist",
        "--seed",
        str(seed),
        "--database",
        database,
        "--minutes",
        "0.5",
        "--alone",
    ]
    limits = ["--tries", "20", "--shrink-seconds", "60", "--save", str(tmp_path / "typist.json")]
    done = subprocess.run([*command, *limits], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr[-2000:]}"
