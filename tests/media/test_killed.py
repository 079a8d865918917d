"""Web process and worker die at random moments of grant, PUT, parts, completion, verification and deletion, and people close their tabs. One run of
each sweep later, no object is without a row and no row without its objects: the store is listed."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app import clock, config, create_app
from app.extensions import db, hang_up
from app.media import reconcile, sweeps
from app.media.models import Media, State
from app.providers.models import Provider
from app.storage import ledger, store
from tests import factories, queues
from tests.media import files
from tests.media.mortal import File, Machine, People
from tests.servers.s3 import Bucket
from tests.strict import StrictClient

KILLS = 4  # for each database, at other moments: a start of all processes takes longer than everything between
SEED = 20261122
FILES = [
    File("photo.jpg", "image/jpeg", files.jpeg(400, 300)),
    File("broken.jpg", "image/jpeg", files.jpeg(400, 300)[:2000]),
    File("film.mp4", "video/mp4", b"\0\0\0\x20ftypisom" + bytes(6 * 2**20)),
]


@pytest.fixture
def settings(request: pytest.FixtureRequest, environment: dict[str, str], tmp_path: Any) -> dict[str, str]:
    """A site of its own: on SQLite with a folder, on PostgreSQL with a bucket. Files above 5 MiB travel in parts."""
    more: dict[str, str] = {
        "VAR_DIR": str(tmp_path),
        "UPLOAD_PARTS_ABOVE": "5M",
        "PROVIDER_MAX_BYTES": "100G",
        "LOG_LEVEL": "ERROR",
    }
    if environment["DATABASE_URL"].startswith("postgresql"):
        bucket: Bucket = request.getfixturevalue("s3_settings")
        more |= bucket.environment
    return environment | more | {"MEDIA_PER_SERVICE": "100000", "PROVIDER_MAX_FILES": "100000"}


@contextmanager
def uploading(settings: dict[str, str], draft: str, headers: dict[str, str]) -> Iterator[tuple[Machine, People]]:
    machine = Machine(settings)
    try:
        machine.start()
        people = People(machine, draft, headers, FILES, SEED)
        yield machine, people
        people.stop()
    finally:
        machine.end()


@contextmanager
def at_home(settings: dict[str, str]) -> Iterator[Flask]:
    """The site's application in this process."""
    site = create_app(config.load(settings))
    with site.app_context():
        try:
            yield site
        finally:
            db.session.remove()
            hang_up()


def sweep_once(site: Flask) -> None:
    """One run of each, as the scheduler starts them, and of the jobs that they ask for."""
    sweeps.run()
    queues.work(site)
    reconcile.run(act=True)
    while ledger.purge().total:
        db.session.commit()
    db.session.commit()


def rows_want() -> set[str]:
    """Every key that a row says is there."""
    ready = db.session.scalars(select(Media).where(Media.state == State.READY))
    keys = {key for row in ready for key in (row.original_key, *(each["key"] for each in row.variants or []))}
    return {key for key in keys if key}


@pytest.mark.usefixtures("app", "present")  # the processes that die have the machine's clock
def test_whoever_dies_when_ever_rows_and_objects_agree_after_one_round_of_sweeps(
    settings: dict[str, str], client: StrictClient, ada: Provider, travel: Callable[..., datetime]
) -> None:
    chance = random.Random(f"{SEED} {db.engine.dialect.name}")
    draft = factories.draft(ada)
    db.session.commit()
    client.sign_in(ada)
    token = client.get(f"/drafts/{draft.id}/details").page.all("input", name="csrf_token")[0].get("value")
    cookie = client.get_cookie("session")
    assert cookie is not None
    headers = {"Cookie": f"session={cookie.value}", "X-CSRFToken": str(token), "Content-Type": "application/json"}

    with uploading(settings, str(draft.id), headers | {"Accept": "application/json"}) as (machine, people):
        for _kill in range(KILLS):
            people.after(chance.randint(5, 30))
            machine.kill(*chance.choice([("web",), ("worker",), ("web", "worker")]))
            machine.start()
        people.after(15)
    assert people.arrived, "nothing was uploaded, and nothing is proved"

    with at_home(settings) as site:
        travel(to=clock.now())
        travel(days=1)
        sweep_once(site)
        assert {each.key for each in store().list()} == rows_want()
        assert not list(store().uploads())
        assert not db.session.scalars(select(Media.state).where(Media.state.in_([State.GRANTED, State.RECEIVED]))).all()
