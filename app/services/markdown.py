"""Descriptions: Markdown in, safe HTML out."""

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

TAGS = {"p", "br", "strong", "em", "ul", "ol", "li", "a", "h3", "h4", "h5", "h6", "blockquote", "code", "pre", "hr"}
SCHEMES = {"http", "https", "mailto", "tel"}
_markdown = MarkdownIt("commonmark", {"html": False, "breaks": True}).disable("image")


def to_html(text: str) -> Markup:
    """CommonMark without raw HTML and without images. Headings begin at h3, because a listing's page has its own h1 and h2; links carry
    `rel="nofollow ugc noopener"`, as search engines ask of what users write."""
    tokens = _markdown.parse(text.replace("\x00", ""))
    for token in tokens:
        _lower(token)
    html = _markdown.renderer.render(tokens, _markdown.options, {})
    # The sanitiser is the second lock: a parser's bug must not become a script.
    safe = nh3.clean(html, tags=TAGS, attributes={"a": {"href"}}, link_rel="nofollow ugc noopener", url_schemes=SCHEMES)
    return Markup(safe)  # noqa: S704 (this is what the line above is for)


def _lower(token: Token) -> None:
    if token.type in ("heading_open", "heading_close"):
        token.tag = f"h{min(int(token.tag[1]) + 2, 6)}"
