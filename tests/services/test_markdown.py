"""Descriptions: Markdown in, safe HTML out."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.services.markdown import to_html


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
