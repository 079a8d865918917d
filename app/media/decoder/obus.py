"""What AV1 tells between the pictures: messages ("metadata OBUs"; AV1 specification, 5.8 and 6.7) in which anybody may write anything, as in those
of H.264 and HEVC (`told.py`). Light, colours, layers and captions are what a player knows and stay; any other message becomes padding, as long as
before, so that nothing else has to move."""

import mmap
from typing import Any

METADATA, PADDING = 5, 15
KIND = 0b0111_1000  # the bits of a head that say which of them it is
HAS_MORE, HAS_SIZE = 0b100, 0b10
COLOURS, T35 = {1, 2, 3}, 4  # brightness, primaries, layers; "registered by ITU-T T.35" under a country and a company
# In the United States: captions (ATSC), Dolby Vision, HDR10+.
REGISTERED = (b"\xb5\x00\x31", b"\xb5\x00\x3b", b"\xb5\x00\x3c")
CONFIGURATION = 4  # bytes of `av1C` before the units in it ("AV1 Codec ISO Media File Format Binding", 2.3.3)


def forget(packet: Any) -> None:
    """Overwrite what nobody but its writer can read."""
    body = bytes(memoryview(packet))
    changed = blanked(body)
    if changed != body:
        packet.update(changed)


def forget_ahead(file: str, extradata: bytes | None) -> None:
    """The same in what stands before all pictures, in a file that was written with it."""
    if not extradata or (changed := blanked(extradata, CONFIGURATION)) == extradata:
        return
    with open(file, "r+b") as written, mmap.mmap(written.fileno(), 0) as body:
        if (place := body.find(extradata)) >= 0:
            body[place : place + len(changed)] = changed


def blanked(body: bytes, at: int = 0) -> bytes:
    """Units (4.10.5 and 5.3 there) from this byte on, each as long as before."""
    changed = bytearray(body)
    while at < len(body):
        head = at
        at += 2 if body[head] & HAS_MORE else 1
        size, at = _number(body, at) if body[head] & HAS_SIZE else (len(body) - at, at)
        ends = min(at + size, len(body))
        if (body[head] & KIND) >> 3 == METADATA and at < ends and not _is_known(body[at:ends]):
            changed[head] = body[head] & ~KIND | PADDING << 3
            changed[at:ends] = b"\xff" * (ends - at - 1) + b"\x80"  # a unit ends with a bit that is set
        at = ends
    return bytes(changed)


def _is_known(message: bytes) -> bool:
    kind, at = _number(message, 0)
    return kind in COLOURS or (kind == T35 and message[at:].startswith(REGISTERED))


def _number(body: bytes, at: int) -> tuple[int, int]:
    """Seven bits a byte, the lowest first, and the eighth says whether there are more (4.10.5); and where it ends."""
    value = 0
    for place in range(8):
        if at >= len(body):
            break
        value, at = value | (body[at] & 0x7F) << 7 * place, at + 1
        if body[at - 1] < 0x80:
            break
    return value, at
