"""Descriptions: Markdown in, safe HTML out."""

import re

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

TAGS = {"p", "br", "strong", "em", "ul", "ol", "li", "a", "h2", "h3", "h4", "h5", "h6", "blockquote", "code", "pre", "hr"}
#: What an item of a numbered list says: a date at the beginning of a line ("24. Dezember") makes one too.
ATTRIBUTES = {"a": {"href"}, "ol": {"start"}, "li": {"value"}}
SCHEMES = {"http", "https", "mailto", "tel"}
_markdown = MarkdownIt("commonmark", {"html": False, "breaks": True}).disable("image")


def _leads_somewhere(url: str) -> bool:
    """Whether a link says by itself where it leads: to another site, a mailbox or a telephone, and to no page or button of this one."""
    scheme, _, rest = url.partition(":")
    return scheme.lower() in SCHEMES and (not scheme.lower().startswith("http") or re.match(r"//[^/?#]", rest) is not None)


_markdown.validateLink = _leads_somewhere  # type: ignore[method-assign]  # the place that markdown-it names for this


def to_html(text: str, top: int = 3) -> Markup:
    """CommonMark without raw HTML and without images. Headings begin at `top`, below the page's own, and skip no level, whatever was typed; links
    carry `rel="nofollow ugc noopener"`, as search engines ask of what users write."""
    return _safe(_parsed(text, top))


def parts(text: str, most: int = 600) -> tuple[Markup, Markup]:
    """The same in two: whole paragraphs, lists and so on, up to about `most` characters, and the rest (often nothing). Where the very first is
    twice as long, its beginning in plain words, and then all of it."""
    tokens = _parsed(text)
    length, end = 0, 0
    for place, token in enumerate(tokens):
        length += len(token.content)
        if token.level == 0 and token.nesting <= 0:
            if end and length > most:
                break
            end = place + 1
            if length > 2 * most:
                words = " ".join(" ".join(map(_words, tokens[:end])).split())
                return Markup("<p>%s…</p>") % words[:most].rstrip(), _safe(tokens)
    return _safe(tokens[:end]), _safe(tokens[end:])


def _words(token: Token) -> str:
    return "".join(each.content or " " for each in token.children if each.nesting == 0) if token.children else token.content


def _parsed(text: str, top: int = 3) -> list[Token]:
    tokens = _markdown.parse(text.replace("\x00", ""))
    _place_headings(tokens, top)
    for token in tokens:
        if token.type == "list_item_open" and token.info:
            token.attrSet("value", token.info)
    return tokens


def _safe(tokens: list[Token]) -> Markup:
    html = _markdown.renderer.render(tokens, _markdown.options, {})
    # The sanitiser is the second lock: a parser's bug must not become a script.
    safe = nh3.clean(html, tags=TAGS, attributes=ATTRIBUTES, link_rel="nofollow ugc noopener", url_schemes=SCHEMES)
    return Markup(safe)  # noqa: S704 (this is what the line above is for)


def _place_headings(tokens: list[Token], top: int) -> None:
    """A heading's level is how many headings it stands under. Someone who begins with `##` means the look, not a missing chapter."""
    above: list[str] = []
    for token in tokens:
        if token.type == "heading_open":
            above = [tag for tag in above if tag < token.tag] + [token.tag]
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(top + len(above) - 1, 6)}"
