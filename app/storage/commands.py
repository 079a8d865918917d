"""`flask storage …`: looking at the configured store. What needs rows is added by the room that has them."""

import json
import sys

import click
from flask import current_app
from flask.cli import AppGroup

from app import config
from app.storage import documents, store

storage = AppGroup("storage", help="Check the configured store, and compare it with the rows.")


@storage.command()
def check() -> None:
    """Try out every promise that uploads build on; a line each, and what to change. Fails when one is not kept."""
    from app.storage import check as trying  # here, because only this command needs a server
    from app.storage import promises

    settings, failures = config.current(), 0
    with trying.site(current_app._get_current_object()) as site:  # type: ignore[attr-defined]
        for line in trying.run(trying.Trial(store(), settings, site), promises.CHECKS):
            failures += bool(line.advice)
            click.echo(f"FAIL {line.promise}. {line.advice}" if line.advice else f"ok   {line.promise}")
    if not settings.embedded_storage:
        _show("CORS (aws s3api put-bucket-cors)", documents.cors(settings))
        _show("Lifecycle (aws s3api put-bucket-lifecycle-configuration)", documents.lifecycle())
    click.echo(f"{failures} of these promises are not kept." if failures else "Every promise is kept.")
    sys.exit(1 if failures else 0)


def _show(title: str, document: dict[str, object]) -> None:
    click.echo(f"\n{title}:\n{json.dumps(document, indent=2)}\n")
