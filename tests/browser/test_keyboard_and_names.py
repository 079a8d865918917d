"""The whole way from signing in to a published listing, by the keyboard alone, and by the names that a screen reader says alone; and on a screen
as low as 400 % zoom makes it, nothing that has the focus is hidden."""

from collections.abc import Callable
from typing import Any

import pytest
from flask_security import hash_password
from playwright.sync_api import Locator, Page, expect

from app.extensions import db
from tests.browser.conftest import Site
from tests.browser.test_wizard_pages import answered
from tests.wizard.conftest import HALF

PASSWORD = "seven green umbrellas"

# Whether what has the focus can be seen: some point of it is in the window and nothing lies over it (WCAG 2.4.11), and it is marked (2.4.7).
SEEN = """() => {
  const focused = document.activeElement;
  if (focused === document.body || focused.matches("h1, main, .skip")) return "";
  const box = focused.getBoundingClientRect();
  const inside = (x, y) => x >= 0 && y >= 0 && x < innerWidth && y < innerHeight;
  const places = [0.1, 0.5, 0.9];
  const points = places.flatMap(x => places.map(y => [box.left + box.width * x, box.top + box.height * y])).filter(each => inside(...each));
  const isIt = top => focused.contains(top) || top.contains(focused) || top.closest("label")?.control === focused;
  const isOnTop = ([x, y]) => { const top = document.elementFromPoint(x, y); return top && isIt(top); };
  const styles = [focused, focused.closest(".affixed, .versions > li, .choice")].filter(Boolean).map(each => getComputedStyle(each));
  const said = focused.innerText || focused.name || focused.id;
  if (!points.some(isOnTop)) return `hidden: ${said}`;
  const isMarked = styles.some(style => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2);
  return isMarked ? "" : `not marked: ${said}`;
}"""


@pytest.fixture
def known(ada: Any) -> Any:
    ada.password = hash_password(PASSWORD)
    db.session.commit()
    return ada


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until it has the focus."""
    expect(wanted).to_be_visible()
    for _press in range(80):
        page.keyboard.press("Tab")
        if wanted.evaluate("each => each === document.activeElement"):
            return
    raise AssertionError(f"Tab does not reach {wanted}")


def type_into(page: Page, label: str, words: str) -> None:
    tab_to(page, page.get_by_label(label, exact=True))
    page.keyboard.type(words)


def at(page: Page, heading: str) -> None:
    """The step has come, and a screen reader begins with its heading."""
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)


@pytest.mark.parametrize("size", ["desktop"], indirect=True)
def test_the_whole_way_is_walked_with_the_keyboard_alone(site: Site, page: Page, known: Any) -> None:
    page.goto("/sign-in")
    type_into(page, "Email", known.email)
    type_into(page, "Password", PASSWORD)
    page.keyboard.press("Enter")
    at(page, "My services")
    tab_to(
        page, page.locator("main").get_by_role("button", name="New service").or_(page.get_by_role("button", name="Start")).first
    )
    page.keyboard.press("Space")
    at(page, "Basics")
    type_into(page, "Name of the service", "Haircut")
    tab_to(page, page.get_by_label("Type"))
    page.keyboard.type("Hair")
    type_into(page, "In one line", "Wash and cut")
    page.keyboard.press("Enter")
    at(page, "Details")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    type_into(page, "Description", "An hour.")
    tab_to(page, page.get_by_label("Online"))
    page.keyboard.press("Space")
    tab_to(page, page.get_by_role("button", name="Continue"))
    page.keyboard.press("Enter")
    at(page, "Price and time")
    tab_to(page, page.get_by_label("A fixed price"))
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("From a price up")).to_be_checked()
    type_into(page, "Amount", "45")
    type_into(page, "Duration", "60")
    tab_to(page, page.get_by_role("button", name="Add a package"))
    page.keyboard.press("Enter")
    expect(page.get_by_label("Package", exact=True)).to_be_focused()
    page.keyboard.type("Long hair")
    type_into(page, "Minutes", "90")
    tab_to(page, page.locator("#packages-0-price_minor"))
    page.keyboard.type("70")
    page.keyboard.press("Enter")
    at(page, "Availability")
    tab_to(page, page.get_by_role("button", name="Continue"))
    page.keyboard.press("Enter")
    at(page, "Photos and files")
    tab_to(page, page.get_by_role("button", name="Continue"))
    page.keyboard.press("Enter")
    at(page, "Review and publish")
    tab_to(page, page.get_by_role("radio", name="Everybody"))
    page.keyboard.press("ArrowDown")
    tab_to(page, page.get_by_role("button", name="Publish"))
    page.keyboard.press("Space")
    at(page, "Haircut")
    expect(page.get_by_text("Your listing, only by link")).to_be_visible()


@pytest.mark.parametrize("size", ["phone"], indirect=True)
def test_the_whole_way_is_walked_by_the_names_of_things_alone(site: Site, page: Page, known: Any) -> None:
    def fill(name: str, words: str, of: Any = page) -> None:
        of.get_by_role("textbox", name=name, exact=True).fill(words)

    def press(name: str) -> None:
        page.get_by_role("main").get_by_role("button", name=name, exact=True).click()

    page.goto("/sign-in")
    fill("Email", known.email)
    fill("Password", PASSWORD)
    press("Sign in")
    at(page, "My services")
    page.get_by_role("main").get_by_role("button", name="New service").or_(
        page.get_by_role("button", name="Start")
    ).first.click()
    at(page, "Basics")
    fill("Name of the service", "Haircut")
    page.get_by_role("combobox", name="Type", exact=True).select_option(label="Hair")
    fill("In one line", "Wash and cut")
    press("Continue")
    at(page, "Details")
    fill("Description", "An hour.")
    page.get_by_role("group", name="Where it happens").get_by_role("checkbox", name="Online").check()
    press("Continue")
    at(page, "Price and time")
    page.get_by_role("group", name="Price", exact=True).get_by_role("radio", name="From a price up").check()
    fill("Amount", "45")
    fill("Duration", "60")
    press("Add a package")
    package = page.get_by_role("group", name="Package 1")
    fill("Package", "Long hair", package)
    fill("Minutes", "90", package)
    fill("Price", "70", package)
    press("Continue")
    at(page, "Availability")
    page.get_by_label("Monday, from", exact=True).fill("09:00")
    page.get_by_label("Monday, to", exact=True).fill("12:30")
    press("Continue")
    at(page, "Photos and files")
    page.get_by_role("navigation", name="Steps").get_by_role("link", name="Review and publish").click()
    at(page, "Review and publish")
    page.get_by_role("group", name="Who may find it").get_by_role("radio", name="Only by link").check()
    press("Publish")
    at(page, "Haircut")
    expect(page.get_by_role("row", name="Long hair")).to_be_visible()


@pytest.mark.parametrize("screen", [(320, 256), (390, 640)], ids=["zoom", "phone"])
@pytest.mark.parametrize("size", ["desktop"], indirect=True)
def test_what_has_the_focus_is_seen_on_a_small_screen(
    site: Site, page: Page, sign_in: Callable[..., None], ada: Any, screen: tuple[int, int]
) -> None:
    draft = answered(site, ada, HALF)
    sign_in(page, ada)
    page.set_viewport_size({"width": screen[0], "height": screen[1]})
    page.goto(f"/drafts/{draft.id}/price")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    found = set()
    for _press in range(32):
        page.keyboard.press("Tab")
        found.add(page.evaluate(SEEN))
    assert found == {""}
