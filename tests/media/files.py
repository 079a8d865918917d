"""Files made on the spot: good ones, broken ones, and hostile ones."""

import io
import struct
import zlib
from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import cache
from typing import Any

import av
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


def pdf(
    *,
    pages: int = 1,
    root: bytes = b"",
    page: bytes = b"",
    resources: bytes = b"",
    objects: Sequence[bytes] = (),
    info: bytes = b"",
) -> bytes:
    """A PDF whose pages say "Prices" in a box.

    More for its catalogue, for each page and for what pages draw with; more objects, numbered from 10 + 2 * pages; and what it says of itself.
    """
    drawn = zlib.compress(b"0.2 0.4 0.9 rg 20 20 160 60 re f 1 g BT /F 24 Tf 40 44 Td (Prices) Tj ET")
    kids = b" ".join(b"%d 0 R" % (10 + 2 * page) for page in range(pages))
    body = {
        1: b"<</Type/Catalog/Pages 2 0 R" + root + b">>",
        2: b"<</Type/Pages/Kids[" + kids + b"]/Count %d>>" % pages,
        3: b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        4: b"<<" + info + b">>",
    }
    for number in range(pages):
        body[10 + 2 * number] = (
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/Contents %d 0 R/Resources<</Font<</F 3 0 R>>%s>>%s>>"
            % (11 + 2 * number, resources, page)
        )
        body[11 + 2 * number] = stream(drawn, b"/Filter/FlateDecode")
    body |= dict(enumerate(objects, 10 + 2 * pages))
    return _pdf(body)


def stream(data: bytes, about: bytes = b"") -> bytes:
    return b"<</Length %d%s>>stream\n%s\nendstream" % (len(data), about, data)


def _pdf(body: Mapping[int, bytes]) -> bytes:
    made, places = b"%PDF-1.7\n", {}
    for number, text in sorted(body.items()):
        places[number] = len(made)
        made += b"%d 0 obj\n%s\nendobj\n" % (number, text)
    table = b"xref\n0 1\n0000000000 65535 f \n"
    table += b"".join(b"%d 1\n%010d 00000 n \n" % each for each in places.items())
    size = max(body) + 1
    return made + table + b"trailer\n<</Root 1 0 R/Info 4 0 R/Size %d>>\nstartxref\n%d\n%%%%EOF\n" % (size, len(made))


@cache
def film(
    container: str, codec: str, sound: str | None = None, *, frames: int = 25, turned: int = 0, shade: str = "yuv420p"
) -> bytes:
    """A second of a blue area that becomes lighter, 160 x 120, with the place where it was taken and who took it."""
    file = io.BytesIO()
    with av.open(file, "w", format=container) as target:
        target.metadata.update({"location": "+52.5200+013.4050/", "artist": "Ada Place", "title": "At home"})
        picture = target.add_stream(codec, rate=25, options=QUICK.get(codec, {}))
        picture.width, picture.height, picture.pix_fmt = 160, 120, shade
        if turned:
            picture.set_display_rotation(turned)
        heard = target.add_stream(sound, rate=48000, layout="mono") if sound else None
        for at in range(frames):
            target.mux(picture.encode(_frame(at)))
        target.mux(picture.encode(None))
        if heard:
            _hum(target, heard, frames)
    return file.getvalue()


QUICK = {
    "libx264": {"preset": "ultrafast"},
    "libvpx-vp9": {"deadline": "realtime", "cpu-used": "8"},
    "libsvtav1": {"preset": "12"},
}


def _frame(at: int) -> Any:
    frame = av.VideoFrame(160, 120, "rgb24")
    plane = frame.planes[0]
    plane.update((bytes([at * 8 % 256, 60, 200]) * 160).ljust(plane.line_size, b"\0") * 120)
    frame.pts, frame.time_base = at, Fraction(1, 25)
    return frame


def _hum(target: Any, heard: Any, frames: int) -> None:
    for at in range(frames * 48000 // 25 // 960):
        frame = av.AudioFrame("fltp", "mono", 960)
        frame.sample_rate, frame.pts, frame.time_base = 48000, at * 960, Fraction(1, 48000)
        frame.planes[0].update(bytes(frame.planes[0].buffer_size))
        target.mux(heard.encode(frame))
    target.mux(heard.encode(None))


def mp4() -> bytes:
    return film("mp4", "libx264", "aac")


def webm() -> bytes:
    return film("webm", "libvpx-vp9", "libopus")


@cache
def heic(width: int = 400, height: int = 300) -> bytes:
    """A photo as an iPhone takes it, with the place where it was taken."""
    import pillow_heif
    from PIL import Image

    photo = Image.open(io.BytesIO(jpeg(width, height)))
    exif = photo.getexif()
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 18.0)})
    exif[0x010E] = "At Ada's home"
    file = io.BytesIO()
    pillow_heif.from_pillow(photo).save(file, quality=50, exif=exif.tobytes())
    return file.getvalue()


def decoded(body: bytes) -> Any:
    return pyvips.Image.new_from_buffer(body, "")
