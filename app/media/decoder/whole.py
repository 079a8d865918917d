"""Whether a file is all there. Decoders show what they can of a file that was cut short; a provider wants to know before visitors do."""

import mmap
from collections.abc import Callable

from refusal import Refusal

PDF_TAIL = 4096  # readers look for the mark in the last kilobytes (ISO 32000-1, 7.5.5)


def check(path: str, content_type: str) -> None:
    """`Refusal` for a file without its end. Bytes after the end are no fault: phones put a film behind a photo."""
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as body:
        if content_type in CHECKS and not CHECKS[content_type](body):
            raise Refusal("damaged")


def _png(body: mmap.mmap) -> bool:
    """Length, name, data, checksum, until IEND (PNG specification, 5.3)."""
    at = 8
    while at + 12 <= len(body):
        if body[at + 4 : at + 8] == b"IEND":
            return True
        at += 12 + int.from_bytes(body[at : at + 4], "big")
    return False


def _webp(body: mmap.mmap) -> bool:
    """The container says its length (RFC 9649 section 2.4)."""
    return int.from_bytes(body[4:8], "little") + 8 <= len(body)


def _gif(body: mmap.mmap) -> bool:
    """Blocks until the trailer (GIF89a, appendix B), each with its data in sub-blocks that end with an empty one."""
    at = 13 + _colours(body[10:11])
    while at < len(body):
        mark, at = body[at], at + 1
        if mark == 0x3B:
            return True
        if mark == 0:
            continue  # some programs leave a gap between blocks
        if mark == 0x21:
            at += 1
        elif mark == 0x2C:
            at += 9 + _colours(body[at + 8 : at + 9]) + 1
        else:
            return False
        at = _after_blocks(body, at)
    return False


def _colours(packed: bytes) -> int:
    return 3 << ((packed[0] & 7) + 1) if packed and packed[0] & 0x80 else 0


def _after_blocks(body: mmap.mmap, at: int) -> int:
    while at < len(body) and body[at]:
        at += body[at] + 1
    return at + 1


def _boxes(body: mmap.mmap) -> bool:
    """Boxes, each with its length, to the end of the file (ISO/IEC 14496-12 section 4.2)."""
    at = 0
    while at + 8 <= len(body):
        length = int.from_bytes(body[at : at + 4], "big")
        if length == 1:
            length = int.from_bytes(body[at + 8 : at + 16], "big")
        if length == 0:
            return True
        if length < 8 or not all(0x20 <= each < 0x7F or each == 0xA9 for each in body[at + 4 : at + 8]):
            return at > 0  # something that is no box follows: it is not looked at
        at += length
    return at <= len(body)


def _webm(body: mmap.mmap) -> bool:
    """A header, then a segment that says its length, or does not while it is being recorded (RFC 8794 section 6)."""
    _name, at = _number(body, 0, keep=True)
    length, at = _number(body, at)
    _name, at = _number(body, at + length, keep=True)
    length, after = _number(body, at)
    unknown = length == (1 << 7 * (after - at)) - 1
    return unknown or after + length <= len(body)


def _number(body: mmap.mmap, at: int, *, keep: bool = False) -> tuple[int, int]:
    """A number of one to eight bytes whose leading zeros say how many, and where it ends (RFC 8794 section 4)."""
    if at >= len(body) or body[at] == 0:
        raise Refusal("damaged")
    size = 9 - body[at].bit_length()
    value = int.from_bytes(body[at : at + size], "big")
    return (value if keep else value & ((1 << 7 * size) - 1)), at + size


def _pdf(body: mmap.mmap) -> bool:
    """The mark of the end, before noughts and blanks of any length: some programs fill up blocks."""
    end = len(body)
    while end and not body[max(0, end - PDF_TAIL) : end].strip(b"\0\t\n\f\r "):
        end = max(0, end - PDF_TAIL)
    return b"%%EOF" in body[max(0, end - 2 * PDF_TAIL) : end]


CHECKS: dict[str, Callable[[mmap.mmap], bool]] = {
    "image/png": _png,
    "image/webp": _webp,
    "image/gif": _gif,
    "image/avif": _boxes,
    "image/heic": _boxes,
    "video/mp4": _boxes,
    "video/webm": _webm,
    "application/pdf": _pdf,
}
