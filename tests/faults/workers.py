"""Workers that die when they are told to."""

import json
import os
import subprocess
import sys
from typing import Any

from tests.servers.start import ROOT

NAME = "nursery"  # the workers' in the database's eyes (libpq's PGAPPNAME)


class Nursery:
    """The process that forks the workers; see `nursery.py`."""

    def __init__(self, settings: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.nursery"],
            cwd=ROOT,
            env=os.environ | settings | {"PGAPPNAME": NAME},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._out: Any = self._process.stdout
        self._in: Any = self._process.stdin
        assert self._out.readline() == "ready\n"

    def run(self, *tasks: dict[str, Any]) -> list[dict[str, Any]]:
        """Do them at the same time; what came of each."""
        print(json.dumps(tasks), file=self._in, flush=True)
        answers: list[dict[str, Any]] = json.loads(self._out.readline())
        return answers

    def end(self) -> None:
        self._in.close()
        self._process.wait()
        self._out.close()
