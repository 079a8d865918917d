"""Pictures of every kind and shape: what is shown looks right, tells nothing, and what is broken or hostile is refused."""

import io
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pillow_heif
import pytest
import pyvips
from PIL import Image

from tests.media import files
from tests.media.looking import Look, looking, refusal

pillow_heif.register_heif_opener()


@pytest.fixture
def look(tmp_path: Path) -> Look:
    return looking(tmp_path)


def pillow(body: bytes) -> Any:
    return Image.open(io.BytesIO(body))


def saved(image: Any, kind: str, **how: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **how)
    return file.getvalue()


def frames(count: int = 5) -> list[Any]:
    return [Image.new("RGBA", (200, 100), (40 * at % 256, 90, 10, 255)) for at in range(count)]


def moving(kind: str, count: int = 5, **how: Any) -> bytes:
    first, *rest = frames(count)
    return saved(first, kind, save_all=True, append_images=rest, duration=100, **how)


def with_chunk(png: bytes, name: bytes, data: bytes) -> bytes:
    return png[:33] + files._chunk(name, data) + png[33:]


PHOTO = files.picture(800, 600)
SHAPES = {
    "JPEG": lambda: files.jpeg(),
    "progressive JPEG": lambda: PHOTO.jpegsave_buffer(interlace=True),
    "PNG": lambda: PHOTO.pngsave_buffer(),
    "interlaced PNG": lambda: PHOTO.pngsave_buffer(interlace=True),
    "PNG of 16 bits": lambda: PHOTO.colourspace("rgb16").pngsave_buffer(bitdepth=16),
    "WebP": lambda: PHOTO.webpsave_buffer(Q=95),
    "WebP without loss": lambda: PHOTO.webpsave_buffer(lossless=True),
    "AVIF": lambda: PHOTO.heifsave_buffer(compression="av1", effort=0, Q=90),
    "AVIF of 10 bits": lambda: PHOTO.heifsave_buffer(compression="av1", bitdepth=10, effort=0, Q=90),
    "AVIF of 12 bits": lambda: PHOTO.heifsave_buffer(compression="av1", bitdepth=12, effort=0, Q=90),
    "HEIC": lambda: saved(pillow(files.jpeg()), "HEIF", quality=95),
    "GIF": lambda: PHOTO.gifsave_buffer(),
    "wide gamut JPEG": lambda: files.wide_gamut_jpeg(),
    "wide gamut HEIC": lambda: saved(pillow(files.wide_gamut_jpeg()), "HEIF", quality=95),
    "wide gamut AVIF": lambda: PHOTO.icc_transform("p3", input_profile="srgb").heifsave_buffer(
        compression="av1", effort=0, Q=90
    ),
    "a profile that is none": lambda: saved(pillow(files.jpeg()), "PNG", icc_profile=b"none" * 99),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_photo_looks_the_same_in_every_format(look: Look, shape: str) -> None:
    looked = look(SHAPES[shape]())
    assert (looked.found.width, looked.found.height) == (800, 600)
    shown = [{800: 0, 640: 1, 320: 2}[each["width"]] for each in looked.found.variants]
    assert shown == [0, 0, 1, 1, 2, 2]
    for ending in ("jpg", "webp"):
        image = looked.image(f"800.{ending}")
        for place in ((400, 200), (700, 10), (300, 500)):
            assert max(abs(a - b) for a, b in zip(image(*place), PHOTO(*place), strict=False)) < 14, (ending, place)


@pytest.mark.parametrize("turned", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_a_photo_stands_as_the_camera_noted(look: Look, kind: str, turned: int) -> None:
    """The eight orientations of EXIF: after them the brightest corner is the one at the top right."""
    upright = Image.new("RGB", (80, 60), (20, 20, 20))
    upright.paste((250, 250, 250), (60, 0, 80, 20))
    back = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # the transposition that the note undoes
    photo = upright.transpose(back[turned]) if turned in back else upright
    exif = Image.Exif()
    exif[0x0112] = turned
    looked = look(saved(photo, kind, exif=exif.tobytes(), quality=95))
    image = looked.largest
    assert (looked.found.width, looked.found.height) == (80, 60)
    assert image(72, 8)[0] > 200 > 60 > max(image(8, 8)[0], image(8, 52)[0], image(72, 52)[0])


TOLD = (b"Exif", b"<x:xmpmeta", b"Photoshop 3.0", b"ICC_PROFILE", b"ICCP", b"Ada", b"8BIM", b"http://ns.adobe.com", b"acsp")


def telling(kind: str) -> bytes:
    """A photo that says where, by whom and with what it was taken, in every way that its format knows."""
    photo = pillow(files.located(400, 300, orientation=1))
    exif = photo.getexif()
    exif[0x013B], exif[0x010E] = "Ada", "At Ada's home"
    xmp = b"<x:xmpmeta>Ada http://ns.adobe.com/xap/1.0/</x:xmpmeta>"
    profile = pillow(files.wide_gamut_jpeg()).info["icc_profile"]
    how: dict[str, Any] = {"exif": exif.tobytes(), "icc_profile": profile}
    if kind in ("JPEG", "WEBP", "AVIF", "HEIF"):
        how["xmp"] = xmp
    if kind in ("JPEG", "GIF"):
        how["comment"] = b"Ada"
    body = saved(photo.convert("P") if kind == "GIF" else photo, kind, **how)
    if kind == "JPEG":
        iptc = b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x08\x1c\x02\x50\0\x03Ada"
        body = body[:2] + b"\xff\xed" + struct.pack(">H", len(iptc) + 2) + iptc + body[2:]
    if kind == "PNG":
        body = with_chunk(with_chunk(body, b"tEXt", b"Author\0Ada"), b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp)
    return body


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "HEIF", "GIF"])
def test_nothing_but_pixels_is_published(look: Look, kind: str) -> None:
    body = telling(kind)
    assert b"Ada" in body
    for name, made in look(body).bodies.items():
        assert [each for each in TOLD if each in made] == [], name
        kept = set(pillow(made).info) - {
            "jfif",
            "jfif_version",
            "jfif_unit",
            "jfif_density",
            "progressive",
            "progression",
            "dpi",
        }
        assert kept <= {"loop", "background", "timestamp", "duration"}, name


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "AVIF", "HEIF", "GIF"])
def test_what_is_transparent_is_so_in_webp_and_white_in_jpeg(look: Look, kind: str) -> None:
    body = files.transparent_png()
    looked = look(body if kind == "PNG" else saved(pillow(body), kind))
    clear, solid = looked.image("640.webp")(600, 200), looked.image("640.webp")(20, 200)
    assert (clear[3], solid[3]) == (0, 255)
    assert min(looked.image("640.jpg")(600, 200)) > 250
    assert solid[0] > 240 > 30 > solid[1]


TRANSPARENT = {
    "16 bits": lambda: PHOTO.colourspace("rgb16").bandjoin(0).copy(interpretation="rgb16").pngsave_buffer(bitdepth=16),
    "grey": lambda: PHOTO.colourspace("b-w").bandjoin(0).copy(interpretation="b-w").pngsave_buffer(),
    "grey of 16 bits": lambda: (
        PHOTO.colourspace("grey16").bandjoin(0).copy(interpretation="grey16").pngsave_buffer(bitdepth=16)
    ),
    "one colour": lambda: saved(Image.new("RGB", (800, 600), (10, 20, 30)), "PNG", transparency=(10, 20, 30)),
    "a palette": lambda: saved(Image.new("RGB", (800, 600)).quantize(2), "PNG", transparency=0),
}


@pytest.mark.parametrize("shape", TRANSPARENT)
def test_every_way_to_be_transparent_is_known(look: Look, shape: str) -> None:
    looked = look(TRANSPARENT[shape]())
    assert looked.image("640.webp")(300, 300)[3] == 0
    assert min(looked.image("640.jpg")(300, 300)) > 250


@pytest.mark.parametrize(("width", "height"), [(1, 1), (1, 20_000), (20_000, 1), (3, 9_000), (9_000, 3)])
@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_any_shape_has_variants(look: Look, kind: str, width: int, height: int) -> None:
    looked = look(saved(Image.new("RGB", (width, height), (9, 99, 9)), kind))
    assert (looked.found.width, looked.found.height) == (width, height)
    for each in looked.found.variants:
        assert 1 <= each["width"] <= min(width, 1920)
        assert 1 <= each["height"] <= min(height, 1920 * 4)


@pytest.mark.parametrize(("width", "made"), [(319, [319]), (320, [320]), (321, [320, 321]), (2000, [320, 640, 1280, 1920])])
def test_variants_are_never_larger_than_the_photo(look: Look, width: int, made: list[int]) -> None:
    assert sorted({each["width"] for each in look(files.jpeg(width, 300)).found.variants}) == made


@pytest.mark.parametrize(("kind", "how"), [("GIF", {"loop": 0}), ("WEBP", {"lossless": True, "loop": 0})])
def test_an_animation_keeps_moving_and_shows_its_first_frame(look: Look, kind: str, how: dict[str, Any]) -> None:
    looked = look(moving(kind, **how))
    assert looked.found.frames == 5
    animation = pillow(looked.body("200.moving.webp"))
    assert (animation.n_frames, animation.size, animation.info["loop"]) == (5, (200, 100), 0)
    assert pillow(looked.body("200.webp")).n_frames == 1
    assert looked.largest(9, 9)[0] < 20


def test_an_animation_of_too_many_frames_or_pixels_shows_its_first(look: Look) -> None:
    body = moving("GIF")
    assert look(body, max_frames=5).found.frames == 5
    for limits in ({"max_frames": 4}, {"max_pixels": 200 * 100 * 5 - 1}):
        looked = look(body, **limits)
        assert looked.found.frames is None
        assert [each for each in looked.found.variants if "frames" in each] == []


@pytest.mark.parametrize("kind", ["PNG", "AVIF"])
def test_of_other_formats_that_move_the_first_picture_is_shown(look: Look, kind: str) -> None:
    looked = look(moving(kind))
    assert (looked.found.width, looked.found.frames) == (200, None)


def jpeg_bomb() -> bytes:
    body = bytearray(files.jpeg(16, 16))
    at = body.index(b"\xff\xc0")
    body[at + 5 : at + 9] = struct.pack(">HH", 65_000, 65_000)
    return bytes(body)


def heic_bomb() -> bytes:
    body = bytearray(files.heic())
    at = body.index(b"ispe")
    body[at + 8 : at + 16] = struct.pack(">II", 60_000, 60_000)
    return bytes(body)


def gif_bomb() -> bytes:
    body = bytearray(files.picture(10, 10).gifsave_buffer())
    at = body.index(b"\x2c", 13)
    body[6:10] = body[at + 5 : at + 9] = struct.pack("<HH", 65_000, 65_000)
    return bytes(body)


BOMBS = {
    "PNG": files.png_bomb,
    "JPEG": jpeg_bomb,
    "WebP": lambda: pyvips.Image.black(9000, 9000, bands=3).webpsave_buffer(effort=0),
    "AVIF": lambda: (
        pyvips.Image.black(9000, 9000, bands=3).copy(interpretation="srgb").heifsave_buffer(compression="av1", effort=0)
    ),
    "HEIC": heic_bomb,
    "GIF": gif_bomb,
}


@pytest.mark.parametrize("kind", BOMBS)
def test_what_would_unfold_to_too_many_pixels_is_refused(look: Look, kind: str) -> None:
    assert refusal(look, BOMBS[kind]()) in ("too_many_pixels", "damaged")


@pytest.mark.parametrize("name", [b"zTXt", b"iCCP"])
def test_words_that_unfold_without_end_do_no_harm(look: Look, name: bytes) -> None:
    packed = b"Comment\0\0" + zlib.compress(bytes(100 * 2**20))
    assert look(with_chunk(files.picture(80, 60).pngsave_buffer(), name, packed)).found.width == 80


WHOLE = {
    "JPEG": lambda: files.jpeg(),
    "progressive": SHAPES["progressive JPEG"],
    "PNG": SHAPES["PNG"],
    "WebP": SHAPES["WebP"],
    "AVIF": SHAPES["AVIF"],
    "HEIC": SHAPES["HEIC"],
    "GIF": SHAPES["GIF"],
    "animated GIF": lambda: moving("GIF"),
    "animated WebP": lambda: moving("WEBP", lossless=True),
}


@pytest.mark.parametrize("cut", ["one byte", "an end", "a half", "almost all"])
@pytest.mark.parametrize("kind", WHOLE)
def test_a_photo_that_was_cut_short_is_refused(look: Look, kind: str, cut: str) -> None:
    body = WHOLE[kind]()
    kept = {"one byte": len(body) - 1, "an end": len(body) - 40, "a half": len(body) // 2, "almost all": 40}[cut]
    assert refusal(look, body[:kept]) == "damaged"


@pytest.mark.parametrize("kind", ["JPEG", "progressive", "PNG", "GIF"])
def test_a_photo_with_a_hole_is_refused(look: Look, kind: str) -> None:
    body = WHOLE[kind]()
    half = len(body) // 2
    assert refusal(look, body[:half] + bytes(600) + body[half + 600 :]) == "damaged"


def test_what_cameras_do_wrong_is_forgiven(look: Look) -> None:
    """A film behind the photo, and bytes between its segments, which libjpeg warns of."""
    assert look(files.jpeg() + files.mp4()).found.width == 800
    body = files.jpeg()
    at = body.index(b"\xff\xdb")
    assert look(body[:at] + b"\0\0\0\0" + body[at:]).found.width == 800


def archive(body: bytes) -> bytes:
    file = io.BytesIO(body)
    file.seek(0, 2)
    with zipfile.ZipFile(file, "a") as found:
        found.writestr("evil.exe", "MZ")
    return file.getvalue()


MIXED = {
    "a photo that is an archive": lambda: archive(files.jpeg()),
    "a drawing that is an archive": lambda: archive(SHAPES["PNG"]()),
    "a GIF that is a web page": lambda: files.animated_gif()[:-1] + b"\x21\xfe\x1d<script>alert(location)<!--aa\0\x3b",
    "a photo with a page behind it": lambda: files.jpeg() + b"<!DOCTYPE html><html><body onload=alert(1)>",
    "a photo with a script in its comment": lambda: saved(pillow(files.jpeg()), "JPEG", comment=b"<script>alert(1)</script>"),
    "a photo that is a PDF": lambda: saved(pillow(files.jpeg()), "JPEG", comment=b"%PDF-1.7 1 0 obj"),
}


@pytest.mark.parametrize("what", MIXED)
def test_what_is_two_things_at_once_is_refused(look: Look, what: str) -> None:
    assert refusal(look, MIXED[what]()) == "mixed"


def test_what_a_gif_says_to_a_script_engine_is_not_published(look: Look) -> None:
    """`GIF89a/*` is a width of 10,799; what follows is a comment to one program and a picture to the other."""
    body = files.animated_gif() + b"*/=1;alert(document.domain)//"
    assert [name for name, made in look(body).bodies.items() if b"alert" in made] == []
