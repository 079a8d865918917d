"""Jobs on a real Redis: what is enqueued is run, with the application around it, and committed or not at all."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from rq import SimpleWorker
from rq.job import Job

from app.extensions import db
from app.mail import outbox
from app.providers.models import Provider
from app.queue import enqueue
from jobs import job
from tests import queues

SEALED = '{"to": "ada@example.com", "subject": "Hello", "text": "Hello Ada", "html": null, "headers": {"Message-ID": "<1@example.com>"}}'


@job
def rename(email: str) -> None:
    db.session.query(Provider).filter_by(email=email).update({"display_name": "Renamed"})


@job
def rename_and_fail(email: str) -> None:
    db.session.query(Provider).filter_by(email=email).update({"display_name": "Renamed"})
    raise RuntimeError("after the change")


def test_a_job_commits_what_it_did(ada: Any) -> None:
    rename(ada.email)
    db.session.rollback()
    assert db.session.get(Provider, ada.id).display_name == "Renamed"  # type: ignore[union-attr]


def test_a_job_that_fails_changes_nothing_and_says_so(ada: Any) -> None:
    with pytest.raises(RuntimeError, match="after the change"):
        rename_and_fail(ada.email)
    assert db.session.get(Provider, ada.id).display_name == "Ada's Salon"  # type: ignore[union-attr]


def test_what_a_request_enqueues_is_run_by_a_worker(app: Flask) -> None:
    before = set(outbox().glob("*.eml"))
    assert enqueue("mail.send", SEALED)
    [waiting] = queues.waiting(app)
    queues.work(app)
    assert not Job.exists(waiting.id, connection=waiting.connection), "a job that succeeded leaves nothing in Redis"
    assert len(set(outbox().glob("*.eml")) - before) == 1


def test_a_job_that_raises_is_kept_with_its_reason(app: Flask) -> None:
    enqueue("mail.send", "no JSON")
    [waiting] = queues.waiting(app)
    queues.work(app)
    assert waiting.is_failed
    assert "JSONDecodeError" in waiting.latest_result().exc_string


def test_what_is_asked_for_once_is_not_asked_for_twice(app: Flask) -> None:
    for _time in range(2):
        enqueue("media.verify", UUID(int=1), once=True)
    assert len(queues.waiting(app)) == 1


def test_a_job_that_is_done_can_be_asked_for_again(app: Flask) -> None:
    enqueue("media.verify", UUID(int=1), once=True)
    queues.work(app)
    enqueue("media.verify", UUID(int=1), once=True)
    assert len(queues.waiting(app)) == 1


def test_a_job_that_failed_is_begun_anew(app: Flask) -> None:
    enqueue("mail.send", "no-JSON", once=True)
    queues.work(app)
    enqueue("mail.send", "no-JSON", once=True)
    [again] = queues.waiting(app)
    assert again.is_queued


@pytest.mark.usefixtures("present")  # RQ has a clock of its own
def test_a_job_whose_worker_died_is_begun_anew(app: Flask, travel: Callable[..., datetime]) -> None:
    queue = app.extensions["queues"]["files"]
    enqueue("media.verify", UUID(int=1), once=True)
    [job] = queue.jobs
    worker = SimpleWorker([queue], connection=queue.connection)
    worker.register_birth()
    queue.remove(job)
    worker.prepare_job_execution(job)
    travel(to=job.last_heartbeat + timedelta(minutes=1))
    enqueue("media.verify", UUID(int=1), once=True)
    assert not queue.jobs, "its worker is alive"
    travel(minutes=10)
    enqueue("media.verify", UUID(int=1), once=True)
    assert len(queue.jobs) == 1
