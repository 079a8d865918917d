"""Descriptions: Markdown in, safe HTML out."""

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

TAGS = {"p", "br", "strong", "em", "ul", "ol", "li", "a", "h2", "h3", "h4", "h5", "h6", "blockquote", "code", "pre", "hr"}
SCHEMES = {"http", "https", "mailto", "tel"}
_markdown = MarkdownIt("commonmark", {"html": False, "breaks": True}).disable("image")


def to_html(text: str, top: int = 3) -> Markup:
    """CommonMark without raw HTML and without images. Headings begin at `top`, below the page's own, and skip no level, whatever was typed; links
    carry `rel="nofollow ugc noopener"`, as search engines ask of what users write."""
    tokens = _markdown.parse(text.replace("\x00", ""))
    _place_headings(tokens, top)
    html = _markdown.renderer.render(tokens, _markdown.options, {})
    # The sanitiser is the second lock: a parser's bug must not become a script.
    safe = nh3.clean(html, tags=TAGS, attributes={"a": {"href"}}, link_rel="nofollow ugc noopener", url_schemes=SCHEMES)
    return Markup(safe)  # noqa: S704 (this is what the line above is for)


def _place_headings(tokens: list[Token], top: int) -> None:
    """A heading's level is how many headings it stands under. Someone who begins with `##` means the look, not a missing chapter."""
    above: list[str] = []
    for token in tokens:
        if token.type == "heading_open":
            above = [tag for tag in above if tag < token.tag] + [token.tag]
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(top + len(above) - 1, 6)}"
