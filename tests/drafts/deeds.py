"""What the two providers of a random history do, and what each of them then knows."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from app import clock
from app.columns import new_id
from app.drafts import operations
from app.errors import ShingleError
from app.extensions import db
from app.providers.models import Provider
from app.services import files
from app.services.models import Service, Status
from app.wizard import answers, steps
from app.wizard.context import Context
from tests import factories
from tests.drafts.witness import Broken, Known
from tests.drafts.world import World

TO_A_DRAFT = ("edit", "edit", "keep", "discard", "restore", "publish", "upload", "by mail")
BY_ITSELF = ("stop", "resubscribe", "move")


class Cast:
    """Two providers of one history and their drafts. What they do is done in a session of its own, and the witness hears of it.

    `say` tells of it where somebody listens.
    """

    def __init__(self, world: World, number: int, say: Callable[..., Any]) -> None:
        self.world, self.random, self.witness, self.say = world, world.random, world.witness, say
        self.numbers = (2 * number, 2 * number + 1)
        self.providers: dict[int, UUID] = {}

    def sign_up(self) -> None:
        """The caller commits."""
        for number in self.numbers:
            name = uuid4().hex
            given = {"display_name": "Ada's Salon", "time_zone": "Europe/Berlin", "locale": "en", "currency": "EUR"}
            provider = Provider(
                id=new_id(), email=f"{name}@example.com", fs_uniquifier=name, active=True, confirmed_at=clock.now(), **given
            )
            db.session.add(provider)
            self.providers[number] = provider.id
            self.world.owners[provider.email], self.world.addresses[number] = number, provider.email
            self.witness.reachable(number, True)

    def begin(self, likely: float) -> None:
        """One of them starts a draft, with something in it as likely as that. The caller commits."""
        number, has_content = self.random.choice(self.numbers), self.random.random() < likely
        draft = operations.start(db.session.get_one(Provider, self.providers[number]), self.world.settings, reuse=False)
        draft.name, draft.has_content = f"D-{draft.id}", has_content
        assert draft.expires_at is not None
        self.say("begin", draft.id, number, has_content, draft.expires_at)
        self.witness.drafts[draft.id] = Known(number, has_content, self.witness.next(), draft.expires_at)

    def act(self) -> None:
        """Something that may be done now."""
        name = self.random.choice(TO_A_DRAFT + BY_ITSELF + ("start",))
        mine = [identity for identity, known in self.witness.drafts.items() if known.owner in self.numbers]
        if name in BY_ITSELF:
            self.change_provider(name, self.random.choice(self.numbers))
        elif name == "start":
            if len(mine) < 4:
                self.begin(0.8)
        elif mine:
            self.change_draft(name, self.random.choice(mine))

    def change_provider(self, name: str, number: int) -> None:
        self.say(name, number)
        provider = db.session.get_one(Provider, self.providers[number])
        if name == "move":
            provider.email, provider.undeliverable_at = f"{name}.{self.witness.step}.{provider.id.hex}@example.com", None
            self.world.owners[provider.email], self.world.addresses[number] = number, provider.email
        else:
            provider.reminders_stopped_at = self.world.now if name == "stop" else None
        is_reachable = provider.is_reachable
        db.session.commit()
        self.witness.reachable(number, is_reachable)

    def change_draft(self, name: str, identity: UUID) -> None:
        draft, known = db.session.get(Service, identity), self.witness.drafts[identity]
        self.say(name, identity)
        if draft is None or known.is_published:
            return
        try:
            getattr(self, f"_{name.replace(' ', '_')}")(draft, known)
        except ShingleError:
            db.session.rollback()

    def _edit(self, draft: Service, known: Known) -> None:
        context, step = Context.of(db.session.get_one(Provider, draft.provider_id), draft), steps.STEPS[0]
        version = answers.of(context).get("basics", answers.BLANK)["version"]
        answers.save(context, step, {"summary": [str(self.witness.step)]}, version, self.world.settings)
        self._touched(draft, has_content=True)

    def _upload(self, draft: Service, known: Known) -> None:
        if draft.deleted_at is None:
            factories.media(draft)
            files.changed(draft.id)
            self._touched(draft, has_content=True)

    def _keep(self, draft: Service, known: Known) -> None:
        operations.keep(draft, self.world.settings)
        self._touched(draft)

    def _discard(self, draft: Service, known: Known) -> None:
        if draft.deleted_at is None:
            operations.discard(draft, self.world.settings)
            self._touched(draft, restorable_until=draft.purge_at)

    def _restore(self, draft: Service, known: Known) -> None:
        if draft.deleted_at is not None:
            operations.restore(draft, self.world.settings)
            self._touched(draft, restorable_until=None, was_told_of=True)

    def _publish(self, draft: Service, known: Known) -> None:
        if draft.deleted_at is None:
            draft.status, draft.expires_at, draft.revision = Status.PUBLISHED, None, draft.revision + 1
            self._touched(draft, is_published=True)

    def _by_mail(self, draft: Service, known: Known) -> None:
        """ "Delete it now", from a mail of any age: it works only for the expiry that the mail speaks of."""
        if not known.notices or draft.deleted_at is not None:
            return
        moment = self.random.choice(known.notices).moment
        is_true = any(each.order > known.touched for each in known.notices if each.moment == moment)
        operations.discard(draft, self.world.settings, "email", only_if_expires_at=moment)
        if draft.deleted_at is not None:
            if not is_true:
                raise Broken("an old mail's button deleted a draft that was touched since")
            self._touched(draft, restorable_until=draft.purge_at)

    def _touched(self, draft: Service, **known: Any) -> None:
        db.session.commit()
        db.session.refresh(draft)
        self.witness.touched(draft.id, draft.expires_at if draft.deleted_at is None else None, **known)
