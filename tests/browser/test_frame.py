"""The first page, in a real browser."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_landing_page(
    new_page: Callable[..., Page], size: str, scheme: str, violations: Callable[[Page], list[str]]
) -> None:
    page = new_page(size, color_scheme=scheme)
    page.goto("/")
    assert violations(page) == []


def test_the_landing_page_fits_the_screen(page: Page) -> None:
    page.goto("/")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_signed_in_device_is_known_to_the_site(page: Page, sign_in: Callable[..., None], ada: Any) -> None:
    sign_in(page, ada)
    page.goto("/")
    assert page.get_by_label("Account").is_visible()
