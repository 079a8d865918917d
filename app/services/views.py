"""What visitors see: the landing page, listings, the directory, and providers' pages."""

from typing import Any
from urllib.parse import urljoin
from uuid import UUID

from flask import Blueprint, current_app, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import ColumnElement

from app import htmx
from app.errors import Gone, NotFound
from app.services import cursors, listing, queries, search, structured, texts
from app.services.caching import for_everybody
from app.services.listing import Card, Listing
from app.services.models import Service, Status

pages = Blueprint("pages", __name__)
public = Blueprint("listing", __name__)

FEATURED = 6


@pages.get("/")
def landing() -> ResponseReturnValue:
    """What Shingle does, and the newest listings."""
    featured = _cards(queries.page(size=FEATURED).services)
    return for_everybody(
        make_response(render_template("pages/landing.html", featured=featured, canonical=_canonical("pages.landing")))
    )


@public.get("/s/<slug>")
def show(slug: str) -> ResponseReturnValue:
    """One listing. Its owner sees it in every state, with a word on what visitors see instead."""
    service = queries.by_slug(slug)
    if not service.is_listed and not _is_mine(service):
        raise Gone() if service.status == Status.ARCHIVED or service.deleted_at else NotFound()
    response = make_response(render_template("services/show.html", **_listing_values(service)))
    if not (service.is_listed and service.is_public):
        response.headers["X-Robots-Tag"] = "noindex"
    return for_everybody(response)


def _is_mine(service: Service) -> bool:
    return bool(current_user.is_authenticated and current_user.id == service.provider_id)


def _listing_values(service: Service) -> dict[str, Any]:
    shown = _listing(service)
    provider = service.provider
    canonical = _canonical("listing.show", slug=service.slug)
    provider_url = _canonical("listing.provider", slug=provider.slug) if provider.has_public_page and provider.slug else None
    return {
        "listing": shown,
        "canonical": canonical,
        "image": _absolute(shown.photos[0].url) if shown.photos else None,
        "document": structured.describe(shown, canonical, provider_url, _absolute),
        "is_mine": _is_mine(service),
    }


def _listing(service: Service) -> Listing:
    type_name = texts.type_name(service.service_type)
    return listing.show(service, service.provider, type_name, queries.gallery(service), listing.PUBLIC)


@public.get("/services")
def directory() -> ResponseReturnValue:
    """Listings by type and words, newest first. Whatever the query says, the answer is a page."""
    query, type_key = search.typed(request.args.get("q", "")), request.args.get("type", "")
    types = queries.offered_types()
    chosen = next((each for each in types if each.key == type_key), None)
    conditions = [search.matches(query)]
    if type_key:
        conditions.append(Service.service_type_id == (chosen.id if chosen else UUID(int=0)))
    given: dict[str, Any] = {name: value for name, value in (("q", query), ("type", type_key if chosen else "")) if value}
    values = _page_values("listing.directory", conditions, given) | {
        "types": types,
        "chosen": chosen,
        "query": query,
        "is_unknown": bool(type_key and not chosen),
    }
    response = htmx.render("services/directory.html", "services/_results.html", **values)
    if query or (type_key and not chosen):
        response.headers["X-Robots-Tag"] = "noindex"
    return for_everybody(response)


@public.get("/p/<slug>")
def provider(slug: str) -> ResponseReturnValue:
    """A provider's own page with what they offer."""
    found = queries.provider_by_slug(slug)
    values = _page_values("listing.provider", [Service.provider_id == found.id], {"slug": slug})
    response = htmx.render("services/provider.html", "services/_results.html", provider=found, **values)
    return for_everybody(response)


def _page_values(endpoint: str, conditions: list[ColumnElement[bool]], given: dict[str, Any]) -> dict[str, Any]:
    """The cards of the page that was asked for, and the addresses beside it."""
    after, before = cursors.read(request.args.get("after")), cursors.read(request.args.get("before"))
    page = queries.page(*conditions, after=after, before=before)
    place = {"before": str(before)} if before else {"after": str(after)} if after else {}
    return {
        "cards": _cards(page.services),
        "is_first": not place,
        "first_url": url_for(endpoint, **given),
        "newer_url": url_for(endpoint, **given, before=str(page.newer)) if page.newer else "",
        "older_url": url_for(endpoint, **given, after=str(page.older)) if page.older else "",
        "canonical": _canonical(endpoint, **given, **place),
    }


def _cards(services: list[Service]) -> list[Card]:
    covers = queries.covers(services)
    return [listing.card(service, covers) for service in services]


def _canonical(endpoint: str, **values: Any) -> str:
    return _absolute(url_for(endpoint, **values))


def _absolute(url: str) -> str:
    return urljoin(current_app.extensions["settings"].base_url + "/", url)
