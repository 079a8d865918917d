"""`make demo-expiry`: the life of a forgotten draft in two minutes, in a folder of its own that is gone afterwards.

The windows are seconds instead of days; everything else is what runs in earnest: the operations, the sweeps, the mail, the store.
"""

import email
import io
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import policy
from pathlib import Path

import click
from flask import Flask

from app import clock, config, mail
from app.config import Settings
from app.drafts import operations, sweeps
from app.extensions import db, hang_up
from app.media import uploads, verification
from app.ops import pictures, schema
from app.providers.models import Provider
from app.providers.operations import create
from app.services.models import Service
from app.storage import store
from app.storage.models import LedgerEntry
from app.wizard import answers, steps
from app.wizard.context import ENTITY, Context

WINDOWS = {
    "DRAFT_WARN_AFTER": "15s",
    "DRAFT_DELETE_AFTER": "40s",
    "DRAFT_RESTORE_FOR": "15s",
    "UPLOAD_URL_LIFETIME": "10s",
    "UPLOAD_LONGEST": "10s",
}
PATIENCE = 120


def main(create_app: Callable[[Settings], Flask]) -> None:
    """Tell it with an application of its own. How one is made comes from outside: a room doesn't know the house."""
    with tempfile.TemporaryDirectory(prefix="shingle-demo-") as folder:
        app = create_app(config.load(WINDOWS | {"VAR_DIR": folder, "LOG_LEVEL": "ERROR"}))
        schema.bring_up_to_date(app)
        with app.app_context(), _story() as say:
            _tell(say)
            db.session.remove()
            hang_up()


def _tell(say: Callable[[str], None]) -> None:
    windows = ", ".join(f"{name} {value}" for name, value in WINDOWS.items())
    say(f"The windows are short today: {windows}.")
    draft_id = _begin(say)
    _sweep_until(say, lambda: bool(_letters()), "Nothing happens to the draft. The sweeps look every second.")
    say(f"WARNED: {_letters()[-1]}")
    _sweep_until(say, lambda: _draft(draft_id, "deleted_at") is not None, "The provider does not react.")
    say("DELETED: the draft is off the dashboard; it can be restored for a while, so its files are still there:")
    _list(say)
    say(f"         and its provider was told: {_letters()[-1]}")
    _sweep_until(say, lambda: db.session.query(Service).count() == 0, "Nobody restores it.")
    say("PURGED: the row is gone, and its files are in the ledger.")
    _sweep_until(
        say,
        lambda: db.session.query(LedgerEntry).count() == 0,
        "The ledger deletes them, and once more when no upload URL works any more.",
    )
    say("The ledger is empty. This is what the store holds now:")
    _list(say)


def _begin(say: Callable[[str], None]) -> object:
    provider = create(
        "mira@shingle.example", "not a secret", display_name="Mira", locale="en", time_zone="Europe/Berlin", currency="EUR"
    )
    settings = config.current()
    service = operations.start(provider, settings)
    db.session.commit()
    typed = {"name": ["Haircut"], "service_type": ["hair"], "summary": ["Wash, cut and blow-dry"]}
    db.session.refresh(service, ["answers"])
    answers.save(Context.of(provider, service), steps.find("basics"), typed, 0, settings)
    _upload(provider, service)
    say(f"STARTED: Mira types “{service.name}”, uploads a photo, and is interrupted. The store holds:")
    _list(say)
    return service.id


def _upload(provider: Provider, service: Service) -> None:
    picture = pictures.draw("clay", 0)
    row, _url = uploads.grant(provider.id, ENTITY, service.id, "salon.jpg", "image/jpeg", len(picture))
    uploads.send(row, io.BytesIO(picture))
    uploads.receive(row.id, provider.id)
    db.session.commit()
    verification.verify(row.id)
    db.session.commit()


def _sweep_until(say: Callable[[str], None], happened: Callable[[], bool], meanwhile: str) -> None:
    say(meanwhile)
    settings, patience = config.current(), time.monotonic() + PATIENCE
    while not happened():
        if time.monotonic() > patience:
            raise SystemExit("This did not happen within two minutes.")
        time.sleep(1)
        for sweep in (sweeps.warn, sweeps.expire, sweeps.purge):
            sweep(settings)


def _draft(identity: object, column: str) -> object:
    service = db.session.get(Service, identity, populate_existing=True)
    return getattr(service, column) if service else clock.now()


def _letters() -> list[str]:
    """The subject of every mail so far."""
    files = sorted(Path(mail.outbox()).glob("*.eml"))
    return [str(email.message_from_bytes(file.read_bytes(), policy=policy.default)["Subject"]).strip() for file in files]


def _list(say: Callable[[str], None]) -> None:
    objects = list(store().list())
    for each in objects:
        say(f"         {each.key} ({each.size:,} bytes)")
    if not objects:
        say("         nothing")


@contextmanager
def _story() -> Iterator[Callable[[str], None]]:
    """Say a line with the seconds since the beginning."""
    began = time.monotonic()
    yield lambda line: click.echo(f"{time.monotonic() - began:6.1f} s  {line}")
