"""Why a file was rejected: each sentence says what is wrong and how to mend it. `Media.reason` holds the word."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.media import kinds

SENTENCES: dict[str, Any] = {
    "not_a_photo": _l(
        "This isn't a photo, although its name says so. Choose the photo itself; it must be JPEG, PNG, WebP, AVIF or GIF."
    ),
    "not_a_video": _l(
        "This isn't an MP4 or WebM video, although its name says so. Export the video as MP4 and upload it again."
    ),
    "not_a_pdf": _l("This isn't a PDF, although its name says so. Save or print the document as PDF and upload it again."),
    "heic": kinds.HOW_TO_EXPORT,
    "damaged": _l(
        "This file is damaged or cut short. Open it on your device to check it, then upload it again or take another copy."
    ),
    "too_many_pixels": _l(
        "This picture has too many pixels to be shown. Save it at most 8,000 pixels wide and upload it again."
    ),
    "too_slow": _l("This picture takes too long to open. Save it as JPEG and upload it again."),
    "differs": _l("What arrived is not the file that you chose. Upload it again."),
    "lost": _l("This file got lost on its way. Upload it again."),
}


def sentence(reason: str | None) -> str:
    """The sentence for a reason, in the reader's language."""
    return str(SENTENCES.get(reason or "", _("This file can't be used. Try another copy of it.")))
