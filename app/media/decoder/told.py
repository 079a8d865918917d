"""What cameras tell between the pictures: H.264 and HEVC carry messages beside them (SEI; ITU-T H.264 and H.265, Annex D), and in one kind of them
("user data unregistered") anybody may write anything: where a drone was, who flew it. Its bytes are overwritten where they are, so that nothing else
has to move; captions, colours and whatever else a player knows stay."""

import mmap
from typing import Any

UNREGISTERED = 5
KINDS = {"h264": {6}, "hevc": {39, 40}}  # of units that hold messages
HEADS = {"h264": 1, "hevc": 2}  # bytes of a unit's head
BLANK = 0xFF  # never part of an escape


def width(codec: str, extradata: bytes | None) -> int:
    """Of how many bytes the length before each unit is (ISO/IEC 14496-15: `avcC`, `hvcC`)."""
    at = {"h264": 4, "hevc": 21}[codec]
    return (extradata[at] & 3) + 1 if extradata and len(extradata) > at else 4


def forget(packet: Any, codec: str, length: int) -> None:
    """Overwrite what nobody but its writer can read."""
    body: memoryview | bytearray = memoryview(packet)
    at, found = 0, []
    while at + length < len(body):
        begins = at + length
        at = begins + int.from_bytes(body[at:begins], "big")
        kind = body[begins] & 31 if codec == "h264" else body[begins] >> 1 & 63
        if kind in KINDS[codec]:
            found.append((begins, min(at, len(body))))
    if found:
        changed = bytearray(body)
        for begins, ends in found:
            changed[begins:ends] = blanked(bytes(changed[begins:ends]), HEADS[codec])
        if changed != body:
            packet.update(bytes(changed))


def forget_ahead(file: str, extradata: bytes | None) -> None:
    """The same in what stands before all HEVC pictures (`hvcC`: 22 bytes, then lists of units by their kind), in a file that was written with it."""
    if not extradata or len(extradata) < 23 or extradata[0] != 1:
        return
    at, units = 23, []
    for _list in range(extradata[22]):
        if at + 3 > len(extradata):
            break
        kind, count, at = extradata[at] & 63, int.from_bytes(extradata[at + 1 : at + 3], "big"), at + 3
        for _unit in range(count):
            begins = at + 2
            at = begins + int.from_bytes(extradata[at:begins], "big")
            units += [extradata[begins:at]] if kind in KINDS["hevc"] and at > begins else []
    with open(file, "r+b") as written, mmap.mmap(written.fileno(), 0) as body:
        for unit in units:
            if (place := body.find(unit)) >= 0:
                body[place : place + len(unit)] = blanked(unit, HEADS["hevc"])


def blanked(unit: bytes, head: int) -> bytes:
    """A unit of messages, as long as before. Three bytes 00 00 03 stand for 00 00 (7.4.1 there): they stay, or what follows would move."""
    escapes = {at for at in range(head + 2, len(unit)) if unit[at - 2 : at + 1] == b"\0\0\3"}
    zeros = {at - back for at in escapes for back in (1, 2)}
    places = [at for at in range(head, len(unit)) if at not in escapes]
    changed, at = bytearray(unit), 0
    while at + 2 < len(places):
        kind, at = _number(unit, places, at)
        size, at = _number(unit, places, at)
        if kind == UNREGISTERED:
            for place in places[at : at + size]:
                changed[place] = 0 if place in zeros else BLANK
        at += size
    return bytes(changed)


def _number(unit: bytes, places: list[int], at: int) -> tuple[int, int]:
    """A number is the sum of its bytes, of which only the last is not 255; and where it ends."""
    value = 0
    while at < len(places):
        byte = unit[places[at]]
        value, at = value + byte, at + 1
        if byte != 255:
            break
    return value, at
