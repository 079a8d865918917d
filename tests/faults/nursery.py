"""`python -m tests.faults.nursery`: a worker that has everything loaded and nothing opened yet, and forks a child for each line it is given.

A line of JSON names the job, the moment, and the boundary at which the child is to kill itself: `{"job": "drafts.warn", "now": "…", "at": 7}`. The
answer: `{"killed": true}` or, when the job came to its end, `{"killed": false, "boundaries": 40}`. SIGKILL leaves no time for anything: what the
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
from typing import Any

from sqlalchemy import event

from app import clock
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


def live(task: dict[str, Any], answer: int) -> None:
    """The child: do the job, and write how many boundaries it crossed, if it comes to that."""
    moment = datetime.fromisoformat(task["now"])
    clock.read = lambda: moment
    fuse = Fuse(task["at"])
    event.listen(db.engine, "before_cursor_execute", fuse.burn)
    # There is no event after a commit.
    db.engine.dialect.do_commit = fuse.around(db.engine.dialect.do_commit)
    module, function = task["job"].rsplit(".", 1)
    getattr(importlib.import_module(f"jobs.{module}"), function)()
    os.write(answer, str(fuse.count).encode())


def raise_child(task: dict[str, Any]) -> dict[str, Any]:
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
        store()
        for name in SCHEDULE:
            importlib.import_module(f"jobs.{name.rsplit('.', 1)[0]}")
        print("ready", flush=True)
        for line in sys.stdin:
            print(json.dumps(raise_child(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
