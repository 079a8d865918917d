"""In a language that runs from right to left the pages are the mirror image: nothing overlaps, nothing sticks out.

No such language is translated yet. Arabic has no catalogue here, so the words stay English; the direction, the digits and the dates are Arabic's.
"""

from typing import Any

from playwright.sync_api import Page

from app.extensions import db
from tests import factories
from tests.browser.conftest import Site
from tests.browser.test_wizard_pages import answered
from tests.services.test_listing import photo
from tests.wizard.conftest import HALF

# What is wider than the screen, controls that reach out of it, controls that lie on each other, and what stands on the wrong side.
WRONG = """() => {
  const box = each => each.getBoundingClientRect();
  const say = each => `${each.tagName} ${(each.innerText || each.name || each.id).slice(0, 30)}`;
  const shown = [...document.querySelectorAll("a, button, input, select, textarea, summary")].filter(each =>
    each.checkVisibility({visibilityProperty: true, opacityProperty: true}) && box(each).width > 2
    && !each.closest(".step-actions, .visually-hidden, .skip, .table-scroll, .gallery"));
  const out = shown.filter(each => box(each).left < -1 || box(each).right > innerWidth + 1);
  const cross = (one, other) => Math.min(one.right, other.right) - Math.max(one.left, other.left) > 2
    && Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) > 2;
  const over = shown.flatMap((one, at) => shown.slice(at + 1).filter(other =>
    !one.contains(other) && !other.contains(one) && cross(box(one), box(other))).map(other => `${say(one)} on ${say(other)}`));
  const after = (...pair) => {
    const [one, other] = pair.map(each => document.querySelector(each));
    return one && other && box(one).left < box(other).left;
  };
  const sides = [[".brand", ".site-nav"], [".step-title", "#step-form"], [".row-body", ".row .row-actions"]];
  const isWide = innerWidth > 1000;
  const wrong = sides.filter(([first, then], at) => (at === 0 || isWide) && after(first, then)).map(pair => pair.join(" is not right of "));
  return [...(document.dir === "rtl" ? [] : ["direction"]), ...(document.documentElement.scrollWidth > innerWidth ? ["page too wide"] : []),
    ...out.map(each => `out: ${say(each)}`), ...over, ...wrong];
}"""


def test_pages_are_mirrored_and_nothing_overlaps(site: Site, page: Page, sign_in: Any) -> None:
    amal = factories.provider("amal@example.com", display_name="صالون أمل", locale="ar")
    draft = answered(site, amal, HALF)
    for state in ("ready", "rejected"):
        factories.media(draft, state=state)
    listed = factories.published(amal, name="قص الشعر", summary="غسل وقص", included=["غسل"], price_kind="from")
    for _each in range(3):
        photo(listed)
    db.session.commit()
    sign_in(page, amal)
    steps = [f"/drafts/{draft.id}/{each}" for each in ("basics", "details", "price", "availability", "media", "review")]
    wrong = {}
    for path in ["/drafts", *steps, f"/s/{listed.slug}"]:
        page.goto(path)
        wrong[path.rpartition("/")[2]] = page.evaluate(WRONG)
    assert not {path: each for path, each in wrong.items() if each}
