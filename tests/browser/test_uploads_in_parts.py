"""Large files in a real browser: several parts at once, and what happens when a person, the network or the browser stops in the middle."""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Request, Route, expect

from app.media.models import Media, State
from app.services.models import Service
from app.storage import store
from tests.browser.conftest import SIZES, Site
from tests.browser.uploading import MIB, draft, has_files, has_state, in_small_parts, step, stored, tile, video
from tests.browser.waiting import wait_for
from tests.servers.start import program

__all__ = ["draft", "in_small_parts", "step", "stored"]

pytestmark = [
    pytest.mark.parametrize("size", ["desktop"], indirect=True),
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True, scope="session"),
]
FOLDER = "**/storage/*"
IN_FLIGHT = 4  # as in static/js/upload-transfer.js


def bytes_in_store(site: Site, name: str) -> bytes:
    """What arrived, before anybody has looked at it."""
    row = site.rows.query(Media).filter_by(file_name=name).one()
    with store().read(row.incoming_key) as stream:
        return stream.read()


def is_part(request: Request) -> bool:
    return request.method == "PUT" and ("/incoming/" in request.url or "/storage/" in request.url)


class Gate:
    """Lets so many parts through to the store; the others wait, or are lost with their page."""

    def __init__(self, page: Page, most: int = 10_000) -> None:
        self.left, self.held, self.passed = most, [], 0
        page.route(FOLDER, self._decide)

    def let(self, more: int = 10_000) -> None:
        self.left += more
        while self.left and self.held:
            self._pass(self.held.pop(0))

    def _decide(self, route: Route) -> None:
        if self.left:
            self._pass(route)
        else:
            self.held.append(route)

    def _pass(self, route: Route) -> None:
        self.left, self.passed = self.left - 1, self.passed + 1
        route.continue_()


@pytest.fixture
def clip(tmp_path: Path) -> str:
    return video(tmp_path / "clip.mp4", 8 * MIB)


@pytest.fixture
def halfway(in_small_parts: None, step: Page, clip: str) -> Gate:
    """A clip of eight parts, of which three have arrived, four are on their way, and one has not set out."""
    gate = Gate(step, 3)
    step.set_input_files("#files", clip)
    expect(tile(step, "clip.mp4")).to_contain_text("37 % sent")
    wait_for(step, lambda: len(gate.held) == IN_FLIGHT)
    return gate


def test_a_large_file_arrives_whole_in_several_parts_at_once(stored: str, site: Site, step: Page, tmp_path: Path) -> None:
    path = video(tmp_path / "film.mp4", 21 * MIB + 17)
    flying: set[str] = set()
    most: list[int] = []
    step.on("request", lambda request: is_part(request) and (flying.add(request.url), most.append(len(flying))))
    step.on("requestfinished", lambda request: flying.discard(request.url))
    step.set_input_files("#files", path)
    has_state(step, "film.mp4", "received")
    assert len(most) == 5
    assert max(most) >= 3
    assert bytes_in_store(site, "film.mp4") == Path(path).read_bytes()


def test_a_file_goes_on_after_a_reload_once_it_is_chosen_again(site: Site, step: Page, halfway: Gate, clip: str) -> None:
    reopened(step)
    expect(tile(step, "clip.mp4")).to_contain_text(
        "This upload stopped before its end. 37 % of it has arrived. To go on, choose the file again."
    )
    gate = Gate(step)
    with step.expect_file_chooser() as chooser:
        tile(step, "clip.mp4").get_by_text("Choose the file", exact=True).click()
    chooser.value.set_files(clip)
    has_state(step, "clip.mp4", "received")
    assert gate.passed == 5
    assert bytes_in_store(site, "clip.mp4") == Path(clip).read_bytes()
    has_files(step, "clip.mp4")


def test_a_file_that_is_chosen_again_like_a_new_one_goes_on_too(site: Site, step: Page, halfway: Gate, clip: str) -> None:
    reopened(step)
    gate = Gate(step)
    step.set_input_files("#files", clip)
    has_state(step, "clip.mp4", "received")
    assert gate.passed == 5
    has_files(step, "clip.mp4")


def test_another_file_does_not_go_on_with_the_first(step: Page, halfway: Gate, clip: str) -> None:
    reopened(step)
    other = bytearray(Path(clip).read_bytes())
    other[-1] ^= 1
    Path(clip).write_bytes(other)
    tile(step, "clip.mp4").locator("input[type=file]").set_input_files(clip)
    expect(step.locator("[data-part=problems]")).to_contain_text("This is another file, or it was changed.")
    expect(tile(step, "clip.mp4")).to_contain_text("This upload stopped before its end.")


def test_a_browser_that_died_after_the_last_part_has_uploaded_its_file(in_small_parts: None, step: Page, clip: str) -> None:
    step.route("**/received", lambda _route: None)
    step.set_input_files("#files", clip)
    expect(tile(step, "clip.mp4")).to_contain_text("Almost there…")
    step.unroute("**/received")
    reopened(step)
    has_state(step, "clip.mp4", "received")


def test_a_browser_that_is_killed_goes_on_when_it_is_back(
    in_small_parts: None,
    site: Site,
    browser: Browser,
    sign_in: Any,
    ada: Any,
    new_page: Callable[..., Page],
    draft: Service,
    clip: str,
    size: str,
) -> None:
    other = browser.browser_type.launch(executable_path=program("browser", "chromium"))
    page = other.new_context(base_url=site.url, **SIZES[size]).new_page()
    sign_in(page, ada)
    page.goto(f"/drafts/{draft.id}/media")
    Gate(page, 3)
    page.set_input_files("#files", clip)
    expect(tile(page, "clip.mp4")).to_contain_text("37 % sent")
    found = other.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    os.kill(next(each["id"] for each in found if each["type"] == "browser"), signal.SIGKILL)
    page = new_page(size)
    sign_in(page, ada)
    page.goto(f"/drafts/{draft.id}/media")
    gate = Gate(page)
    page.set_input_files("#files", clip)
    has_state(page, "clip.mp4", "received")
    assert gate.passed == 5
    assert bytes_in_store(site, "clip.mp4") == Path(clip).read_bytes()


def test_a_paused_file_sends_nothing_and_goes_on_where_it_stopped(site: Site, step: Page, halfway: Gate, clip: str) -> None:
    tile(step, "clip.mp4").get_by_role("button", name="Pause clip.mp4").click()
    expect(tile(step, "clip.mp4")).to_contain_text("Paused. 37 % has arrived and is kept.")
    # Behind the fields and buttons of its tile, also for the keyboard.
    on = tile(step, "clip.mp4").locator("[data-part=body] > :last-child").get_by_role("button", name="Go on clip.mp4")
    expect(on).to_be_focused()
    halfway.held.clear()
    halfway.let()
    on.click()
    has_state(step, "clip.mp4", "received")
    assert halfway.passed == 8
    assert bytes_in_store(site, "clip.mp4") == Path(clip).read_bytes()


def test_a_large_file_waits_for_the_network_and_goes_on_by_itself(site: Site, step: Page, halfway: Gate, clip: str) -> None:
    step.context.set_offline(True)
    expect(tile(step, "clip.mp4")).to_contain_text("You are offline.")
    halfway.held.clear()
    halfway.let()
    step.context.set_offline(False)
    has_state(step, "clip.mp4", "received")
    assert halfway.passed == 8
    assert bytes_in_store(site, "clip.mp4") == Path(clip).read_bytes()


def test_a_large_file_goes_on_while_one_visits_another_step(site: Site, step: Page, halfway: Gate, clip: str) -> None:
    step.get_by_role("link", name="Basics").click()
    expect(step.get_by_role("heading", level=1)).to_have_text("Basics")
    step.get_by_role("link", name="Photos and files").click()
    expect(tile(step, "clip.mp4")).to_contain_text("37 % sent")
    halfway.let()
    has_state(step, "clip.mp4", "received")
    assert bytes_in_store(site, "clip.mp4") == Path(clip).read_bytes()


def test_several_files_have_their_progress_and_one_for_all(step: Page, halfway: Gate, tmp_path: Path) -> None:
    total = step.locator("[data-part=total]")
    expect(total).to_be_hidden()
    step.set_input_files("#files", video(tmp_path / "second.mp4", 8 * MIB))
    expect(total).to_contain_text("0 of 2 files · 18 % sent")
    expect(tile(step, "second.mp4")).to_contain_text("0 % sent")
    tile(step, "second.mp4").get_by_role("button", name="Pause").click()
    expect(tile(step, "second.mp4")).to_contain_text("Paused. 0 % has arrived and is kept.")
    tile(step, "second.mp4").get_by_role("button", name="Go on").click()
    halfway.let()
    has_state(step, "clip.mp4", "received")
    has_state(step, "second.mp4", "received")
    expect(total).to_be_hidden()


def test_a_screen_reader_hears_milestones_and_not_every_percent(in_small_parts: None, step: Page, clip: str) -> None:
    step.evaluate("""() => {
        const live = document.querySelector("[data-part=live]");
        window.heard = [];
        new MutationObserver(() => window.heard.push(live.textContent)).observe(live, { childList: true });
    }""")
    gate = Gate(step, 0)
    step.set_input_files("#files", clip)
    for done in range(1, 9):
        expect(tile(step, "clip.mp4")).to_contain_text(f"{(done - 1) * 100 // 8} % sent")
        gate.let(1)
    has_state(step, "clip.mp4", "received")
    assert step.evaluate("window.heard") == [
        "Uploading clip.mp4.",
        "clip.mp4: 25 % sent.",
        "clip.mp4: 50 % sent.",
        "clip.mp4: 75 % sent.",
        "clip.mp4 is uploaded and is being checked.",
    ]


def test_an_upload_that_was_given_up_meanwhile_can_begin_anew(site: Site, step: Page, halfway: Gate, clip: str) -> None:
    rows = site.rows
    rows.query(Media).delete()
    rows.commit()
    tile(step, "clip.mp4").get_by_role("button", name="Pause").click()
    halfway.held.clear()
    halfway.let()
    tile(step, "clip.mp4").get_by_role("button", name="Go on").click()
    expect(tile(step, "clip.mp4")).to_contain_text("This upload was given up in the meantime.")
    tile(step, "clip.mp4").get_by_role("button", name="Try again").click()
    has_state(step, "clip.mp4", "received")
    assert [row.state for row in site.rows.query(Media)] == [State.RECEIVED]


def test_an_upload_goes_on_after_signing_in_again_in_another_tab(
    site: Site, step: Page, halfway: Gate, sign_in: Any, ada: Any
) -> None:
    sign_in(step, ada)
    halfway.let()
    has_state(step, "clip.mp4", "received")


def test_a_grant_whose_answer_gets_lost_makes_one_file(site: Site, in_small_parts: None, step: Page, clip: str) -> None:
    lost: list[int] = []

    def lose(route: Route) -> None:
        if not lost:
            lost.append(route.fetch().status)
            route.abort()
        else:
            route.continue_()

    step.evaluate("document.querySelector('[data-upload]').dataset.pause = 1")
    step.route("**/media", lose)
    step.set_input_files("#files", clip)
    has_state(step, "clip.mp4", "received")
    assert lost == [201]
    assert site.rows.query(Media).count() == 1


def test_a_file_that_is_gone_from_the_device_is_told_from_a_broken_connection(step: Page, halfway: Gate, clip: str) -> None:
    Path(clip).unlink()
    halfway.let()
    expect(tile(step, "clip.mp4")).to_contain_text("Your device no longer lets this file be read.")
    expect(tile(step, "clip.mp4").get_by_role("button", name="Try again clip.mp4")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_stopped_and_a_paused_upload_are_for_everybody(
    step: Page, halfway: Gate, clip: str, tmp_path: Path, scheme: Any, violations: Any
) -> None:
    step.emulate_media(color_scheme=scheme)
    reopened(step)
    Gate(step, 1)
    step.set_input_files("#files", video(tmp_path / "second.mp4", 8 * MIB))
    expect(tile(step, "second.mp4")).to_contain_text("12 % sent")
    step.set_input_files("#files", video(tmp_path / "third.mp4", 8 * MIB))
    tile(step, "third.mp4").get_by_role("button", name="Pause").click()
    expect(tile(step, "third.mp4")).to_contain_text("Paused. 0 % has arrived and is kept.")
    expect(tile(step, "clip.mp4")).to_contain_text("37 % of it has arrived.")
    assert violations(step) == []


def test_leaving_the_site_while_a_file_is_on_its_way_asks_first(step: Page, halfway: Gate) -> None:
    asked: list[str] = []
    step.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    step.locator("h1").click()  # browsers ask only people who have touched the page
    step.close(run_before_unload=True)
    wait_for(step, lambda: bool(asked))
    expect(tile(step, "clip.mp4")).to_contain_text("37 % sent")
    assert asked == ["beforeunload"]


def reopened(page: Page) -> None:
    """The page is left and opened again; what it was sending is lost."""
    page.once("dialog", lambda dialog: dialog.accept())
    page.reload()
    page.unroute(FOLDER)
