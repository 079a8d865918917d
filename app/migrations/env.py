"""Alembic's entry: the application's own engine and metadata, so that no second set of settings exists."""

from alembic import context
from flask import current_app

from app.extensions import db


def run() -> None:
    with db.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            transaction_per_migration=True,
            **current_app.extensions["migrate"].configure_args,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
