"""A new draft that begins as a copy of a service, with copies of its photos and files."""

from app import clock
from app.config import Settings
from app.drafts.operations import start
from app.extensions import db
from app.media import copies
from app.providers.models import Provider
from app.services.models import CONTENT, Service
from app.transaction import read_again
from app.wizard import answers, steps
from app.wizard.context import ENTITY, Context
from app.wizard.typed import Typed


def duplicate(source: Service, provider: Provider, settings: Settings) -> tuple[Service, int]:
    """What was typed for a draft, or what is published of a service, as a draft of its own; and how many of its files did not fit any more."""
    read_again(source, ["answers"])
    draft = start(provider, settings, reuse=False)
    for name in (*CONTENT, "extras"):
        setattr(draft, name, getattr(source, name))
    context = Context.of(provider, source)
    files = [each for each in context.media if each.state in copies.WAITING]
    made = copies.begin(files, ENTITY, draft.id)
    kept = {key: dict(entry) for key, entry in answers.of(context).items()}
    ids = {str(first): str(row.id) for first, row in made.items()}
    for step in steps.STEPS:
        if step.form.holds_files and step.key in kept:
            kept[step.key]["typed"] = _with_copies(kept[step.key]["typed"], ids)
    saved_at = clock.now().isoformat()
    draft.revision = 1
    fresh = {"version": draft.revision, "saved_at": saved_at}
    draft.answers = {key: {name: each[name] for name in each if name != "kept"} | fresh for key, each in kept.items()}
    draft.answers_schema, draft.has_content = steps.schema(), True
    db.session.flush()
    return draft, len(files) - len(made)


def _with_copies(typed: Typed, ids: dict[str, str]) -> Typed:
    """The order, cover and descriptions of files, said of their copies; what was said of files without one is left out."""
    found = {
        name: [ids[value] for value in values if value in ids] for name, values in typed.items() if not name.startswith("alt-")
    }
    alts = {f"alt-{ids[name[4:]]}": values for name, values in typed.items() if name.startswith("alt-") and name[4:] in ids}
    return found | alts
