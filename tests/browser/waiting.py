"""Waiting for what a page does not show."""

import time
from collections.abc import Callable

from playwright.sync_api import Page

PATIENCE = 15_000  # ms


def wait_for(page: Page, condition: Callable[[], bool]) -> None:
    """Let the page and the site go on until something is so. The page's own clock may stand still."""
    patience = time.monotonic() + PATIENCE / 1000
    while not condition():
        assert time.monotonic() < patience, "it never came to pass"
        page.evaluate("() => fetch('/static/favicon.svg').then(() => undefined, () => undefined)")


def until(page: Page, check: str, arg: object = None) -> None:
    """Wait until `check` comes to something true. It may be asynchronous, which `wait_for_function` takes for true at once."""
    patient = f"""async (arg) => {{
        for (const end = Date.now() + {PATIENCE}; Date.now() < end; await new Promise((done) => {{ setTimeout(done, 50); }})) {{
            if (await ({check})(arg)) return true;
        }}
        return false;
    }}"""
    assert page.evaluate(patient, arg), f"waited {PATIENCE} ms for {check}"
