"""Who is warned, once, in one mail; and who is not."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from app import clock
from app.config import Settings
from app.drafts import operations, sweeps, tries, warnings
from app.drafts.models import ExpiryWarning
from app.extensions import db
from app.insights.models import Event
from app.services.models import Service, Status
from tests import factories
from tests.drafts.conftest import fresh
from tests.servers.smtp import MailServer
from tests.strict import Page, StrictClient

Warn = Callable[[], sweeps.Count]
Travel = Callable[..., datetime]


def test_a_draft_is_warned_about_when_the_notice_period_begins(
    draft: Service, posted: MailServer, travel: Travel, warn: Warn
) -> None:
    travel(hours=24)
    assert warn().drafts == 1
    assert posted.received[0].recipients == ["ada@example.com"]


def test_a_draft_is_not_warned_about_before(draft: Service, posted: MailServer, travel: Travel, warn: Warn) -> None:
    travel(hours=23, minutes=59)
    assert warn().drafts == 0
    assert posted.received == []


def test_an_empty_draft_is_not_mentioned(ada: Any, posted: MailServer, travel: Travel, warn: Warn) -> None:
    travel()
    factories.draft(ada)
    travel(hours=24)
    assert warn().drafts == 0


def test_a_published_service_is_not_warned_about(draft: Service, posted: MailServer, travel: Travel, warn: Warn) -> None:
    draft.status = Status.PUBLISHED
    db.session.commit()
    travel(hours=24)
    assert warn().drafts == 0


def test_a_deleted_draft_is_not_warned_about(
    draft: Service, settings: Settings, posted: MailServer, travel: Travel, warn: Warn
) -> None:
    operations.discard(draft, settings)
    db.session.commit()
    travel(hours=24)
    assert warn().drafts == 0


def test_a_provider_who_has_not_confirmed_is_not_written_to(
    ada: Any, draft: Service, posted: MailServer, travel: Travel, warn: Warn
) -> None:
    ada.confirmed_at = None
    db.session.commit()
    travel(hours=24)
    assert warn().mails == 0


def test_a_provider_who_stopped_reminders_is_not_written_to(
    ada: Any, draft: Service, posted: MailServer, travel: Travel, warn: Warn
) -> None:
    ada.reminders_stopped_at = clock.now()
    db.session.commit()
    travel(hours=24)
    assert warn().mails == 0


def test_a_provider_whose_address_was_refused_is_not_written_to(
    ada: Any, draft: Service, posted: MailServer, travel: Travel, warn: Warn
) -> None:
    ada.undeliverable_at = clock.now()
    db.session.commit()
    travel(hours=24)
    assert warn().mails == 0


def test_a_draft_is_warned_about_once(draft: Service, posted: MailServer, travel: Travel, warn: Warn) -> None:
    travel(hours=24)
    warn()
    travel(hours=5)
    assert warn().mails == 0
    assert len(posted.received) == 1


def test_a_draft_that_was_edited_after_its_warning_is_warned_about_again(
    draft: Service, settings: Settings, posted: MailServer, travel: Travel, warn: Warn
) -> None:
    travel(hours=24)
    warn()
    operations.keep(draft, settings)
    db.session.commit()
    travel(hours=24)
    assert warn().drafts == 1


def test_several_drafts_of_a_provider_share_one_mail(
    ada: Any, draft: Service, posted: MailServer, travel: Travel, warn: Warn
) -> None:
    factories.draft(ada, name="Beard trim", has_content=True)
    travel(hours=24)
    assert warn() == sweeps.Count(drafts=2, mails=1)
    text = posted.received[0].message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "Haircut" in text
    assert "Beard trim" in text


def test_providers_get_mails_of_their_own(boris: Any, draft: Service, posted: MailServer, travel: Travel, warn: Warn) -> None:
    factories.draft(boris, name="Algebra", has_content=True)
    travel(hours=24)
    assert warn() == sweeps.Count(drafts=2, mails=2)
    assert sorted(each.recipients[0] for each in posted.received) == ["ada@example.com", "boris@example.com"]


def test_the_warning_is_recorded_when_the_server_has_taken_the_mail(
    draft: Service, posted: MailServer, travel: Travel, warn: Warn
) -> None:
    now = travel(hours=24)
    warn()
    [warning] = db.session.query(ExpiryWarning)
    assert (warning.service_id, warning.sent_at, warning.expires_at) == (draft.id, now, now + timedelta(hours=24))
    assert [event.name for event in db.session.query(Event).filter_by(service_id=draft.id, name="warned")] == ["warned"]


def test_a_sweep_that_comes_late_moves_the_expiry_so_that_the_notice_is_whole(
    draft: Service, posted: MailServer, travel: Travel, warn: Warn
) -> None:
    now = travel(hours=40)
    warn()
    assert fresh(draft).expires_at == now + timedelta(hours=24)


def test_the_mail_names_the_moment_that_the_draft_has(draft: Service, posted: MailServer, travel: Travel, warn: Warn) -> None:
    travel(to=datetime(2026, 11, 24, 1, 30, tzinfo=UTC))
    warn()
    assert fresh(draft).expires_at == datetime(2026, 11, 25, 1, 30, tzinfo=UTC)
    text = posted.received[0].message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "Wed 25 Nov, 02:30" in text, text


def test_while_the_server_refuses_for_now_the_draft_waits(
    draft: Service, posted: MailServer, travel: Travel, warn: Warn, expire: Warn
) -> None:
    posted.refuse("451 Try again later")
    travel(hours=24)
    assert warn() == sweeps.Count(failed=1)
    travel(hours=48)
    assert expire().drafts == 0


def test_a_mail_that_was_not_taken_is_tried_again_after_a_pause(
    draft: Service, posted: MailServer, travel: Travel, warn: Warn
) -> None:
    posted.refuse("451 Try again later")
    travel(hours=24)
    warn()
    posted.reset()
    travel(minutes=4)
    assert warn().mails == 0
    travel(minutes=1)
    assert warn().mails == 1


def test_the_pause_doubles(draft: Service, posted: MailServer, travel: Travel, warn: Warn) -> None:
    posted.refuse("451 Try again later")
    travel(hours=24)
    warn()
    travel(minutes=5)
    warn()
    posted.reset()
    travel(minutes=9)
    assert warn().mails == 0
    travel(minutes=1)
    assert warn().mails == 1


def test_a_later_try_gives_the_whole_notice_again(draft: Service, posted: MailServer, travel: Travel, warn: Warn) -> None:
    posted.refuse("451 Try again later")
    travel(hours=24)
    warn()
    posted.reset()
    now = travel(hours=30)
    warn()
    assert fresh(draft).expires_at == now + timedelta(hours=24)
    assert db.session.query(ExpiryWarning).one().expires_at == now + timedelta(hours=24)


def test_a_later_try_is_the_same_message(
    draft: Service, settings: Settings, posted: MailServer, travel: Travel, warn: Warn
) -> None:
    travel(hours=24)
    claimed = warnings.claim(settings)
    db.session.commit()  # and here the worker dies
    travel(minutes=5)
    warn()
    assert posted.received[0].message["Message-ID"] == claimed


def test_a_later_try_says_nothing_of_a_draft_that_was_edited_since(
    ada: Any, draft: Service, settings: Settings, posted: MailServer, travel: Travel, warn: Warn
) -> None:
    factories.draft(ada, name="Beard trim", has_content=True)
    travel(hours=24)
    warnings.claim(settings)
    operations.keep(draft, settings)
    db.session.commit()
    travel(minutes=5)
    assert warn().drafts == 1
    text = posted.received[0].message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "Beard trim" in text
    assert "Haircut" not in text


def test_a_mail_of_which_nothing_is_true_any_more_is_not_sent(
    draft: Service, settings: Settings, posted: MailServer, travel: Travel, warn: Warn
) -> None:
    travel(hours=24)
    warnings.claim(settings)
    operations.keep(draft, settings)
    db.session.commit()
    travel(minutes=5)
    assert warn().mails == 0
    assert db.session.query(ExpiryWarning).count() == 0


def test_a_provider_who_stopped_reminders_meanwhile_gets_no_later_try(
    ada: Any, draft: Service, settings: Settings, posted: MailServer, travel: Travel, warn: Warn
) -> None:
    travel(hours=24)
    warnings.claim(settings)
    ada.reminders_stopped_at = clock.now()
    db.session.commit()
    travel(minutes=5)
    assert warn().mails == 0


def test_an_address_that_takes_no_mail_is_marked(
    ada: Any, draft: Service, posted: MailServer, travel: Travel, warn: Warn
) -> None:
    posted.refuse("550 No such mailbox")
    now = travel(hours=24)
    assert warn() == sweeps.Count(failed=1)
    db.session.refresh(ada)
    assert ada.undeliverable_at == now


def test_a_refusal_of_an_earlier_address_says_nothing_about_the_present_one(
    ada: Any, draft: Service, posted: MailServer, travel: Travel, settings: Settings
) -> None:
    travel(hours=24)
    message_id = warnings.claim(settings)
    assert message_id is not None
    ada.email = "new@example.com"
    warnings.record_undeliverable(message_id, "ada@example.com")
    db.session.refresh(ada)
    assert ada.undeliverable_at is None


@pytest.mark.parametrize(
    ("answer", "is_final"),
    [
        ("550 No such mailbox", True),
        ("554 5.1.1 No such mailbox", True),
        ("521 5.2.1 Mailbox disabled", True),
        ("550 5.1.8 Your address has no mail server", False),
        ("550 5.2.2 Mailbox full", False),
        ("552 5.2.2 Mailbox full", False),
        ("554 We don't relay for you", False),
        ("450 4.2.0 Greylisted", False),
    ],
)
def test_only_what_is_said_about_the_address_marks_it(
    answer: str, is_final: bool, ada: Any, draft: Service, posted: MailServer, travel: Travel, warn: Warn
) -> None:
    posted.refuse(answer)
    travel(hours=24)
    warn()
    db.session.refresh(ada)
    assert (ada.undeliverable_at is not None) == is_final


@pytest.mark.parametrize(("answer", "is_final"), [("550 5.1.1 No such mailbox", True), ("550 This looks like spam", False)])
def test_after_the_letter_only_a_word_about_the_address_marks_it(
    answer: str, is_final: bool, ada: Any, draft: Service, posted: MailServer, travel: Travel, warn: Warn
) -> None:
    posted.refuse_letters(answer)
    travel(hours=24)
    warn()
    db.session.refresh(ada)
    assert (ada.undeliverable_at is not None) == is_final


def test_a_refusal_for_policy_does_not_mark_the_address(
    ada: Any, draft: Service, posted: MailServer, travel: Travel, warn: Warn
) -> None:
    posted.refuse("550 5.7.1 Your server is on a list")
    travel(hours=24)
    warn()
    db.session.refresh(ada)
    assert ada.undeliverable_at is None


def test_while_no_server_answers_nothing_new_is_claimed(
    boris: Any, draft: Service, settings: Settings, app: Any, posted: MailServer, travel: Travel, warn: Warn
) -> None:
    factories.draft(boris, name="Algebra", has_content=True)
    app.extensions["mailman"].port = 1
    travel(hours=24)
    assert warn() == sweeps.Count(failed=1)
    assert db.session.query(ExpiryWarning).count() == 1


def test_after_an_outage_everybody_is_warned_with_whole_notice(
    boris: Any, draft: Service, app: Any, posted: MailServer, travel: Travel, warn: Warn
) -> None:
    other = factories.draft(boris, name="Algebra", has_content=True)
    port, app.extensions["mailman"].port = app.extensions["mailman"].port, 1
    travel(hours=24)
    warn()
    app.extensions["mailman"].port = port
    now = travel(hours=60)
    assert warn() == sweeps.Count(drafts=2, mails=2)
    assert fresh(draft).expires_at == fresh(other).expires_at == now + timedelta(hours=24)


def test_trying_a_mail_again_shortens_no_draft_that_was_saved_meanwhile(
    draft: Service, settings: Settings, travel: Travel, warn: Warn
) -> None:
    travel(hours=24)
    message_id = warnings.claim(settings)
    assert message_id is not None
    now = travel(hours=1)
    # A save that comes between the two statements of another try moves the draft alone.
    draft.expires_at = later = now + settings.draft_delete_after
    warnings._renew(message_id, now + settings.notice)
    assert fresh(draft).expires_at == later


def test_a_name_that_no_mail_can_carry_is_said_without_it(
    draft: Service, posted: MailServer, travel: Travel, warn: Warn
) -> None:
    draft.name, draft.answers = (
        None,
        {"basics": {"typed": {"name": ["Hair\x00cut\ud800"]}, "version": 1, "complete": False, "saved_at": None}},
    )
    db.session.commit()
    travel(hours=24)
    assert warn().mails == 1
    assert "Haircut" in str(posted.received[0].message["Subject"])


def refused_for_two_weeks(posted: MailServer, travel: Travel, warn: Warn) -> None:
    posted.refuse("452 4.2.2 Mailbox full")
    travel(hours=24)
    warn()
    db.session.execute(update(ExpiryWarning).values(attempts=warnings.PATIENCE - 1))
    db.session.commit()


def test_the_patience_with_an_address_is_two_weeks() -> None:
    pauses = [tries.FIRST_PAUSE * 2 ** min(attempt, tries.DOUBLINGS) for attempt in range(warnings.PATIENCE - 1)]
    assert timedelta(days=14) <= sum(pauses, timedelta()) < timedelta(days=15)


def test_an_address_that_is_refused_for_weeks_while_others_are_not_is_marked(
    ada: Any, boris: Any, draft: Service, posted: MailServer, travel: Travel, warn: Warn
) -> None:
    refused_for_two_weeks(posted, travel, warn)
    now = travel(hours=6)
    other = factories.draft(boris, has_content=True)
    db.session.add(
        ExpiryWarning(
            service_id=other.id, provider_id=boris.id, expires_at=now, message_id="<x@y>", claimed_at=now, sent_at=now
        )
    )
    db.session.commit()
    warn()
    db.session.refresh(ada)
    assert ada.undeliverable_at == now


def test_while_nobody_gets_mail_no_address_is_marked(
    ada: Any, draft: Service, posted: MailServer, travel: Travel, warn: Warn
) -> None:
    refused_for_two_weeks(posted, travel, warn)
    travel(hours=6)
    warn()
    db.session.refresh(ada)
    assert ada.undeliverable_at is None


def many(ada: Any, number: int) -> None:
    for each in range(number):
        factories.draft(ada, name=f"Draft number {each:02}", has_content=True)


def test_many_drafts_make_a_digest_that_names_each(ada: Any, posted: MailServer, travel: Travel, warn: Warn) -> None:
    travel()
    many(ada, 12)
    travel(hours=24)
    assert warn() == sweeps.Count(drafts=12, mails=1)
    for kind in ("plain", "html"):
        text = posted.received[0].message.get_body((kind,)).get_content()  # type: ignore[union-attr]
        assert [f"Draft number {each:02}" in text for each in range(12)] == [True] * 12
        assert text.count("Will be deleted on Tue 24 Nov, 10:30") >= 12
        assert text.count("/l/resume/") == 12
        assert "/l/delete/" not in text
        assert "http://localhost/drafts" in text


def test_of_very_many_the_rest_is_counted(ada: Any, posted: MailServer, travel: Travel, warn: Warn) -> None:
    travel()
    many(ada, 43)
    travel(hours=24)
    warn()
    text = posted.received[0].message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert text.count("Will be deleted on") == 40
    assert "And 3 more, which are on your dashboard" in text


def test_eight_drafts_are_still_described_each_with_its_links(ada: Any, posted: MailServer, travel: Travel, warn: Warn) -> None:
    travel()
    many(ada, 8)
    travel(hours=24)
    warn()
    text = posted.received[0].message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert [text.count(f"/l/{purpose}/") for purpose in ("resume", "keep", "delete")] == [8, 8, 8]


def test_dashboard_wizard_and_mail_name_the_same_moment(
    draft: Service, posted: MailServer, travel: Travel, warn: Warn, as_ada: StrictClient
) -> None:
    travel(hours=31, minutes=7)
    warn()
    moment = fresh(draft).expires_at
    assert moment is not None
    said = posted.received[0].message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "Will be deleted on Tue 24 Nov, 17:37" in said
    for url in ("/drafts", f"/drafts/{draft.id}/basics"):
        shown: Page = as_ada.get(url).page  # type: ignore[attr-defined]
        assert [each.text for each in shown.all("time", datetime=moment.isoformat(timespec="seconds"))] == ["Tue 24 Nov, 17:37"]
