"""Pictures inside a PDF, with every pixel as it was, and without what they tell about where, when and by whom they were made.

Each is written anew from the parts that a reader needs to show it. What can't be read as such parts is left out.
"""

from collections.abc import Callable, Iterator

# ITU-T T.81, annex B: frames, tables, restarts and scans. Of the segments of applications JFIF's, the colour profile's, and Adobe's, which says
# how to read the colours.
JPEG_NEEDED = {*range(0xC0, 0xD0), 0xDA, 0xDB, 0xDC, 0xDD, 0xDE, 0xDF} - {0xC8}
JPEG_NAMED = {0xE0: (b"JFIF\0", 16), 0xE2: (b"ICC_PROFILE\0", 0xFFFF), 0xEE: (b"Adobe", 14)}  # first bytes, longest length
JPEG_SCAN, JPEG_END = 0xDA, 0xD9
JPEG_ALONE = {0x00, 0x01, *range(0xD0, 0xD8), 0xFF}  # no length follows; in a scan, part of it


def jpeg(data: bytes) -> bytes:
    kept, at = bytearray(b"\xff\xd8"), 2
    while (at := data.find(b"\xff", at)) >= 0 and at + 4 <= len(data):
        mark = data[at + 1]
        if mark == JPEG_END:
            break
        if mark in JPEG_ALONE or mark == 0xD8:
            at += 1 if mark == 0xFF else 2
            continue
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if mark == JPEG_SCAN:
            end = _end_of_scan(data, end)
        if mark in JPEG_NEEDED or _is_named(mark, data[at + 4 : end]):
            kept += data[at:end]
        at = end
    return bytes(kept + b"\xff\xd9")


def _is_named(mark: int, body: bytes) -> bool:
    start, most = JPEG_NAMED.get(mark, (b"", 0))
    return bool(start) and body.startswith(start) and len(body) + 2 <= most


def _end_of_scan(data: bytes, at: int) -> int:
    while (at := data.find(b"\xff", at)) >= 0 and at + 1 < len(data):
        if data[at + 1] not in JPEG_ALONE:
            return at
        at += 1 if data[at + 1] == 0xFF else 2
    return len(data)


# ISO/IEC 15444-1, annexes A and I: what says how to show the picture, and the picture.
JPX_OUTER = {b"jP  ", b"ftyp", b"jp2h", b"jp2c"}
JPX_HEADER = {b"ihdr", b"bpcc", b"colr", b"pclr", b"cmap", b"cdef"}
JPX_NEEDED = {0x51, 0x52, 0x53, 0x5C, 0x5D, 0x5E, 0x5F, 0x60, 0x61, 0x50, 0x56, 0x59}
JPX_TILE, JPX_DATA, JPX_END = b"\xff\x90", 0x93, b"\xff\xd9"


def jpx(data: bytes) -> bytes:
    if data.startswith(b"\xff\x4f"):
        return _codestream(data)
    return b"".join(_outer(name, body) for name, body in _boxes(data) if name in JPX_OUTER)


def _outer(name: bytes, body: bytes) -> bytes:
    if name == b"jp2h":
        body = b"".join(_box(inner, part) for inner, part in _boxes(body) if inner in JPX_HEADER)
    return _box(name, _codestream(body) if name == b"jp2c" else body)


def _box(name: bytes, body: bytes) -> bytes:
    return (len(body) + 8).to_bytes(4, "big") + name + body


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at + 8 <= len(data):
        length, head = int.from_bytes(data[at : at + 4], "big"), 8
        if length == 1:
            length, head = int.from_bytes(data[at + 8 : at + 16], "big"), 16
        end = at + length if length else len(data)
        if end < at + head:
            return
        yield data[at + 4 : at + 8], data[at + head : end]
        at = end


def _codestream(data: bytes) -> bytes:
    """The main header, then the parts of tiles, each with a header and a length that is that of both (annex A.4.2)."""
    header, at = _segments(data, 2, JPX_TILE)
    kept = b"\xff\x4f" + header
    while data.startswith(JPX_TILE, at) and at + 12 <= len(data):
        length = int.from_bytes(data[at + 6 : at + 10], "big")
        end = at + length if length else len(data)
        inner, body = _segments(data, at + 12, bytes([0xFF, JPX_DATA]))
        part = inner + data[body:end].removesuffix(b"" if length else JPX_END)
        kept += data[at : at + 6] + (12 + len(part)).to_bytes(4, "big") + data[at + 10 : at + 12] + part
        at = max(end, at + 12)
    return kept + JPX_END


def _segments(data: bytes, at: int, until: bytes) -> tuple[bytes, int]:
    kept = b""
    while at + 4 <= len(data) and data[at] == 0xFF and not data.startswith(until, at):
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if data[at + 1] in JPX_NEEDED:
            kept += data[at:end]
        at = end
    return kept, at


JBIG2_COMMENT = 62  # ITU-T T.88, 7.3.1: an extension, which holds comments
UNKNOWN = 0xFFFF_FFFF


def jbig2(data: bytes) -> bytes:
    """Segments without extensions (ITU-T T.88, 7.2)."""
    kept, at = b"", 0
    while (segment := _segment(data, at)) is not None:
        kind, end = segment
        if kind < JBIG2_COMMENT:
            kept += data[at:end]
        at = end
    return kept


def _segment(data: bytes, at: int) -> tuple[int, int] | None:
    """The kind of a segment, and where it ends; `None` after the last."""
    if at + 11 > len(data):
        return None
    number, flags, count = int.from_bytes(data[at : at + 4], "big"), data[at + 4], data[at + 5] >> 5
    inner = at + 6
    if count == 7:
        count = int.from_bytes(data[at + 5 : at + 9], "big") & 0x1FFF_FFFF
        inner = at + 9 + (count + 8) // 8
    inner += count * (1 if number <= 256 else 2 if number <= 65_536 else 4)
    inner += 4 if flags & 0x40 else 1
    if inner + 4 > len(data):
        return None
    length = int.from_bytes(data[inner : inner + 4], "big")
    return flags & 0x3F, len(data) if length == UNKNOWN else min(len(data), inner + 4 + length)


CLEANED: dict[str, Callable[[bytes], bytes]] = {
    "/DCTDecode": jpeg,
    "/JPXDecode": jpx,
    "/JBIG2Decode": jbig2,
    "/CCITTFaxDecode": lambda data: data,
}
