"""The last page: checking, publishing, and what happens to a published service that is changed."""

from collections.abc import Callable
from typing import Any

import pytest

from app.extensions import db
from app.services.models import Service, Status
from tests import factories
from tests.strict import HTML, StrictClient
from tests.wizard.conftest import WHOLE

Path = Callable[..., str]


def publish(client: StrictClient, service: Service, **data: str) -> Any:
    return client.post(f"/drafts/{service.id}/publication", data=data)


def test_every_answer_is_shown_with_a_link_to_its_field(as_ada: StrictClient, whole: Service, path: Path) -> None:
    page = as_ada.get(path(whole, "review")).page
    for words in (
        "Haircut",
        "Hair",
        "Wash, cut and blow-dry",
        "At my place",
        "Berlin",
        "€45.00",
        "Long hair · 1 hr 30 min · €70.00",
    ):
        assert words in page.words
    assert "Monday: 09:00–12:30" in page.words
    links = [link.get("href") for link in page.root.iter(HTML + "a") if "then=review#" in (link.get("href") or "")]
    for link in links:
        address, _, anchor = link.partition("#")
        assert as_ada.get(address).page.by_id(anchor) is not None or address.endswith("/media?then=review"), link


def test_what_is_missing_is_said_with_links(as_ada: StrictClient, half: Service, path: Path) -> None:
    page = as_ada.get(path(half, "review")).page
    assert "Before you can publish" in page.words
    links = [(link.get("href"), link.text) for link in page.root.iter(HTML + "a")]
    assert (path(half, "basics") + "?then=review#service_type", "Basics: Choose the type that fits best.") in links


def test_publishing_makes_a_public_listing_and_shows_it(as_ada: StrictClient, whole: Service) -> None:
    response = publish(as_ada, whole, visibility="public")
    assert response.status_code == 303
    db.session.refresh(whole)
    assert (whole.status, whole.is_active, whole.is_public) == (Status.PUBLISHED, True, True)
    assert response.location == f"/s/{whole.slug}"
    assert as_ada.get(response.location).page.one("h1").text == "Haircut"


def test_a_listing_can_be_published_for_who_has_the_link(as_ada: StrictClient, whole: Service) -> None:
    publish(as_ada, whole, visibility="link")
    db.session.refresh(whole)
    assert (whole.is_active, whole.is_public) == (True, False)


@pytest.mark.parametrize("state", ["draft", "half"])
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_what_is_incomplete_is_not_published_and_says_what_is_missing(
    request: pytest.FixtureRequest, as_ada: StrictClient, state: str, headers: dict[str, str]
) -> None:
    service = request.getfixturevalue(state)
    response = as_ada.post(f"/drafts/{service.id}/publication", data={"visibility": "public"}, headers=headers)
    assert response.status_code == 422
    summary = "".join(response.page.one("div", class_="error-summary").itertext())
    assert "Choose the type that fits best." in summary
    db.session.refresh(service)
    assert service.status == Status.DRAFT
    assert service.slug is None


def test_changes_that_are_incomplete_are_not_published(as_ada: StrictClient, ada: Any, path: Path) -> None:
    service = factories.published(ada)
    as_ada.put(path(service, "basics"), data={"name": "", "version": "0"})
    assert publish(as_ada, service).status_code == 422
    db.session.refresh(service)
    assert service.name == "Haircut"


def test_publishing_again_changes_nothing_for_visitors(as_ada: StrictClient, whole: Service) -> None:
    publish(as_ada, whole, visibility="public")
    db.session.refresh(whole)
    slug, first = whole.slug, whole.published_at
    assert publish(as_ada, whole).status_code == 303
    db.session.refresh(whole)
    assert (whole.slug, whole.published_at, whole.is_public) == (slug, first, True)


def test_another_providers_draft_is_not_published(as_boris: StrictClient, whole: Service) -> None:
    assert publish(as_boris, whole, visibility="public").status_code == 404
    db.session.refresh(whole)
    assert whole.status == Status.DRAFT


def test_publishing_needs_a_token(as_ada: StrictClient, whole: Service) -> None:
    assert publish(as_ada, whole, csrf_token="stale").status_code == 400
    db.session.refresh(whole)
    assert whole.status == Status.DRAFT


def test_visitors_see_the_old_listing_until_changes_are_published(
    as_ada: StrictClient, client: StrictClient, ada: Any, path: Path
) -> None:
    service = factories.published(ada)
    data = WHOLE["basics"] | {"name": "Another name", "version": "0"}
    assert as_ada.post(path(service, "basics"), data=data).status_code == 303
    db.session.refresh(service)
    assert service.name == "Haircut"
    assert "Publish changes" in as_ada.get(path(service, "review")).page.words
    publish(as_ada, service)
    db.session.refresh(service)
    assert service.name == "Another name"


def test_publishing_changes_leaves_an_unlisted_service_unlisted(as_ada: StrictClient, ada: Any, path: Path) -> None:
    service = factories.published(ada, is_public=False)
    page = as_ada.get(path(service, "review")).page
    assert page.by_id("visibility-link").get("checked") is not None
    publish(as_ada, service)
    db.session.refresh(service)
    assert service.is_public is False


def test_changes_can_be_discarded(as_ada: StrictClient, ada: Any, path: Path) -> None:
    service = factories.published(ada)
    assert "Discard changes" not in as_ada.get(path(service, "review")).page.words
    as_ada.put(path(service, "basics"), data={"name": "Another name", "version": "0"})
    assert "Discard changes" in as_ada.get(path(service, "review")).page.words
    assert as_ada.post(f"/services/{service.id}/discard-changes").status_code == 303
    assert as_ada.get(path(service, "basics")).page.by_id("name").get("value") == "Haircut"


@pytest.fixture
def changed(as_ada: StrictClient, whole: Service, path: Path, travel: Any) -> Service:
    """Published, and changed since."""
    publish(as_ada, whole, visibility="public")
    travel(minutes=1)
    rename(as_ada, path(whole, "basics"), "Another name")
    return whole


def rename(client: StrictClient, address: str, name: str) -> None:
    version = client.get(address).page.one("input", name="version").get("value")
    assert client.put(address, data=WHOLE["basics"] | {"name": [name], "version": version}).status_code == 200


def press(client: StrictClient, service: Service, verb: str, revision: str) -> Any:
    return client.post(
        {"publish": f"/drafts/{service.id}/publication", "discard": f"/services/{service.id}/discard-changes"}[verb],
        data={"revision": revision},
    )


def revision_shown(client: StrictClient, address: str) -> str:
    shown = {
        field.get("value") for field in client.get(address).page.root.iter(HTML + "input") if field.get("name") == "revision"
    }
    assert len(shown) == 1
    return str(shown.pop())


@pytest.mark.parametrize("verb", ["publish", "discard"])
def test_what_a_page_did_not_show_is_shown_before_anything_becomes_of_it(
    as_ada: StrictClient, changed: Service, path: Path, verb: str
) -> None:
    seen = revision_shown(as_ada, path(changed, "review"))
    rename(as_ada, path(changed, "basics"), "A later name")
    response = press(as_ada, changed, verb, seen)
    assert response.status_code == 409
    assert "Something was changed since you opened this page" in response.page.words
    assert "A later name" in response.page.words
    assert as_ada.get(path(changed, "basics")).page.by_id("name").get("value") == "A later name"


@pytest.mark.parametrize(("verb", "others"), [("publish", "discard"), ("discard", "publish")])
def test_what_another_device_made_of_it_is_not_taken_for_ones_own_press(
    as_ada: StrictClient, changed: Service, path: Path, verb: str, others: str
) -> None:
    seen = revision_shown(as_ada, path(changed, "review"))
    assert press(as_ada, changed, others, seen).status_code == 303
    assert press(as_ada, changed, verb, seen).status_code == 409


def test_a_step_leads_to_what_was_discarded(as_ada: StrictClient, changed: Service, path: Path) -> None:
    press(as_ada, changed, "discard", revision_shown(as_ada, path(changed, "review")))
    assert "Earlier versions of this step" in as_ada.get(path(changed, "basics")).page.words


@pytest.mark.parametrize("verb", ["publish", "discard"])
def test_what_a_page_showed_is_what_becomes_of_it_and_a_second_press_does_no_harm(
    as_ada: StrictClient, changed: Service, path: Path, verb: str
) -> None:
    seen = revision_shown(as_ada, path(changed, "review"))
    assert [press(as_ada, changed, verb, seen).status_code for _press in range(2)] == [303, 303]


def test_a_draft_has_no_changes_to_discard(as_ada: StrictClient, whole: Service) -> None:
    assert as_ada.post(f"/services/{whole.id}/discard-changes").status_code == 422


def test_another_providers_changes_are_not_discarded(as_boris: StrictClient, ada: Any) -> None:
    assert as_boris.post(f"/services/{factories.published(ada).id}/discard-changes").status_code == 404


def test_finishing_later_keeps_the_text_and_goes_to_the_dashboard(as_ada: StrictClient, draft: Service, path: Path) -> None:
    response = as_ada.post(path(draft, "basics"), data={"name": "Haircut", "version": "0", "action": "later"})
    assert response.status_code == 303
    assert response.location == "/drafts"
    db.session.refresh(draft)
    assert draft.answers is not None
    assert draft.answers["basics"]["typed"] == {"name": ["Haircut"]}


def test_finishing_later_leaves_the_wizard_with_htmx_too(as_ada: StrictClient, draft: Service, path: Path) -> None:
    data = {"name": "Haircut", "version": "0", "action": "later"}
    response = as_ada.post(path(draft, "basics"), data=data, headers={"HX-Request": "true"})
    assert response.headers["HX-Redirect"] == "/drafts"


def test_the_description_is_shown_as_visitors_will_see_it(as_ada: StrictClient, whole: Service, path: Path) -> None:
    page = as_ada.get(path(whole, "review")).page
    (prose,) = page.all("div", class_="prose")
    assert [each.text for each in prose.iter(HTML + "strong")] == ["your"]
    assert "**" not in page.words
    assert not page.all("details", class_="rest")


def test_the_rest_of_a_long_description_waits_behind_a_disclosure(
    as_ada: StrictClient, whole: Service, save: Any, path: Path
) -> None:
    long = "First.\n\n" + "Words. " * 120 + "\n\n<script>Last</script>."
    save(whole.id, "details", WHOLE["details"] | {"description": [long]})
    page = as_ada.get(path(whole, "review")).page
    assert "Last" in "".join(page.one("details", class_="rest").itertext())
    assert "First." in "".join(page.all("div", class_="prose")[0].itertext())
    assert not any("Last" in (each.text or "") for each in page.all("script"))


def test_a_description_that_is_missing_is_said_to_be(as_ada: StrictClient, draft: Service, path: Path) -> None:
    assert "Describe the service." in as_ada.get(path(draft, "review")).page.words
