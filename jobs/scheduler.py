"""`python -m jobs.scheduler`: enqueue what is due by `schedule.py`, by RQ's own cron scheduler.

Two of them at once do no harm: every sweep may run twice and side by side. One that was down enqueues nothing late: the next run finds what is due.
"""

import time
from importlib import import_module
from typing import Any

import structlog
from redis.exceptions import RedisError
from rq.cron import CronScheduler
from sqlalchemy.exc import SQLAlchemyError

from app import queue
from app.insights.runs import announce
from jobs import application
from jobs.schedule import SCHEDULE

log = structlog.get_logger()
# Nobody reads the result, and a run that failed is followed by the next; its traceback is kept for a week.
OPTIONS: dict[str, Any] = {"result_ttl": 0, "failure_ttl": 7 * 24 * 3600, "job_timeout": 3000}
PAUSE = 5


def scheduler(log_level: str) -> CronScheduler:
    """RQ's scheduler with every line of the schedule registered. Inside an application context."""
    cron = CronScheduler(connection=queue.redis(), logging_level=log_level)
    for name, line in SCHEDULE.items():
        module, function = name.rsplit(".", 1)
        cron.register(getattr(import_module(f"jobs.{module}"), function), queue.queue_of(name).name, cron=line, **OPTIONS)
    return cron


def main() -> None:
    """Until SIGTERM or SIGINT. RQ's scheduler ends when Redis does not answer: start it again, what was due meanwhile is due still."""
    app = application()
    with app.app_context():
        _announce()
        cron = scheduler(app.extensions["settings"].log_level)
    while True:
        try:
            cron.start()  # type: ignore[no-untyped-call]
            return
        except RedisError as error:
            log.warning("scheduler waits for redis", error=str(error))
            time.sleep(PAUSE)


def _announce() -> None:
    """Tell the database what is started when; without it nothing is told, and everything is started all the same."""
    try:
        announce(SCHEDULE)
    except SQLAlchemyError as error:
        log.warning("schedule not announced", error=type(error).__name__)


if __name__ == "__main__":
    main()
