"""What a picture of a file doesn't show: how long a video is, how many pages a PDF has, that something moves."""

from flask_babel import gettext as _
from flask_babel import ngettext

from app.media.models import Media


def note(media: Media) -> str | None:
    """A few words for the corner of its picture; None for a photo and for what is not verified."""
    if media.seconds:
        return running_time(media.seconds)
    if media.pages:
        return ngettext("%(num)s page", "%(num)s pages", media.pages)
    return _("Animation") if media.frames else None


def running_time(seconds: int) -> str:
    """`1:02:03` or `0:42`, as players write it in every language."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
