"""`flask sweep …`: what the jobs do, by hand."""

import click
from flask.cli import AppGroup

from app import config
from app.drafts import sweeps

sweep = AppGroup("sweep", help="Warn about drafts, delete them, and delete what they uploaded, now.")


@sweep.command()
def warn() -> None:
    """Send the warnings that are due."""
    _say("warned about", sweeps.warn(config.current()))


@sweep.command()
def expire() -> None:
    """Delete the drafts that are due."""
    _say("deleted", sweeps.expire(config.current()))


@sweep.command()
def purge() -> None:
    """Delete for good what can't be brought back any more."""
    _say("deleted for good", sweeps.purge(config.current()))


@sweep.command("all")
def everything() -> None:
    """All three, in order."""
    _say("warned about", sweeps.warn(config.current()))
    _say("deleted", sweeps.expire(config.current()))
    _say("deleted for good", sweeps.purge(config.current()))


def _say(verb: str, count: sweeps.Count) -> None:
    click.echo(f"{verb} {count.drafts} drafts; {count.mails} mails, {count.objects} objects, {count.failed} failures")
