"""What a browser sends when it asks for an upload or its parts, and the files of a form that is sent without JavaScript."""

import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast
from uuid import UUID

from flask import Request
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.formparser import FormDataParser

from app.config import Settings
from app.errors import Refused, Unavailable
from app.media import kinds, names, parts

SHA256 = re.compile(r"[0-9a-f]{64}")
FINGERPRINT = re.compile(r"[ -~]{1,80}")  # an ETag is no longer either
NUMBER = re.compile(r"[1-9][0-9]{0,4}")
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
    fingerprint: str | None
    again: bool  # it was asked for before, and no answer came

    @property
    def fields(self) -> dict[str, Any]:
        return vars(self)

    @classmethod
    def read(cls, given: Any) -> "Asked":
        """`Refused` when a field is missing or of another type; what the values mean is for the operation to judge."""
        given = _mapping(given)
        size, sha256, fingerprint = given.get("size"), given.get("sha256"), given.get("fingerprint")
        _insist(_is_whole(size) and 0 <= size < 2**53)
        _insist(sha256 is None or _is_like(sha256, SHA256))
        _insist(fingerprint is None or _is_like(fingerprint, FINGERPRINT))
        texts = {name: given.get(name, "") for name in ("entity_type", "file_name", "content_type")}
        _insist(all(isinstance(text, str) and len(text) <= 4000 for text in texts.values()))
        known = {"size": size, "sha256": sha256, "fingerprint": fingerprint, "again": given.get("again") is True}
        return cls(entity_id=identity(given.get("entity_id")), **known, **texts)


def numbers(given: Any) -> list[int]:
    """Which parts somebody asks addresses for: at most `parts.AT_ONCE`, each once. `Refused` for anything else."""
    asked: Any = _mapping(given).get("numbers")
    _insist(isinstance(asked, list) and 0 < len(asked) <= parts.AT_ONCE and all(_is_whole(each) for each in asked))
    _insist(len(set(asked)) == len(asked))
    return list(asked)


def etags(given: Any) -> dict[int, str]:
    """What the store answered to who sent the parts, by number: nothing where a browser may not read it."""
    told: Any = _mapping(given).get("etags", {})
    _insist(isinstance(told, Mapping) and len(told) <= parts.MOST)
    _insist(all(NUMBER.fullmatch(number) and _is_like(etag, FINGERPRINT) for number, etag in told.items()))
    return {int(number): etag.removeprefix("W/").strip('"') for number, etag in told.items()}


def identity(given: Any) -> UUID:
    try:
        return UUID(str(given))
    except ValueError:
        raise Refused(_("The request could not be read.")) from None


def _mapping(given: Any) -> Mapping[str, Any]:
    _insist(isinstance(given, Mapping))
    return cast(Mapping[str, Any], given)


def _is_whole(given: Any) -> bool:
    return isinstance(given, int) and not isinstance(given, bool)


def _is_like(given: Any, pattern: re.Pattern[str]) -> bool:
    return isinstance(given, str) and pattern.fullmatch(given) is not None


def _insist(is_so: Any) -> None:
    if not is_so:
        raise Refused(_("The request could not be read."))


class Part:
    """One file of a form while it arrives: on disk beyond a quarter of a megabyte, and no further than its kind may go.

    What is beyond is counted and dropped, so that the other files of the form still arrive and this one can be named.
    """

    def __init__(self, most: int, place: Path) -> None:
        self._held = tempfile.SpooledTemporaryFile(HELD, dir=str(place))  # noqa: SIM115  (closed by `parsed`)
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
    """The fields and files of a form, read in pieces. A file that is too large or of no kind that is taken keeps its name and no bytes.

    `Unavailable` when the disk would be too full for it.
    """
    place = _place(request.content_length or 0, settings)
    most = max(settings.image_max_bytes, settings.video_max_bytes, settings.document_max_bytes)
    request.max_content_length = most + 64 * 1024 * 1024

    held = ExitStack()

    def part(
        total_content_length: int | None, content_type: str | None, filename: str | None, content_length: int | None = None
    ) -> IO[bytes]:
        return cast(IO[bytes], held.enter_context(closing(Part(_most(content_type or "", filename or "", settings), place))))

    parser = FormDataParser(part, max_form_memory_size=FORM_MEMORY, max_form_parts=MOST_FILES + 20)
    with held:
        _rest, fields, files = parser.parse(request.stream, request.mimetype, request.content_length, request.mimetype_params)
        yield fields, [each for each in files.getlist("files") if each.filename]


def _place(size: int, settings: Settings) -> Path:
    """Where `size` bytes may wait: in `var/`, because the system's temporary folder is memory on many machines. The files there have no names."""
    place = settings.var_dir / "arriving"
    place.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(place).free - size < settings.storage_free_floor:
        raise Unavailable(_("There is too little room for files right now. Try again later."))
    return place


def _most(content_type: str, file_name: str, settings: Settings) -> int:
    try:
        return kinds.limit(kinds.find(content_type, names.clean(file_name)).kind, settings)
    except Refused:
        return 0
