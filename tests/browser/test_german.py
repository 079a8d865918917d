"""German words are longer: the pages still fit a phone."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from tests import factories
from tests.browser.conftest import Site

# A page wider than the screen; words wider than their button; and a header that takes a second line.
TOO_WIDE = """() => {
  const say = (what, each) => `${what}: ${each.innerText}`;
  const width = document.documentElement.scrollWidth;
  const visible = node => node.textContent.trim() && node.parentElement.checkVisibility() && !node.parentElement.closest(".visually-hidden");
  const right = node => { const range = document.createRange(); range.selectNodeContents(node); return range.getBoundingClientRect().right; };
  const cut = [...document.querySelectorAll(".button, .badge")].filter(each => [...each.childNodes].some(node =>
    node.nodeType === Node.TEXT_NODE && visible(node) && right(node) > each.getBoundingClientRect().right));
  const [brand, me] = [document.querySelector("header a"), document.querySelector("header nav")].map(each => each.getBoundingClientRect());
  return [...(width > innerWidth ? [`page: ${width}`] : []), ...cut.map(each => say("button", each)), ...(me.top >= brand.bottom ? ["header"] : [])];
}"""


@pytest.fixture
def dora(app: Any) -> Any:
    return factories.provider("dora@example.com", display_name="Doras Praxis für Körperarbeit", locale="de")


@pytest.mark.parametrize("size", ["phone"], indirect=True)
def test_german_pages_fit_a_phone(site: Site, page: Page, sign_in: Any, dora: Any) -> None:
    sign_in(page, dora)
    draft = factories.draft(dora, name="Rückenmassage", has_content=True)
    listed = factories.published(dora, name="Tiefengewebsmassage", is_active=False)
    steps = [f"/drafts/{draft.id}/{each}" for each in ("basics", "details", "price", "availability", "media", "review")]
    wrong = {}
    for path in ["/", "/drafts", "/account", "/services", f"/s/{listed.slug}", *steps]:
        page.goto(path)
        wrong[path] = page.evaluate(TOO_WIDE)
    assert not {path: each for path, each in wrong.items() if each}


@pytest.mark.parametrize("size", ["phone"], indirect=True)
def test_german_pages_of_a_guest_fit_a_phone(site: Site, new_page: Callable[..., Page], size: str) -> None:
    page = new_page(size, locale="de-DE")
    wrong = {}
    for path in ("/", "/services", "/sign-in", "/sign-up", "/forgotten-password"):
        page.goto(path)
        wrong[path] = page.evaluate(TOO_WIDE)
    assert not {path: each for path, each in wrong.items() if each}
