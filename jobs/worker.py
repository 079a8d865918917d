"""`python -m jobs.worker [mail] [sweeps] [files]`: run jobs of these queues, or of all; what is more urgent first. Each job has a child process
of its own, so that one that takes the process down takes nothing else with it.

SIGTERM ends it after the present job; a second one ends it at once, and RQ marks the job as failed.
"""

import signal
import sys
import time
from types import FrameType

import structlog
from redis.exceptions import RedisError
from rq import Queue, Worker

from app.queue import URGENCY
from app.storage import store
from jobs import application

log = structlog.get_logger()
PAUSE = 5


class Hand(Worker):
    """RQ's worker, which remembers whether it ended because it was told to, or because Redis went away."""

    was_told_to_stop = False

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        self.was_told_to_stop = True
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]


def main(*names: str) -> None:
    """Make what every job needs before the first fork: the application and the store's client, which takes most of a second."""
    if unknown := set(names) - set(URGENCY):
        sys.exit(f"shingle: there is no queue {min(unknown)!r}, only {', '.join(URGENCY)}.")
    app = application()
    with app.app_context():
        store().warm_up()
    queues = [app.extensions["queues"][name] for name in URGENCY if name in names or not names]
    while not worked(queues, app.extensions["settings"].log_level):
        log.warning("worker waits for redis")
        time.sleep(PAUSE)


def worked(queues: list[Queue], log_level: str) -> bool:
    """Work until told to stop: True. When Redis goes away, RQ's worker ends too: False. RQ logs at a level of its own unless it is told one."""
    try:
        hand = Hand(queues)
        hand.work(with_scheduler=True, logging_level=log_level)
    except RedisError:
        return False
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
    return hand.was_told_to_stop


if __name__ == "__main__":
    main(*sys.argv[1:])
