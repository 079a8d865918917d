"""MP4 and WebM, by FFmpeg (PyAV): what is inside is looked at, a frame becomes the poster, and picture and sound are copied into a new
container, as they are but without places, names, dates and telemetry."""

import math
import sys
import time
from collections.abc import Callable
from typing import Any

import obus
import told
import variants
from refusal import Refusal

READERS = {"video/mp4": "mov", "video/webm": "matroska"}
WRITERS = {"video/mp4": ("mp4", {"movflags": "+faststart"}), "video/webm": ("webm", {})}
FLAGS = {"fflags": "+bitexact"}  # without it the writer names itself
# What browsers play in such a container (caniuse.com; HEVC where the device can, which is where it was filmed).
PICTURES = {"video/mp4": {"h264", "hevc", "av1", "vp9"}, "video/webm": {"vp8", "vp9", "av1"}}
SOUNDS = {"video/mp4": {"aac", "mp3", "opus", "flac"}, "video/webm": {"opus", "vorbis"}}
SHADES = {"h264": {"yuv420p", "yuvj420p"}}
DECODERS = {
    "libdav1d": "av1",
    "libaom-av1": "av1",
    "av1": "av1",
    "libvpx": "vp8",
    "libvpx-vp9": "vp9",
    "libopus": "opus",
    "mp3float": "mp3",
}
AHEAD = {"hevc": told.forget_ahead, "av1": obus.forget_ahead}  # what tells something before all pictures too
POSTER_AT = 1.0  # seconds: the first frame is often black
DECODING = 15  # seconds of processor time that are spent on looking for damage


def look(order: dict[str, Any]) -> dict[str, Any]:
    import av

    try:
        with av.open(order["source"], format=READERS[order["type"]]) as film:
            picture, sound = _streams(film, order)
            kept = [each.index for each in (picture, sound) if each]
            answer = _poster(av, film, picture, order)
        seconds = _copy(av, order, kept)
    except (av.error.FFmpegError, ValueError) as error:
        sys.stderr.write(repr(error))
        raise Refusal("damaged") from error
    return answer | {"seconds": max(1, round(seconds)), "original": _name(order)}


def _name(order: dict[str, Any]) -> str:
    return f"original.{WRITERS[order['type']][0]}"


def _streams(film: Any, order: dict[str, Any]) -> tuple[Any, Any]:
    """The first picture and the first sound, which browsers must know; what else is inside is left behind."""
    import av

    pictures = [each for each in film.streams.video if not each.disposition & av.stream.Disposition.attached_pic]
    if not pictures:
        raise Refusal("not_a_video")
    picture, sound = pictures[0], next(iter(film.streams.audio), None)
    if film.duration and film.duration / av.time_base > order["max_seconds"] + 1:
        raise Refusal("too_long")
    if _codec(picture) not in PICTURES[order["type"]] or (sound and _codec(sound) not in SOUNDS[order["type"]]):
        raise Refusal("video_format")
    if picture.codec_context.pix_fmt not in SHADES.get(_codec(picture), {picture.codec_context.pix_fmt}):
        raise Refusal("video_format")
    if picture.codec_context.width * picture.codec_context.height > order["max_pixels"]:
        raise Refusal("too_many_pixels")
    return picture, sound


def _codec(stream: Any) -> str:
    return DECODERS.get(stream.codec_context.name, str(stream.codec_context.name))


def _poster(av: Any, film: Any, picture: Any, order: dict[str, Any]) -> dict[str, Any]:
    """The variants of a frame near the first second. Decoding goes on for a while after it: damage must be found here, not by visitors."""
    picture.codec_context.thread_count = 1
    chosen = None
    until = time.process_time() + DECODING
    for frame in film.decode(picture):
        if chosen is None or (frame.time or 0) <= POSTER_AT:
            chosen = frame
        if time.process_time() > until:
            break
    if chosen is None:
        raise Refusal("damaged")
    pixels = _pixels(chosen, picture)
    return variants.from_pixels(pixels, order, pixels.width) | {"width": pixels.width, "height": pixels.height}


def _pixels(frame: Any, picture: Any) -> Any:
    """A frame as a person sees it: its pixels may be oblong, and phones note how they were held."""
    shape = float(picture.sample_aspect_ratio or 1) or 1.0
    width, height = max(1, round(frame.width * shape)), frame.height
    rgb = frame.reformat(width=width, height=height, format="rgb24")
    plane = rgb.planes[0]
    body = memoryview(plane)
    rows = b"".join(body[at * plane.line_size : at * plane.line_size + width * 3] for at in range(height))
    pixels = variants.vips().Image.new_from_memory(rows, width, height, 3, "uchar").copy(interpretation="srgb")
    return {90: pixels.rot270, 180: pixels.rot180, 270: pixels.rot90}.get(frame.rotation % 360, pixels.copy)()


def _copy(av: Any, order: dict[str, Any], kept: list[int]) -> float:
    """The streams that are kept, packet by packet, into a new container; how many seconds they last."""
    name, options = WRITERS[order["type"]]
    first, last = math.inf, 0.0
    with (
        av.open(order["source"], format=READERS[order["type"]]) as film,
        av.open(f"{order['target']}/{_name(order)}", "w", format=name, container_options=options | FLAGS) as target,
    ):
        places = {each: target.add_stream_from_template(film.streams[each], opaque=True) for each in kept}
        for index, each in places.items():
            each.metadata.clear()
            if _codec(film.streams[index]) == "hevc":
                each.codec_tag = "hvc1"  # the only name under which Safari plays it
        told_by, ahead = _codec(film.streams[kept[0]]), film.streams[kept[0]].codec_context.extradata
        forget = _forgetting(told_by, ahead)
        for packet in film.demux([film.streams[each] for each in places]):
            if packet.dts is None:
                continue
            if packet.is_corrupt:
                raise Refusal("damaged")
            begins = float((packet.pts if packet.pts is not None else packet.dts) * packet.time_base)
            first, last = min(first, begins), max(last, begins + float((packet.duration or 0) * packet.time_base))
            if last - first > order["max_seconds"] + 1:
                raise Refusal("too_long")
            if packet.stream.index == kept[0]:
                forget(packet)
            packet.stream = places[packet.stream.index]
            target.mux(packet)
    if told_by in AHEAD:
        AHEAD[told_by](f"{order['target']}/{_name(order)}", ahead)
    return max(0.0, last - first)


def _forgetting(codec: str, ahead: bytes | None) -> Callable[[Any], None]:
    """What overwrites in a packet of pictures that which nobody but its writer can read."""
    if codec == "av1":
        return obus.forget
    if codec in told.KINDS:
        length = told.width(codec, ahead)
        return lambda packet: told.forget(packet, codec, length)
    return lambda _packet: None
