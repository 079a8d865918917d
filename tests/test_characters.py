"""The characters that no page and no listing may hold: exactly these, however they are looked for."""

from app.browser import CONTROLS

ASCII_CONTROLS = [*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F]
LATIN_CONTROLS = range(0x80, 0xA0)
SURROGATES = range(0xD800, 0xE000)
# Unicode 16, section 23.7.
NONCHARACTERS = [*range(0xFDD0, 0xFDF0), *(plane + last for plane in range(0, 0x110000, 0x10000) for last in (0xFFFE, 0xFFFF))]


def test_controls_surrogates_and_noncharacters_are_found_and_no_others() -> None:
    found = CONTROLS.findall("".join(map(chr, range(0x110000))))
    assert found == [*map(chr, sorted([*ASCII_CONTROLS, *LATIN_CONTROLS, *SURROGATES, *NONCHARACTERS]))]
