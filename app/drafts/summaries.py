"""What the dashboard and the mails say of services: how far each came, its files, its cover."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from app.media.models import Kind, Media, State
from app.media.queries import attached_to
from app.services.models import Service
from app.wizard import steps
from app.wizard.context import ENTITY
from app.wizard.fields import clean
from app.wizard.journey import Journey
from app.wizard.journey import of as journey_of


@dataclass(frozen=True)
class Summary:
    """One service with its files in the order of their arrival."""

    service: Service
    files: Sequence[Media]

    @property
    def name(self) -> str:
        return name_of(self.service)

    @property
    def journey(self) -> Journey:
        """How far the answers came; for drafts."""
        filled = [step.key for step in steps.STEPS if step.form.holds_files and self.files]
        return journey_of(steps.STEPS, self.service.answers or {}, filled)

    @property
    def photos(self) -> Sequence[Media]:
        return [each for each in self.files if each.kind == Kind.IMAGE and each.state != State.REJECTED]

    @property
    def cover(self) -> Media | None:
        """The chosen cover, else the first photo; only one that was verified and can be shown."""
        shown = [each for each in self.photos if each.state == State.READY]
        chosen = self._chosen_cover()
        return next((each for each in shown if str(each.id) == chosen), shown[0] if shown else None)

    def _chosen_cover(self) -> str | None:
        if not self.service.is_draft:
            return self.service.gallery[0]["id"] if self.service.gallery else None
        typed = (self.service.answers or {}).get("media", {}).get("typed", {})
        return next((identity for identity in [*typed.get("cover", []), *typed.get("media", [])] if identity), None)


def name_of(service: Service) -> str:
    """What its provider calls a service: its name, else what was typed for one so far, else "Untitled"."""
    if service.name or not service.is_draft:
        return service.name or _("Untitled")
    typed = (service.answers or {}).get("basics", {}).get("typed", {}).get("name", [])
    return " ".join(clean("".join(typed)).split())[:120] or _("Untitled")


def summarise(services: Sequence[Service]) -> list[Summary]:
    """A summary of each, with one statement for all their files. Drafts must come with their `answers`."""
    files = attached_to(ENTITY, [service.id for service in services])
    return [Summary(service, files.get(service.id, [])) for service in services]
