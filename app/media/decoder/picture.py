"""JPEG, PNG, WebP, AVIF and GIF, by libvips. Of an animation all frames are kept while they are few, else the first."""

import sys
from typing import Any

import fence
import variants
from refusal import Refusal

LOADERS = {
    "image/jpeg": "VipsForeignLoadJpeg",
    "image/png": "VipsForeignLoadPng",
    "image/webp": "VipsForeignLoadWebp",
    "image/gif": "VipsForeignLoadNsgif",
    "image/avif": "VipsForeignLoadHeif",
}
# A GIF's decoder says of its damage only that; PNG's also warns of profiles that every program forgives.
STRICT = {"image/gif", "image/jpeg"}
# Cameras and their programs write these, and every viewer shows the picture whole (libjpeg's jerror.h).
FORGIVEN = ("extraneous bytes before marker", "Invalid SOS parameters", "Unknown Adobe", "Inconsistent progression", "JFIF")
MOVING_WIDTH = 640


def look(order: dict[str, Any]) -> dict[str, Any]:
    pyvips = variants.vips(LOADERS[order["type"]])
    if order["type"] == "image/avif":
        _call_by_its_name(order["source"])
    try:
        header = pyvips.Image.new_from_file(order["source"])
        if header.width * header.height > order["max_pixels"]:
            raise Refusal("too_many_pixels")
        fence.widen(order, header.width * header.height * _pages(header, order))
        return _variants(pyvips, order, header)
    except pyvips.Error as error:
        sys.stderr.write(str(error))
        raise Refusal("damaged") from None


def _pages(header: Any, order: dict[str, Any]) -> int:
    """Frames of an animation."""
    return int(header.get("n-pages")) if header.get_typeof("n-pages") and order["type"] != "image/avif" else 1


def _call_by_its_name(source: str) -> None:
    """libvips knows an AVIF by its first brand; a sequence, which has a still picture too, has another one there. The file is our own copy."""
    with open(source, "r+b") as file:
        file.seek(8)
        file.write(b"avif")


def _variants(pyvips: Any, order: dict[str, Any], header: Any) -> dict[str, Any]:
    upright = header.autorot()
    widths = variants.ladder(upright.width, order["widths"])
    answer = variants.answer(_decoded(pyvips, order, widths[0]), widths, order["target"])
    answer |= {"width": upright.width, "height": upright.height}
    frames = _pages(header, order)
    if 1 < frames <= order["max_frames"] and frames * header.width * header.height <= order["max_pixels"]:
        answer["variants"].append(variants.moving(_frames(pyvips, order, upright.width), order["target"]))
        answer["frames"] = frames
    return answer


def _decoded(pyvips: Any, order: dict[str, Any], width: int) -> Any:
    """Upright, in sRGB with 8 bits, no wider than `width`. Every pixel is decoded: a damaged picture fails here."""
    if order["type"] not in STRICT:
        return _shrunk(pyvips, order["source"], width, "error")
    try:
        return _shrunk(pyvips, order["source"], width, "warning")
    except pyvips.Error as error:
        if not any(each in str(error) for each in FORGIVEN):
            raise
        return _shrunk(pyvips, order["source"], width, "error")


def _shrunk(pyvips: Any, source: str, width: int, fail_on: str) -> Any:
    picture = pyvips.Image.thumbnail(
        source, width, height=width * variants.HIGHEST, size="down", fail_on=fail_on, output_profile="srgb", intent="perceptual"
    )
    return picture.colourspace("srgb").cast("uchar").copy_memory()


def _frames(pyvips: Any, order: dict[str, Any], width: int) -> Any:
    width = min(width, MOVING_WIDTH)
    frames = pyvips.Image.thumbnail(
        order["source"] + "[n=-1]", width, height=width * variants.HIGHEST, size="down", fail_on="error", output_profile="srgb"
    )
    return frames.colourspace("srgb").cast("uchar").copy_memory()
