"""What waits for workers, in all queues together."""

from flask import Flask
from rq import Queue, SimpleWorker
from rq.job import Job


def queues(app: Flask) -> list[Queue]:
    return list(app.extensions["queues"].values())


def waiting(app: Flask) -> list[Job]:
    return [job for queue in queues(app) for job in queue.jobs]


def empty(app: Flask) -> None:
    for queue in queues(app):
        queue.empty()


def work(app: Flask) -> None:
    """Do everything that waits, the most urgent first, as one worker for all queues does."""
    SimpleWorker(queues(app), connection=queues(app)[0].connection).work(burst=True, logging_level="ERROR")
