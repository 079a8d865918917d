"""Files made on the spot: good ones, broken ones, and hostile ones."""

import struct
import zlib
from typing import Any

import pyvips

GPS = "exif-ifd3-GPSLatitude"


def picture(width: int = 800, height: int = 600) -> Any:
    """A picture with no two corners alike: red grows to the right, green downwards."""
    place = pyvips.Image.xyz(width, height)
    bands = (place[0] * 255 / width).bandjoin([place[1] * 255 / height, (place[0] + place[1]) % 256])
    return bands.cast("uchar").copy(interpretation="srgb")


def jpeg(width: int = 800, height: int = 600) -> bytes:
    saved: bytes = picture(width, height).jpegsave_buffer(Q=85)
    return saved


def located(width: int = 800, height: int = 600, orientation: int = 6) -> bytes:
    """A photo as a phone takes it: lying on its side with a note how to turn it, and the place where it was taken."""
    image = picture(width, height).copy()
    image.set_type(pyvips.GValue.gint_type, "orientation", orientation)
    for name in (GPS, "exif-ifd3-GPSLongitude"):
        image.set_type(pyvips.GValue.gstr_type, name, "52/1 31/1 0/1 (52, 31, 0, Rational, 3 components, 24 bytes)")
    saved: bytes = image.jpegsave_buffer(Q=85)
    return saved


def transparent_png() -> bytes:
    """Red on the left; on the right nothing, over black that must not be seen."""
    red = pyvips.Image.black(400, 600, bands=4).linear(1, [255, 0, 0, 255])
    nothing = pyvips.Image.black(400, 600, bands=4)
    saved: bytes = red.join(nothing, "horizontal").cast("uchar").copy(interpretation="srgb").pngsave_buffer()
    return saved


def wide_gamut_jpeg() -> bytes:
    """A photo in Display P3, the colours of today's phones."""
    saved: bytes = picture().icc_transform("p3", input_profile="srgb").jpegsave_buffer(Q=90)
    return saved


def animated_gif() -> bytes:
    frames = pyvips.Image.arrayjoin([picture(200, 150), picture(200, 150).invert()], across=1)
    frames.set_type(pyvips.GValue.gint_type, "page-height", 150)
    saved: bytes = frames.gifsave_buffer()
    return saved


def avif() -> bytes:
    saved: bytes = picture(320, 240).heifsave_buffer(compression="av1", effort=0)
    return saved


def png_bomb(side: int = 20_000) -> bytes:
    """A black square of 400 million pixels in 48 KB, valid in every way."""
    row = b"\x00" + bytes((side + 7) // 8)
    packer = zlib.compressobj(9)
    data = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def pdf() -> bytes:
    return b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\nstartxref\n9\n%%EOF\n"


def mp4() -> bytes:
    """The first box of an MP4 and a media box of nothing."""
    return struct.pack(">I", 24) + b"ftypisom\x00\x00\x02\x00isommp41" + struct.pack(">I", 1032) + b"mdat" + bytes(1024)


def webm() -> bytes:
    return b"\x1a\x45\xdf\xa3\x93\x42\x82\x84webm\x42\x87\x81\x02\x42\x85\x81\x02" + bytes(1024)


def heic() -> bytes:
    return struct.pack(">I", 24) + b"ftypheic\x00\x00\x00\x00mif1heic" + bytes(1024)


def decoded(body: bytes) -> Any:
    return pyvips.Image.new_from_buffer(body, "")
