"""Descriptions: Markdown in, safe HTML out."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.services.markdown import parts, to_html


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("# A", "3"),
        ("## A\n### B\n## C", "343"),
        ("### A\n# B\n## C", "334"),
        ("# A\n### B\n## C\n### D", "3445"),
        ("# 1\n## 2\n### 3\n#### 4\n##### 5\n###### 6", "345666"),
    ],
)
def test_headings_skip_no_level(text: str, levels: str) -> None:
    assert "".join(re.findall(r"<h(\d)", to_html(text))) == levels


def test_headings_begin_where_the_page_wants_them() -> None:
    assert to_html("### Us", top=2) == "<h2>Us</h2>\n"


@pytest.mark.parametrize(
    "text",
    [
        "<script>x</script>",
        "<img src=x onerror=x>",
        "[x](javascript:x)",
        "[x](data:text/html,x)",
        "![x](https://e.com/x.png)",
        "<b onclick=x>b</b>",
    ],
)
def test_nothing_runs_and_nothing_is_loaded(text: str) -> None:
    assert not re.search(r"<(script|img|b\b)|href=.(javascript|data)", to_html(text))


def test_links_say_that_a_user_wrote_them() -> None:
    assert to_html("[x](https://example.com)") == '<p><a href="https://example.com" rel="nofollow ugc noopener">x</a></p>\n'


@settings(deadline=None)
@given(text=st.text())
def test_any_text_is_readable(text: str) -> None:
    assert not re.findall(r"<(?!/?(?:p|br|strong|em|ul|ol|li|a|h[3-6]|blockquote|code|pre|hr)\b)", to_html(text))


def test_a_short_text_is_one_part() -> None:
    assert parts("**One** line") == ("<p><strong>One</strong> line</p>\n", "")


def test_a_long_text_is_parted_between_paragraphs() -> None:
    first, rest = parts("a\n\n- b\n- c\n\n" + "d" * 600 + "\n\n# e")
    assert first == "<p>a</p>\n<ul>\n<li>b</li>\n<li>c</li>\n</ul>\n"
    assert rest == f"<p>{'d' * 600}</p>\n<h3>e</h3>\n"


def test_of_one_endless_paragraph_the_beginning_stands_for_it() -> None:
    first, rest = parts("**word** <b> " * 300)
    assert len(first) < 1100
    assert first.startswith("<p>word &lt;b&gt; word &lt;b&gt;")
    assert rest.count("<strong>") == 300


def test_text_without_spaces_is_shortened_too() -> None:
    assert parts("散髪" * 5000)[0] == f"<p>{'散髪' * 300}…</p>"


@given(st.text(), st.integers(min_value=1, max_value=50))
@settings(deadline=None, max_examples=50)
def test_parts_are_as_safe_as_the_whole(text: str, most: int) -> None:
    for part in parts(text, most):
        assert not re.search(r"<(?!/?(p|br|strong|em|ul|ol|li|a|h[2-6]|blockquote|code|pre|hr)\b)[a-z]", part)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("24. Dezember geschlossen", ["24"]),
        ("24. Dezember geschlossen\n\n31. Dezember nur bis 14 Uhr", ["24", "31"]),
        ("1. Cut\n2. Wash\n\nA pause.\n\n3. Dry", ["1", "2", "3"]),
        ("3) Dry\n5) Pay", ["3", "5"]),
    ],
)
def test_a_number_that_was_typed_is_the_number_that_is_read(text: str, numbers: list[str]) -> None:
    assert re.findall(r'<li value="(\d+)">', to_html(text)) == numbers


@pytest.mark.parametrize(
    "url",
    ["//evil.example", "///evil.example", "/sign-out", "sign-out", "?delete", "#top", "http:sign-out", "https:/x", "http:///x"],
)
def test_a_link_that_does_not_say_where_it_leads_is_none(url: str) -> None:
    assert "<a" not in to_html(f"[here]({url}) and <{url}>")


@pytest.mark.parametrize("url", ["https://example.com/a?b#c", "http://example.com", "mailto:a@example.com", "tel:+4930123"])
def test_a_link_that_says_where_it_leads_is_one(url: str) -> None:
    assert f'<a href="{url}"' in to_html(f"[here]({url})")
