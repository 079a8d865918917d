"""Closing an account."""

from sqlalchemy import delete, select

from app.account.operations import Belongings, belongings
from app.extensions import db
from app.media import operations as media
from app.providers.models import Provider


def close(provider: Provider) -> Belongings:
    """Delete the account with its drafts, services and files, and say how much that was.

    Rows go at once, in this transaction; objects go to the ledger in it, and from the store with the next sweeps.
    """
    identity = provider.id
    # An upload that is granted at this moment waits for this lock, then finds no provider: no file is left that nobody knows of.
    db.session.execute(select(Provider.id).where(Provider.id == identity).with_for_update())
    counted = belongings(identity)
    media.delete_of_provider(identity)
    db.session.expunge(provider)
    # Services, warnings and whatever else names a provider follow by their foreign keys.
    db.session.execute(delete(Provider).where(Provider.id == identity))
    return counted
