"""A new draft that begins as a copy of a service, without its photos and files: those belong to the service they were uploaded for."""

from app import clock
from app.config import Settings
from app.drafts.operations import start
from app.extensions import db
from app.providers.models import Provider
from app.services.models import CONTENT, Service
from app.wizard import answers, steps
from app.wizard.context import Context


def duplicate(source: Service, provider: Provider, settings: Settings) -> Service:
    """What was typed for a draft, or what is published of a service, as a draft of its own."""
    db.session.refresh(source, ["answers"])
    draft = start(provider, settings, reuse=False)
    for name in (*CONTENT, "extras"):
        setattr(draft, name, getattr(source, name))
    kept = answers.of(Context(provider, source))
    saved_at = clock.now().isoformat()
    without_files = [step.key for step in steps.STEPS if not step.form.holds_files]
    draft.answers = {key: {**kept[key], "version": 1, "saved_at": saved_at} for key in without_files if key in kept}
    draft.answers_schema, draft.has_content = steps.schema(), True
    db.session.flush()
    return draft
