"""The migrations build the tables that the models describe, and an older Shingle's tables are brought up to date."""

from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade
from sqlalchemy import inspect

from app.extensions import db
from app.ops import schema


def differences(connection: Any) -> list[Any]:
    context = MigrationContext.configure(connection, opts={"compare_type": False})
    return list(compare_metadata(context, db.metadata))


def test_the_migrations_lead_to_the_tables_of_the_models(app: Flask) -> None:
    with db.engine.connect() as connection:
        assert differences(connection) == []


@pytest.fixture
def first_tables(app: Flask) -> Any:
    """The tables as the first Shingle made them; up to date again afterwards."""
    schema.init_app(app)
    db.session.remove()
    downgrade(revision="3585131505e8")
    yield
    schema.bring_up_to_date(app)


def test_the_first_tables_are_brought_up_to_date(app: Flask, first_tables: Any) -> None:
    assert "upload_id" not in {column["name"] for column in inspect(db.engine).get_columns("media")}
    schema.bring_up_to_date(app)
    with db.engine.connect() as connection:
        assert differences(connection) == []
