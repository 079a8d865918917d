"""robots.txt and the sitemap."""

from datetime import timedelta
from typing import Any
from xml.etree.ElementTree import fromstring

import pytest

from app import clock
from app.services import crawlers
from tests import factories
from tests.strict import StrictClient

NS = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def urls(answer: Any) -> list[str]:
    return [str(each.text) for each in fromstring(answer.data).iter(f"{NS}loc")]


def everything(client: StrictClient) -> list[str]:
    pages = urls(client.get("/sitemap.xml"))
    return [url for page in pages for url in urls(client.get(page.removeprefix("http://localhost")))]


def test_robots_are_told_where_the_sitemap_is_and_what_is_of_no_use(client: StrictClient) -> None:
    text = client.get("/robots.txt").text
    assert "Sitemap: http://localhost/sitemap.xml" in text
    assert "Disallow: /services?q=" in text


@pytest.mark.parametrize("path", ["/drafts", "/account"])
def test_a_crawler_meets_a_page_that_is_not_for_the_index_where_an_account_is_needed(client: StrictClient, path: str) -> None:
    assert f"Disallow: {path}" not in client.get("/robots.txt").text, "it would never read that it shall not"
    answer = client.get(path, follow_redirects=True)
    assert answer.page.one("meta", name="robots").get("content") == "noindex"


def test_the_sitemap_holds_public_listings_with_their_last_change(client: StrictClient, ada: Any) -> None:
    factories.published(ada, slug="haircut")
    answer = client.get("/sitemap/listings.xml")
    assert answer.mimetype == "application/xml"
    assert urls(answer) == ["http://localhost/s/haircut"]
    assert fromstring(answer.data).find(f"{NS}url/{NS}lastmod") is not None


@pytest.mark.parametrize("hidden", [{"is_public": False}, {"is_active": False}, {"status": "archived"}])
def test_the_sitemap_holds_nothing_else(client: StrictClient, ada: Any, hidden: Any) -> None:
    factories.published(ada, **hidden)
    assert everything(client) == []


@pytest.mark.parametrize("count", [0, 1, 5, 6, 10, 11])
def test_the_pages_of_the_sitemap_hold_each_listing_once(client: StrictClient, ada: Any, count: int, monkeypatch: Any) -> None:
    monkeypatch.setattr(crawlers, "SITEMAP", 5)
    for number in range(count):
        factories.published(ada, slug=f"s{number}", published_at=clock.now() - timedelta(minutes=number // 2))
    assert sorted(everything(client)) == sorted(f"http://localhost/s/s{number}" for number in range(count))


def test_a_new_listing_moves_no_full_page(client: StrictClient, ada: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(crawlers, "SITEMAP", 2)
    for number in range(4):
        factories.published(ada, slug=f"s{number}", published_at=clock.now() - timedelta(minutes=9 - number))
    before = urls(client.get("/sitemap.xml"))
    factories.published(ada, slug="new")
    assert urls(client.get("/sitemap.xml"))[: len(before)] == before


def test_a_broken_cursor_is_the_first_page(client: StrictClient, ada: Any) -> None:
    factories.published(ada, slug="haircut")
    assert urls(client.get("/sitemap/listings.xml?after=%00%FF")) == ["http://localhost/s/haircut"]
