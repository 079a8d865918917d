"""What a file really is: told by its first bytes, and for pictures by decoding them in a child process with limits."""

import json
import re
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from app.media.models import Kind

log = structlog.get_logger()

HEAD = 4096  # bytes that are enough to tell a type
DECODER = Path(__file__).with_name("decode.py")
WIDTHS = (320, 640, 1280, 1920)
SECONDS = 60
MEMORY = 3 * 2**30  # address space: the code of libvips and its buffers for the largest photo that is taken
LOADERS = {
    "image/jpeg": "VipsForeignLoadJpeg",
    "image/png": "VipsForeignLoadPng",
    "image/webp": "VipsForeignLoadWebp",
    "image/gif": "VipsForeignLoadNsgif",
    "image/avif": "VipsForeignLoadHeif",
}
NOT_WHAT_IT_SAYS = {Kind.IMAGE: "not_a_photo", Kind.VIDEO: "not_a_video", Kind.DOCUMENT: "not_a_pdf"}
HEIC_BRANDS = {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"}
MP4_BRANDS = re.compile(rb"isom|iso[2-9]|mp4[12]|avc1|M4V |M4VH|MSNV|dash|f4v |mmp4")


class Rejected(Exception):
    """The file can't be used; `reason` is a word of `app/media/reasons.py`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Decoded:
    """A picture upright, and its variants as files: [{"file", "type", "width", "height"}]."""

    width: int
    height: int
    variants: list[dict[str, Any]]


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
    if head.startswith(b"%PDF-"):
        return "application/pdf"
    if head.startswith(b"\x1a\x45\xdf\xa3") and b"webm" in head[:64]:
        return "video/webm"
    return _boxed(head)


def _boxed(head: bytes) -> str | None:
    """ISO base media files name their brands in a first box, `ftyp` (ISO/IEC 14496-12 section 4.3): MP4, AVIF, and HEIC."""
    length = int.from_bytes(head[:4], "big")
    if head[4:8] != b"ftyp" or not 16 <= length <= 512:
        return None
    brands = {head[8:12]} | {head[at : at + 4] for at in range(16, length, 4)}
    if brands & {b"avif", b"avis"}:
        return "image/avif"
    if head[8:12] in HEIC_BRANDS:
        return "image/heic"
    return "video/mp4" if any(MP4_BRANDS.fullmatch(brand) for brand in brands) else None


def expect(found: str | None, kind: str) -> str:
    """The type that was found, if it is of the kind that was announced; a PNG that is called JPEG is a photo all the same."""
    if found == "image/heic" and kind == Kind.IMAGE:
        raise Rejected("heic")
    if found is None or _kind(found) != kind:
        raise Rejected(NOT_WHAT_IT_SAYS[Kind(kind)])
    return found


def _kind(content_type: str) -> str:
    return {"image": Kind.IMAGE, "video": Kind.VIDEO, "application": Kind.DOCUMENT}[content_type.partition("/")[0]]


def decode(source: Path, target: Path, content_type: str, max_pixels: int) -> Decoded:
    """Decode a picture and write its variants into `target`. Raises `Rejected`, whatever the decoder did."""
    order = {
        "source": str(source),
        "target": str(target),
        "loader": LOADERS[content_type],
        "max_pixels": max_pixels,
        "widths": WIDTHS,
        "seconds": SECONDS,
        "bytes": MEMORY,
    }
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(DECODER), json.dumps(order)],
            capture_output=True,
            timeout=2 * SECONDS,
            env={"VIPS_BLOCK_UNTRUSTED": "1", "VIPS_CONCURRENCY": "1", "MALLOC_ARENA_MAX": "2"},
            cwd=target,
        )
    except subprocess.TimeoutExpired:
        raise Rejected("too_slow") from None
    return _answer(done)


def _answer(done: "subprocess.CompletedProcess[bytes]") -> Decoded:
    """A decoder that was killed, by a limit or by its own bug, has damned the file and nothing else."""
    if done.returncode == -signal.SIGXCPU:
        raise Rejected("too_slow")
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        log.warning("decoder died", status=done.returncode, said=done.stderr[-500:].decode(errors="replace"))
        raise Rejected("damaged") from None
    if "rejected" in answer:
        raise Rejected(answer["rejected"])
    return Decoded(answer["width"], answer["height"], answer["variants"])
