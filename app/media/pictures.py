"""Where the variants of a picture are, in the words that a `<picture>` needs. Private ones are for their owner, public ones for everybody."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import url_for

from app.media.models import Media, State
from app.storage import store


@dataclass(frozen=True)
class Picture:
    """`src` is a JPEG of middle size, `url` the largest; width and height are the largest variant's, so that the page keeps its place.

    `moving` is an animation's WebP. It is only led to: what moves by itself for longer than five seconds must be stoppable (WCAG 2.2.2).
    """

    url: str
    src: str
    srcset: str
    srcset_webp: str
    width: int
    height: int
    alt: str
    moving: str | None = None


def private_sources(media: Media, alt: str = "") -> Picture | None:
    """For the owner's pages: each address checks the owner and leads to a URL of minutes. None for what is not verified.

    A PDF shows its first page, a video one of its frames.
    """
    return _picture(media, alt, lambda each: url_for("media.private", media_id=media.id, variant=variant_name(each)))


def public_sources(media: Media, alt: str = "") -> Picture | None:
    """For everybody's pages: addresses that change with the content and may be cached for a year."""
    return _picture(media, alt, lambda each: store().public_url(each["key"]))


def thumb_url(media: Media, *, public: bool = False) -> str | None:
    """The smallest JPEG, for tiles and lists."""
    found = (public_sources if public else private_sources)(media)
    return found.srcset.partition(" ")[0] if found else None


def variant_name(variant: dict[str, Any]) -> str:
    """How a variant is called in an owner's address: `640.webp`."""
    return str(variant["key"]).rpartition("-")[2]


def _picture(media: Media, alt: str, address: Callable[[dict[str, Any]], str]) -> Picture | None:
    if media.state != State.READY or not media.variants:
        return None
    jpeg = _of_type(media, "image/jpeg")
    webp = _of_type(media, "image/webp")
    moving = next((each for each in media.variants if "frames" in each), None)
    middle = next((each for each in jpeg if each["width"] >= 640), jpeg[-1])
    return Picture(
        url=address(jpeg[-1]),
        src=address(middle),
        srcset=_srcset(jpeg, address),
        srcset_webp=_srcset(webp, address),
        width=jpeg[-1]["width"],
        height=jpeg[-1]["height"],
        alt=alt,
        moving=address(moving) if moving else None,
    )


def _of_type(media: Media, content_type: str) -> list[dict[str, Any]]:
    found = [each for each in media.variants or [] if each["type"] == content_type and "frames" not in each]
    return sorted(found, key=lambda each: int(each["width"]))


def _srcset(variants: list[dict[str, Any]], address: Callable[[dict[str, Any]], str]) -> str:
    return ", ".join(f"{address(each)} {each['width']}w" for each in variants)
