"""`make` in a checkout installs into it and nowhere else."""

import shutil
import subprocess
from pathlib import Path

from tests.servers.start import ROOT


def test_an_environment_that_is_a_link_is_refused_and_what_it_leads_to_stays(tmp_path: Path) -> None:
    checkout, elsewhere = tmp_path / "checkout", tmp_path / "elsewhere"
    shutil.copytree(ROOT / "app" / "ops" / "install", checkout / "app" / "ops" / "install")
    shutil.copy(ROOT / "Makefile", checkout)
    elsewhere.mkdir()
    (elsewhere / "of somebody else").touch()
    (checkout / ".venv").symlink_to(elsewhere)
    done = subprocess.run(["make", "setup"], cwd=checkout, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert ".venv is a link" in done.stdout + done.stderr
    assert [each.name for each in elsewhere.iterdir()] == ["of somebody else"]
