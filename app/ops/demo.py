"""`flask demo`: an account to look around with, and providers beside it.

Everything in it was typed, uploaded, published and discarded by the operations that providers use.

Doing it twice does it once. Nothing else in the database is touched.
"""

import io
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta

import click
from flask.cli import with_appcontext
from sqlalchemy import select

from app import clock, config
from app.drafts import operations, sweeps
from app.extensions import db
from app.media import uploads, verification
from app.ops import demo_texts, pictures
from app.ops.demo_neighbours import NEIGHBOURS, Neighbour
from app.providers.models import Provider
from app.providers.operations import create
from app.services.models import Service
from app.wizard import answers, publishing, steps
from app.wizard.context import ENTITY, Context

EMAIL, PASSWORD = "demo@shingle.example", "hang-out-your-shingle"


@click.command("demo")
@with_appcontext
def demo() -> None:
    """Add a demo account with drafts of several ages and published services, unless it is there."""
    if db.session.scalar(select(Provider.id).where(Provider.email == EMAIL)) is None:
        _fill(_provider())
    for number, neighbour in enumerate(NEIGHBOURS):
        if db.session.scalar(select(Provider.id).where(Provider.email == neighbour.email)) is None:
            _settle(neighbour, days=12 + number)
    click.echo(f"{EMAIL}, password {PASSWORD}")


def _provider() -> Provider:
    with _ago(days=9):
        provider = create(
            EMAIL, PASSWORD, display_name="Mira Lindqvist", locale="en", time_zone="Europe/Berlin", currency="EUR"
        )
        provider.about = demo_texts.ABOUT
        db.session.commit()
        return provider


def _settle(neighbour: Neighbour, days: int) -> None:
    """A provider of the neighbourhood with published services, whom nobody can sign in as."""
    with _ago(days=days):
        provider = create(
            neighbour.email,
            secrets.token_urlsafe(24),
            display_name=neighbour.display_name,
            locale="en",
            time_zone=neighbour.time_zone,
            currency=neighbour.currency,
        )
        provider.about = neighbour.about
        db.session.commit()
        for told in neighbour.services:
            _publish(provider, told)


def _fill(provider: Provider) -> None:
    settings = config.current()
    with _ago(days=8):
        _publish(provider, demo_texts.HAIRCUT)
    with _ago(days=3):
        _publish(provider, demo_texts.COLOUR)
    with _ago(days=2):
        _publish(provider, demo_texts.ADVICE, is_public=False)
    with _ago(hours=30):
        _draft(provider, demo_texts.WORKSHOP)
    with _ago(hours=23, minutes=10):
        _draft(provider, demo_texts.BEARD)
    with _ago(hours=5):
        discarded = _draft(provider, demo_texts.UPDO)
    with _ago(hours=2):
        operations.discard(discarded, settings)
        db.session.commit()
    with _ago(minutes=25):
        _draft(provider, demo_texts.BRIDAL)
    if settings.embedded_mail:
        # The oldest draft is due for its warning: the mail is in the outbox, and the worker would send it soon anyway.
        sweeps.warn(settings)


@contextmanager
def _ago(**past: float) -> Iterator[None]:
    """Let it happen then, and not now: what is done inside carries that time."""
    before: Callable[[], object] = clock.read
    moment = clock.now() - timedelta(**past)
    clock.read = lambda: moment
    try:
        yield
    finally:
        clock.read = before  # type: ignore[assignment]


def _draft(provider: Provider, told: demo_texts.Told) -> Service:
    """A draft with these answers and photos."""
    settings = config.current()
    service = operations.start(provider, settings, reuse=False)
    db.session.commit()
    for key, typed in told.answers.items():
        answers.save(_context(provider, service), steps.find(key), _typed(typed), 0, settings)
    alts = {}
    for number, alt in enumerate(told.photos):
        alts[f"alt-{_photo(service, told.palette, number)}"] = [alt]
    if alts:
        order = {"media": [name.removeprefix("alt-") for name in alts]}
        answers.save(_context(provider, service), steps.find("media"), order | alts, 0, settings)
    db.session.commit()
    return service


def _publish(provider: Provider, told: demo_texts.Told, *, is_public: bool = True) -> None:
    publishing.publish(_context(provider, _draft(provider, told)), is_public=is_public)
    db.session.commit()


def _context(provider: Provider, service: Service) -> Context:
    db.session.refresh(service, ["answers"])
    return Context.of(provider, service)


def _typed(texts: Mapping[str, str | list[str]]) -> dict[str, list[str]]:
    return {name: [text] if isinstance(text, str) else text for name, text in texts.items()}


def _photo(service: Service, palette: str, number: int) -> str:
    """Upload a picture as a browser without JavaScript does, and verify it as the worker does; its id."""
    picture = pictures.draw(palette, number)
    name = f"{palette}-{number + 1}.jpg"
    row, _url = uploads.grant(service.provider_id, ENTITY, service.id, name, "image/jpeg", len(picture))
    uploads.send(row, io.BytesIO(picture))
    uploads.receive(row.id, service.provider_id)
    db.session.commit()
    verification.verify(row.id)
    db.session.commit()
    return str(row.id)
