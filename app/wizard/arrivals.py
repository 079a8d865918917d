"""Who comes back to a draft by a link in a mail is "resumed" once they save something.

Opening the link is a GET, which programs make too and which changes nothing; the session of the provider who made it remembers it until then.
"""

from uuid import UUID

from flask import session

from app.insights.operations import record

KEY = "came_by_mail"


def note(service_id: UUID, *, is_recorded: bool = False) -> None:
    """Remember that this session came to the draft by mail; `is_recorded` when a pressed button has said so already."""
    if is_recorded or session.get(KEY) != [str(service_id), True]:
        session[KEY] = [str(service_id), is_recorded]


def saved(service_id: UUID) -> None:
    """Something was saved: whoever came by mail for it has resumed it. Said once."""
    if KEY not in session or session[KEY][0] != str(service_id):
        return
    _identity, is_recorded = session.pop(KEY)
    if not is_recorded:
        record("resumed", service_id, "email")
