"""What the style sheets promise (docs/design.md), read from the files themselves."""

import gzip
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHEETS = sorted((ROOT / "static/css").rglob("*.css"))
# Mail programs know inline styles alone, so letters are not pages.
PAGES = sorted(page for page in (ROOT / "templates").rglob("*.html") if "email" not in page.parts)
TOKENS = (ROOT / "static/css/tokens.css").read_text()
SCHEMES = ("light", "dark")
SURFACES = ("page", "surface", "sunken")
READ_ON = {
    "text": SURFACES,
    "muted": SURFACES,
    "accent": (*SURFACES, "accent-soft"),
    "good": ("surface", "page", "good-soft"),
    "warn": ("surface", "page", "warn-soft"),
    "bad": ("surface", "page", "bad-soft"),
    "on-accent": ("accent-fill", "bad-fill"),
}


def _colour(token: str, scheme: str) -> str:
    values = re.findall(rf"--{token}: (#\w+);", TOKENS)
    assert values, f"--{token} is not in tokens.css"
    return str(values[0] if scheme == "light" else values[-1])  # the list for the dark comes second, with what differs


def _luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2 (https://www.w3.org/TR/WCAG22/#dfn-relative-luminance)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _gzipped(sheet: Path) -> int:
    return len(gzip.compress(sheet.read_bytes()))


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("text", "ground"), [(text, ground) for text, grounds in READ_ON.items() for ground in grounds])
def test_every_text_colour_can_be_read_on_its_grounds(text: str, ground: str, scheme: str) -> None:
    assert _contrast(_colour(text, scheme), _colour(ground, scheme)) >= 4.5


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("ground", SURFACES)
def test_the_edge_of_a_control_stands_out_from_every_surface(ground: str, scheme: str) -> None:
    assert _contrast(_colour("line-strong", scheme), _colour(ground, scheme)) >= 3


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_colours_are_named_in_the_tokens_alone(sheet: Path) -> None:
    if sheet.name != "tokens.css":
        assert not re.findall(r"#[0-9a-fA-F]{3,8}\b|rgba?\(|hsla?\(|oklch\(", sheet.read_text())


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_sides_are_logical_so_that_pages_can_run_right_to_left(sheet: Path) -> None:
    assert not re.findall(
        r"[\s;{](?:margin|padding|border)-(?:left|right)|[\s;{](?:left|right):|(?:text-align|float): (?:left|right)",
        sheet.read_text(),
    )


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_every_rule_lives_in_a_cascade_layer(sheet: Path) -> None:
    text = re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.DOTALL)
    depth, outside = 0, ""
    for character in text:
        depth += {"{": 1, "}": -1}.get(character, 0)
        outside += character if depth == 0 and character != "}" else ""
    assert depth == 0
    assert all(part.strip().startswith("@layer") for part in re.split(r"[;\n]", outside) if part.strip())


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_every_token_that_is_used_exists(sheet: Path) -> None:
    known = set(re.findall(r"(--[\w-]+)\s*:", "".join(other.read_text() for other in SHEETS)))
    assert set(re.findall(r"var\((--[\w-]+)", sheet.read_text())) <= known


def test_what_every_page_loads_stays_under_nine_kilobytes_gzip() -> None:
    assert sum(_gzipped(sheet) for sheet in SHEETS if sheet.parent.name == "css") < 9 * 1024


@pytest.mark.parametrize("sheet", [sheet for sheet in SHEETS if sheet.parent.name == "pages"], ids=lambda sheet: sheet.name)
def test_what_one_kind_of_page_adds_stays_under_four_kilobytes_gzip(sheet: Path) -> None:
    assert _gzipped(sheet) < 4 * 1024


def test_every_icon_that_a_template_names_is_in_the_sprite() -> None:
    known = set(re.findall(r'<symbol id="([\w-]+)"', (ROOT / "static/icons.svg").read_text()))
    templates = "".join(page.read_text() for page in (ROOT / "templates").rglob("*.html"))
    assert set(re.findall(r'\bicon\("([\w-]+)"|icon_name="([\w-]+)"', templates)) <= {(name, "") for name in known} | {
        ("", name) for name in known
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT / "templates")))
def test_templates_hold_no_inline_style_or_script(page: Path) -> None:
    assert not re.findall(
        r"<[^>{]*\sstyle=|<style|<script(?![^>]*\s(?:src=|type=.application/ld\+json))|\son\w+=\"|hx-on|hx-vals=.js:",
        page.read_text(),
    )
