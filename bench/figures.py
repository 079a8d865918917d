"""The figures that every change should keep an eye on: `python -m bench.figures`.

Cold start of a web process, statements and CPU of one autosave, and the weight of each page of the wizard. On a throw-away SQLite database in
this process (CPU by `process_time`, so other load on the machine matters less); medians with the fastest and the slowest run beside them.
"""

import gzip
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.test import EnvironBuilder, run_wsgi_app

from app import config, create_app
from app.extensions import db
from app.ops.schema import bring_up_to_date
from app.wizard.steps import STEPS
from bench.cast import begin

RUNS = 300
TEXT = {
    "basics": {"name": "Haircut and styling", "service_type": "hair", "summary": "Wash, cut and blow-dry by a master stylist"},
    "details": {"description": "What happens in the hour. " * 40, "places": "provider", "location": "Berlin"},
}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        settings = config.load({"VAR_DIR": folder, "SECRET_KEY": "bench", "RATE_LIMITS": "no", "LOG_LEVEL": "ERROR"})
        app = create_app(settings)
        bring_up_to_date(app)
        with app.app_context():
            client, [draft_id] = begin(app)
        _cold_start(folder)
        for key in TEXT:
            _autosave(app, client, draft_id, key)
        for path in [f"/drafts/{draft_id}/{step.key}" for step in STEPS] + [f"/drafts/{draft_id}/review", "/drafts", "/"]:
            _weight(client, path)


def _cold_start(folder: str) -> None:
    environment = os.environ | {"VAR_DIR": folder, "SECRET_KEY": "bench"}

    def once() -> float:
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", "import wsgi"], env=environment, check=True)
        return time.perf_counter() - began

    once()
    _say("cold start: import wsgi", [once() for _ in range(7)], "s")


def _autosave(app: Flask, client: FlaskClient, draft_id: Any, key: str) -> None:
    sent: list[str] = []
    page = client.get(f"/drafts/{draft_id}/{key}").text
    token = page.partition('name="csrf_token" value="')[2].partition('"')[0]

    session = client.get_cookie("session")
    assert session is not None
    headers = {"HX-Request": "true", "Cookie": f"session={session.value}"}

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(statement)

    def save(number: int) -> float:
        data = TEXT[key] | {
            "csrf_token": token,
            "version": str(number),
            next(iter(TEXT[key])): f"{next(iter(TEXT[key].values()))} {number}",
        }
        request = EnvironBuilder(path=f"/drafts/{draft_id}/{key}", method="PUT", data=data, headers=headers).get_environ()
        began = time.process_time()
        body, status, _headers = run_wsgi_app(app, request, buffered=True)
        spent = time.process_time() - began
        assert status.startswith("200"), b"".join(body)
        return spent * 1000

    for number in range(20):
        save(number)
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", note)
        save(20)
        event.remove(db.engine, "before_cursor_execute", note)
    print(f"autosave of {key}: {len(sent)} statements")
    _say(f"autosave of {key}: CPU", [save(number) for number in range(21, 21 + RUNS)], "ms")


def _weight(client: FlaskClient, path: str) -> None:
    """The page alone, and with every file that a first visit loads, as gzip sends them (images as they are)."""
    page = client.get(path)
    assert page.status_code == 200, f"{path}: {page.status_code}"
    assets = set(re.findall(r"""(?:src|href)="(/static/[^"]+?)["#]""", page.text))
    weights = {asset: len(gzip.compress(client.get(asset.replace("&amp;", "&")).data, 6)) for asset in assets}
    packed = len(gzip.compress(page.data, 6))
    first = packed + sum(weights.values())
    name = re.sub("[0-9a-f-]{36}", "…", path)
    print(f"{name:24} {len(page.data):7,} B of HTML ({packed:6,} gzip), first load {first:7,} B gzip")


def _say(what: str, times: list[float], unit: str) -> None:
    print(f"{what}: median {statistics.median(times):.2f} {unit} ({min(times):.2f} to {max(times):.2f}, {len(times)} runs)")


if __name__ == "__main__":
    main()
