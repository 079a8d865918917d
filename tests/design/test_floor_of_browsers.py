"""The style sheets ask for nothing that the oldest browsers of the README lack, but for what may as well be missing."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.floor import FLOOR, ROOT, Feature, compat, is_too_new

CSS = ROOT / "static" / "css"
#: Too new for some, and nothing is lost where it is missing.
OPTIONAL = {
    "break-after": "a heading may stay alone at the end of a printed page",
    "cursor": "a finger has none",
    "field-sizing": "a text area keeps the height of its rows, and can be resized",
    "forced-color-adjust": "only Windows forces colours",
    "resize": "phones have no corner to drag",
    "text-size-adjust": "phones that enlarge texts know it",
    "text-wrap": "a heading breaks where it is full",
    "user-select": "the word on a menu can be marked",
    "view-transition-name": "steps follow each other without a movement",
    "::view-transition-group": "as above",
    "::view-transition-new": "as above",
    "::view-transition-old": "as above",
    "::-moz-progress-bar": "one engine's name for it beside the other's",
    "::-webkit-progress-bar": "one engine's name for it beside the other's",
    "::-webkit-progress-value": "one engine's name for it beside the other's",
}


def _asks_for(text: str) -> Iterator[tuple[str, Feature]]:
    """Each feature that a style sheet names, as far as MDN's tables know it."""
    css = compat()["css"]
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    functions = dict(_functions(css["types"]))
    for name in re.findall(r"@([\w-]+)", text):
        yield f"@{name}", css["at-rules"].get(name, {})
    for query in re.findall(r"@media([^{]+)", text):
        for name in re.findall(r"[\w-]+", query):
            yield f"@media {name}", css["at-rules"]["media"].get(name, {})
        if re.search("[<>]", query):
            yield "@media <", css["at-rules"]["media"]["range_syntax"]
    for colons, name in re.findall(r"(::?)(-?[a-z][\w-]*)", re.sub(r"\{[^{}]*\}", "{}", text)):
        yield colons + name, css["selectors"].get(name, {})
    for name in re.findall(r"([a-z][\w-]*)\(", text):
        yield f"{name}()", functions.get(name, {})
    for name, value in re.findall(r"[;{\s]([a-z-]+)\s*:\s*([^;{}]+)[;}]", text):
        known = css["properties"].get(name, {})
        yield name, known
        yield from ((name, known.get(word, {})) for word in re.findall(r"[a-z][\w-]*", value))


def _functions(types: Feature) -> Iterator[tuple[str, Feature]]:
    for name, entry in types.items():
        if name != "__compat":
            yield name, entry
            yield from _functions(entry)


def too_new(text: str) -> set[str]:
    return {name for name, feature in _asks_for(text) if "__compat" in feature and is_too_new(feature)}


@pytest.mark.parametrize("sheet", sorted(CSS.rglob("*.css")), ids=lambda sheet: sheet.name)
def test_a_style_sheet_works_in_the_oldest_browsers(sheet: Path) -> None:
    assert too_new(sheet.read_text()) <= set(OPTIONAL)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (":root { --page: light-dark(#fff, #000); }", "light-dark()"),
        ("@media (scripting: none) { a { color: red; } }", "@media scripting"),
        ("a { anchor-name: --a; }", "anchor-name"),
        ("a:open { color: red; }", ":open"),
        ("@position-try --a { left: 0; }", "@position-try"),
        ("a { text-align: match-parent; display: grid-lanes; }", "display"),
    ],
)
def test_what_is_too_new_is_found(text: str, found: str) -> None:
    assert found in too_new(text)


def test_what_may_be_missing_is_still_in_use() -> None:
    used = set().union(*(too_new(sheet.read_text()) for sheet in CSS.rglob("*.css")))
    assert set(OPTIONAL) == used


def test_the_readme_says_which_browsers_are_the_oldest() -> None:
    said = (ROOT / "README.md").read_text()
    chrome, firefox, safari = (".".join(map(str, FLOOR[name])) for name in ("chrome", "firefox", "safari_ios"))
    assert f"Chrome and Edge {chrome}, Firefox {firefox} and Safari {safari}" in said
