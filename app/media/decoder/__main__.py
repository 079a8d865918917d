"""Looks at one file in a process of its own, and makes what will be shown of it. Run as a program (`python -I app/media/decoder`), never imported.

A picture of 48 KB may unfold to 20,000 x 20,000 pixels, and a decoder may have a bug: whatever happens here ends with this process, which has
no secrets in its environment, no database, no store and, where the system allows, no network. It imports nothing of Shingle, so that it starts in
a tenth of a second, and the heavy libraries are loaded here and nowhere else.

Takes one argument, JSON: {"source", "target", "type", "widths", "max_pixels", "max_frames", "max_pages", "max_seconds", "cpu", "most",
"megapixel", "memory", "disk", "parent"}; sizes in bytes, times in seconds, the worker's number. Answers on standard output, JSON: {"width",
"height", "variants": [{"file", "type", "width", "height"}]}, with them, where there is such, "original" (a file),
"pages", "seconds" and "frames" (of the file, and of the variant that moves); or {"rejected": reason}.
"""

import importlib
import json
import os
import sys
from typing import Any

import fence
from refusal import Refusal

LOOKS = {
    "image/heic": "heic",
    "application/pdf": "document",
    "video/mp4": "video",
    "video/webm": "video",
}


def main() -> None:
    order = json.loads(sys.argv[1])
    # What a library prints must not get between the lines of the answer.
    with os.fdopen(os.dup(1), "w") as answer:
        os.dup2(2, 1)
        fence.close(order["cpu"], order["most"], order["memory"], order["disk"], order["parent"])
        json.dump(_look(order), answer)


def _look(order: dict[str, Any]) -> dict[str, Any]:
    import mixed
    import whole

    try:
        whole.check(order["source"], order["type"])
        mixed.check(order["source"], order["type"])
        answer: dict[str, Any] = importlib.import_module(LOOKS.get(order["type"], "picture")).look(order)
    except Refusal as refusal:
        return {"rejected": refusal.reason}
    return answer


if __name__ == "__main__":
    main()
