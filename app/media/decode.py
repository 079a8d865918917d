"""Decodes one picture in a process of its own, and makes its variants. Run as a program, never imported by the app.

A picture of 48 KB may unfold to 20,000 x 20,000 pixels, and a decoder may have a bug: whatever happens here ends with this process, which has
no secrets in its environment, no database and no store. It imports nothing of Shingle, so that it starts in a tenth of a second.

Takes one argument, JSON: {"source", "target", "loader", "max_pixels", "widths", "seconds", "bytes"}. Answers on standard output, JSON:
{"width", "height", "variants": [{"file", "type", "width", "height"}]} or {"rejected": reason}.
"""

import json
import resource
import sys
from typing import Any

# A strip a thousand times as high as wide would be no smaller for being narrow; WebP ends at 16,383 pixels.
HIGHEST = 4
JPEG = {"Q": 82, "interlace": True, "optimize_coding": True, "keep": "none"}
WEBP = {"Q": 80, "effort": 4, "keep": "none"}


def main() -> None:
    order = json.loads(sys.argv[1])
    _limit(order["seconds"], order["bytes"])
    print(json.dumps(_decode(order)))  # noqa: T201  (its answer)


def _limit(seconds: int, size: int) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    resource.setrlimit(resource.RLIMIT_FSIZE, (2**28, 2**28))
    if sys.platform == "linux":
        # macOS does not keep this limit, and refuses it.
        resource.setrlimit(resource.RLIMIT_AS, (size, size))


def _decode(order: dict[str, Any]) -> dict[str, Any]:
    import pyvips

    # Only the decoder of the type that the bytes were found to have; VIPS_BLOCK_UNTRUSTED alone leaves more.
    pyvips.operation_block_set("VipsForeignLoad", True)
    pyvips.operation_block_set(order["loader"], False)
    try:
        header = pyvips.Image.new_from_file(order["source"])
        if header.width * header.height > order["max_pixels"]:
            return {"rejected": "too_many_pixels"}
        return _variants(pyvips, order, header)
    except pyvips.Error as error:
        sys.stderr.write(str(error))
        return {"rejected": "damaged"}


def _variants(pyvips: Any, order: dict[str, Any], header: Any) -> dict[str, Any]:
    width, height = _upright(header)
    widths = sorted({min(each, width) for each in order["widths"]}, reverse=True)
    largest = _shrunk(pyvips, order["source"], widths[0])
    made = []
    for each in widths:
        picture = largest if each == widths[0] else largest.thumbnail_image(each, height=each * HIGHEST, size="down")
        made += _save(picture, order["target"])
    return {"width": width, "height": height, "variants": made}


def _upright(header: Any) -> tuple[int, int]:
    """Width and height as a person sees them: cameras note the orientation instead of turning the picture."""
    turned = header.get_typeof("orientation") and header.get("orientation") in (5, 6, 7, 8)
    return (header.height, header.width) if turned else (header.width, header.height)


def _shrunk(pyvips: Any, source: str, width: int) -> Any:
    """Upright, in sRGB with 8 bits, no wider than `width`. Every pixel is decoded: a damaged picture fails here."""
    picture = pyvips.Image.thumbnail(
        source, width, height=width * HIGHEST, size="down", fail_on="error", output_profile="srgb", intent="perceptual"
    )
    return picture.colourspace("srgb").copy_memory()


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


if __name__ == "__main__":
    main()
