"""PDFs with a secret in every place that can hold one, whatever filters are around it, and whatever is told by a reference instead of on the spot."""

import base64
import io
import random
import struct
import zlib
from collections.abc import Iterator
from itertools import product

import pyvips
from PIL import Image

SECRET = b"Ada Place"
TEXT = b"(" + SECRET + b")"
GENERIC = ("/FlateDecode", "/ASCII85Decode", "/ASCIIHexDecode", "/RunLengthDecode", "/LZWDecode")
SHORT = {
    "/FlateDecode": "/Fl",
    "/ASCII85Decode": "/A85",
    "/ASCIIHexDecode": "/AHx",
    "/RunLengthDecode": "/RL",
    "/LZWDecode": "/LZW",
    "/DCTDecode": "/DCT",
}
SIDE = 16  # pixels of each picture


def packed(data: bytes, chain: tuple[str, ...]) -> bytes:
    """The data as it stands behind a chain of filters."""
    for name in reversed(chain):
        data = PACKERS[name](data)
    return data


def _run_length(data: bytes) -> bytes:
    return b"".join(bytes([len(data[at : at + 128]) - 1]) + data[at : at + 128] for at in range(0, len(data), 128)) + b"\x80"


def _lzw(data: bytes) -> bytes:
    """Letters alone, with the table emptied before codes grow beyond nine bits (ISO 32000-1, 7.4.4)."""
    codes = []
    for at in range(0, len(data), 250):
        codes += [256, *data[at : at + 250]]
    bits = "".join(f"{code:09b}" for code in [*codes, 257])
    bits += "0" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big")


PACKERS = {
    "/FlateDecode": zlib.compress,
    "/ASCII85Decode": lambda data: base64.a85encode(data) + b"~>",
    "/ASCIIHexDecode": lambda data: data.hex().encode() + b">",
    "/RunLengthDecode": _run_length,
    "/LZWDecode": _lzw,
    "/DCTDecode": lambda data: data,
    "/JPXDecode": lambda data: data,
}
CHAINS = [chain for count in range(3) for chain in product(GENERIC, repeat=count)]


def _shade(number: int) -> pyvips.Image:
    return (
        pyvips.Image.black(SIDE, SIDE, bands=3).linear(1, [number * 7 % 256, 90, 200]).cast("uchar").copy(interpretation="srgb")
    )


def jpeg(number: int, *, behind: bool = True) -> bytes:
    """A JPEG with the secret in its Exif, in a comment, in applications' segments, and behind its end."""
    plain: bytes = _shade(number).jpegsave_buffer(Q=90)
    notes = b"".join(
        b"\xff" + bytes([mark]) + struct.pack(">H", len(body) + 2) + body
        for mark, body in (
            (0xE1, b"Exif\0\0" + SECRET),
            (0xFE, SECRET),
            (0xE2, b"MPF\0" + SECRET),
            (0xE0, b"JFXX\0" + SECRET),
            (0xED, SECRET),
        )
    )
    whole = plain[:2] + notes + plain[2:]
    return whole + b"\xff\xd8\xff\xe1" + struct.pack(">H", len(SECRET) + 2) + SECRET + b"\xff\xd9" if behind else whole


def jpx(number: int) -> bytes:
    """A JPEG 2000 with the secret in boxes of its own and in a comment of its codestream."""
    file = io.BytesIO()
    Image.new("RGB", (SIDE, SIDE), (number * 7 % 256, 90, 200)).save(file, "JPEG2000")
    plain = file.getvalue()
    comment = b"\xff\x64" + struct.pack(">HH", len(SECRET) + 4, 1) + SECRET
    at = plain.index(b"\xff\x4f\xff\x51")
    after_size = at + 4 + int.from_bytes(plain[at + 4 : at + 6], "big")
    box = plain.index(b"jp2c")
    length = int.from_bytes(plain[box - 4 : box], "big")
    body = (
        plain[: box - 4]
        + struct.pack(">I", length and length + len(comment))
        + plain[box:after_size]
        + comment
        + plain[after_size:]
    )
    xml = b"<x>" + SECRET + b"</x>"
    note = struct.pack(">I", len(xml) + 8) + b"xml " + xml
    at = body.index(b"jp2c") - 4
    return body[:at] + note + body[at:] + (note if length else b"")


class Paper:
    """Builds one document; what may be told by a reference is so by the toss of a coin."""

    def __init__(self, seed: int) -> None:
        self.coin = random.Random(seed)
        self.objects: dict[int, bytes] = {}

    def add(self, body: bytes) -> bytes:
        number = len(self.objects) + 100
        self.objects[number] = body
        return b"%d 0 R" % number

    def told(self, body: bytes) -> bytes:
        """On the spot or by a reference."""
        return b" " + (self.add(body) if self.coin.random() < 0.5 else body) + b" "

    def stream(self, data: bytes, about: bytes = b"", chain: tuple[str, ...] = ()) -> bytes:
        names = [self.told((SHORT.get(name, name) if self.coin.random() < 0.3 else name).encode()) for name in chain]
        is_one = len(names) == 1 and self.coin.random() < 0.5
        filters = b"/Filter" + (names[0] if is_one else self.told(b"[" + b"".join(names) + b"]")) if names else b""
        body = packed(data, chain)
        return self.add(b"<</Length%s%s%s>>stream\n%s\nendstream" % (self.told(b"%d" % len(body)), about, filters, body))

    def image(self, data: bytes, chain: tuple[str, ...], more: bytes = b"") -> bytes:
        about = b"/Type/XObject/Subtype" + self.told(b"/Image") + b"/Width %d/Height %d" % (SIDE, SIDE)
        about += (
            b"/BitsPerComponent 8/ColorSpace"
            + self.told(b"/DeviceRGB")
            + b"/Author"
            + self.told(TEXT)
            + b"/Metadata "
            + self.xmp()
            + more
        )
        return self.stream(data, about, chain)

    def xmp(self) -> bytes:
        return self.stream(b"<x:xmpmeta>" + SECRET + b"</x:xmpmeta>", b"/Type/Metadata/Subtype/XML", self.coin.choice(CHAINS))

    def form(self, program: bytes, resources: bytes = b"") -> bytes:
        about = b"/Type/XObject/Subtype/Form/BBox[0 0 600 800]/PieceInfo<</A<</Private%s>>>>" % self.told(TEXT)
        return self.stream(program, about + b"/Resources" + self.told(b"<<" + resources + b">>"), self.coin.choice(CHAINS))


def paper(seed: int) -> bytes:
    """One page that shows a picture behind each chain of filters, each kind of drawing and each kind of remark."""
    made = Paper(seed)
    images = {b"I%d" % at: made.image(jpeg(at), (*chain, "/DCTDecode")) for at, chain in enumerate(CHAINS)}
    images |= {b"X%d" % at: made.image(jpx(at), (*chain, "/JPXDecode")) for at, chain in enumerate(CHAINS[:6])}
    plain = [bytes([at * 8 % 256, 200, 30]) * SIDE**2 for at in range(len(CHAINS))]
    images |= {b"P%d" % at: made.image(plain[at], chain) for at, chain in enumerate(CHAINS)}
    mask = made.image(jpeg(1), ("/ASCIIHexDecode", "/DCTDecode")).replace(b"DeviceRGB", b"DeviceGray")
    images[b"M"] = made.image(plain[3], (), b"/SMask " + mask)
    inner = b"/XObject<</I " + made.image(jpeg(77), ("/ASCII85Decode", "/DCTDecode")) + b">>"
    images[b"F"] = made.form(b"% " + SECRET + b"\nq 40 0 0 40 500 20 cm /I Do Q", inner)
    pattern = made.stream(
        b"%" + SECRET + b"\n1 0 0 rg 0 0 5 5 re f",
        b"/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 9 9]/XStep 9/YStep 9/Resources<<>>/Note" + made.told(TEXT),
    )
    letter = made.stream(b"%" + SECRET + b"\n1000 0 0 0 750 750 d1 0 0 750 750 re f", chain=("/FlateDecode",))
    mapping = made.stream(b"%%Creator: " + SECRET + b"\nbegincmap endcmap", chain=("/FlateDecode",))
    font = b"<</Type/Font/Subtype/Type3/FontBBox[0 0 750 750]/FontMatrix[0.001 0 0 0.001 0 0]/FirstChar 97/LastChar 97/Widths[1000]"
    font += (
        b"/Encoding<</Differences[97/a]>>/CharProcs<</a "
        + letter
        + b">>/ToUnicode "
        + mapping
        + b"/Author"
        + made.told(TEXT)
        + b">>"
    )
    program = b"".join(
        b"q 30 0 0 30 %d %d cm /%s Do Q\n" % (10 + at % 16 * 34, 10 + at // 16 * 34, name)
        for at, name in enumerate(images)
        if name != b"F"
    )
    program += b"/F Do /Pattern cs /Tile scn 500 500 50 50 re f BT /T3 20 Tf 450 450 Td (a) Tj ET\n"
    program += (
        b"% "
        + SECRET
        + b"\n/Span<</ActualText(one)/Author"
        + TEXT
        + b">>BDC EMC /Place<</Who"
        + TEXT
        + b">>DP "
        + TEXT
        + b" Unknown\n"
    )
    program += TEXT + b" q 1 0 0 rg 20 700 30 30 re f Q\n"
    for name, body in (("DCT", jpeg(50, behind=False)), ("DCTDecode", jpeg(51, behind=False))):
        program += b"q 30 0 0 30 300 600 cm BI/W 16/H 16/CS/RGB/BPC 8/F/%s/Author%s ID %s\nEI Q\n" % (name.encode(), TEXT, body)
    sheet = b"/XObject" + made.told(b"<<" + b"".join(b"/%s %s" % each for each in images.items()) + b">>")
    sheet += b"/Pattern<</Tile " + pattern + b">>/Font<</T3" + made.told(font) + b">>"
    half = program.index(b"/F Do")
    contents = (
        b"[" + b" ".join(made.stream(part, chain=made.coin.choice(CHAINS)) for part in (program[:half], program[half:])) + b"]"
    )
    page = (
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Resources"
        + made.told(b"<<" + sheet + b">>")
        + b"/Contents"
        + made.told(contents)
    )
    page += (
        b"/Annots"
        + made.told(b"[" + b" ".join(made.told(each) for each in remarks(made)) + b"]")
        + b"/LastModified"
        + made.told(TEXT)
    )
    page += b"/VP[<</Measure<</Subtype/GEO/GPTS[52.5 13.4]/Who%s>>>>]/Thumb %s/PieceInfo<</A%s>>>>" % (
        TEXT,
        images[b"I3"],
        made.told(TEXT),
    )
    root = (
        b"<</Type/Catalog/Pages 2 0 R/Metadata "
        + made.xmp()
        + b"/Own"
        + made.told(TEXT)
        + b"/Names<</Own<</Names[(a)%s]>>/Dests<<>>>>" % TEXT
    )
    root += b"/Outlines<</First<</Title(One)/Own%s/SE<<%s>>>>>>" % (made.told(TEXT), b"/A" + TEXT)
    root += b"/StructTreeRoot<</Type/StructTreeRoot/K<</S/Document/T%s/ID%s/Alt(Prices)/Own%s>>>>>>" % (
        TEXT,
        made.told(TEXT),
        TEXT,
    )
    return _written(made, root, page)


def remarks(made: Paper) -> Iterator[bytes]:
    """Annotations that may stay, without who wrote them and when, and others that may not."""
    look = made.form(b"0 0 1 rg 0 0 20 20 re f")
    who = b"/T%s/M%s/NM%s/RC%s/Own%s" % tuple(made.told(TEXT) for _ in range(5))
    for subtype in (b"/Text", b"/FreeText", b"/Square", b"/Highlight", b"/Stamp", b"/Ink"):
        yield (
            b"<</Type/Annot/Subtype"
            + made.told(subtype)
            + b"/Rect[10 740 30 760]/Contents(Seen)/AP<</N "
            + look
            + b">>"
            + who
            + b">>"
        )
    for subtype in (
        b"/FileAttachment",
        b"/Sound",
        b"/Movie",
        b"/Screen",
        b"/3D",
        b"/RichMedia",
        b"/Projection",
        b"/Redact",
        b"/Unheard",
    ):
        carried = made.stream(SECRET, b"/Type/Sound/R 8000", made.coin.choice(CHAINS))
        yield b"<</Type/Annot/Subtype%s/Rect[0 0 9 9]/Sound %s/FS<</F%s/EF<</F %s>>>>/3DD %s>>" % (
            made.told(subtype),
            carried,
            TEXT,
            carried,
            carried,
        )


def _written(made: Paper, root: bytes, page: bytes) -> bytes:
    body = {1: root, 2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>", 3: page, 4: b"<</Author" + TEXT + b">>"} | made.objects
    written, places = b"%PDF-1.7\n%" + SECRET + b"\n", {}
    for number, text in sorted(body.items()):
        places[number] = len(written)
        written += b"%d 0 obj\n%s\nendobj\n" % (number, text)
    table = b"xref\n0 1\n0000000000 65535 f \n" + b"".join(b"%d 1\n%010d 00000 n \n" % each for each in places.items())
    trailer = b"trailer\n<</Root 1 0 R/Info 4 0 R/ID[%s%s]/Size %d>>\n" % (TEXT, TEXT, max(body) + 1)
    return written + table + trailer + b"startxref\n%d\n%%%%EOF\n" % len(written)
