"""`flask storage reconcile`."""

import click

from app.media import reconcile as reconciling
from app.storage.commands import storage


@storage.command()
@click.option("--dry-run", is_flag=True, help="Only look; delete nothing.")
def reconcile(dry_run: bool) -> None:
    """Compare objects, rows and open uploads; what nobody wants goes by way of the ledger. Begin with --dry-run."""
    found = reconciling.run(act=not dry_run)
    click.echo(f"{found.objects} objects and {found.uploads} open uploads looked at")
    click.echo(f"{found.orphans} objects without a row, {found.orphan_uploads} uploads without a row{_fate(dry_run)}")
    click.echo(f"{found.missing} objects missing that a row wants, {found.foreign} objects that are not Shingle's (left alone)")
    if not found.finished:
        raise click.ClickException("The store failed before the end (see the log): there may be more.")


def _fate(dry_run: bool) -> str:
    return " (left alone)" if dry_run else " (written into the ledger; the next purge deletes them)"
