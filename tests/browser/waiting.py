"""Waiting for what a page does not show."""

import time
from collections.abc import Callable

from playwright.sync_api import Page


def wait_for(page: Page, condition: Callable[[], bool]) -> None:
    """Let the page and the site go on until something is so. The page's own clock may stand still."""
    patience = time.monotonic() + 15
    while not condition():
        assert time.monotonic() < patience, "it never came to pass"
        page.evaluate("() => fetch('/static/favicon.svg').then(() => undefined, () => undefined)")
