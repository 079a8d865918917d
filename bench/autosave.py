"""Saving while somebody types, under the production server: `python -m bench.autosave [requests]`.

Requests a second, the time of an answer, and the server's CPU, for an autosave, a step's page and the dashboard (with 41 drafts), at 1, 8 and 32
connections, on SQLite and PostgreSQL; beside them, in the same run, a Flask view that does nothing and one that updates a row and commits. One web
process of 4 threads. Clients and server share the machine, so compare within a run. CPU is what the server used, kernel included: Linux only.
"""

import os
import sys
import tempfile
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

from app import config, create_app
from app.extensions import db
from app.ops.schema import bring_up_to_date
from app.services.models import Service
from bench.cast import begin
from bench.serving import Send, Served, granian
from tests.servers import postgres
from tests.servers.start import Run

CONNECTIONS = (1, 8, 32)
TEXT = {"places": "provider", "location": "Berlin", "description": "What happens in the hour. " * 40}


class Person:
    """A signed-in provider in a browser, with a draft for every connection, so that saves meet on the server and not in a row."""

    def __init__(self, environment: dict[str, str]) -> None:
        app = create_app(config.load(environment))
        bring_up_to_date(app)
        with app.app_context():
            client, drafts = begin(app, sum(CONNECTIONS))
            self.drafts = [str(draft) for draft in drafts]
            page = client.get(self.path(0)).text
            db.session.execute(db.update(Service).where(Service.id == drafts[0]).values(slug="bare"))
            db.session.commit()
            db.session.remove()
            db.engine.dispose()
        cookie = client.get_cookie("session")
        assert cookie is not None
        self.token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
        self.headers = {"Cookie": f"session={cookie.value}", "HX-Request": "true"}

    def path(self, draft: int) -> str:
        return f"/drafts/{self.drafts[draft]}/details"

    def saves(self, connections: int) -> Send:
        """Each connection types into a draft that is only its own: the version counts the turns."""
        first = CONNECTIONS.index(connections) and sum(CONNECTIONS[: CONNECTIONS.index(connections)])
        form = self.headers | {"Content-Type": "application/x-www-form-urlencoded"}

        def save(connection: HTTPConnection, turn: int) -> int:
            version, draft = divmod(turn, connections)
            words = TEXT | {"csrf_token": self.token, "version": str(version), "description": f"{TEXT['description']} {turn}"}
            return _answer(connection, "PUT", self.path(first + draft), urlencode(words), form)

        return save

    def gets(self, path: str) -> Send:
        headers = {"Cookie": self.headers["Cookie"]}
        return lambda connection, _turn: _answer(connection, "GET", path, None, headers)


def main() -> None:
    requests = int(sys.argv[1]) if sys.argv[1:] else 2000
    with tempfile.TemporaryDirectory() as folder:
        address = postgres.start(Run(owner=os.getpid(), notes=Path(folder), number=0))
        databases = {"SQLite": f"sqlite:///{folder}/bench.sqlite3", "PostgreSQL": postgres.new_database(address, "bench")}
        for name, url in databases.items():
            _measure(name, {"DATABASE_URL": url, "VAR_DIR": folder, "SECRET_KEY": "bench", "RATE_LIMITS": "no"}, requests)


def _measure(name: str, environment: dict[str, str], requests: int) -> None:
    person = Person(environment)
    with granian("wsgi:app", environment) as shingle, granian("bench.bare:app", environment) as bare:
        shingle.busy(1, 100, person.gets(person.path(0)))
        for connections in CONNECTIONS:
            print(f"{name}, {connections} connections")
            _say("a view that does nothing", bare.busy(connections, requests, person.gets("/nothing")))
            _say("UPDATE and COMMIT of a row", bare.busy(connections, requests, _row))
            _say("autosave", shingle.busy(connections, requests, person.saves(connections)))
            _say("a step's page", shingle.busy(connections, requests // 4, person.gets(person.path(0))))
            _say("the dashboard", shingle.busy(connections, requests // 4, person.gets("/drafts")))


def _row(connection: HTTPConnection, turn: int) -> int:
    return _answer(connection, "PUT", f"/row/{turn}", None, {})


def _answer(connection: HTTPConnection, method: str, path: str, body: str | None, headers: dict[str, str]) -> int:
    connection.request(method, path, body, headers)
    response = connection.getresponse()
    response.read()
    return response.status


def _say(what: str, served: Served) -> None:
    print(f"  {what:28} {served.row()}", flush=True)


if __name__ == "__main__":
    main()
