"""What becomes of very many drafts that are due at once: `python -m bench.sweeps [drafts ...] [--database postgresql|sqlite] [--workers 1,2,4]`.

Drafts a second, statements a thousand drafts, and the most memory that a worker's process took, for `expire` (the draft can still be brought back),
`forget` (it is gone, and its objects are in the ledger) and `clear` (the objects are gone), with 1, 2 and 4 workers. Each draft has three photos
and a recorded warning; no mail is sent. Beside them, in the same run and on copies of the same rows: the naive loop (one SELECT, then for each
draft one for its files, one DELETE for each of them and for the draft, and a commit) with and without one deletion in the store for each file,
and a bare bulk DELETE.

The store answers each request after 5 ms (`bench.quick_store`); with `--swift` it is the store of the tests instead, on this machine, and it is that
which is measured then. The ledger is worked off by one worker. The naive loop is stopped after some thousand drafts: it does not become faster.
Linux only.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import create_engine, event, text

from app import clock, config, create_app
from app.drafts import sweeps
from app.extensions import db, hang_up
from app.insights.runs import Turn
from bench import crowd

NAIVE, NAIVE_WITH_OBJECTS = 4000, 400
DUE = "status = 'draft' AND deleted_at IS NULL AND expires_at <= :now"
LATENCY = 5


@dataclass(frozen=True)
class Done:
    """What came of it: drafts, seconds, statements, and the most memory of one worker in MiB."""

    drafts: int
    seconds: float
    statements: int
    memory: float

    @property
    def rate(self) -> float:
        return self.drafts / self.seconds


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("drafts", nargs="*", type=int, default=[1000, 10_000, 100_000])
    parser.add_argument("--database", choices=("postgresql", "sqlite"))
    parser.add_argument("--workers", default="1,2,4")
    parser.add_argument("--swift", action="store_true")
    parser.add_argument("--child")
    given = parser.parse_args()
    if given.child:
        _child(given.child, given.drafts[0])
        return
    workers = [int(each) for each in given.workers.split(",")]
    with tempfile.TemporaryDirectory() as folder:
        for name in [given.database] if given.database else ["postgresql", "sqlite"]:
            with _store(Path(folder), given.swift) as environment:
                place = Postgres(Path(folder)) if name == "postgresql" else Sqlite(Path(folder))
                for drafts in given.drafts:
                    print(f"{name}, {drafts:,} drafts", flush=True)
                    _compare(place, environment, drafts, workers)


def _compare(place: "Postgres | Sqlite", environment: dict[str, str], drafts: int, workers: list[int]) -> None:
    environment = environment | {"SECRET_KEY": "bench", "RATE_LIMITS": "no", "LOG_LEVEL": "ERROR", "DRAFT_RESTORE_FOR": "1s"}
    place.seed(environment, drafts)
    naive = _say("naive loop", _measure(place.copy(environment), "naive", min(drafts, NAIVE)))
    naive_objects = _say(
        "naive loop, with objects", _measure(place.copy(environment), "naive-objects", min(drafts, NAIVE_WITH_OBJECTS))
    )
    bulk = _say("bare bulk DELETE", _measure(place.copy(environment), "bulk", drafts))
    for number in workers:
        copied = place.copy(environment)
        expired = _measure(copied, "expire", drafts, number)
        _say(f"expire, {number} workers", expired)
        time.sleep(1.1)
        forgotten = _measure(copied, "forget", drafts, number)
        _say(f"forget, {number} workers", forgotten, _beside(forgotten.rate, naive.rate, bulk.rate))
        both = drafts / (expired.seconds + forgotten.seconds)
        print(f"  {'expire and forget':28} {both:9,.0f} drafts/s{_beside(both, naive.rate, bulk.rate)}", flush=True)
        cleared = _measure(copied, "clear", drafts)
        _say("clear, 1 worker", cleared)
        whole = drafts / (forgotten.seconds + cleared.seconds)
        print(
            f"  {'forget and clear':28} {whole:9,.0f} drafts/s   {whole / naive_objects.rate:6.1f} x the naive loop with objects",
            flush=True,
        )
        all_three = drafts / (expired.seconds + forgotten.seconds + cleared.seconds)
        print(
            f"  {'all three':28} {all_three:9,.0f} drafts/s   {all_three / naive_objects.rate:6.1f} x the naive loop with objects",
            flush=True,
        )
        place.drop(copied)


def _beside(rate: float, naive: float, bulk: float) -> str:
    return f"   {rate / naive:6.1f} x the naive loop, {rate / bulk:5.2f} of the bulk DELETE"


def _say(what: str, done: Done, beside: str = "") -> Done:
    each = done.statements / done.drafts * 1000
    print(
        f"  {what:28} {done.rate:9,.0f} drafts/s   {each:7,.1f} statements per 1,000   {done.memory:4.0f} MiB{beside}",
        flush=True,
    )
    return done


def _measure(environment: dict[str, str], what: str, drafts: int, workers: int = 1) -> Done:
    command = [sys.executable, "-m", "bench.sweeps", "--child", what, str(drafts)]
    children = [
        subprocess.Popen(command, env=os.environ | environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _each in range(workers)
    ]
    for each in children:
        assert each.stdout
        assert each.stdout.readline() == "ready\n", what
    for each in children:
        assert each.stdin
        each.stdin.write("go\n")
        each.stdin.flush()
    said = [json.loads(each.communicate()[0]) for each in children]
    total = sum(each["drafts"] for each in said)
    assert what == "clear" or total == drafts, f"{what}: {total} of {drafts}"
    slowest, largest = max(each["seconds"] for each in said), max(each["memory"] for each in said)
    return Done(drafts, slowest, sum(each["statements"] for each in said), largest)


def _child(what: str, drafts: int) -> None:
    app = create_app()
    statements = 0

    def count(*_values: Any) -> None:
        nonlocal statements
        statements += 1

    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", count)
        db.session.execute(text("SELECT 1"))
        if what in ("clear", "naive-objects"):
            _warm(app)
        statements = 0
        db.session.commit()
        print("ready", flush=True)
        sys.stdin.readline()
        began = time.perf_counter()
        done = WAYS[what](app, drafts)
        seconds = time.perf_counter() - began
    # Not `getrusage`: what it tells of a child begins with what its parent took.
    [peak] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
    memory = int(peak.split()[1]) / 1024
    print(json.dumps({"drafts": done, "seconds": seconds, "statements": statements, "memory": memory}))


def _warm(app: Flask) -> None:
    from app.storage import store

    store().delete(["warm"])


def _expire(app: Flask, _drafts: int) -> int:
    return sweeps.expire(app.extensions["settings"], Turn(longest=10**6)).drafts


def _forget(_app: Flask, _drafts: int) -> int:
    return sweeps.forget(Turn(longest=10**6)).drafts


def _clear(_app: Flask, drafts: int) -> int:
    cleared = sweeps.clear(Turn(longest=10**6))
    assert (cleared.objects, cleared.failed) == (3 * drafts, 0), cleared
    return drafts


def _naive(_app: Flask, drafts: int, delete: Callable[[str], object] = lambda key: None) -> int:
    with db.engine.connect() as connection:
        query = text(f"SELECT id FROM service WHERE {DUE} ORDER BY expires_at LIMIT {drafts}")
        found = connection.execute(query, {"now": _now()}).scalars().all()
        files = text("SELECT id, variants FROM media WHERE entity_type = 'service' AND entity_id = :id")
        for draft in found:
            for row in connection.execute(files, {"id": draft}).all():
                delete(json.loads(row.variants)[0]["key"])
                connection.execute(text("DELETE FROM media WHERE id = :id"), {"id": row.id})
            connection.execute(text("DELETE FROM service WHERE id = :id"), {"id": draft})
            connection.commit()
    return len(found)


def _naive_objects(app: Flask, drafts: int) -> int:
    from tests.servers import s3

    bucket = app.extensions["settings"].s3_bucket
    client = s3.client(app.extensions["settings"].s3_endpoint_url)
    return _naive(app, drafts, lambda key: client.delete_object(Bucket=bucket, Key=key))


def _bulk(_app: Flask, _drafts: int) -> int:
    with db.engine.begin() as connection:
        due = f"SELECT id FROM service WHERE {DUE}"
        connection.execute(text(f"DELETE FROM media WHERE entity_type = 'service' AND entity_id IN ({due})"), {"now": _now()})
        return connection.execute(text(f"DELETE FROM service WHERE {DUE}"), {"now": _now()}).rowcount


def _now() -> Any:
    moment = clock.now()
    return f"{moment:%Y-%m-%d %H:%M:%S.%f}" if db.engine.dialect.name == "sqlite" else moment


WAYS: dict[str, Callable[[Flask, int], int]] = {
    "expire": _expire,
    "forget": _forget,
    "clear": _clear,
    "naive": _naive,
    "naive-objects": _naive_objects,
    "bulk": _bulk,
}


class Postgres:
    """Databases on a throw-away server, copied as templates."""

    def __init__(self, folder: Path) -> None:
        from tests.servers import postgres
        from tests.servers.start import Run

        (folder / "postgresql").mkdir()
        self._address = postgres.start(Run(owner=os.getpid(), notes=folder / "postgresql", number=0))
        self._number = 0

    def seed(self, environment: dict[str, str], drafts: int) -> None:
        from tests.servers import postgres

        url = postgres.new_database(self._address, "seed")
        environment["VAR_DIR"] = tempfile.gettempdir()
        _seed(environment | {"DATABASE_URL": url}, drafts)

    def empty(self, name: str) -> str:
        """The address of a new database."""
        from tests.servers import postgres

        return postgres.new_database(self._address, name)

    def copy(self, environment: dict[str, str]) -> dict[str, str]:
        self._number += 1
        with _autocommit(self._address) as connection:
            connection.execute(text(f"CREATE DATABASE copy{self._number} TEMPLATE seed"))
            connection.execute(text("CHECKPOINT"))
        return environment | {"DATABASE_URL": f"{self._address}/copy{self._number}"}

    def drop(self, copied: dict[str, str]) -> None:
        with _autocommit(self._address) as connection:
            connection.execute(text(f"DROP DATABASE {copied['DATABASE_URL'].rpartition('/')[2]} WITH (FORCE)"))


@contextmanager
def _autocommit(address: str) -> Iterator[Any]:
    engine = create_engine(f"{address}/postgres".replace("postgresql:", "postgresql+psycopg:"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


class Sqlite:
    """Files, copied as files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "sqlite"
        self._folder.mkdir()
        self._number = 0

    def seed(self, environment: dict[str, str], drafts: int) -> None:
        for old in self._folder.iterdir():
            old.unlink()
        environment["VAR_DIR"] = tempfile.gettempdir()
        _seed(environment | {"DATABASE_URL": f"sqlite:///{self._folder}/seed"}, drafts)

    def copy(self, environment: dict[str, str]) -> dict[str, str]:
        self._number += 1
        shutil.copy(self._folder / "seed", self._folder / f"copy{self._number}")
        return environment | {"DATABASE_URL": f"sqlite:///{self._folder}/copy{self._number}"}

    def drop(self, copied: dict[str, str]) -> None:
        for each in self._folder.glob(copied["DATABASE_URL"].rpartition("/")[2] + "*"):
            each.unlink()


def _seed(environment: dict[str, str], drafts: int) -> None:
    from app.ops.schema import bring_up_to_date

    app = create_app(config.load(environment))
    bring_up_to_date(app)
    with app.app_context():
        with db.engine.begin() as connection:
            crowd.fill(connection, (crowd.PROVIDERS, crowd.DRAFTS, crowd.MEDIA, crowd.WARNINGS), drafts)
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE" if connection.dialect.name == "postgresql" else "ANALYZE"))
            if connection.dialect.name == "sqlite":
                connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
        db.session.remove()
        hang_up()


@contextmanager
def _store(folder: Path, swift: bool) -> Iterator[dict[str, str]]:
    from tests.servers import s3
    from tests.servers.start import Run, answers, free_port

    if swift:
        notes = Path(tempfile.mkdtemp(dir=folder))
        yield s3.new_bucket(s3.start(Run(owner=os.getpid(), notes=notes, number=0)), "bench").environment
        return
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "bench.quick_store", str(port), str(LATENCY)])
    try:
        while not answers(port):
            time.sleep(0.05)
        yield s3.Bucket(f"http://127.0.0.1:{port}", "bench").environment
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    main()
