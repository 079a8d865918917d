"""`flask sweep …`: what the jobs do, by hand, and how they fare."""

from collections.abc import Callable
from datetime import datetime

import click
from flask.cli import AppGroup
from sqlalchemy import func, select

from app import clock, config
from app.config import Settings
from app.drafts import rules, sweeps
from app.extensions import db
from app.insights import runs, standing
from app.insights.runs import Turn
from app.services.models import Service

sweep = AppGroup("sweep", help="Warn about drafts, delete them, and delete what they uploaded, now.")
DOING: dict[str, tuple[str, Callable[[Settings, Turn], sweeps.Count]]] = {
    "warn": ("warned about", sweeps.warn),
    "expire": ("deleted", sweeps.expire),
    "purge": ("deleted for good", sweeps.purge),
}


@sweep.command()
def warn() -> None:
    """Send the warnings that are due."""
    _run("warn")


@sweep.command()
def expire() -> None:
    """Delete the drafts that are due."""
    _run("expire")


@sweep.command()
def purge() -> None:
    """Delete for good what can't be brought back any more."""
    _run("purge")


@sweep.command("all")
def everything() -> None:
    """All three, in order."""
    for name in DOING:
        _run(name)


@sweep.command()
def status() -> None:
    """When each sweep ran last and will run next, what it did, and which draft is overdue the longest."""
    found = standing.sweeps()
    for each in found:
        click.echo(_line(each))
    if not any(each.run.cron for each in found):
        click.echo("No scheduler has been started yet: nothing runs by itself.")
    oldest, number = db.session.execute(
        select(func.min(Service.expires_at), func.count()).where(rules.IS_OPEN, Service.expires_at <= clock.now())
    ).one()
    if oldest is not None:
        click.echo(
            f"overdue drafts: {number}, the oldest since {_moment(oldest)} (not deleted before a full notice after its warning)"
        )
    else:
        click.echo("overdue drafts: none")


def _run(name: str) -> None:
    """By hand as by the schedule: one that runs already is not started twice."""
    verb, act = DOING[name]

    def sweep(turn: Turn) -> sweeps.Count:
        count = act(config.current(), turn)
        click.echo(f"{verb} {count.drafts} drafts; {count.mails} mails, {count.objects} objects, {count.failed} failures")
        return count

    try:
        runs.run(f"drafts.{name}", sweep)
    except runs.AlreadyRuns:
        raise click.ClickException(f"drafts.{name} runs already; `flask sweep status` tells since when.") from None


def _line(each: standing.Standing) -> str:
    run = each.run
    state = "runs since" if each.is_running else "was killed; started" if each.was_killed else f"{run.ended or 'never ran'}"
    at = run.started_at if run.holder else run.finished_at
    parts = [f"{run.name:16} {state} {_moment(at) if at else ''}".rstrip()]
    if run.counts and not run.error:
        parts.append(", ".join(f"{name} {number}" for name, number in run.counts.items()))
    if run.error:
        parts.append(
            f"{run.error} ({run.failures} in a row, last success {_moment(run.succeeded_at) if run.succeeded_at else 'never'})"
        )
    parts.append(f"next {_moment(each.next_at)}" if each.next_at else "not on the schedule")
    return "; ".join(parts + ["LATE"] * each.is_late)


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
