"""The pictures that are shown, from one that is upright, in sRGB and in memory. They are written anew: nothing of the file's metadata is in them."""

from typing import Any

# A strip a thousand times as high as wide would be no smaller for being narrow; WebP ends at 16,383 pixels.
HIGHEST = 4
JPEG = {"Q": 82, "interlace": True, "optimize_coding": True, "keep": "none"}
WEBP = {"Q": 80, "effort": 4, "keep": "none"}
MOVING = {"Q": 70, "effort": 2, "keep": "none"}


def vips(loader: str | None = None) -> Any:
    """libvips, with one decoder or none. VIPS_BLOCK_UNTRUSTED alone leaves more."""
    import pyvips

    pyvips.cache_set_max(0)
    pyvips.operation_block_set("VipsForeignLoad", True)
    if loader:
        pyvips.operation_block_set(loader, False)
    return pyvips


def ladder(width: int, widths: list[int]) -> list[int]:
    """The widths to make, the largest first, none larger than the picture."""
    return sorted({min(each, width) for each in widths}, reverse=True)


def from_pixels(picture: Any, order: dict[str, Any], width: int) -> dict[str, Any]:
    """The answer for decoded pixels, whose profile (if any) is with them."""
    widths = ladder(width, order["widths"])
    shrunk = picture.thumbnail_image(
        widths[0], height=widths[0] * HIGHEST, size="down", output_profile="srgb", intent="perceptual"
    )
    return answer(shrunk.colourspace("srgb").cast("uchar").copy_memory(), widths, order["target"])


def answer(largest: Any, widths: list[int], target: str) -> dict[str, Any]:
    made = []
    for each in widths:
        picture = largest if each == widths[0] else largest.thumbnail_image(each, height=each * HIGHEST, size="down")
        made += _save(picture, target)
    return {"width": largest.width, "height": largest.height, "variants": made}


def _save(picture: Any, target: str) -> list[dict[str, Any]]:
    """WebP, which keeps transparency, and JPEG, for which it becomes white. `keep=none` drops all metadata: no GPS leaves this process."""
    name = f"{target}/{picture.width}"
    picture.webpsave(f"{name}.webp", **WEBP)
    opaque = picture.flatten(background=255) if picture.hasalpha() else picture
    opaque.jpegsave(f"{name}.jpg", **JPEG)
    size = {"width": picture.width, "height": picture.height}
    return [
        {"file": f"{picture.width}.webp", "type": "image/webp", **size},
        {"file": f"{picture.width}.jpg", "type": "image/jpeg", **size},
    ]


def moving(frames: Any, target: str) -> dict[str, Any]:
    """All frames of an animation as one WebP."""
    name = f"{frames.width}.moving.webp"
    frames.webpsave(f"{target}/{name}", **MOVING)
    height = frames.get("page-height")
    return {"file": name, "type": "image/webp", "width": frames.width, "height": height, "frames": frames.height // height}
