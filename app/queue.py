"""The only enqueuer. State lives in the database: a job that can't be enqueued is found by the next sweep."""

import contextlib
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from flask import Flask, current_app
from redis import Redis
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeout
from rq import Queue, Retry
from rq.exceptions import DuplicateJobError, NoSuchJobError
from rq.job import Job, JobStatus

from app import clock
from app.config import Settings

log = structlog.get_logger()
# By urgency: somebody waits for a mail; a sweep has its time; a file is looked at for seconds, a film for minutes.
MAIL, SWEEPS, FILES = "mail", "sweeps", "files"
URGENCY = (MAIL, SWEEPS, FILES)
LOOKS = {"media.verify"}
# Seconds for which a Redis that took the connection and said nothing is left alone: a sweep that asks for a hundred jobs waits once.
SILENCE = 10
DEAD = timedelta(minutes=5)  # RQ's worker gives a sign of life for its job every half a minute


def init_app(app: Flask) -> None:
    settings: Settings = app.extensions["settings"]
    connection = Redis.from_url(settings.redis_url, socket_connect_timeout=1, socket_timeout=3)
    app.extensions["queues"] = {name: Queue(name, connection=connection, default_timeout=300) for name in URGENCY}
    app.extensions["queue_silent"] = {"until": 0.0}


def enqueue(
    name: str, *ids: UUID | str, retry_after: Sequence[int] = (), timeout: int | None = None, once: bool = False
) -> bool:
    """Ask a worker to run `jobs.<name>` with ids; False, and a line in the log, when Redis does not answer.

    A job that raises is run again after each of `retry_after` (seconds) in turn; one that takes longer than `timeout` (seconds; 300 unless said) is
    ended. `once`: not while the same job with the same ids waits or is at work.

    Call it after the commit that the job depends on: a worker may be faster than the request (`after_commit` in `app/transaction.py`).
    """
    retry = Retry(len(retry_after), list(retry_after)) if retry_after else None
    options: dict[str, Any] = {"result_ttl": 0, "failure_ttl": 7 * 24 * 3600, "retry": retry, "job_timeout": timeout}
    given = tuple(str(each) for each in ids)
    silent: dict[str, float] = current_app.extensions["queue_silent"]
    if time.monotonic() < silent["until"]:
        log.warning("not enqueued", job=name, ids=[each[:36] for each in given], error="did not answer a moment ago")
        return False
    try:
        _ask(name, given, options, once)
    except RedisError as error:
        if isinstance(error, RedisTimeout):
            silent["until"] = time.monotonic() + SILENCE
        log.warning("not enqueued", job=name, ids=[each[:36] for each in given], error=str(error))
        return False
    return True


def queue_of(name: str) -> Queue:
    """The queue in which a job waits, by its name."""
    found: Queue = current_app.extensions["queues"][MAIL if name.startswith("mail.") else FILES if name in LOOKS else SWEEPS]
    return found


def _ask(name: str, given: tuple[str, ...], options: dict[str, Any], once: bool) -> None:
    queue = queue_of(name)
    if once:
        options |= {"job_id": "-".join([name.replace(".", "-"), *given]), "unique": True}
    try:
        queue.enqueue(f"jobs.{name}", *given, **options)
    except DuplicateJobError:
        if not _is_in_hand(queue, options["job_id"]):
            queue.enqueue(f"jobs.{name}", *given, **options)


def _is_in_hand(queue: Queue, job_id: str) -> bool:
    """Whether the job waits or is at work. One that failed, whose worker died, or that got lost on its way to one, is forgotten."""
    with contextlib.suppress(NoSuchJobError):
        job = Job.fetch(job_id, connection=queue.connection)
        status = job.get_status()
        alive = job.last_heartbeat is not None and job.last_heartbeat > clock.now() - DEAD
        if (status == JobStatus.STARTED and alive) or (status == JobStatus.QUEUED and job.get_position() is not None):
            return True
        if status in (JobStatus.SCHEDULED, JobStatus.DEFERRED):
            return True
        job.delete()
    return False


def redis() -> Redis:
    """The connection that all queues share."""
    found: Redis = current_app.extensions["queues"][MAIL].connection
    return found


def is_reachable() -> bool:
    """Whether Redis answers right now."""
    return bool(redis().ping())
