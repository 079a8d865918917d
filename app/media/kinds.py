"""What may be uploaded, how large it may be, and the sentences for what may not. The client checks the same before it asks."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from babel import Locale
from babel.numbers import format_decimal
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.config import Settings
from app.errors import Refused
from app.media.models import Kind


@dataclass(frozen=True)
class FileType:
    """A type that is taken: its kind, and the ending that its stored files have."""

    content_type: str
    kind: Kind
    ending: str


TYPES = {
    each.content_type: each
    for each in (
        FileType("image/jpeg", Kind.IMAGE, "jpg"),
        FileType("image/png", Kind.IMAGE, "png"),
        FileType("image/webp", Kind.IMAGE, "webp"),
        FileType("image/avif", Kind.IMAGE, "avif"),
        FileType("image/gif", Kind.IMAGE, "gif"),
        FileType("image/heic", Kind.IMAGE, "heic"),
        FileType("video/mp4", Kind.VIDEO, "mp4"),
        FileType("video/webm", Kind.VIDEO, "webm"),
        FileType("application/pdf", Kind.DOCUMENT, "pdf"),
    )
}
# A phone that reads `accept` converts its HEIC photos to JPEG by itself, as long as HEIC is not in the list. Dropped from a computer, HEIC is taken.
ACCEPT = ",".join(each for each in TYPES if each != "image/heic")
# Browsers that don't know a type send none, or this.
UNKNOWN = {"", "application/octet-stream"}
ENDINGS = {each.ending: each.content_type for each in TYPES.values()} | {
    "jpeg": "image/jpeg",
    "jfif": "image/jpeg",
    "m4v": "video/mp4",
    "heic": "image/heic",
    "heif": "image/heic",
}
# Other names of what is taken.
ALIASES = {
    "image/heif": "image/heic",
    "image/jpg": "image/jpeg",
    "image/pjpeg": "image/jpeg",
    "video/x-m4v": "video/mp4",
    "application/x-pdf": "application/pdf",
}
WHAT_IS_TAKEN = _l("Upload a photo (JPEG, PNG, WebP, AVIF, GIF or HEIC), a video (MP4 or WebM) or a PDF.")


def find(content_type: str, file_name: str) -> FileType:
    """The type that a file claims to have, by its ending where the browser does not know; `Refused` with what would be taken."""
    claimed = content_type.partition(";")[0].strip().lower()
    if claimed in UNKNOWN:
        claimed = ENDINGS.get(file_name.rpartition(".")[2].lower(), claimed)
    claimed = ALIASES.get(claimed, claimed)
    if claimed not in TYPES:
        raise Refused(_("This kind of file can't be uploaded.") + " " + str(WHAT_IS_TAKEN))
    return TYPES[claimed]


def limit(kind: str, settings: Settings) -> int:
    """The most bytes that a file of this kind may have."""
    limits = {
        Kind.IMAGE: settings.image_max_bytes,
        Kind.VIDEO: settings.video_max_bytes,
        Kind.DOCUMENT: settings.document_max_bytes,
    }
    return limits[Kind(kind)]


def limits(settings: Settings) -> dict[str, int]:
    """The most bytes by content type, under every name that browsers have for it."""
    known = {each.content_type: limit(each.kind, settings) for each in TYPES.values()}
    return known | {alias: known[name] for alias, name in ALIASES.items()}


def check_size(found: FileType, size: int, settings: Settings) -> None:
    """`Refused` for an empty file, or one that is larger than its kind may be."""
    if size <= 0:
        raise Refused(_("This file is empty. Choose it again, or export it once more."))
    most = limit(found.kind, settings)
    if size > most:
        raise Refused(too_large(found.kind, most))


def too_large(kind: str, most: int) -> str:
    """What is wrong, and how to mend it."""
    shown = size_in_words(most)
    sentences: dict[str, Any] = {
        Kind.IMAGE: _("This photo is larger than %(most)s. Save it smaller, and upload it again.", most=shown),
        Kind.VIDEO: _(
            "This video is larger than %(most)s. Cut it shorter or export it smaller, and upload it again.", most=shown
        ),
        Kind.DOCUMENT: _("This PDF is larger than %(most)s. Export it smaller, and upload it again.", most=shown),
    }
    return str(sentences[kind])


def size_in_words(size: int) -> str:
    """Bytes as a person says them: "3.4 MB", in powers of 1,024 like the settings."""
    for unit, power in (("GB", 30), ("MB", 20), ("KB", 10)):
        if size >= 2**power:
            return f"{_decimal(round(size / 2**power, 1), get_locale())} {unit}"
    return _("%(size)s bytes", size=_decimal(size, get_locale()))


@lru_cache(maxsize=1024)
def _decimal(number: float, locale: Locale | None) -> str:
    return format_decimal(number, locale=locale or "en")
