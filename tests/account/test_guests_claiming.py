"""From a guest to an account: the cookie proves the browser, and what was begun comes along."""

from sqlalchemy import select

from app import clock
from app.account import claiming
from app.config import Settings
from app.drafts import rules, sweeps
from app.extensions import db
from app.insights.models import Event
from app.media.models import Media
from app.providers.models import Provider
from app.services.models import Service
from tests import factories
from tests.account.conftest import PASSWORD, link_in
from tests.account.guests import TYPED, Another, Letters, Travel, guest_of_draft, owner_of, sign_in, started
from tests.strict import StrictClient

# Signing in.


def test_signing_in_takes_the_drafts_along(client: StrictClient, carla: Provider) -> None:
    draft = started(client)
    sign_in(client)
    assert owner_of(draft) == "carla@example.com"


def test_an_answer_that_comes_late_to_the_guest_signs_nobody_out(client: StrictClient, carla: Provider) -> None:
    draft = started(client)
    before = [client.get_cookie(name) for name in ("session", "remember_token")]
    sign_in(client)
    for cookie in before:
        assert cookie
        client.set_cookie(cookie.key, cookie.value)
    late = client.put(f"/drafts/{draft.id}/basics", data={"name": "Typed by the guest", "version": "1"})
    assert late.status_code == 401
    assert late.headers.getlist("Set-Cookie") == []


def test_what_came_along_is_said_once(client: StrictClient, carla: Provider) -> None:
    started(client, "Evening updo")
    sign_in(client)
    said = "“Evening updo”, which you began without an account, is in your account now."
    assert [said in client.get("/drafts").page.words for _look in range(2)] == [True, False]


def test_several_drafts_are_counted(client: StrictClient, carla: Provider, settings: Settings) -> None:
    guest = guest_of_draft(client)
    factories.draft(guest, has_content=True)
    sign_in(client)
    assert "2 drafts that you began without an account are in your account now." in client.get("/drafts").page.words


def test_the_files_come_along(client: StrictClient, carla: Provider) -> None:
    file = factories.media(started(client))
    sign_in(client)
    db.session.expire_all()
    assert db.session.get_one(Media, file.id).provider_id == carla.id


def test_drafts_and_files_move_by_one_statement_each(
    client: StrictClient, carla: Provider, settings: Settings, statements: list[str]
) -> None:
    guest = guest_of_draft(client)
    for _draft in range(5):
        factories.media(_more(guest))
    statements.clear()
    claiming.claim(guest.id, carla.id, settings)
    changed = [each.split()[1] for each in statements if each.startswith("UPDATE")]
    assert sorted(changed) == ["media", "provider", "provider", "service"]


def _more(guest: Provider) -> Service:
    row = Service(provider_id=guest.id, expires_at=clock.now(), has_content=True)
    db.session.add(row)
    db.session.commit()
    return row


def test_the_guest_is_gone_then(client: StrictClient, carla: Provider) -> None:
    started(client)
    sign_in(client)
    assert [each.email for each in db.session.scalars(select(Provider))] == ["carla@example.com"]


def test_a_copy_of_the_guests_cookies_opens_nothing_any_more(client: StrictClient, another: Another, carla: Provider) -> None:
    draft, thief = started(client), another()
    for name in ("session", "remember_token"):
        cookie = client.get_cookie(name)
        assert cookie is not None
        thief.set_cookie(name, cookie.value)
    assert thief.get(f"/drafts/{draft.id}/basics").status_code == 200
    sign_in(client)
    assert "/sign-in" in thief.get(f"/drafts/{draft.id}/basics").location


def test_a_draft_has_its_whole_window_again(client: StrictClient, carla: Provider, travel: Travel, settings: Settings) -> None:
    now = travel()
    draft = started(client)
    now = travel(hours=40)
    sign_in(client)
    db.session.expire_all()
    assert draft.expires_at == now + settings.draft_delete_after


def test_signing_in_elsewhere_takes_nothing(client: StrictClient, another: Another, carla: Provider) -> None:
    draft = started(client)
    sign_in(another())
    assert owner_of(draft).endswith("@guest.invalid")


def test_a_failed_sign_in_takes_nothing(client: StrictClient, carla: Provider) -> None:
    draft = started(client)
    sign_in(client, password="something else entirely")
    assert owner_of(draft).endswith("@guest.invalid")
    assert client.get(f"/drafts/{draft.id}/basics").status_code == 200


def test_going_on_after_signing_in_leads_back_to_the_draft(client: StrictClient, carla: Provider) -> None:
    draft = started(client)
    response = client.post(
        f"/sign-in?next=/drafts/{draft.id}/review", data={"email": carla.email, "password": PASSWORD, "next": ""}
    )
    assert response.location.endswith(f"/drafts/{draft.id}/review")
    assert client.get(f"/drafts/{draft.id}/review").status_code == 200


def test_a_page_left_open_goes_on_saving_for_the_account(client: StrictClient, carla: Provider) -> None:
    draft = started(client)
    sign_in(client)
    assert client.put(f"/drafts/{draft.id}/basics", data={"name": "Other", "version": "1"}).status_code == 200


def test_the_cookie_that_outlives_the_session_goes_with_the_guest(client: StrictClient, carla: Provider) -> None:
    started(client)
    sign_in(client)
    assert client.get_cookie("remember_token") is None


def test_who_wants_to_be_remembered_is(client: StrictClient, carla: Provider) -> None:
    started(client)
    sign_in(client, remember="y")
    client.delete_cookie("session")
    assert client.get("/drafts").status_code == 200


def test_signing_out_does_not_bring_the_guest_back(client: StrictClient, carla: Provider) -> None:
    started(client)
    sign_in(client)
    client.post("/sign-out")
    assert "/sign-in" in client.get("/drafts").location


# Signing up.


def test_signing_up_and_confirming_in_the_same_browser_takes_the_drafts(client: StrictClient, letters: Letters) -> None:
    draft = started(client)
    client.post("/sign-up", data=TYPED)
    client.post(link_in(letters()[0]))
    assert owner_of(draft) == "dora@example.com"


def test_confirming_on_another_device_takes_them_too(client: StrictClient, another: Another, letters: Letters) -> None:
    draft, phone = started(client, "Evening updo"), another()
    client.post("/sign-up", data=TYPED)
    phone.post(link_in(letters()[0]))
    assert owner_of(draft) == "dora@example.com"
    assert "Evening updo" in phone.get("/drafts").page.words


def test_signing_up_alone_takes_nothing(client: StrictClient) -> None:
    draft = started(client)
    client.post("/sign-up", data=TYPED)
    assert owner_of(draft).endswith("@guest.invalid")
    assert client.get(f"/drafts/{draft.id}/basics").status_code == 200


def test_an_account_takes_nothing_of_a_guest_who_did_not_ask_for_it(
    client: StrictClient, another: Another, letters: Letters
) -> None:
    draft, stranger = started(client), another()
    stranger.post("/sign-up", data=TYPED)
    stranger.post(link_in(letters()[0]))
    assert owner_of(draft).endswith("@guest.invalid")


# What a claim is.


def test_a_draft_that_came_along_is_deleted_only_after_a_warning(
    client: StrictClient, carla: Provider, travel: Travel, settings: Settings
) -> None:
    travel()
    draft = started(client)
    sign_in(client)
    travel(hours=49)
    assert sweeps.expire(settings).drafts == 0
    assert db.session.scalar(select(Service.id).where(*rules.due_for_warning(clock.now(), settings.notice))) == draft.id


def test_a_claim_is_an_event(client: StrictClient, carla: Provider) -> None:
    draft = started(client)
    sign_in(client)
    assert db.session.scalars(select(Event.service_id).where(Event.name == "claimed")).all() == [draft.id]


def test_two_claims_at_once_move_the_drafts_once(
    client: StrictClient, carla: Provider, ada: Provider, settings: Settings
) -> None:
    guest = guest_of_draft(client)
    first = claiming.claim(guest.id, carla.id, settings)
    assert (len(first.drafts), claiming.claim(guest.id, ada.id, settings).drafts) == (1, ())


def test_an_account_can_not_be_claimed(ada: Provider, carla: Provider, settings: Settings) -> None:
    draft = factories.draft(ada, has_content=True)
    assert not claiming.claim(ada.id, carla.id, settings).drafts
    assert owner_of(draft) == "ada@example.com"


def test_no_drafts_at_all_are_no_news(client: StrictClient, carla: Provider) -> None:
    client.post("/try")
    sign_in(client)
    assert "without an account" not in client.get("/drafts").page.words
