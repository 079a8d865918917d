"""HEIC, as phones take photos, by libheif with libde265 (pillow-heif). libvips comes with AV1 only."""

from typing import Any

import fence
import variants
from refusal import Refusal


def look(order: dict[str, Any]) -> dict[str, Any]:
    import pillow_heif

    try:
        image = pillow_heif.open_heif(order["source"], convert_hdr_to_8bit=True)
        width, height = image.size
        if width * height > order["max_pixels"]:
            raise Refusal("too_many_pixels")
        fence.widen(order, width * height)
        rows, stride, bands = bytes(image.data), image.stride, len(image.mode)
    except (ValueError, EOFError, OSError, SyntaxError, RuntimeError) as error:
        raise Refusal("damaged") from error
    pyvips = variants.vips()
    tight = b"".join(rows[at : at + width * bands] for at in range(0, height * stride, stride))
    picture = pyvips.Image.new_from_memory(tight, width, height, bands, "uchar")
    picture = picture.copy(interpretation="b-w" if bands < 3 else "srgb")
    if image.info.get("icc_profile"):
        picture.set_type(pyvips.GValue.blob_type, "icc-profile-data", image.info["icc_profile"])
    return variants.from_pixels(picture, order, width) | {"width": width, "height": height}
