"""Rows for tests: a few named makers with sensible values; give only what the test is about."""

from typing import Any
from uuid import uuid4

from flask import current_app

from app import clock
from app.extensions import db
from app.media.models import Kind, Media, State
from app.providers.models import Provider
from app.services.models import Service, ServiceType, Status
from app.services.operations import index


def provider(email: str = "", **given: Any) -> Provider:
    """A confirmed provider, committed."""
    values = {
        "email": email or f"{uuid4().hex[:12]}@example.com",
        "fs_uniquifier": uuid4().hex,
        "active": True,
        "confirmed_at": clock.now(),
        "display_name": "Ada's Salon",
        "time_zone": "Europe/Berlin",
        "locale": "en",
        "currency": "EUR",
    }
    row = Provider(**(values | given))
    db.session.add(row)
    db.session.commit()
    return row


def service_type(key: str = "hair") -> ServiceType:
    """A service type that exists, made if it doesn't."""
    row = db.session.query(ServiceType).filter_by(key=key).one_or_none()
    if row is None:
        row = ServiceType(key=key, name=key.title())
        db.session.add(row)
        db.session.commit()
    return row


def draft(owner: Provider, **given: Any) -> Service:
    """A draft of this provider, empty unless told otherwise, committed."""
    from app.drafts import operations

    row = operations.start(owner, current_app.extensions["settings"], reuse=False)
    for name, value in given.items():
        setattr(row, name, value)
    db.session.commit()
    return row


def published(owner: Provider, **given: Any) -> Service:
    """A published, public, bookable service, committed."""
    now = clock.now()
    values: dict[str, Any] = {
        "provider_id": owner.id,
        "service_type_id": service_type().id,
        "status": Status.PUBLISHED,
        "is_active": True,
        "is_public": True,
        "slug": f"haircut-{uuid4().hex[:6]}",
        "name": "Haircut",
        "summary": "Wash, cut and blow-dry",
        "description": "An hour for your hair.",
        "places": ["provider"],
        "location": "Berlin",
        "price_kind": "fixed",
        "price_minor": 4500,
        "currency": "EUR",
        "duration_minutes": 60,
        "published_at": now,
        "changed_at": now,
        "has_content": True,
    }
    row = Service(**(values | given))
    db.session.add(row)
    index(row)
    db.session.commit()
    return row


def media(of: Service | Provider, **given: Any) -> Media:
    """A verified photo of this service, or of a provider and attached to nothing; committed. Its objects are in no store."""
    is_attached = isinstance(of, Service)
    values: dict[str, Any] = {
        "provider_id": of.provider_id if isinstance(of, Service) else of.id,
        "entity_type": "service" if is_attached else None,
        "entity_id": of.id if is_attached else None,
        "state": State.READY,
        "kind": Kind.IMAGE,
        "file_name": "photo.jpg",
        "declared_type": "image/jpeg",
        "declared_bytes": 5,
        "incoming_key": f"incoming/{uuid4().hex}",
        "urls_expire_at": clock.now(),
    }
    row = Media(**(values | given))
    db.session.add(row)
    db.session.commit()
    return row
