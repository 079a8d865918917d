"""The worker and the scheduler as processes, as an operator starts and stops them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import RedisError
from rq import Worker
from rq.cron import CronScheduler
from rq.worker.base import WorkerStatus

from tests.servers.start import free_port, program


@contextmanager
def started(module: str, folder: Path, redis_url: str) -> Iterator[subprocess.Popen[bytes]]:
    environment = {"VAR_DIR": str(folder), "REDIS_URL": redis_url, "SECRET_KEY": "only-for-tests", "PATH": os.environ["PATH"]}
    process = subprocess.Popen([sys.executable, "-m", module], env=environment)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@contextmanager
def server(port: int) -> Iterator[str]:
    command = [program("redis", "redis-server"), "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        yield f"redis://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def wait_for(condition: Callable[[], object]) -> None:
    patience = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < patience, "it did not happen in a minute"
        time.sleep(0.05)


def is_there(module: str, url: str) -> bool:
    connection = Redis.from_url(url)
    try:
        if module == "jobs.scheduler":
            return bool(CronScheduler.all(connection))
        # A worker is known before it listens to signals; it does when it waits for a job.
        return [worker.get_state() for worker in Worker.all(connection=connection)] == [WorkerStatus.IDLE]
    except RedisError:
        return False
    finally:
        connection.close()


@pytest.mark.parametrize("module", ["jobs.worker", "jobs.scheduler"])
def test_it_ends_in_order_when_told_to(module: str, tmp_path: Path) -> None:
    with server(free_port()) as url, started(module, tmp_path, url) as process:
        wait_for(lambda: is_there(module, url))
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0


@pytest.mark.parametrize("module", ["jobs.worker", "jobs.scheduler"])
def test_it_waits_for_a_redis_that_comes_later(module: str, tmp_path: Path) -> None:
    port = free_port()
    with started(module, tmp_path, f"redis://127.0.0.1:{port}") as process:
        wait_for(lambda: process.poll() is None)
        with server(port) as url:
            wait_for(lambda: is_there(module, url))
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0
