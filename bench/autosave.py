"""Saving while somebody types, under the production server: `python -m bench.autosave [--workers 2] [--threads 4] [--requests 3000]`.

Requests a second, the time of an answer, and CPU, for an autosave, a step's page and the dashboard (with 41 drafts), at 1, 8 and 32 connections, on
SQLite and PostgreSQL; beside them, in the same run and in turns, a Flask view that does nothing and one that updates a row and commits. All of them
are served by as many processes and threads. Clients, servers and databases share the machine, so compare within a run: rounds tell how much it
swayed, and the load what else it did. CPU is what the web processes used for a request, kernel included, and what the clients did; PostgreSQL's own
is in neither. Linux only.
"""

import argparse
import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from urllib.parse import urlencode

from app import config, create_app
from app.extensions import db, hang_up
from app.ops.schema import bring_up_to_date
from app.services.models import Service
from bench.cast import begin
from bench.clients import message
from bench.serving import Served, Server, granian
from tests.servers import postgres
from tests.servers.start import Run

CONNECTIONS = (1, 8, 32)
DRAFTS = 41
ROUNDS = 5
TEXT = {"places": "provider", "location": "Berlin", "description": "What happens in the hour. " * 40}
#: The requests of each connection, for so many connections and requests.
Asking = Callable[[int, int], Sequence[Iterable[bytes]]]


class Person:
    """A signed-in provider in a browser, with a draft for every connection, so that saves meet on the server and not in a row."""

    def __init__(self, environment: dict[str, str]) -> None:
        app = create_app(config.load(environment))
        bring_up_to_date(app)
        with app.app_context():
            client, drafts = begin(app, DRAFTS)
            self.drafts = [str(draft) for draft in drafts]
            page = client.get(self.path(0)).text
            db.session.execute(db.update(Service).where(Service.id == drafts[0]).values(slug="bare"))
            db.session.commit()
            db.session.remove()
            hang_up()
        cookie = client.get_cookie("session")
        assert cookie is not None
        self.token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
        self.cookie = {"Cookie": f"session={cookie.value}"}
        self._versions: Counter[int] = Counter()

    def path(self, draft: int) -> str:
        return f"/drafts/{self.drafts[draft]}/details"

    def saves(self, connections: int, requests: int) -> Sequence[Iterable[bytes]]:
        """Each connection types into a draft that is only its own."""
        return [self._sent(draft, requests // connections) for draft in range(connections)]

    def _sent(self, draft: int, turns: int) -> Iterator[bytes]:
        """Put together now; which of them were sent, the next round must know. A draft that is saved in one step alone has the versions 1, 2, 3…"""
        first = self._versions[draft]
        messages = [self._save(draft, version) for version in range(first, first + turns)]

        def send() -> Iterator[bytes]:
            for each in messages:
                self._versions[draft] += 1
                yield each

        return send()

    def _save(self, draft: int, version: int) -> bytes:
        words = TEXT | {"csrf_token": self.token, "version": str(version), "description": f"{TEXT['description']} {version}"}
        form = self.cookie | {"HX-Request": "true", "Content-Type": "application/x-www-form-urlencoded"}
        return message("PUT", self.path(draft), form, urlencode(words))

    def gets(self, path: str) -> Asking:
        return lambda connections, requests: [[message("GET", path, self.cookie)] * (requests // connections)] * connections


def main() -> None:
    asked = argparse.ArgumentParser(description=(__doc__ or "").partition(":")[0])
    for name, default in (("workers", 2), ("threads", 4), ("requests", 3000)):
        asked.add_argument(f"--{name}", type=int, default=default)
    given = asked.parse_args()
    print(f"{given.workers} web processes of {given.threads} threads on {os.cpu_count()} processors; {ROUNDS} rounds")
    with tempfile.TemporaryDirectory() as folder:
        address = postgres.start(Run(owner=os.getpid(), notes=Path(folder), number=0))
        databases = {"SQLite": f"sqlite:///{folder}/bench.sqlite3", "PostgreSQL": postgres.new_database(address, "bench")}
        for name, url in databases.items():
            _measure(name, {"DATABASE_URL": url, "VAR_DIR": folder, "SECRET_KEY": "bench", "RATE_LIMITS": "no"}, given)


def _measure(name: str, environment: dict[str, str], given: argparse.Namespace) -> None:
    person, how = Person(environment), (environment, given.workers, given.threads)
    with granian("wsgi:app", *how) as shingle, granian("bench.bare:app", *how) as bare:
        shingle.answer(person.gets(person.path(0))(8, 160))
        for connections in CONNECTIONS:
            print(f"{name}, {connections} connections")
            _compare(
                connections,
                {
                    "a view that does nothing": (bare, person.gets("/nothing"), given.requests),
                    "UPDATE and COMMIT of a row": (bare, _rows, given.requests),
                    "autosave": (shingle, person.saves, given.requests),
                    "a step's page": (shingle, person.gets(person.path(0)), given.requests // 4),
                    "the dashboard": (shingle, person.gets("/drafts"), given.requests // 4),
                },
            )
        print(f"{name}: {shingle.memory() / 1024:.0f} MiB in all web processes; load of the machine {os.getloadavg()[0]:.1f}")


def _compare(connections: int, kinds: dict[str, tuple[Server, Asking, int]]) -> None:
    """Each in turn, round by round: what disturbs the machine for a while disturbs all of them."""
    served: dict[str, list[Served]] = {what: [] for what in kinds}
    for _round in range(ROUNDS):
        for what, (server, asking, requests) in kinds.items():
            served[what].append(server.answer(asking(connections, max(requests // ROUNDS, connections))))
    for what, rounds in served.items():
        rates = [each.rate for each in rounds]
        print(f"  {what:28} {Served.together(rounds).row()}   rounds {min(rates):.0f} to {max(rates):.0f}/s", flush=True)


def _rows(connections: int, requests: int) -> list[list[bytes]]:
    return [[message("PUT", f"/row/{turn}", {}) for turn in range(requests // connections)] for _each in range(connections)]


if __name__ == "__main__":
    main()
