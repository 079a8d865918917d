"""File names as devices give them, made fit to be stored and shown. They are never part of a key or a path."""

import unicodedata

LONGEST = 255
ENDING = 16  # an ending longer than this is not one
UNSEEN = {
    "Cc",
    "Cf",
    "Cs",
    "Co",
    "Cn",
    "Zl",
    "Zp",
}  # control, format (which can turn the reading direction), surrogate, unassigned


def clean(name: str) -> str:
    """The last part of a path, without what can't be seen; never empty, at most 255 characters, its ending kept."""
    name = name.replace("\\", "/").rpartition("/")[2]
    # What joins emoji and letters of some scripts is a format character too, and belongs to the name.
    seen = "".join(each for each in name if unicodedata.category(each) not in UNSEEN or each in "\u200c\u200d")
    seen = " ".join(unicodedata.normalize("NFC", seen).split()).strip(". \u200c\u200d") or "file"
    if len(seen) <= LONGEST:
        return seen
    stem, dot, ending = seen.rpartition(".")
    if not dot or len(ending) > ENDING:
        return seen[:LONGEST].strip()
    return stem[: LONGEST - len(ending) - 1].strip() + dot + ending
