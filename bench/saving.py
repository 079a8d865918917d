"""How long a provider who saves waits for SQLite's one writer while sweeps run: `python -m bench.saving [drafts]`.

A process of its own saves a row every 20 ms, as the application does, first alone and then beside `expire` and `forget`.
Its waits in milliseconds: the median, the 99th of a hundred, and the longest. What it waits alone is the machine's, not the sweeps'.
"""

import argparse
import json
import select
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from app.extensions import PRAGMAS
from bench.sweeps import Sqlite, _measure

ALONE = 5.0
EVERY = 0.02


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("drafts", nargs="?", type=int, default=20_000)
    parser.add_argument("--child")
    given = parser.parse_args()
    if given.child:
        _save(given.child)
        return
    with tempfile.TemporaryDirectory() as folder:
        place = Sqlite(Path(folder))
        environment = {"SECRET_KEY": "bench", "RATE_LIMITS": "no", "LOG_LEVEL": "ERROR", "DRAFT_RESTORE_FOR": "1s"}
        place.seed(environment, given.drafts)
        copied = place.copy(environment | {"VAR_DIR": folder})
        saver = _start(copied)
        time.sleep(ALONE)
        _say("alone", saver)
        for what in ("expire", "forget"):
            time.sleep(1.1)
            saver = _start(copied)
            done = _measure(copied, what, given.drafts)
            _say(f"beside {what} ({done.rate:,.0f} drafts/s)", saver)


def _start(copied: dict[str, str]) -> subprocess.Popen[str]:
    path = copied["DATABASE_URL"].removeprefix("sqlite:///")
    command = [sys.executable, "-m", "bench.saving", "--child", path]
    saver = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert saver.stdout
    assert saver.stdout.readline() == "ready\n"
    return saver


def _say(what: str, saver: subprocess.Popen[str]) -> None:
    waits = json.loads(saver.communicate("enough\n")[0])
    hundredth = statistics.quantiles(waits, n=100)[-1]
    print(
        f"{what:32} {len(waits):6,} saves: {statistics.median(waits):5.1f} ms, {hundredth:5.1f}, {max(waits):5.1f}", flush=True
    )


def _save(path: str) -> None:
    connection: Any = sqlite3.connect(path, isolation_level=None)
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    waits: list[float] = []
    print("ready", flush=True)
    while not select.select([sys.stdin], [], [], EVERY)[0]:
        began = time.perf_counter()
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("UPDATE provider SET about = ? WHERE email = 'provider0@example.com'", (str(began),))
        connection.execute("COMMIT")
        waits.append((time.perf_counter() - began) * 1000)
    print(json.dumps(waits))


if __name__ == "__main__":
    main()
