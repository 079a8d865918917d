"""What has to be done to the database before the first request: `flask prepare`, as a process of its own."""

import hashlib
from collections.abc import Mapping

from children import Child, Children
from place import BIN, ROOT, Place


class Preparation:
    """The first time, and after a change of migrations or database, everything else waits for it; later it runs beside the start."""

    def __init__(self, place: Place, environment: Mapping[str, str], children: Children) -> None:
        self._environment, self._children = environment, children
        self._note = place.var / "run" / "prepared"
        files = sorted((ROOT / "app" / "migrations" / "versions").glob("*.py"))
        made_from = [environment.get("DATABASE_URL", ""), *(file.read_text() for file in files)]
        self._made_from = hashlib.sha256("\0".join(made_from).encode()).hexdigest()

    def begin(self) -> None:
        self._children.start(Child("prepare", [str(BIN / "flask"), "prepare"], self._environment, once=True))
        if not self._note.exists() or self._note.read_text() != self._made_from:
            self.finish()

    def finish(self) -> None:
        self._children.wait_until(
            lambda: self._children.is_done("prepare"), 110, "the database was not ready within two minutes."
        )
        self._note.write_text(self._made_from)
