"""Videos: looked at, shown by a frame, and copied into a new container without what they tell."""

import io
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import pytest

from tests.media import files
from tests.media.looking import Look, looking, refusal

TOLD = (b"+52.5200", b"Ada Place", b"At home", b"\xa9xyz", b"loci", b"Lavf6", b"Jane")


@pytest.fixture
def look(tmp_path: Path) -> Look:
    return looking(tmp_path)


def told(body: bytes) -> list[bytes]:
    return [each for each in TOLD if each in body]


def boxed(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body) + 8) + name + body


@pytest.mark.parametrize(
    ("container", "codec", "sound"),
    [
        ("mp4", "libx264", "aac"),
        ("mp4", "libx264", None),
        ("mp4", "libx264", "libmp3lame"),
        ("mp4", "libx265", "aac"),
        ("mp4", "libsvtav1", "libopus"),
        ("mp4", "libvpx-vp9", "aac"),
        ("webm", "libvpx", "libopus"),
        ("webm", "libvpx-vp9", "libopus"),
        ("webm", "libsvtav1", "libopus"),
    ],
)
def test_what_browsers_play_is_taken_with_picture_and_sound(look: Look, container: str, codec: str, sound: str | None) -> None:
    looked = look(files.film(container, codec, sound))
    assert (looked.found.seconds, looked.found.width, looked.found.height) == (1, 160, 120)
    published = looked.body(f"original.{container}")
    with av.open(io.BytesIO(published)) as film:
        assert [each.type for each in film.streams] == ["video", "audio"][: 2 if sound else 1]
        assert len(list(film.decode(video=0))) == 25
    assert told(published) == []
    assert looked.largest(80, 60)[2] > 120 > looked.largest(80, 60)[1]


def test_hevc_is_called_by_the_name_under_which_safari_plays_it(look: Look) -> None:
    body = files.film("mp4", "libx265", "aac")
    assert b"hev1" in body
    published = look(body).body("original.mp4")
    assert b"hvc1" in published
    assert b"hev1" not in published


def test_a_video_can_be_begun_before_it_is_there(look: Look) -> None:
    published = look(files.film("mp4", "libx264", "aac")).body("original.mp4")
    assert published.index(b"moov") < published.index(b"mdat")


@pytest.mark.parametrize("turned", [90, 180, 270])
def test_a_video_that_was_taken_sideways_stands_upright(look: Look, turned: int) -> None:
    looked = look(files.film("mp4", "libx264", turned=turned))
    assert (looked.found.width, looked.found.height) == ((160, 120) if turned == 180 else (120, 160))
    with av.open(io.BytesIO(looked.body("original.mp4"))) as film:
        assert next(film.decode(video=0)).rotation % 360 == turned


def test_where_and_by_whom_a_video_was_taken_is_not_published(look: Look) -> None:
    body = files.film("mp4", "libx264", "aac")
    place = boxed(b"udta", boxed(b"\xa9xyz", b"\0\x12\x15\xc7+52.5200+013.4050/"))
    xmp = boxed(b"uuid", bytes.fromhex("be7acfcb97a942e89c71999491e3afac") + b"<x:xmpmeta>Jane</x:xmpmeta>")
    body = body + place + xmp
    assert told(body)
    assert told(look(body).body("original.mp4")) == []
    webm = files.film("webm", "libvpx-vp9")
    assert told(webm)
    assert told(look(webm).body("original.webm")) == []


SEI = {"libx264": b"\6", "libx265": b"\x4e\1"}  # how a unit of messages begins


@pytest.mark.parametrize("text", [b"Ada Place", b"\0\0\0\0Ada Place"], ids=["plain", "with bytes that are escaped"])
@pytest.mark.parametrize("codec", SEI)
def test_what_a_camera_tells_between_the_pictures_is_not_published(look: Look, codec: str, text: bytes) -> None:
    body = with_messages(files.film("mp4", codec), SEI[codec], text)
    assert body.count(b"Ada Place") > 25
    published = look(body).body("original.mp4")
    assert (published.count(b"Ada Place"), published.count(CAPTION)) == (0, 25)
    with av.open(io.BytesIO(published)) as film:
        assert len(list(film.decode(video=0))) == 25


def test_what_hevc_tells_before_the_pictures_is_not_published(look: Look) -> None:
    body = files.film("mp4", "libx265")
    assert b"x265 (build" in body
    assert b"x265 (build" not in look(body).body("original.mp4")


CAPTION = b"\4\3CAP\x80"


def with_messages(body: bytes, head: bytes, text: bytes) -> bytes:
    """The film with a unit before each picture that holds what anybody may write (type 5) and a caption (type 4)."""
    unit = head + (bytes([5, 16 + len(text)]) + b"\7" * 16 + text).replace(b"\0\0\0\0", b"\0\0\3\0\0\3") + CAPTION
    return rewritten(body, "mp4", lambda packet: struct.pack(">I", len(unit)) + unit + packet)


def rewritten(body: bytes, container: str, change: Callable[[bytes], bytes]) -> bytes:
    """The film with other bytes for each picture."""
    file = io.BytesIO()
    with av.open(io.BytesIO(body)) as source, av.open(file, "w", format=container) as target:
        target.metadata["artist"] = "Ada Place"
        copied = target.add_stream_from_template(source.streams.video[0], opaque=True)
        for packet in source.demux():
            if packet.dts is not None:
                longer = av.Packet(change(bytes(packet)))
                for name in ("pts", "dts", "duration", "time_base", "is_keyframe"):
                    setattr(longer, name, getattr(packet, name))
                longer.stream = copied
                target.mux(longer)
    return file.getvalue()


CAPTIONS = b"\4\xb5\x00\x31GA94CAP"  # registered, and known to players


@pytest.mark.parametrize("container", ["mp4", "webm"])
def test_what_av1_tells_between_the_pictures_is_not_published(look: Look, container: str) -> None:
    units = b"".join(map(metadata_obu, (b"\6Ada Place", b"\4\xb5\x12\x34Ada Place", CAPTIONS)))
    body = rewritten(files.film(container, "libsvtav1"), container, lambda packet: units + packet)
    assert body.count(b"Ada Place") > 50
    published = look(body).body(f"original.{container}")
    assert (published.count(b"Ada Place"), published.count(CAPTIONS)) == (0, 25)
    with av.open(io.BytesIO(published)) as film:
        assert len(list(film.decode(video=0))) == 25


def test_what_av1_tells_before_the_pictures_is_not_published(look: Look) -> None:
    body, more = bytearray(files.film("mp4", "libsvtav1")), metadata_obu(b"\6Jane")
    begins = body.rindex(b"av1C") - 4
    at = begins + int.from_bytes(body[begins : begins + 4], "big")
    body[at:at] = more
    for name in (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd", b"av01", b"av1C"):
        place = body.rindex(name) - 4
        body[place : place + 4] = (int.from_bytes(body[place : place + 4], "big") + len(more)).to_bytes(4, "big")
    published = look(bytes(body)).body("original.mp4")
    assert published.index(b"av1C") > 0
    assert b"Jane" not in published


def metadata_obu(message: bytes) -> bytes:
    return bytes([5 << 3 | 2, len(message) + 1]) + message + b"\x80"


def test_only_the_first_picture_and_the_first_sound_are_kept(look: Look) -> None:
    """Cameras write where they were as a track of its own; a second sound, which nobody hears, may tell what was not meant to be published."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as target:
        picture = target.add_stream("libx264", rate=25)
        picture.width, picture.height, picture.pix_fmt = 160, 120, "yuv420p"
        heard = [target.add_stream("aac", rate=48000, layout="mono") for _ in range(2)]
        heard[0].metadata["title"] = heard[1].metadata["title"] = picture.metadata["title"] = "Jane"
        for at in range(25):
            target.mux(picture.encode(files._frame(at)))
        target.mux(picture.encode(None))
        for each in heard:
            files._hum(target, each, 25)
    assert told(file.getvalue())
    published = look(file.getvalue()).body("original.mp4")
    assert told(published) == []
    with av.open(io.BytesIO(published)) as film:
        assert [each.type for each in film.streams] == ["video", "audio"]


def test_a_video_that_is_still_being_written_is_taken_with_its_seconds(look: Look) -> None:
    """Browsers record WebM without a length, and phones MP4 in fragments."""
    webm = bytearray(files.film("webm", "libvpx-vp9", "libopus"))
    at = webm.index(b"\x18\x53\x80\x67") + 4
    webm[at : at + 8] = b"\x01" + b"\xff" * 7
    assert look(bytes(webm)).found.seconds == 1
    file = io.BytesIO()
    options = {"movflags": "frag_keyframe+empty_moov"}
    with (
        av.open(io.BytesIO(files.film("mp4", "libx264"))) as source,
        av.open(file, "w", format="mp4", container_options=options) as target,
    ):
        copied = target.add_stream_from_template(source.streams.video[0], opaque=True)
        for packet in source.demux():
            if packet.dts is not None:
                packet.stream = copied
                target.mux(packet)
    assert look(file.getvalue()).found.seconds == 1


@pytest.mark.parametrize(
    ("container", "codec", "sound", "shade"),
    [
        ("mp4", "mpeg4", None, "yuv420p"),
        ("mp4", "libx264", "ac3", "yuv420p"),
        ("mp4", "libx264", None, "yuv422p"),
        ("mp4", "mjpeg", None, "yuvj420p"),
    ],
)
def test_what_browsers_do_not_play_is_refused(look: Look, container: str, codec: str, sound: str | None, shade: str) -> None:
    assert refusal(look, files.film(container, codec, sound, shade=shade)) == "video_format"


def test_sound_alone_is_no_video(look: Look) -> None:
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as target:
        heard = target.add_stream("aac", rate=48000, layout="mono")
        files._hum(target, heard, 25)
    assert refusal(look, file.getvalue()) == "not_a_video"


def test_a_video_that_lasts_too_long_is_refused(look: Look) -> None:
    body = files.film("mp4", "libx264", frames=100)
    assert look(body, max_seconds=4).found.seconds == 4
    assert refusal(look, body, max_seconds=2) == "too_long"
    webm = files.film("webm", "libvpx-vp9", frames=100)
    assert refusal(look, webm, max_seconds=2) == "too_long"


def test_a_video_of_too_many_pixels_is_refused(look: Look) -> None:
    assert refusal(look, files.film("mp4", "libx264"), max_pixels=160 * 120 - 1) == "too_many_pixels"


def zeroed(body: bytes, at: float) -> bytes:
    place = int(len(body) * at)
    return body[:place] + bytes(400) + body[place + 400 :]


@pytest.mark.parametrize("make", [files.mp4, files.webm])
@pytest.mark.parametrize("keep", [0.02, 0.3, 0.7, 0.99])
def test_a_video_that_was_cut_short_is_refused(look: Look, make: Any, keep: float) -> None:
    body = make()
    assert refusal(look, body[: int(len(body) * keep)]) == "damaged"


def test_a_video_with_a_hole_is_refused(look: Look) -> None:
    assert refusal(look, zeroed(files.film("mp4", "libx264", frames=100), 0.5)) == "damaged"


def test_a_video_that_an_archive_tool_opens_is_refused(look: Look) -> None:
    end = b"PK\x05\x06" + bytes(18)
    assert refusal(look, files.mp4() + end) == "mixed"


def test_a_playlist_of_other_files_is_not_followed(look: Look, tmp_path: Path) -> None:
    """FFmpeg knows formats that name other files; only the one that the first bytes showed is read."""
    (tmp_path / "secret").write_text("secret")
    assert refusal(look, boxed(b"ftyp", b"isom\0\0\0\0isom") + b"#EXTM3U\n#EXTINF:1,\nsecret\n") == "damaged"
    track = files.mp4().replace(b"url \0\0\0\x01", b"url \0\0\0\0")
    assert b"secret" not in b"".join(look(track).bodies.values())
