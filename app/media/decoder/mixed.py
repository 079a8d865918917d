"""Whether a file is two things at once: a picture that is also a web page, a film that an archive tool opens.

What visitors get is written anew and holds nothing of it. But nobody makes such a file by accident, so it is refused.
"""

import mmap
import re

from refusal import Refusal

PAGE = re.compile(rb"<script[\s>]|<!doctype html|<html[\s>]", re.IGNORECASE)
EDGE = 1024  # where programs look for the mark of a page or a PDF
ARCHIVE_END = 22  # the shortest end of a ZIP; a comment of up to 65,535 bytes follows


def check(path: str, content_type: str) -> None:
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as body:
        if _archive(body) or _page(body, content_type) or (content_type != "application/pdf" and b"%PDF-" in body[:EDGE]):
            raise Refusal("mixed")


def _page(body: mmap.mmap, content_type: str) -> bool:
    """Anywhere in a picture; in a PDF, which may well speak of web pages, and in a film only where a browser would look."""
    if content_type.startswith("image/"):
        return PAGE.search(body) is not None
    return any(PAGE.search(edge) for edge in (body[:EDGE], body[-EDGE:]))


def _archive(body: mmap.mmap) -> bool:
    """An end record whose comment reaches exactly to the end of the file (PKWARE's APPNOTE, 4.3.16)."""
    lowest = max(0, len(body) - ARCHIVE_END - 0xFFFF)
    at = body.rfind(b"PK\x05\x06", lowest)
    while at >= 0:
        if at + ARCHIVE_END + int.from_bytes(body[at + 20 : at + 22], "little") == len(body):
            return True
        at = body.rfind(b"PK\x05\x06", lowest, at)
    return False
