"""`python -m tests.faults.nursery`: a worker that has everything loaded and nothing opened yet, and forks a child for each line it is given.

A line of JSON is a list of tasks that are done at the same time. Each names the job, the moment, and the boundary at which the child is to kill
itself: `{"job": "drafts.warn", "now": "…", "at": 7}`; with `"free": true` the sweep runs beside others of its name, like one that is started by hand.
The answers: `{"killed": true}` or, when a job came to its end, `{"killed": false, "boundaries": 40}`. SIGKILL leaves no time for anything: what the
child held, the servers find out by themselves.

There is a boundary before every statement, and before and after every commit. Between a statement and the next one nothing happens outside the
process that was not committed before, so after one is the same as before the next.
"""

import importlib
import json
import os
import signal
import sys
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import event

from app import clock, config
from app.drafts import sweeps
from app.extensions import db
from app.storage import store
from jobs import application
from jobs.schedule import SCHEDULE


class Fuse:
    """Counts boundaries, and ends the process at the n-th."""

    def __init__(self, at: int) -> None:
        self.count, self._at = 0, at

    def burn(self, *_details: Any) -> None:
        self.count += 1
        if self.count == self._at:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, commit: Callable[[Any], None]) -> Callable[[Any], None]:
        def committing(connection: Any) -> None:
            self.burn()
            commit(connection)
            self.burn()

        return committing


def _job(name: str) -> Callable[[], Any]:
    module, function = name.rsplit(".", 1)
    return getattr(importlib.import_module(f"jobs.{module}"), function)


def _free(name: str) -> Callable[[], Any]:
    return partial(getattr(sweeps, name.rsplit(".", 1)[1]), config.current())


def live(task: dict[str, Any], answer: int) -> None:
    """The child: do the job, and write how many boundaries it crossed, if it comes to that."""
    moment = datetime.fromisoformat(task["now"])
    clock.read = lambda: moment
    fuse = Fuse(task["at"])
    event.listen(db.engine, "before_cursor_execute", fuse.burn)
    # There is no event after a commit.
    db.engine.dialect.do_commit = fuse.around(db.engine.dialect.do_commit)
    (_free if task.get("free") else _job)(task["job"])()
    os.write(answer, str(fuse.count).encode())


def raise_child(task: dict[str, Any]) -> tuple[int, int]:
    """Its process, and where it will write."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            live(task, writing)
            code = 0
        finally:
            os._exit(code)
    os.close(writing)
    return child, reading


def outlive(child: int, reading: int) -> dict[str, Any]:
    with os.fdopen(reading) as pipe:
        said = pipe.read()
    _pid, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return {"killed": os.WTERMSIG(status) == signal.SIGKILL}
    return {"killed": False, "boundaries": int(said)} if said else {"failed": os.WEXITSTATUS(status)}


def main() -> None:
    app = application()
    app.config["MAIL_TIMEOUT"] = 2
    with app.app_context():
        store().warm_up()
        for name in SCHEDULE:
            importlib.import_module(f"jobs.{name.rsplit('.', 1)[0]}")
        print("ready", flush=True)
        for line in sys.stdin:
            children = [raise_child(task) for task in json.loads(line)]
            print(json.dumps([outlive(*child) for child in children]), flush=True)


if __name__ == "__main__":
    main()
