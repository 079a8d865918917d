"""All sweeps on a table of services in pieces: what is not due stays, wherever it lies."""

from collections.abc import Iterator

import pytest
from flask import Flask

from app.extensions import db
from tests.drafts.histories import application
from tests.drafts.history import lived
from tests.drafts.partitioned import divide
from tests.drafts.post import inhabited
from tests.drafts.world import World
from tests.servers import postgres
from tests.servers.start import Run


@pytest.fixture(scope="module")
def divided(server_run: Run) -> Iterator[Flask]:
    url = postgres.new_database(server_run.once("postgres", postgres.start), f"partitioned_{server_run.number}")
    with application(url) as app:
        with app.app_context(), db.engine.begin() as connection:
            divide(connection)
        yield app


@pytest.fixture
def world(divided: Flask) -> Iterator[World]:
    with inhabited(divided) as world:
        yield world


@pytest.mark.parametrize("number", range(20))
def test_no_promise_is_broken_on_a_partitioned_table(world: World, number: int) -> None:
    lived(world, f"partitioned:{number}", casts=4)
