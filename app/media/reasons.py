"""Why a file was rejected: each sentence says what is wrong and how to mend it. `Media.reason` holds the word."""

from typing import Any

from flask_babel import format_decimal, format_timedelta
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app import config

SENTENCES: dict[str, Any] = {
    "not_a_photo": _l(
        "This isn't a photo, although its name says so. Choose the photo itself; it must be JPEG, PNG, WebP, AVIF, GIF or HEIC."
    ),
    "not_a_video": _l(
        "This isn't an MP4 or WebM video, although its name says so. Export the video as MP4 and upload it again."
    ),
    "not_a_pdf": _l("This isn't a PDF, although its name says so. Save or print the document as PDF and upload it again."),
    "mixed": _l(
        "This file is several things at once, such as a photo that is also an archive or a web page. Save the photo anew and upload that."
    ),
    "damaged": _l(
        "This file is damaged or cut short. Open it on your device to check it, then upload it again or take another copy."
    ),
    "too_many_pixels": _l(
        "This picture has too many pixels to be shown. Save it at most 8,000 pixels wide and upload it again."
    ),
    "too_many_pages": _l(
        "This PDF has more than %(pages)s pages. Leave out what visitors don't need, or split it, and upload it again."
    ),
    "too_long": _l("This video lasts longer than %(duration)s. Cut it shorter and upload it again."),
    "video_format": _l(
        "Browsers can't play what is inside this video. Export it as MP4 with H.264 picture and AAC sound, and upload it again."
    ),
    "locked": _l("This PDF opens with a password only. Save it without one and upload it again."),
    "too_slow": _l("This file takes too long to open. Export it simpler or smaller, and upload it again."),
    "failed": _l(
        "This file could not be read here, although it may be as it should. Save it with another program or as another type, and upload that."
    ),
    "differs": _l("What arrived is not the file that you chose. Upload it again."),
    "lost": _l("This file got lost on its way. Upload it again."),
}


def sentence(reason: str | None) -> str:
    """The sentence for a reason, in the reader's language."""
    settings = config.current()
    limits = {
        "pages": format_decimal(settings.document_max_pages),
        "duration": format_timedelta(settings.video_max_duration, threshold=2),
    }
    return str(SENTENCES.get(reason or "", _("This file can't be used. Try another copy of it."))) % limits
