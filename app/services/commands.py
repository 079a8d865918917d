"""`flask service-types`: the operator edits the categories."""

from collections.abc import Callable
from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy import true

from app.errors import ShingleError
from app.extensions import db
from app.services import types
from app.services.models import ServiceType
from app.services.operations import index_again

commands = AppGroup("service-types", help="List and edit the types that providers choose from.")


@commands.command("list")
def show() -> None:
    """Show every type: its place, key and name."""
    for place, row in enumerate(types.every(), start=1):
        click.echo(f"{place:>3}  {row.key:<20}  {row.name}{'  (retired)' if row.retired_at else ''}")


@commands.command("add")
@click.argument("key")
@click.argument("name")
def add(key: str, name: str) -> None:
    """Offer a new type at the end of the list."""
    _do(types.add, "Added", key, name)


@commands.command("rename")
@click.argument("key")
@click.argument("name")
def rename(key: str, name: str) -> None:
    """Give a type another name; its key stays."""
    _do(types.rename, "Renamed", key, name)


@commands.command("move")
@click.argument("key")
@click.argument("place", type=int)
def move(key: str, place: int) -> None:
    """Put a type at PLACE, counted from 1."""
    _do(types.move, "Moved", key, place)


@commands.command("retire")
@click.argument("key")
def retire(key: str) -> None:
    """Stop offering a type; services that have it keep it."""
    _do(types.retire, "Retired", key)


@commands.command("restore")
@click.argument("key")
def restore(key: str) -> None:
    """Offer a retired type again."""
    _do(types.restore, "Restored", key)


@commands.command("index")
def index() -> None:
    """Write down anew what every listing is found by: after an upgrade that brought a language, other names of types, or another way to
    compare letters."""
    index_again(true())
    db.session.commit()
    click.echo("Every listing is found by its present words.")


def _do(operation: Callable[..., ServiceType], done: str, *values: Any) -> None:
    try:
        row = operation(*values)
        db.session.commit()
    except ShingleError as error:
        db.session.rollback()
        raise click.ClickException(str(error)) from error
    click.echo(f"{done}: {row.key} ({row.name})")
