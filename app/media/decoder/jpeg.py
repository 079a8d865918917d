"""A JPEG without what it tells about where and by whom it was made, and with every pixel as it was."""

# Comments, and the segments of applications but JFIF's, the colour profile and Adobe's, which say how to read the colours (ITU-T T.81, annex B).
DROPPED = {0xFE, *range(0xE1, 0xF0)} - {0xE2, 0xEE}
ALONE = {0x01, *range(0xD0, 0xD9)}  # marks without a length
SCAN = 0xDA


def without_metadata(data: bytes) -> bytes:
    """What can't be read as segments is left as it is."""
    kept, at = bytearray(data[:2]), 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        mark = data[at + 1]
        if mark == SCAN:
            break
        length = 0 if mark in ALONE else int.from_bytes(data[at + 2 : at + 4], "big")
        if mark not in DROPPED:
            kept += data[at : at + 2 + length]
        at += 2 + length
    return bytes(kept + data[at:])
