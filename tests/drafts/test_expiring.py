"""Which drafts are deleted, which are not, and what their providers hear of it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Thread
from typing import Any

import pytest

from app import clock
from app.config import Settings
from app.drafts import endings, farewells, operations, sweeps, warnings
from app.drafts.batches import Position
from app.drafts.models import ExpiryWarning, Farewell
from app.extensions import db
from app.insights.models import Event
from app.insights.pace import Pace
from app.insights.runs import Turn
from app.services.models import Service, Status
from app.wizard import answers, steps
from app.wizard.context import Context
from tests import factories
from tests.drafts.conftest import fresh
from tests.servers.smtp import MailServer

Sweep = Callable[[], sweeps.Count]
Travel = Callable[..., datetime]


def warned(travel: Travel, warn: Sweep) -> None:
    travel(hours=24)
    assert warn().mails >= 1


def test_a_draft_is_deleted_when_its_provider_was_warned_and_did_nothing(
    draft: Service, posted: MailServer, travel: Travel, warn: Sweep, expire: Sweep
) -> None:
    warned(travel, warn)
    now = travel(hours=24)
    assert expire().drafts == 1
    assert (fresh(draft).deleted_at, draft.deleted_by, draft.purge_at) == (now, "expiry", now + timedelta(days=7))


def test_a_draft_is_not_deleted_before_the_announced_moment(
    draft: Service, posted: MailServer, travel: Travel, warn: Sweep, expire: Sweep
) -> None:
    warned(travel, warn)
    travel(hours=23, minutes=59)
    assert expire().drafts == 0


def test_a_draft_that_nobody_was_warned_about_is_not_deleted(
    draft: Service, posted: MailServer, travel: Travel, expire: Sweep
) -> None:
    travel(days=30)
    assert expire().drafts == 0
    assert fresh(draft).deleted_at is None


def test_a_draft_that_was_kept_after_its_warning_is_not_deleted(
    draft: Service, settings: Settings, posted: MailServer, travel: Travel, warn: Sweep, expire: Sweep
) -> None:
    warned(travel, warn)
    operations.keep(draft, settings)
    db.session.commit()
    travel(hours=72)
    assert expire().drafts == 0


def test_a_draft_that_was_published_after_its_warning_is_not_deleted(
    draft: Service, posted: MailServer, travel: Travel, warn: Sweep, expire: Sweep
) -> None:
    warned(travel, warn)
    draft.status = Status.PUBLISHED
    db.session.commit()
    travel(hours=24)
    assert expire().drafts == 0


@pytest.mark.parametrize("act", ["save", "keep", "discard", "publish"])
def test_what_was_done_a_moment_before_wins_even_if_it_is_not_committed_yet(
    act: str, app: Any, ada: Any, draft: Service, settings: Settings, posted: MailServer, travel: Travel, warn: Sweep
) -> None:
    warned(travel, warn)
    travel(hours=24)
    if act == "save":
        answers.save(Context.of(ada, draft), steps.STEPS[0], {"summary": ["Short"]}, 0, settings)
    elif act == "publish":
        draft.status, draft.expires_at = Status.PUBLISHED, None
        db.session.flush()
    else:
        getattr(operations, act)(draft, settings)
    counts: list[sweeps.Count] = []

    def sweep() -> None:
        with app.app_context():
            counts.append(sweeps.expire(settings))
            db.session.remove()

    beside = Thread(target=sweep)
    beside.start()
    beside.join(timeout=0.5)  # it waits for the row, or has judged it by now
    db.session.commit()
    beside.join()
    assert counts == [sweeps.Count()]
    assert fresh(draft).deleted_by in (None, "provider")


def test_a_longer_notice_in_the_settings_moves_no_moment_that_was_shown(
    draft: Service, settings: Settings, posted: MailServer, travel: Travel, warn: Sweep
) -> None:
    warned(travel, warn)
    longer = replace(settings, draft_delete_after=timedelta(hours=60))
    travel(hours=23.9)
    assert sweeps.expire(longer).drafts == 0
    travel(hours=0.1)
    assert sweeps.expire(longer).drafts == 1


def test_a_warning_whose_period_was_not_written_down_has_that_of_the_settings(
    draft: Service, settings: Settings, posted: MailServer, travel: Travel, warn: Sweep
) -> None:
    warned(travel, warn)
    db.session.query(ExpiryWarning).update({"notice_ends_at": None})
    db.session.commit()
    travel(hours=23.9)
    assert sweeps.expire(settings).drafts == 0
    travel(hours=0.1)
    assert sweeps.expire(settings).drafts == 1


def test_settings_that_change_while_a_mail_is_on_its_way_shorten_no_notice(
    draft: Service, settings: Settings, travel: Travel
) -> None:
    travel(hours=24)
    message_id = warnings.claim(settings, Position())
    assert message_id is not None
    travel(hours=5)  # the worker stood still
    warnings.record_sent(message_id, settings)
    db.session.commit()
    shorter = replace(settings, draft_warn_after=timedelta(hours=1), draft_delete_after=timedelta(hours=2))
    travel(hours=23)
    assert sweeps.expire(shorter).drafts == 0
    travel(hours=1)
    assert sweeps.expire(shorter).drafts == 1


@pytest.mark.parametrize("act", ["save", "keep"])
def test_something_done_under_shorter_windows_asks_for_another_warning(
    act: str, ada: Any, draft: Service, settings: Settings, posted: MailServer, travel: Travel, warn: Sweep
) -> None:
    warned(travel, warn)
    travel(hours=12)
    shorter = replace(settings, draft_warn_after=timedelta(hours=1), draft_delete_after=timedelta(hours=2))
    before = draft.expires_at
    assert before is not None
    if act == "keep":
        operations.keep(draft, shorter)
    else:
        answers.save(Context.of(ada, draft), steps.STEPS[0], {"summary": ["Short"]}, 0, shorter)
    db.session.commit()
    assert fresh(draft).expires_at == before + timedelta(seconds=1)
    travel(hours=13)
    assert sweeps.expire(shorter).drafts == 0
    assert sweeps.warn(shorter).drafts == 1


def test_a_shorter_window_in_the_settings_does_not_shorten_what_a_mail_promised(
    draft: Service, settings: Settings, posted: MailServer, travel: Travel, warn: Sweep
) -> None:
    warned(travel, warn)
    travel(hours=12)
    shorter = replace(settings, draft_warn_after=timedelta(hours=1), draft_delete_after=timedelta(hours=2))
    assert sweeps.expire(shorter).drafts == 0


def test_an_empty_draft_goes_silently_and_for_good(
    ada: Any, settings: Settings, posted: MailServer, travel: Travel, expire: Sweep
) -> None:
    travel()
    draft = factories.draft(ada)
    now = travel(hours=48)
    assert expire() == sweeps.Count(drafts=1)
    assert posted.received == []
    assert fresh(draft).purge_at == now
    sweeps.purge(settings)
    assert db.session.query(Service).count() == 0


def test_a_draft_of_a_provider_who_can_not_be_reached_is_deleted_on_time(
    ada: Any, draft: Service, posted: MailServer, travel: Travel, expire: Sweep
) -> None:
    ada.reminders_stopped_at = clock.now()
    db.session.commit()
    travel(hours=47, minutes=59)
    assert expire().drafts == 0
    travel(minutes=1)
    assert expire().drafts == 1


def test_a_provider_who_can_be_reached_again_is_warned_first(
    ada: Any, draft: Service, posted: MailServer, travel: Travel, warn: Sweep, expire: Sweep
) -> None:
    ada.undeliverable_at = clock.now()
    db.session.commit()
    travel(hours=50)
    ada.undeliverable_at = None
    db.session.commit()
    assert expire().drafts == 0
    warn()
    travel(hours=24)
    assert expire().drafts == 1


def test_what_went_is_said_in_one_mail(
    ada: Any, draft: Service, posted: MailServer, travel: Travel, warn: Sweep, expire: Sweep
) -> None:
    factories.draft(ada, name="Beard trim", has_content=True)
    warned(travel, warn)
    posted.reset()
    travel(hours=24)
    assert expire() == sweeps.Count(drafts=2, mails=1)
    text = posted.received[0].message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "Haircut" in text
    assert "Beard trim" in text
    assert "Tue 1 Dec, 10:30" in text, text


def test_a_mail_server_that_is_gone_does_not_bring_a_draft_back(
    app: Any, draft: Service, posted: MailServer, travel: Travel, warn: Sweep, expire: Sweep
) -> None:
    warned(travel, warn)
    app.extensions["mailman"].port = 1
    travel(hours=24)
    assert expire() == sweeps.Count(drafts=1, failed=1)
    assert db.session.query(Farewell).one().attempts == 1


def expired_unheard(posted: MailServer, travel: Travel, warn: Sweep, expire: Sweep) -> None:
    """Warned and deleted, while the mail server says "later" to the mail about that."""
    warned(travel, warn)
    posted.reset()
    posted.refuse("451 Try again later")
    travel(hours=24)
    assert expire() == sweeps.Count(drafts=1, failed=1)
    posted.reset()


def test_what_went_is_told_later_when_the_server_takes_mail_again(
    draft: Service, posted: MailServer, travel: Travel, warn: Sweep, expire: Sweep
) -> None:
    expired_unheard(posted, travel, warn, expire)
    travel(minutes=4)
    assert expire().mails == 0
    travel(minutes=1)
    assert expire() == sweeps.Count(mails=1)
    assert "“Haircut” was deleted" in str(posted.received[0].message["Subject"])
    assert db.session.query(Farewell).count() == 0


def test_what_was_brought_back_meanwhile_is_not_told_any_more(
    draft: Service, settings: Settings, posted: MailServer, travel: Travel, warn: Sweep, expire: Sweep
) -> None:
    expired_unheard(posted, travel, warn, expire)
    operations.restore(fresh(draft), settings)
    db.session.commit()
    travel(minutes=5)
    assert expire().mails == 0
    assert db.session.query(Farewell).count() == 0


def test_who_stopped_reminders_meanwhile_is_not_written_to(
    ada: Any, draft: Service, posted: MailServer, travel: Travel, warn: Sweep, expire: Sweep
) -> None:
    expired_unheard(posted, travel, warn, expire)
    ada.reminders_stopped_at = clock.now()
    db.session.commit()
    travel(minutes=5)
    assert expire().mails == 0
    assert posted.received == []


def test_a_worker_that_dies_after_a_deletion_leaves_its_mail_to_the_next(
    draft: Service, settings: Settings, posted: MailServer, travel: Travel, warn: Sweep, expire: Sweep
) -> None:
    warned(travel, warn)
    posted.reset()
    travel(hours=24)
    assert endings.end_next(settings, 10, Position())
    db.session.commit()  # and here it dies
    assert expire() == sweeps.Count(mails=1)


def test_more_providers_than_are_read_at_once_are_all_told(
    draft: Service, boris: Any, posted: MailServer, travel: Travel, warn: Sweep, expire: Sweep, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(farewells, "MOST", 1)
    factories.draft(boris, name="Algebra", has_content=True)
    warned(travel, warn)
    travel(hours=24)
    assert expire() == sweeps.Count(drafts=2, mails=2)


def test_who_loses_drafts_in_several_batches_is_told_in_one_mail(
    ada: Any, draft: Service, settings: Settings, posted: MailServer, travel: Travel, warn: Sweep
) -> None:
    for number in range(4):
        factories.draft(ada, name=f"Beard {number}", has_content=True)
    warned(travel, warn)
    posted.reset()
    travel(hours=24)
    batches = Turn(pace=Pace(most=1, largest=1, seconds=1))
    assert sweeps.expire(settings, batches) == sweeps.Count(drafts=5, mails=1)
    [mail] = posted.received
    told = mail.message.get_body(("plain",)).get_content()
    assert all(name in told for name in ("Haircut", *(f"Beard {number}" for number in range(4))))


def test_a_farewell_that_was_tried_before_stays_the_mail_it_was(
    ada: Any, draft: Service, settings: Settings, posted: MailServer, travel: Travel, warn: Sweep
) -> None:
    warned(travel, warn)
    posted.refuse("451 Try again later")
    travel(hours=24)
    sweeps.expire(settings)
    factories.draft(ada, name="Beard", has_content=True)
    posted.reset()
    travel(hours=24)
    warn()
    travel(hours=24)
    posted.reset()
    assert sweeps.expire(settings).mails == 2
    assert sorted("Beard" in each.message.get_body(("plain",)).get_content() for each in posted.received) == [False, True]


def test_a_second_try_is_the_same_message(
    draft: Service, settings: Settings, posted: MailServer, travel: Travel, warn: Sweep
) -> None:
    warned(travel, warn)
    travel(hours=24)
    endings.end_next(settings, 10, Position())
    [owed] = farewells.owed(clock.now())
    first, second = (farewells.compose(owed) for _each in range(2))
    assert first is not None
    assert second is not None
    assert first.extra_headers["Message-ID"] == second.extra_headers["Message-ID"]


def test_an_address_that_takes_no_farewell_is_marked(
    ada: Any, draft: Service, posted: MailServer, travel: Travel, warn: Sweep, expire: Sweep
) -> None:
    warned(travel, warn)
    posted.refuse("550 5.1.1 No such mailbox")
    now = travel(hours=24)
    assert expire() == sweeps.Count(drafts=1, failed=1)
    db.session.refresh(ada)
    assert ada.undeliverable_at == now
    assert db.session.query(Farewell).count() == 0


def test_deleting_twice_deletes_once(draft: Service, posted: MailServer, travel: Travel, warn: Sweep, expire: Sweep) -> None:
    warned(travel, warn)
    travel(hours=24)
    expire()
    posted.reset()
    assert expire() == sweeps.Count()
    assert db.session.query(Event).filter_by(service_id=draft.id, name="expired").count() == 1
    assert posted.received == []


def test_an_expired_draft_can_be_restored_and_then_has_the_whole_window(
    draft: Service, settings: Settings, posted: MailServer, travel: Travel, warn: Sweep, expire: Sweep
) -> None:
    warned(travel, warn)
    travel(hours=24)
    expire()
    now = travel(days=6)
    operations.restore(fresh(draft), settings)
    db.session.commit()
    assert (fresh(draft).deleted_at, draft.purge_at, draft.expires_at) == (None, None, now + timedelta(hours=48))


def test_a_restored_draft_is_warned_about_again_before_it_goes(
    draft: Service, settings: Settings, posted: MailServer, travel: Travel, warn: Sweep, expire: Sweep
) -> None:
    warned(travel, warn)
    travel(hours=24)
    expire()
    operations.restore(fresh(draft), settings)
    db.session.commit()
    travel(days=5)
    assert expire().drafts == 0
    assert warn().drafts == 1
