"""Photos and files in a real browser, sent straight to a folder and to a bucket."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import CDPSession, Page, Route, expect

from app.extensions import db
from app.media import operations as media
from app.media.models import Media
from app.services.models import Service
from tests.browser.conftest import Site
from tests.browser.uploading import chosen, draft, has_files, has_state, is_saved, step, stored, tile, work
from tests.browser.waiting import wait_for

__all__ = ["chosen", "draft", "step", "stored"]
# Which database keeps the rows makes no difference to what a browser does.
pytestmark = [
    pytest.mark.parametrize("size", ["desktop"], indirect=True),
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True, scope="session"),
]
ANSWERS = [{"urlPattern": f"*/{room}/*", "requestStage": "Response"} for room in ("incoming", "storage")]
NewPage = Callable[..., Page]


@pytest.fixture
def filled(site: Site, step: Page, chosen: Any) -> Page:
    """The step with three photos that were checked."""
    step.set_input_files("#files", chosen("one.jpg", "two.png", "three.jpg"))
    for name in ("one.jpg", "two.png", "three.jpg"):
        has_state(step, name, "received")
    work(site)
    for name in ("one.jpg", "two.png", "three.jpg"):
        has_state(step, name, "ready")
    return step


def test_files_are_sent_checked_and_shown_live(stored: str, site: Site, step: Page, chosen: Any) -> None:
    step.set_input_files("#files", chosen("one.jpg", "prices.pdf", "diary.jpg"))
    for name in ("one.jpg", "prices.pdf", "diary.jpg"):
        has_state(step, name, "received")
    work(site)
    has_state(step, "one.jpg", "ready")
    has_state(step, "prices.pdf", "ready")
    expect(tile(step, "diary.jpg")).to_contain_text("This isn't a photo, although its name says so.")
    picture = tile(step, "one.jpg").locator("img")
    expect(picture).to_have_attribute(
        "src", f"/media/{site.rows.query(Media).filter_by(file_name='one.jpg').one().id}/file/320.jpg"
    )
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") == 320


def test_a_photo_is_seen_before_it_is_sent(step: Page, chosen: Any) -> None:
    step.route("**/media", lambda _route: None)
    step.set_input_files("#files", chosen("one.jpg"))
    picture = step.locator(".tile img")
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") == 640


def test_a_file_that_is_chosen_before_the_scripts_are_there_is_sent_too(
    site: Site, page: Page, sign_in: Any, ada: Any, draft: Service, chosen: Any
) -> None:
    sign_in(page, ada)
    held: list[Route] = []
    page.route("**/media/words/*", lambda route: held.append(route))
    page.goto(f"/drafts/{draft.id}/media")
    page.set_input_files("#files", chosen("one.jpg"))
    wait_for(page, lambda: bool(held))
    held[0].continue_()
    has_state(page, "one.jpg", "received")
    has_files(page, "one.jpg")


def test_the_first_photo_is_the_cover_until_another_is_chosen(filled: Page) -> None:
    expect(tile(filled, "one.jpg").get_by_label("Cover photo")).to_be_checked()
    is_saved(filled, lambda: tile(filled, "two.png").get_by_label("Cover photo").check())
    filled.reload()
    expect(tile(filled, "two.png").get_by_label("Cover photo")).to_be_checked()


def test_what_cant_be_taken_is_said_before_it_is_sent(step: Page, chosen: Any) -> None:
    step.set_input_files("#files", chosen("logo.svg", "one.jpg"))
    expect(step.locator("[data-part=problems]")).to_contain_text("logo.svg: This kind of file can't be uploaded.")
    has_state(step, "one.jpg", "received")
    has_files(step, "one.jpg")


def test_files_can_be_dropped_and_pasted(step: Page) -> None:
    step.evaluate("""async () => {
        const file = async (name) => {
            const canvas = Object.assign(document.createElement("canvas"), { width: 20, height: 20 });
            return new File([await new Promise((done) => canvas.toBlob(done))], name, { type: "image/png" });
        };
        const holding = async (name) => { const held = new DataTransfer(); held.items.add(await file(name)); return held; };
        const zone = document.querySelector("[data-dropzone]");
        zone.dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: await holding("dropped.png") }));
        document.dispatchEvent(new ClipboardEvent("paste", { clipboardData: await holding("pasted.png"), cancelable: true }));
    }""")
    has_state(step, "dropped.png", "received")
    has_state(step, "pasted.png", "received")


def test_the_order_changes_by_keyboard_and_stays(filled: Page) -> None:
    tile(filled, "three.jpg").get_by_role("button", name="Move three.jpg earlier").focus()
    is_saved(filled, lambda: filled.keyboard.press("Enter"))
    has_files(filled, "one.jpg", "three.jpg", "two.png")
    expect(tile(filled, "three.jpg").get_by_role("button", name="Move three.jpg earlier")).to_be_focused()
    expect(filled.locator("[data-part=live]")).to_have_text("three.jpg is now number 2 of 3.")
    filled.reload()
    has_files(filled, "one.jpg", "three.jpg", "two.png")


def test_the_focus_stays_on_a_file_that_reaches_the_end(filled: Page) -> None:
    tile(filled, "two.png").get_by_role("button", name="Move two.png later").click()
    expect(tile(filled, "two.png").get_by_role("button", name="Move two.png earlier")).to_be_focused()


def test_the_order_changes_by_dragging_and_stays(filled: Page) -> None:
    handle = tile(filled, "three.jpg").locator("[data-part=handle]").bounding_box()
    first = tile(filled, "one.jpg").locator(".thumb").bounding_box()
    assert handle is not None
    assert first is not None
    filled.mouse.move(handle["x"] + 10, handle["y"] + 10)
    filled.mouse.down()
    filled.mouse.move(first["x"] + 40, first["y"] + 40, steps=8)
    is_saved(filled, filled.mouse.up)
    filled.reload()
    has_files(filled, "three.jpg", "one.jpg", "two.png")


def test_a_removed_file_comes_back_by_undo(filled: Page) -> None:
    remove = tile(filled, "two.png").get_by_role("button", name="Remove two.png")
    undo = filled.get_by_role("button", name="Undo")
    is_saved(filled, lambda: (remove.click(), expect(undo).to_be_focused()))
    has_files(filled, "one.jpg", "three.jpg")
    is_saved(filled, lambda: (undo.click(), expect(remove).to_be_focused()))
    filled.reload()
    has_files(filled, "one.jpg", "two.png", "three.jpg")


def test_what_a_removed_photo_shows_comes_back_with_it(filled: Page) -> None:
    shows = tile(filled, "two.png").get_by_label("What it shows")
    is_saved(filled, lambda: shows.fill("The salon"))
    remove = tile(filled, "two.png").get_by_role("button", name="Remove two.png")
    is_saved(filled, lambda: (remove.click(), expect(filled.get_by_role("button", name="Undo")).to_be_focused()))
    filled.reload()
    is_saved(filled, lambda: tile(filled, "one.jpg").get_by_label("What it shows").fill("The door"))
    filled.get_by_text("Removed files").click()
    filled.get_by_role("button", name="Put back two.png").click()
    expect(shows).to_have_value("The salon")


def test_what_a_photo_shows_is_kept(filled: Page) -> None:
    is_saved(filled, lambda: tile(filled, "one.jpg").get_by_label("What it shows").fill("A bob, from the side"))
    filled.reload()
    expect(tile(filled, "one.jpg").get_by_label("What it shows")).to_have_value("A bob, from the side")


@pytest.fixture
def cut(step: Page) -> Iterator[list[int]]:
    """Break the connection after the store has taken a file: its answers never arrive. What they were."""
    statuses: list[int] = []
    session: CDPSession = step.context.new_cdp_session(step)

    def lose(event: dict[str, Any]) -> None:
        if event["request"]["method"] == "PUT":
            statuses.append(event["responseStatusCode"])
            session.send("Fetch.failRequest", {"requestId": event["requestId"], "errorReason": "ConnectionReset"})
        else:
            session.send("Fetch.continueRequest", {"requestId": event["requestId"]})

    session.on("Fetch.requestPaused", lose)
    session.send("Fetch.enable", {"patterns": ANSWERS})
    yield statuses
    session.detach()


def test_a_file_whose_answer_got_lost_is_not_sent_again(stored: str, step: Page, chosen: Any, cut: list[int]) -> None:
    step.set_input_files("#files", chosen("clip.mp4"))
    has_state(step, "clip.mp4", "received")
    assert cut == [200]


def test_an_upload_waits_for_the_network_and_goes_on_by_itself(step: Page, chosen: Any) -> None:
    step.context.set_offline(True)
    step.set_input_files("#files", chosen("one.jpg"))
    expect(step.locator(".tile")).to_contain_text("You are offline.")
    step.context.set_offline(False)
    has_state(step, "one.jpg", "received")


def test_an_upload_goes_on_while_one_visits_another_step(site: Site, step: Page, chosen: Any) -> None:
    held: list[Any] = []
    step.route("**/storage/*", lambda route: held.append(route))
    step.set_input_files("#files", chosen("clip.mp4"))
    expect(tile(step, "clip.mp4")).to_contain_text("0 % sent")
    step.get_by_role("link", name="Basics").click()
    expect(step.get_by_role("heading", level=1)).to_have_text("Basics")
    step.get_by_role("link", name="Photos and files").click()
    expect(tile(step, "clip.mp4").get_by_role("progressbar")).to_be_visible()
    wait_for(step, lambda: bool(held))
    held[0].continue_()
    has_state(step, "clip.mp4", "received")


def test_a_cancelled_upload_leaves_nothing_on_the_page(site: Site, step: Page, chosen: Any) -> None:
    step.route("**/storage/*", lambda _route: None)
    step.set_input_files("#files", chosen("clip.mp4"))
    expect(tile(step, "clip.mp4")).to_contain_text("0 % sent")
    with step.expect_response("**/remove"):
        tile(step, "clip.mp4").get_by_role("button", name="Cancel").click()
    step.reload()
    has_files(step)


def test_files_are_sent_ordered_and_removed_without_javascript(
    stored: str, site: Site, new_page: NewPage, sign_in: Any, ada: Any, draft: Service, chosen: Any, size: str
) -> None:
    page = new_page(size, java_script_enabled=False)
    sign_in(page, ada)
    page.goto(f"/drafts/{draft.id}/media")
    page.set_input_files("#files", chosen("one.jpg", "two.png", "logo.svg"))
    page.get_by_role("button", name="Upload").click()
    expect(page.locator(".flashes")).to_contain_text("logo.svg: This kind of file can't be uploaded.")
    work(site)
    page.get_by_role("button", name="Move two.png earlier").click()
    has_files(page, "two.png", "one.jpg")
    page.get_by_role("button", name="Remove one.jpg").click()
    has_files(page, "two.png")
    page.locator("summary", has_text="Removed files").click()
    page.get_by_role("button", name="Put back one.jpg").click()
    has_files(page, "two.png", "one.jpg")


def test_what_was_written_about_a_photo_that_is_refused_stays(filled: Page, chosen: Any, site: Site) -> None:
    filled.set_input_files("#files", chosen("diary.jpg"))
    has_state(filled, "diary.jpg", "received")
    field = tile(filled, "diary.jpg").get_by_role("textbox", name="What it shows")
    field.fill("My salon from outside")
    expect(filled.locator("#save-status")).to_contain_text("Saved")
    work(site)
    has_state(filled, "diary.jpg", "rejected")
    for _turn in ("at once", "after a reload"):
        expect(field).to_have_value("My salon from outside")
        expect(field).not_to_be_editable()
        filled.reload()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_step_is_for_everybody(filled: Page, chosen: Any, site: Site, scheme: Any, violations: Any) -> None:
    filled.emulate_media(color_scheme=scheme)
    filled.set_input_files("#files", chosen("diary.jpg", "logo.svg", "prices.pdf"))
    has_state(filled, "prices.pdf", "received")
    has_state(filled, "diary.jpg", "received")
    work(site)
    has_state(filled, "prices.pdf", "ready")
    has_state(filled, "diary.jpg", "rejected")
    tile(filled, "two.png").get_by_role("button", name="Remove two.png").click()
    expect(filled.get_by_role("button", name="Undo")).to_be_focused()
    assert violations(filled) == []


def test_a_step_that_is_empty_or_sending_is_for_everybody(step: Page, chosen: Any, violations: Any) -> None:
    assert violations(step) == []
    step.route("**/storage/*", lambda _route: None)
    step.set_input_files("#files", chosen("clip.mp4", "one.jpg"))
    expect(tile(step, "one.jpg")).to_contain_text("0 % sent")
    assert violations(step) == []


@pytest.fixture
def described(step: Page, chosen: Any) -> Page:
    """A photo on its way that somebody has described already."""
    step.route("**/storage/*", lambda _route: None)
    step.set_input_files("#files", chosen("one.jpg"))
    expect(tile(step, "one.jpg")).to_contain_text("0 % sent")
    is_saved(step, lambda: tile(step, "one.jpg").get_by_label("What it shows").fill("The salon from outside"))
    return step


def test_what_was_written_about_a_file_goes_on_when_it_is_sent_from_the_start(described: Page, site: Site) -> None:
    tile(described, "one.jpg").get_by_role("button", name="Pause").click()
    row = site.rows.query(Media).one()
    media.remove(row.id, row.provider_id)
    db.session.commit()
    described.unroute("**/storage/*")
    tile(described, "one.jpg").get_by_role("button", name="Go on").click()
    expect(tile(described, "one.jpg")).to_contain_text("given up in the meantime")
    again = tile(described, "one.jpg").get_by_role("button", name="Try again")
    is_saved(described, lambda: (again.click(), has_state(described, "one.jpg", "received")))
    expect(tile(described, "one.jpg").get_by_label("What it shows")).to_have_value("The salon from outside")
    described.reload()
    expect(tile(described, "one.jpg").get_by_label("What it shows")).to_have_value("The salon from outside")


def test_what_was_written_about_a_file_that_is_cancelled_is_among_the_earlier_versions(described: Page) -> None:
    held: list[Route] = []
    described.route("**/remove", lambda route: held.append(route))
    tile(described, "one.jpg").get_by_role("button", name="Cancel").click()
    wait_for(described, lambda: bool(held))
    is_saved(described, lambda: held[0].continue_())
    expect(described.locator("[data-part=problems]")).to_contain_text("is among the earlier versions of this step")
    has_files(described)
    described.goto(f"{described.url}/earlier/1")
    expect(described.get_by_role("main")).to_contain_text("The salon from outside")
