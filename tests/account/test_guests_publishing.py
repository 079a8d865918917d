"""A guest who publishes is asked for an account first, and whichever way that takes, it leads back to the draft."""

import pytest

from app.providers.models import Provider
from app.services.models import Service
from app.wizard import publishing
from app.wizard.context import Context
from tests.account.conftest import PASSWORD, link_in
from tests.account.guests import TYPED, Another, Letters, by_link, filled, guest_of, sign_in, started
from tests.strict import StrictClient


def test_publishing_leads_to_an_account(client: StrictClient) -> None:
    draft = filled(client)
    response = client.post(f"/drafts/{draft.id}/publication")
    assert response.location == f"/try/account?service={draft.id}"
    page = client.get(response.location).page
    assert page.all("a", href="/sign-up")
    assert page.all("a", href=f"/sign-in?next=/drafts/{draft.id}/review")


def test_publishing_says_first_what_is_missing(client: StrictClient) -> None:
    assert client.post(f"/drafts/{started(client).id}/publication").status_code == 422


def test_no_way_publishes_for_a_guest(client: StrictClient) -> None:
    draft = filled(client)
    with pytest.raises(publishing.NeedsAccount):
        publishing.publish(Context.of(guest_of(client), draft), is_public=True)


# The end.


# The way back.


@pytest.fixture
def wanted(client: StrictClient) -> Service:
    """What a guest wanted to publish, beside a draft that is only begun."""
    draft = filled(client)
    other = client.post("/drafts").location
    client.put(other, data={"name": "Another idea", "version": "0"})
    client.post(f"/drafts/{draft.id}/publication")
    return draft


def test_confirming_in_the_same_browser_leads_to_the_review(client: StrictClient, letters: Letters, wanted: Service) -> None:
    client.post("/sign-up", data=TYPED)
    assert client.post(link_in(letters()[0])).location == f"/drafts/{wanted.id}/review"


def test_confirming_on_another_device_leads_there_too_and_it_can_be_published(
    client: StrictClient, another: Another, letters: Letters, wanted: Service
) -> None:
    phone = another()
    client.post("/sign-up", data=TYPED)
    review = phone.get(phone.post(link_in(letters()[0])).location).page
    assert review.all("form", action=f"/drafts/{wanted.id}/publication")
    assert phone.post(f"/drafts/{wanted.id}/publication").location.startswith("/s/")


def test_a_link_that_was_asked_for_again_leads_there_too(client: StrictClient, letters: Letters, wanted: Service) -> None:
    client.post("/sign-up", data=TYPED)
    client.post("/confirm", data={"email": TYPED["email"]})
    assert client.post(link_in(letters()[-1])).location == f"/drafts/{wanted.id}/review"


def test_signing_in_without_a_word_of_the_draft_leads_there_too(client: StrictClient, carla: Provider, wanted: Service) -> None:
    assert sign_in(client).location == f"/drafts/{wanted.id}/review"


def test_signing_in_on_the_way_to_another_page_leads_to_that_page(
    client: StrictClient, carla: Provider, wanted: Service
) -> None:
    assert sign_in(client, next="/account").location == "/account"


def test_the_link_to_finish_later_leads_there_too(
    client: StrictClient, another: Another, letters: Letters, wanted: Service
) -> None:
    path = by_link(client, letters, "dora@example.com")
    made = another().post(path, data={"display_name": "Dora", "password": PASSWORD})
    assert made.location == f"/drafts/{wanted.id}/review"


def test_the_link_leads_an_account_there_too(
    client: StrictClient, another: Another, letters: Letters, carla: Provider, wanted: Service
) -> None:
    assert another().sign_in(carla).post(by_link(client, letters)).location == f"/drafts/{wanted.id}/review"


def test_a_draft_that_was_deleted_since_is_no_way_on(client: StrictClient, carla: Provider, wanted: Service) -> None:
    client.post(f"/drafts/{wanted.id}/discard")
    assert sign_in(client).location == "/drafts"


def test_signing_in_next_time_leads_to_the_dashboard(client: StrictClient, carla: Provider, wanted: Service) -> None:
    sign_in(client)
    client.post("/sign-out")
    assert sign_in(client).location == "/drafts"


def test_what_is_incomplete_is_not_gone_back_to(client: StrictClient, carla: Provider) -> None:
    client.post(f"/drafts/{started(client).id}/publication")
    assert sign_in(client).location == "/drafts"
