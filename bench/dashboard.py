"""What pages cost when the table is long: `python -m bench.dashboard [services ...] [--database postgresql|sqlite] [--plans]` (1,000 and 1,000,000).

Latency, statements and plans of a provider's dashboard (10 drafts, 30 published services), of the directory's first page, of a page far behind, and
of one service type, in this process and without a web server. The sizes take turns, request by request, so that what else the machine does meets
them alike.
"""

import argparse
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select, text, update

from app import clock, config, create_app
from app.extensions import db, hang_up
from app.ops.schema import bring_up_to_date
from app.providers.models import Provider
from app.services.cursors import Cursor
from app.services.models import Service
from bench import crowd
from bench.cast import begin
from bench.sweeps import Postgres

REQUESTS = 200


@dataclass
class Town:
    """An application with so many services, and somebody who is signed in."""

    app: Flask
    client: FlaskClient
    services: int
    paths: dict[str, str]
    times: dict[str, list[float]] = field(default_factory=dict)

    def ask(self, name: str) -> None:
        began = time.perf_counter()
        answer = self.client.get(self.paths[name])
        self.times.setdefault(name, []).append((time.perf_counter() - began) * 1000)
        assert answer.status_code == 200, (name, answer.status)

    def at(self, name: str, share: float) -> float:
        times = sorted(self.times[name])
        return times[int(len(times) * share)]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("services", nargs="*", type=int, default=[1000, 1_000_000])
    parser.add_argument("--database", choices=("postgresql", "sqlite"))
    parser.add_argument("--plans", action="store_true", help="print the plan of every statement at the largest size")
    given = parser.parse_args()
    for database in [given.database] if given.database else ["postgresql", "sqlite"]:
        with tempfile.TemporaryDirectory() as folder:
            place = Postgres(Path(folder)) if database == "postgresql" else None
            urls = [place.empty(f"town{each}") if place else f"sqlite:///{folder}/{each}" for each in given.services]
            towns = [_town(url, folder, services) for url, services in zip(urls, given.services, strict=True)]
            _compare(database, towns)
            if given.plans:
                _plans(towns[-1])
            for town in towns:
                with town.app.app_context():
                    db.session.remove()
                    hang_up()


def _compare(database: str, towns: list[Town]) -> None:
    for name in towns[0].paths:
        for town in towns:
            for _each in range(10):  # PostgreSQL settles on a plan after five
                town.ask(name)
            town.times.clear()
        for _each in range(REQUESTS):
            for town in towns:
                town.ask(name)
        for town in towns:
            with _statements(town.app) as sent:
                town.client.get(town.paths[name])
            ratio = f"   p95 {town.at(name, 0.95) / towns[0].at(name, 0.95):.2f} x that of {towns[0].services:,}"
            print(
                f"{database}, {town.services:9,} services, {name:16} p50 {town.at(name, 0.5):6.1f}   p95 {town.at(name, 0.95):6.1f} ms"
                f"   {len(sent):2} statements{ratio if town is not towns[0] else ''}",
                flush=True,
            )


def _town(url: str, folder: str, services: int) -> Town:
    environment = {"DATABASE_URL": url, "VAR_DIR": folder, "SECRET_KEY": "bench", "RATE_LIMITS": "no", "LOG_LEVEL": "ERROR"}
    app = create_app(config.load(environment))
    bring_up_to_date(app)
    with app.app_context():
        with db.engine.begin() as connection:
            crowd.fill(connection, (crowd.PROVIDERS, crowd.SERVICES), services)
            connection.execute(text("UPDATE provider SET reminders_stopped_at = NULL"))
        client, _drafts = begin(app, 10)
        mine = db.session.scalar(select(Provider.id).where(Provider.email == "bench@example.com"))
        some = db.session.scalars(select(Service.id).where(Service.status == "published").limit(30)).all()
        db.session.execute(update(Service).where(Service.id.in_(some)).values(provider_id=mine))
        db.session.commit()
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE" if connection.dialect.name == "postgresql" else "ANALYZE"))
        far = Cursor(clock.now() - timedelta(hours=20), some[0])
        db.session.remove()
    paths = {"dashboard": "/drafts", "directory": "/services", "directory, behind": f"/services?after={far}"}
    return Town(app, client, services, paths | {"directory, a type": "/services?type=hair"})


@contextmanager
def _statements(app: Flask) -> Iterator[dict[str, Any]]:
    sent: dict[str, Any] = {}

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        sent[statement] = parameters

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)


def _plans(town: Town) -> None:
    for name, path in town.paths.items():
        with _statements(town.app) as sent:
            town.client.get(path)
        with town.app.app_context(), db.engine.connect() as connection:
            explain = "EXPLAIN (ANALYZE, COSTS OFF) " if connection.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN "
            for statement, parameters in sent.items():
                print(f"\n{name}: {' '.join(statement.split())[:160]} …")
                for row in connection.exec_driver_sql(explain + statement, parameters):
                    print(f"    {str(row[-1])[:160]}")


if __name__ == "__main__":
    main()
