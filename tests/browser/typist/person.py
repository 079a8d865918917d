"""Doing what a script says. Nothing is waited for: what is not there to be pressed or typed in now is left."""

import re
import time
from collections.abc import Callable
from contextlib import suppress

from playwright.sync_api import Error

from tests.browser.typist.device import PATIENCE, Devices, Tab
from tests.browser.typist.script import Action
from tests.browser.typist.world import PASSWORD, World
from tests.servers.line import Rule

LONG = 20_001  # characters: more than any field of a listing takes
HUGE = 200_001  # more than is kept at all
LEAVING = {"press", "step", "history", "go", "manage", "crash"}  # what takes a page away


class Person:
    """The one who has the pages in hand."""

    def __init__(self, world: World, devices: Devices) -> None:
        self.world, self.devices, self.line = world, devices, world.line
        self.cuts = 0
        self._rules: list[Rule] = []

    def do(self, action: Action) -> None:
        """Do it, and note in it what it came to, for who reads the script."""
        if action["do"] in LEAVING and self._tab(action).look().is_plain:
            self._tab(action).press("button", "Continue")  # as the page says
            return self.rest(action.get("then", 0))
        act: Callable[[Action], object] = getattr(self, f"_{action['do'].replace(' ', '_')}")
        outcome = act(action)
        if isinstance(outcome, str):
            action["in"] = outcome
        return self.rest(action.get("then", 0))

    def rest(self, ms: float) -> None:
        """Do nothing for a while; what pages tell is heard."""
        end = time.monotonic() + ms / 1000
        while (left := end - time.monotonic()) > 0:
            self._any_page().wait_for_timeout(min(left * 1000, 200))

    def _any_page(self) -> object:
        return next((tab.page for tab in self.devices.tabs.values() if not tab.is_crashed), self._tab({"who": "tab"}).page)

    def _tab(self, action: Action) -> Tab:
        tab = self.devices.tabs[action["who"]]
        if tab.is_crashed or tab.page.is_closed():
            tab.reopen()
        return tab

    def _type(self, action: Action) -> str | None:
        """In the field that the action names, or that lies so far down the page."""
        tab = self._tab(action)
        seen = tab.look()
        names = list(seen.fields)
        if not names or seen.dialog:
            return None
        name = action["in"].partition(" ")[2] if action.get("in", "").startswith(f"{seen.step} ") else ""
        if name not in names:
            name = names[min(int(action["field"] * len(names)), len(names) - 1)]
        if not tab.focus(name):
            return None
        is_number = any(part in name for part in ("_minutes", "price_minor", "notice_hours", "capacity"))
        self._write(tab, action["how"], action["number"] if is_number else action["word"], is_number)
        return f"{seen.step} {name}"

    def _write(self, tab: Tab, how: str, word: str, is_number: bool) -> None:
        if how == "replace" or is_number:
            tab.keys("Control+A")
            tab.write(word)
        elif how in ("long", "huge"):
            tab.write(f" {word} {'-' * (LONG if how == 'long' else HUGE)}")
        elif how == "keys":
            tab.keys(" ", *word)
        else:
            tab.write(f" {word}")

    def _press(self, action: Action) -> None:
        tab = self._tab(action)
        if action["name"] == "Back":
            tab.press("link", "Back")
        elif action["name"] == "Publish":
            tab.press("button", "Publish changes") or tab.press("button", "Publish")
        else:
            tab.press("button", action["name"])

    def _step(self, action: Action) -> None:
        tab = self._tab(action)
        tab.click(tab.page.get_by_role("navigation", name="Steps").get_by_role("link", name=action["name"]))

    def _history(self, action: Action) -> None:
        with suppress(Error):
            self._tab(action).page.evaluate("(by) => { history.go(by); }", action["by"])

    def _go(self, action: Action) -> None:
        self._tab(action).go(self.devices.of(action["step"]))

    def _row(self, action: Action) -> None:
        """A button of the packages, or of the photos."""
        tab = self._tab(action)
        tab.click(tab.page.locator("#step-form").get_by_role("button", name=re.compile(f"^{action['verb']}")), action["which"])

    def _manage(self, action: Action) -> None:
        """A button of the listing's row on the page of all services."""
        tab = self._tab(action)
        tab.go(f"{self.line.url}/drafts")
        row = tab.page.locator(f"#service-{self.devices.account.service_id}")
        if tab.click(row.locator("summary")):
            tab.click(row.get_by_role("button", name=action["name"]))

    def _line(self, action: Action) -> None:
        path = rf"/drafts/[^/]+/{action['step']}"
        act, nth = action["act"], action["nth"]
        if act.isdecimal():
            self._rules.append(self.line.answer(int(act), action["method"], path, nth))
        else:
            self._rules.append(getattr(self.line, act)(action["method"], path, nth))

    def _release(self, _action: Action) -> None:
        for rule in self._rules:
            rule.release()
        self._rules = []

    def _slow(self, action: Action) -> None:
        self.line.seconds = action["seconds"]

    def _offline(self, action: Action) -> None:
        tab = self._tab(action)
        self.cuts += action["is"]
        with suppress(Error):
            tab.context.set_offline(action["is"])

    def _cut(self, action: Action) -> None:
        self.line.is_cut = action["is"]
        self.cuts += action["is"]

    def _kill(self, _action: Action) -> None:
        self.world.kill()

    def _start(self, _action: Action) -> None:
        self.world.start()

    def _crash(self, action: Action) -> None:
        self._tab(action).crash()

    def _sign_out(self, action: Action) -> None:
        with suppress(Error):
            self._tab(action).context.clear_cookies()

    def _end_sessions(self, _action: Action) -> None:
        self.world.end_sessions(self.devices.account)

    def _sign_in_elsewhere(self, action: Action) -> None:
        """In another tab, which is closed again."""
        context = self._tab(action).context
        with suppress(Error):
            self.devices.sign_in(context)
            page = context.new_page()
            page.goto("/drafts", wait_until="commit", timeout=PATIENCE)
            page.close()

    def _sign_in_here(self, action: Action) -> None:
        tab = self._tab(action)
        if tab.look().asks != "sign in":
            tab.press("link", "Sign in again")
        self.sign_in(tab)

    def sign_in(self, tab: Tab) -> None:
        """With the form that is there, in a dialog or on a page of its own."""
        form = tab.page.locator("#sign-in-form")
        with suppress(Error):
            form.get_by_label("Email").fill(self.devices.account.email, timeout=PATIENCE)
            form.get_by_label("Password", exact=True).fill(PASSWORD, timeout=PATIENCE)
            form.get_by_role("button", name="Sign in").click(timeout=PATIENCE, no_wait_after=True)

    def _answer(self, action: Action) -> None:
        self.answer(self._tab(action), action["choose"])

    def answer(self, tab: Tab, choose: str) -> None:
        """What is asked about text that the browser kept: `kept`, `saved`, or `drop`."""
        choice = tab.page.locator("form.kept-choice")
        tab.come_forward()
        with suppress(Error):
            if choose == "drop":
                choice.get_by_role("button", name="Delete unsaved text").click(timeout=PATIENCE)
                return
            for each in choice.locator("fieldset").all():
                each.locator(f"[value={choose}]").check(timeout=PATIENCE)
            choice.get_by_role("button", name="Use selected text").click(timeout=PATIENCE, no_wait_after=True)

    def decide(self, tab: Tab, unit: str, name: str) -> None:
        """Choose a side where two texts stand."""
        tab.come_forward()
        with suppress(Error):
            tab.page.locator(f'.dispute[data-unit="{unit}"]').get_by_role("radio", name=name).check(timeout=PATIENCE)

    def _jump(self, action: Action) -> None:
        if action["who"] == "site":
            self.world.jump(action["hours"] * 3600)
        else:
            with suppress(Error):
                self._tab(action).page.evaluate("(ms) => globalThis.jumpAhead(ms)", action["hours"] * 3_600_000)

    def _rest(self, action: Action) -> None:
        self.rest(action["ms"])

    def mend(self) -> None:
        """Everything goes again as it should."""
        self.line.release()
        self._rules, self.line.seconds, self.line.is_cut = [], 0.0, False
        self.world.jump(0)
        self.world.start()
        self.world.until_served()
        for context in self.devices.contexts.values():
            with suppress(Error):
                context.set_offline(False)
