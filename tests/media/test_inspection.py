"""The decoder, and the first bytes: no database and no store."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.media import inspection
from app.media.inspection import Found, Limits, Rejected, sniff
from tests.media import files

LIMITS = Limits(max_pixels=64_000_000, max_frames=150, max_pages=20, max_seconds=60)
Decode = Callable[[bytes], tuple[Found, Callable[[str], Any]]]


@pytest.fixture
def decode(tmp_path: Path) -> Decode:
    """Decode a file; the answer comes with a look at each variant by its name: `640.webp`."""
    source, target = tmp_path / "source", tmp_path / "variants"
    target.mkdir()

    def run(body: bytes) -> tuple[Found, Callable[[str], Any]]:
        source.write_bytes(body)
        content_type = sniff(body)
        assert content_type is not None
        decoded = inspection.look(source, target, content_type, LIMITS)
        return decoded, lambda name: files.decoded((target / name).read_bytes())

    return run


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (files.jpeg(8, 8), "image/jpeg"),
        (files.transparent_png(), "image/png"),
        (files.animated_gif(), "image/gif"),
        (files.avif(), "image/avif"),
        (files.picture(8, 8).webpsave_buffer(), "image/webp"),
        (files.heic(), "image/heic"),
        (files.mp4(), "video/mp4"),
        (files.webm(), "video/webm"),
        (files.pdf(), "application/pdf"),
        (b"", None),
        (b"\x00" * 4096, None),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", None),
        (b"<!doctype html>", None),
        (b"RIFF\x00\x00\x00\x00WAVE", None),
        (b"\x00\x00\x00\x18ftypqt  ", None),
        (b"\x00\x00\x00\x04ftypisom", None),
    ],
)
def test_the_first_bytes_tell_the_type(body: bytes, content_type: str | None) -> None:
    assert sniff(body[:4096]) == content_type


def test_the_decoder_opens_no_other_format_than_the_one_that_was_found(tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(files.transparent_png())
    with pytest.raises(Rejected, match="damaged"):
        inspection.look(tmp_path / "source", tmp_path, "image/jpeg", LIMITS)


def test_a_picture_of_400_million_pixels_is_rejected_before_it_unfolds(decode: Decode) -> None:
    bomb = files.png_bomb()
    assert len(bomb) < 50_000
    with pytest.raises(Rejected, match="too_many_pixels"):
        decode(bomb)


@pytest.mark.parametrize("name", ["320.webp", "320.jpg", "600.webp", "600.jpg"])
def test_the_place_where_a_photo_was_taken_is_in_no_variant(decode: Decode, name: str) -> None:
    body = files.located(800, 600, orientation=6)
    assert files.GPS in files.decoded(body).get_fields()
    _decoded, look = decode(body)
    fields = look(name).get_fields()
    assert [field for field in fields if field.startswith("exif") or "xmp" in field or "iptc" in field] == []


@pytest.mark.parametrize(("orientation", "darker", "lighter"), [(6, (160, 20), (160, 400)), (8, (160, 400), (160, 20))])
def test_a_photo_taken_sideways_stands_upright(
    decode: Decode, orientation: int, darker: tuple[int, int], lighter: tuple[int, int]
) -> None:
    decoded, look = decode(files.located(800, 600, orientation))
    image = look("320.jpg")
    assert (decoded.width, decoded.height, image.width, image.height) == (600, 800, 320, 427)
    assert image(*lighter)[0] - image(*darker)[0] > 150


def test_what_is_transparent_stays_so_in_webp(decode: Decode) -> None:
    _decoded, look = decode(files.transparent_png())
    image = look("640.webp")
    assert (image(600, 200)[3], image(20, 200)[3]) == (0, 255)


def test_what_is_transparent_becomes_white_in_jpeg(decode: Decode) -> None:
    _decoded, look = decode(files.transparent_png())
    image = look("640.jpg")
    assert min(image(600, 200)) > 250
    assert image(20, 200)[0] > 240 > 30 > image(20, 200)[1]


def test_colours_of_a_wide_gamut_look_the_same_in_srgb(decode: Decode) -> None:
    body = files.wide_gamut_jpeg()
    expected = files.picture().thumbnail_image(640)(600, 60)
    assert abs(files.decoded(body).thumbnail_image(640)(600, 60)[0] - expected[0]) > 16
    _decoded, look = decode(body)
    assert abs(look("640.jpg")(600, 60)[0] - expected[0]) < 8


def test_grey_and_print_colours_are_shown_in_srgb(decode: Decode) -> None:
    for space in ("b-w", "cmyk"):
        _decoded, look = decode(files.picture().colourspace(space).jpegsave_buffer())
        assert look("640.jpg").bands == 3


def test_nothing_is_made_larger_than_it_was(decode: Decode) -> None:
    decoded, _look = decode(files.jpeg(200, 150))
    assert {each["width"] for each in decoded.variants} == {200}


def test_of_an_animation_the_first_picture_is_shown(decode: Decode) -> None:
    decoded, _look = decode(files.animated_gif())
    assert (decoded.width, decoded.height) == (200, 150)


def test_an_avif_is_shown_in_formats_that_every_browser_has(decode: Decode) -> None:
    decoded, _look = decode(files.avif())
    assert {each["type"] for each in decoded.variants} == {"image/webp", "image/jpeg"}


def test_a_strip_much_higher_than_wide_gets_variants(decode: Decode) -> None:
    decoded, _look = decode(files.jpeg(300, 20_000))
    assert max(each["height"] for each in decoded.variants) <= 300 * 4


@pytest.mark.parametrize(
    ("content_type", "size", "seconds"),
    [
        ("application/pdf", 3_000, 4),
        ("application/pdf", 2 * 2**20, 28),
        ("application/pdf", 20 * 2**20, 60),
        ("image/png", 48_000, 4),
        ("image/jpeg", 4 * 2**20, 28),
        ("video/mp4", 3_000, 15),
    ],
)
def test_a_small_file_may_take_a_small_time(content_type: str, size: int, seconds: int) -> None:
    assert inspection._seconds(content_type, size) == seconds
