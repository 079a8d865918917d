"""The only enqueuer. State lives in the database: a job that can't be enqueued is found by the next sweep."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import structlog
from flask import Flask, current_app
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, Retry

from app.config import Settings

log = structlog.get_logger()


def init_app(app: Flask) -> None:
    settings: Settings = app.extensions["settings"]
    connection = Redis.from_url(settings.redis_url, socket_connect_timeout=1, socket_timeout=3)
    app.extensions["queue"] = Queue("default", connection=connection, default_timeout=300)


def enqueue(name: str, *ids: UUID | str, retry_after: Sequence[int] = (), timeout: int | None = None) -> bool:
    """Ask a worker to run `jobs.<name>` with ids; False, and a line in the log, when Redis does not answer.

    A job that raises is run again after each of `retry_after` (seconds) in turn; one that takes longer than `timeout` (seconds; 300 unless said) is
    ended.

    Call it after the commit that the job depends on: a worker may be faster than the request (`after_commit` in `app/transaction.py`).
    """
    queue: Queue = current_app.extensions["queue"]
    retry = Retry(len(retry_after), list(retry_after)) if retry_after else None
    try:
        options: dict[str, Any] = {"result_ttl": 0, "failure_ttl": 7 * 24 * 3600, "retry": retry, "job_timeout": timeout}
        queue.enqueue(f"jobs.{name}", *(str(each) for each in ids), **options)
    except RedisError as error:
        log.warning("not enqueued", job=name, ids=[str(each)[:36] for each in ids], error=str(error))
        return False
    return True


def is_reachable() -> bool:
    """Whether Redis answers right now."""
    queue: Queue = current_app.extensions["queue"]
    return bool(queue.connection.ping())
