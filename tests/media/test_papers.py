"""Whatever a PDF holds, and however it is wrapped, nothing of who made it and where is published, and the page looks as it did."""

import io
import re

import pypdf
import pypdfium2
import pytest
from pypdf.generic import StreamObject

from tests.media import papers
from tests.media.looking import Look, looking

SEEDS = range(6)


@pytest.fixture
def look(tmp_path: object) -> Look:
    return looking(tmp_path)  # type: ignore[arg-type]


def unfolded(body: bytes) -> bytes:
    """The document with every stream beside it as it is behind its filters, and every number of hexadecimal digits read."""
    reader, found = pypdf.PdfReader(io.BytesIO(body)), [body]
    for number in range(1, len(reader.xref[0]) + 1 if 0 in reader.xref else 0):
        each = reader.get_object(number)
        if isinstance(each, StreamObject):
            found += [StreamObject.get_data(each)]
            if "/DCTDecode" not in str(each.get("/Filter")) and "/JPXDecode" not in str(each.get("/Filter")):
                found.append(each.get_data())
    whole = b"\n".join(found)
    return whole + b"".join(bytes.fromhex(digits.decode()) for digits in re.findall(rb"(?:[0-9a-fA-F]{2}){8,}", whole))


def drawn(body: bytes) -> bytes:
    return bytes(pypdfium2.PdfDocument(body)[0].render(scale=1, may_draw_forms=False).buffer)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_secret_is_published_from_any_place_behind_any_filters(look: Look, seed: int) -> None:
    published = look(papers.paper(seed)).body("original.pdf")
    assert papers.SECRET not in unfolded(published)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_page_looks_as_it_did(look: Look, seed: int) -> None:
    body = papers.paper(seed)
    assert drawn(look(body).body("original.pdf")) == drawn(body)
