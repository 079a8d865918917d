"""Public pages can be kept by a CDN; what is meant for one visitor never is."""

from typing import Any

import pytest

from tests import factories
from tests.strict import StrictClient

PAGES = ["/", "/services", "/s/haircut", "/p/ada"]


@pytest.fixture
def listing(ada: Any) -> Any:
    ada.slug = "ada"
    return factories.published(ada, slug="haircut")


@pytest.mark.parametrize("path", PAGES)
def test_a_visitor_without_a_session_gets_a_page_that_everybody_may_keep(client: StrictClient, listing: Any, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.cache_control.public
    assert answer.cache_control.s_maxage == 60
    assert "Set-Cookie" not in answer.headers
    assert "Cookie" not in answer.vary
    assert "Accept-Language" in answer.vary


@pytest.mark.parametrize("path", PAGES)
def test_an_unchanged_page_is_not_sent_again(client: StrictClient, listing: Any, path: str) -> None:
    tag = client.get(path).headers["ETag"]
    answer = client.get(path, headers={"If-None-Match": tag})
    assert answer.status_code == 304
    assert not answer.data


@pytest.mark.parametrize("path", ["/s/haircut", "/services"])
def test_a_signed_in_visitor_gets_a_page_of_their_own(as_ada: StrictClient, listing: Any, path: str) -> None:
    answer = as_ada.get(path)
    assert not answer.cache_control.public
    assert answer.cache_control.private
    assert "Cookie" in answer.vary


def test_a_message_for_one_visitor_is_not_kept_for_others(client: StrictClient, listing: Any) -> None:
    with client.session_transaction() as session:
        session["_flashes"] = [("message", "Only for you")]
    answer = client.get("/services")
    assert "Only for you" in answer.text
    assert answer.cache_control.private
    assert not answer.cache_control.public


def test_a_fragment_is_kept_by_nobody(client: StrictClient, listing: Any) -> None:
    answer = client.get("/services", headers={"HX-Request": "true"})
    assert not answer.cache_control.public
    assert "HX-Request" in answer.vary


def test_a_missing_page_is_kept_by_nobody(client: StrictClient, listing: Any) -> None:
    assert not client.get("/s/other").cache_control.public
