"""A listing in the words of schema.org, for search engines. Types and properties: https://schema.org/Service"""

from collections.abc import Callable
from typing import Any

from app.services import texts
from app.services.listing import Listing
from app.services.models import Service

DAYS = dict(zip(texts.DAYS, ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"), strict=True))


def describe(listing: Listing, url: str, provider_url: str | None, absolute: Callable[[str], str]) -> dict[str, Any]:
    """The JSON-LD document of a listing; `absolute` makes a full URL of a path. What isn't known is left out."""
    service = listing.service
    document = {
        "@context": "https://schema.org",
        "@type": "Service",
        "@id": url,
        "url": url,
        "name": service.name,
        "description": service.summary,
        "serviceType": listing.type_name,
        "image": [absolute(photo.url) for photo in listing.photos],
        "provider": _known({"@type": "Organization", "name": listing.provider.display_name, "url": provider_url}),
        "areaServed": {"@type": "Place", "name": service.location} if service.location else None,
        "availableChannel": _online(service, url),
        "hoursAvailable": _hours(service),
        "offers": _offer(service, url),
        "hasOfferCatalog": _packages(service),
    }
    return _known(document)


def _known(properties: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in properties.items() if value not in (None, "", [])}


def _online(service: Service, url: str) -> dict[str, Any] | None:
    return {"@type": "ServiceChannel", "name": "Online", "serviceUrl": url} if "online" in (service.places or []) else None


def _hours(service: Service) -> list[dict[str, str]]:
    """A span that ends at 00:00 lasts to the end of its day, which schema.org writes 23:59."""
    return [
        {
            "@type": "OpeningHoursSpecification",
            "dayOfWeek": f"https://schema.org/{DAYS[day]}",
            "opens": opens,
            "closes": "23:59" if closes == "00:00" else closes,
        }
        for day, spans in (service.hours or {}).items()
        for opens, closes in spans
    ]


def _offer(service: Service, url: str) -> dict[str, Any] | None:
    """A fixed price is the offer's; "from" is a least price; "on request" is no offer."""
    if service.price_minor is None or not service.currency or service.price_kind == "on_request":
        return None
    money = {"priceCurrency": service.currency}
    least = str(texts.amount(service.price_minor, service.currency))
    if service.price_kind == "from":
        price: dict[str, Any] = {"priceSpecification": {"@type": "PriceSpecification", "minPrice": least, **money}}
    else:
        price = {"price": least, **money}
    return {"@type": "Offer", "url": url, "availability": "https://schema.org/InStock", **price}


def _packages(service: Service) -> dict[str, Any] | None:
    if not service.packages or not service.currency:
        return None
    offers = [
        {
            "@type": "Offer",
            "name": package["name"],
            "price": str(texts.amount(package["price_minor"], service.currency)),
            "priceCurrency": service.currency,
        }
        for package in service.packages
    ]
    return {"@type": "OfferCatalog", "name": service.name, "itemListElement": offers}
