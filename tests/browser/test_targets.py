"""Whatever can be pressed is large enough to be met: 24 by 24 CSS pixels (WCAG 2.2, 2.5.8), but for links within a sentence."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from app.media.models import State
from tests import factories
from tests.browser.conftest import Site

TOO_SMALL = """() => {
  const LEAST = 24;
  const all = [...document.querySelectorAll("a[href], button, summary, select, textarea, input:not([type=hidden])")];
  const isInSentence = (each) => {
    const words = each.closest("p, li, dd, label")?.innerText.trim() ?? "";
    return each.matches("a") && getComputedStyle(each).display === "inline" && words.length > each.innerText.trim().length;
  };
  // What only readers of the screen meet is no target: its label is, or it shows itself with the focus.
  const isSeen = (each) => each.checkVisibility({ visibilityProperty: true }) && getComputedStyle(each).clipPath === "none" && each.offsetWidth > 1;
  return all.filter((each) => isSeen(each) && !isInSentence(each)).flatMap((each) => {
    const { width, height } = each.getBoundingClientRect();
    const is = `${each.tagName} ${each.id || each.className || ""} "${(each.innerText || each.name || "").trim().slice(0, 40)}"`;
    return Math.min(width, height) < LEAST - 0.5 ? [`${is}: ${Math.round(width)} x ${Math.round(height)}`] : [];
  });
}"""


@pytest.fixture
def paths(site: Site, ada: Any) -> list[str]:
    """The wizard, the dashboard with each kind of row, and what visitors see."""
    draft, listed = factories.draft(ada, name="Haircut", has_content=True), factories.published(ada)
    for name in ("one.jpg", "two.jpg"):
        factories.media(draft, state=State.READY, file_name=name)
    steps = ("basics", "details", "price", "availability", "media", "review")
    return ["/", "/services", f"/s/{listed.slug}", "/drafts", *(f"/drafts/{draft.id}/{key}" for key in steps)]


def test_no_target_is_too_small(paths: list[str], page: Page, sign_in: Callable[..., None], ada: Any) -> None:
    sign_in(page, ada)
    found = {}
    for path in paths:
        page.goto(path)
        found[path] = page.evaluate(TOO_SMALL)
    assert {path: each for path, each in found.items() if each} == {}
