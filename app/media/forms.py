"""What a browser sends when it asks for an upload, and the files of a form that is sent without JavaScript."""

import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from typing import IO, Any, cast
from uuid import UUID

from flask import Request
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.formparser import FormDataParser

from app.config import Settings
from app.errors import Refused
from app.media import kinds, names

SHA256 = re.compile(r"[0-9a-f]{64}")
HELD = 256 * 1024  # a part shorter than this is not worth a temporary file
MOST_FILES = 50
FORM_MEMORY = 256 * 1024  # all fields of the form that are not files


@dataclass(frozen=True)
class Asked:
    """A request for an upload URL, as JSON."""

    entity_type: str
    entity_id: UUID
    file_name: str
    content_type: str
    size: int
    sha256: str | None

    @classmethod
    def read(cls, given: Any) -> "Asked":
        """`Refused` when a field is missing or of another type; what the values mean is for the operation to judge."""
        if not isinstance(given, Mapping):
            raise Refused(_("The request could not be read."))
        size, sha256 = given.get("size"), given.get("sha256")
        if not isinstance(size, int) or isinstance(size, bool) or not 0 <= size < 2**53:
            raise Refused(_("The request could not be read."))
        if sha256 is not None and not (isinstance(sha256, str) and SHA256.fullmatch(sha256)):
            raise Refused(_("The request could not be read."))
        texts = {name: given.get(name, "") for name in ("entity_type", "file_name", "content_type")}
        if not all(isinstance(text, str) and len(text) <= 4000 for text in texts.values()):
            raise Refused(_("The request could not be read."))
        return cls(entity_id=identity(given.get("entity_id")), size=size, sha256=sha256, **texts)


def identity(given: Any) -> UUID:
    try:
        return UUID(str(given))
    except ValueError:
        raise Refused(_("The request could not be read.")) from None


class Part:
    """One file of a form while it arrives: on disk beyond a quarter of a megabyte, and no further than its kind may go.

    What is beyond is counted and dropped, so that the other files of the form still arrive and this one can be named.
    """

    def __init__(self, most: int) -> None:
        self._held = tempfile.SpooledTemporaryFile(HELD)  # noqa: SIM115  (closed by `parsed`)
        self.most = most
        self.size = 0

    def write(self, piece: bytes) -> int:
        self.size += len(piece)
        if self.size <= self.most:
            self._held.write(piece)
        return len(piece)

    def close(self) -> None:
        self._held.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._held, name)


@contextmanager
def parsed(request: Request, settings: Settings) -> Iterator[tuple[MultiDict[str, str], list[FileStorage]]]:
    """The fields and files of a form, read in pieces. A file that is too large or of no kind that is taken keeps its name and no bytes."""
    most = max(settings.image_max_bytes, settings.video_max_bytes, settings.document_max_bytes)
    request.max_content_length = most + 64 * 1024 * 1024

    held = ExitStack()

    def part(
        total_content_length: int | None, content_type: str | None, filename: str | None, content_length: int | None = None
    ) -> IO[bytes]:
        return cast(IO[bytes], held.enter_context(closing(Part(_most(content_type or "", filename or "", settings)))))

    parser = FormDataParser(part, max_form_memory_size=FORM_MEMORY, max_form_parts=MOST_FILES + 20)
    with held:
        _rest, fields, files = parser.parse(request.stream, request.mimetype, request.content_length, request.mimetype_params)
        yield fields, [each for each in files.getlist("files") if each.filename]


def _most(content_type: str, file_name: str, settings: Settings) -> int:
    try:
        return kinds.limit(kinds.find(content_type, names.clean(file_name)).kind, settings)
    except Refused:
        return 0
