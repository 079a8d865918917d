"""What has to be done to the database before the first request: `flask prepare`, as a process of its own."""

import hashlib
import json
from collections.abc import Mapping

from children import Child, Children
from output import Output
from place import BIN, ROOT, Place

NAME = "prepare"


class Preparation:
    """The first time, and after a change of migrations, demo data or database, everything else waits for it.

    Otherwise it has nothing to do, most likely, and runs once everything is up, so that a later start does not wait for it.
    """

    def __init__(self, place: Place, environment: Mapping[str, str], children: Children, output: Output) -> None:
        self._environment, self._children, self._output = environment, children, output
        self._note = place.var / "run" / "prepared.json"
        files = sorted([*ROOT.glob("app/migrations/versions/*.py"), *ROOT.glob("app/ops/demo*.py")])
        made_from = [environment.get("DATABASE_URL", ""), *(file.read_text() for file in files)]
        self._made_from = hashlib.sha256("\0".join(made_from).encode()).hexdigest()
        noted = json.loads(self._note.read_text()) if self._note.exists() else {}
        self._was_done = noted.get("made_from") == self._made_from
        self.login: str = noted.get("login", "") if self._was_done else ""

    def before_everything(self) -> None:
        if self._was_done:
            return
        self._begin()
        self._children.wait_until(lambda: self._children.is_done(NAME), 110, "the database was not ready within two minutes.")
        self.login = self._output.last_line(NAME)
        self._note.write_text(json.dumps({"made_from": self._made_from, "login": self.login}))

    def after_everything(self) -> None:
        if self._was_done:
            self._output.mute(NAME)
            self._begin()

    def _begin(self) -> None:
        self._children.start(Child(NAME, [str(BIN / "flask"), "prepare"], self._environment, once=True))
