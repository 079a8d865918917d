"""Browsers and their pages: what a page shows, and what it tells of the person in front of it."""

import json
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Dialog, Error, Locator, Page, TimeoutError

from tests.browser.typist.model import Model
from tests.browser.typist.world import Account, World

TOLD = Path(__file__).with_name("told.js").read_text()
PATIENCE = 1_500  # ms for a button to be there to be pressed; whoever doesn't find it does something else
TABS = ("tab", "other tab", "device")


@dataclass
class Look:
    """What a page shows now; of a page that is no page of Shingle, nothing."""

    title: str = ""
    step: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    state: str = ""  # of the save status: idle, saving, saved, failed, offline
    says: str = ""
    told: list[str] = field(default_factory=list)  # what is said as an alert
    dialog: str = ""
    asks: str = ""  # what a dialog or the page asks: "sign in", "kept" text, or "other"
    disputes: list[str] = field(default_factory=list)  # that wait for a choice

    @property
    def is_plain(self) -> bool:
        """A page that says that nothing saves by itself, because its scripts are not there (yet)."""
        return "Press “Continue”" in self.says


class Tab:
    """One page, and after a crash the next one in its place."""

    def __init__(self, name: str, context: BrowserContext, model: Model, address: str) -> None:
        self.name, self.context, self.model, self.address = name, context, model, address
        self.is_offline = False
        self.open(address)

    def open(self, address: str) -> None:
        self.is_crashed = self._stays = False
        self.page: Page = self.context.new_page()
        about = self.context.new_cdp_session(self.page).send("Target.getTargetInfo")
        self._target: str = about["targetInfo"]["targetId"]
        self.page.on("console", self._hear)
        self.page.on("crash", self._crash)
        self.page.on("dialog", self._answer)
        self.go(address)

    def go(self, address: str) -> None:
        """As if it was typed into the address bar. The page is there with the first of its scripts; the others may come while one types."""
        self.address = address
        with suppress(Error):
            try:
                self.page.goto(address, wait_until="commit", timeout=3 * PATIENCE)
            except TimeoutError:
                # As somebody does who has waited long enough. Until a page is there or given up, Chromium runs nothing for who asks from outside.
                self.context.new_cdp_session(self.page).send("Page.stopLoading")
            self.page.wait_for_selector("html.js", state="attached", timeout=PATIENCE)

    def crash(self) -> None:
        """End the page as a crash does, and open it anew."""
        here = self.page.url if self.page.url.startswith("http") else self.address
        self.model.crash(self.name)
        with suppress(Error):
            self.page.goto("chrome://crash", timeout=PATIENCE)
        self.reopen(here)

    def reopen(self, address: str = "") -> None:
        """In a new page. The browser closes the one before: asked to do that itself, a page that crashed may never answer."""
        if self.context.browser:
            with suppress(Error):
                self.context.browser.new_browser_cdp_session().send("Target.closeTarget", {"targetId": self._target})
        self.open(address or self.address)

    def come_forward(self) -> None:
        """As somebody does who is about to press something. Chromium paints a page behind others so rarely that nothing in it comes to rest."""
        with suppress(Error):
            self.page.bring_to_front()

    def look(self) -> Look:
        with suppress(Error):
            found: dict[str, Any] | None = self.page.evaluate("() => globalThis.lookAround?.()")
            if found:
                return Look(**found)
        return Look()

    def press(self, role: Any, name: str, exact: bool = True) -> bool:
        """Press what has this name, if it is there to be pressed."""
        return self.click(self.page.get_by_role(role, name=name, exact=exact))

    def click(self, found: Locator, which: float = 0) -> bool:
        """Press one of what was found: the one that lies so far down (0 to 1)."""
        try:
            count = found.count()
            if count:
                found.nth(int(which * count)).click(timeout=PATIENCE, no_wait_after=True)
        except Error:
            return False
        return count > 0

    def focus(self, name: str) -> bool:
        """Go to a field of the step, at the end of what stands there."""
        try:
            self.page.locator(f'#step-form [name="{name}"]').first.focus(timeout=PATIENCE)
            self.page.keyboard.press("Control+End")
        except Error:
            return False
        return True

    def leave_field(self) -> None:
        with suppress(Error):
            self.page.evaluate("() => document.activeElement?.blur()")

    def keys(self, *keys: str) -> None:
        with suppress(Error):
            for key in keys:
                self.page.keyboard.press(key)

    def write(self, text: str) -> None:
        with suppress(Error):
            self.page.keyboard.insert_text(text)

    def _hear(self, message: ConsoleMessage) -> None:
        if not message.text.startswith("typist {"):
            return
        told = json.loads(message.text.removeprefix("typist "))
        if told["what"] == "leaving":
            self._stays = told["is_plain"]
        else:
            self.model.hear(self.name, told)

    def _answer(self, dialog: Dialog) -> None:
        """Whoever is asked whether to leave stays on a page that does not save by itself; any other may be left."""
        with suppress(Error):
            if dialog.type == "beforeunload" and self._stays:
                dialog.dismiss()
            else:
                dialog.accept()

    def _crash(self, _page: Page) -> None:
        self.is_crashed = True


class Devices:
    """Two tabs of one browser, and a device of its own, all of one account."""

    def __init__(self, browser: Browser, world: World, account: Account, model: Model, steps: list[str]) -> None:
        self.world, self.account = world, account
        contexts = [browser.new_context(base_url=world.line.url, reduced_motion="reduce") for _each in range(2)]
        self.contexts = dict(zip(TABS, [contexts[0], *contexts], strict=True))
        for context in contexts:
            context.set_default_timeout(PATIENCE)
            context.add_init_script(TOLD)
            self.sign_in(context)
        self.tabs = {name: Tab(name, self.contexts[name], model, self.of(at)) for name, at in zip(TABS, steps, strict=True)}

    def of(self, step: str) -> str:
        return f"{self.world.line.url}/drafts/{self.account.service_id}/{step}"

    def sign_in(self, context: BrowserContext) -> None:
        """As if the person had signed in in some other page of this browser."""
        cookie = {"name": "session", "value": self.world.cookie(self.account), "url": self.world.line.url}
        context.add_cookies([cookie | {"httpOnly": True, "sameSite": "Lax"}])  # type: ignore[list-item,typeddict-item]

    def close(self) -> None:
        for context in {id(each): each for each in self.contexts.values()}.values():
            with suppress(Error):
                context.close()
