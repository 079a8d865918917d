"""The servers as fixtures. None is started until a test asks for it; all test processes of a run share one of each kind."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import postgres, redis, s3
from tests.servers.smtp import MailServer
from tests.servers.start import Run


@pytest.fixture(scope="session")
def server_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """This test run: its owner is the process that was started by hand, also when xdist spread the tests over several."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    base: Path = tmp_path_factory.getbasetemp()
    if not worker:
        return Run(owner=os.getpid(), notes=base, number=0)
    return Run(owner=os.getppid(), notes=base.parent, number=int(worker.removeprefix("gw")) + 1)


@pytest.fixture(scope="session")
def postgres_url(server_run: Run) -> str:
    """An empty PostgreSQL database of this test process."""
    return postgres.new_database(server_run.once("postgres", postgres.start), f"shingle_{server_run.number}")


@pytest.fixture(scope="session")
def redis_url(server_run: Run) -> str:
    """A Redis database of this test process."""
    return f"{server_run.once('redis', redis.start)}/{server_run.number}"


@pytest.fixture(scope="session")
def s3_settings(server_run: Run) -> s3.Bucket:
    """An empty bucket of this test process on a server that verifies signatures and lets pages of any origin in."""
    return s3.new_bucket(server_run.once("s3", s3.start), f"shingle-{server_run.number}")


@pytest.fixture(scope="session")
def smtp_server() -> Iterator[MailServer]:
    """A mail server of this test process; `reset()` it where a test begins."""
    with MailServer() as server:
        yield server
