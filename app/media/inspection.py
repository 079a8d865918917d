"""What a file really is: told by its first bytes, and then by taking it apart in a child process with limits (`app/media/decoder`)."""

import json
import os
import re
import signal
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import structlog

from app.config import Settings
from app.media import child
from app.media.models import Kind

log = structlog.get_logger()

HEAD = 4096  # bytes that are enough to tell a type
PDF_MARK = 1024  # bytes within which "%PDF-" begins
PROGRAM = Path(__file__).with_name("decoder")
WIDTHS = (320, 640, 1280, 1920)
SECONDS = 60  # of processor time at most
# Seconds that any file of a kind may take, and for each MB of it: a small file must not take a large one's time. What a picture's header announces is
# added by the decoder, for each million of pixels.
PATIENCE = {"image": (4.0, 6.0), "application": (4.0, 12.0), "video": (15.0, 12.0)}
MEGAPIXEL = 0.35
DISK = 128 * 2**20  # bytes that may be written beyond an eighth more than the file has
MEMORY = 3 * 2**30  # address space: the code of libvips and its buffers for the largest photo that is taken
NOT_WHAT_IT_SAYS = {Kind.IMAGE: "not_a_photo", Kind.VIDEO: "not_a_video", Kind.DOCUMENT: "not_a_pdf"}
HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis"}
MP4_BRANDS = re.compile(rb"isom|iso[2-9a-c]|mp4[12]|avc1|av01|hvc1|M4V |M4VH|MSNV|XAVC|cmfc|dash|f4v |mmp4")


class Rejected(Exception):
    """The file can't be used; `reason` is a word of `app/media/reasons.py`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Limits:
    """The most that a file may have: pixels of one picture, frames of an animation, pages of a PDF, seconds of a video."""

    max_pixels: int
    max_frames: int
    max_pages: int
    max_seconds: int

    @classmethod
    def of(cls, settings: Settings) -> "Limits":
        return cls(
            max_pixels=settings.image_max_pixels,
            max_frames=settings.image_max_frames,
            max_pages=settings.document_max_pages,
            max_seconds=int(settings.video_max_duration.total_seconds()),
        )


@dataclass(frozen=True)
class Found:
    """A file upright, its variants as files ([{"file", "type", "width", "height"}]), and the file that is served instead of what came."""

    width: int
    height: int
    variants: list[dict[str, Any]]
    original: str | None = None
    pages: int | None = None
    seconds: int | None = None
    frames: int | None = None


def sniff(head: bytes) -> str | None:
    """The content type that the first bytes show (the WHATWG's MIME Sniffing Standard, section 6, without what is not taken), else None."""
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    if head.startswith(b"\x1a\x45\xdf\xa3") and b"webm" in head[:64]:
        return "video/webm"
    # Programs that write bills put a line before it; readers look this far (PDF Reference 1.7, appendix H, note 13).
    return _boxed(head) or ("application/pdf" if b"%PDF-" in head[:PDF_MARK] else None)


def _boxed(head: bytes) -> str | None:
    """ISO base media files name their brands in a first box, `ftyp` (ISO/IEC 14496-12 section 4.3): MP4, AVIF, and HEIC."""
    length = int.from_bytes(head[:4], "big")
    if head[4:8] != b"ftyp" or not 16 <= length <= 512:
        return None
    brands = {head[8:12]} | {head[at : at + 4] for at in range(16, length, 4)}
    if brands & {b"avif", b"avis"}:
        return "image/avif"
    if brands & HEIC_BRANDS:
        return "image/heic"
    return "video/mp4" if any(MP4_BRANDS.fullmatch(brand) for brand in brands) else None


def expect(found: str | None, kind: str) -> str:
    """The type that was found, if it is of the kind that was announced; a PNG that is called JPEG is a photo all the same."""
    if found is None or _kind(found) != kind:
        raise Rejected(NOT_WHAT_IT_SAYS[Kind(kind)])
    return found


def _kind(content_type: str) -> str:
    return {"image": Kind.IMAGE, "video": Kind.VIDEO, "application": Kind.DOCUMENT}[content_type.partition("/")[0]]


def look(source: Path, target: Path, content_type: str, limits: Limits) -> Found:
    """Look at a file in a child process, which writes what will be shown into `target`. Raises `Rejected`, whatever the child did."""
    size = source.stat().st_size
    order = {
        "source": str(source),
        "target": str(target),
        "type": content_type,
        "widths": WIDTHS,
        "cpu": _seconds(content_type, size),
        "most": SECONDS,
        "megapixel": MEGAPIXEL,
        "memory": MEMORY + size,  # the file itself is mapped there
        "disk": size + size // 8 + DISK,
        "parent": os.getpid(),
        **asdict(limits),
    }
    try:
        ended = child.run(PROGRAM, json.dumps(order), folder=target, seconds=2 * SECONDS)
    except child.TooSlow:
        raise Rejected("too_slow") from None
    return _found(ended)


def _seconds(content_type: str, size: int) -> int:
    once, each = PATIENCE[content_type.partition("/")[0]]
    return min(SECONDS, round(once + each * size / 2**20))


def _found(ended: child.Ended) -> Found:
    """A program that was ended, by a limit or by its own bug, has damned the file and nothing else. That it failed says nothing about the file."""
    if ended.status == -signal.SIGXCPU:
        raise Rejected("too_slow")
    try:
        answer: dict[str, Any] = json.loads(ended.answer if ended.status == 0 else b"")
        if "rejected" in answer:
            raise Rejected(str(answer["rejected"]))
        return Found(**answer)
    except (ValueError, TypeError):
        log.warning("decoder died", status=ended.status, said=ended.complaints.decode(errors="replace"))
        raise Rejected("failed") from None
