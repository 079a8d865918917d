"""Who takes part in a benchmark."""

import time
from uuid import UUID, uuid4

from flask import Flask
from flask.testing import FlaskClient

from app import clock
from app.drafts.operations import start
from app.extensions import db
from app.providers.models import Provider


def begin(app: Flask, drafts: int = 1) -> tuple[FlaskClient, list[UUID]]:
    """A signed-in browser with fresh drafts. Needs an application context."""
    provider = Provider(
        email="bench@example.com",
        fs_uniquifier=uuid4().hex,
        confirmed_at=clock.now(),
        display_name="Bench",
        time_zone="Europe/Berlin",
        locale="en",
        currency="EUR",
        active=True,
    )
    db.session.add(provider)
    db.session.flush()
    started = [start(provider, app.extensions["settings"], reuse=False).id for _each in range(drafts)]
    db.session.commit()
    client = app.test_client()
    with client.session_transaction() as session:
        session.update({"_user_id": provider.fs_uniquifier, "_fresh": True, "fs_cc": "set", "fs_paa": time.time()})  # noqa: TID251 the clock of Flask-Security
    return client, started
