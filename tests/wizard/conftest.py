"""A draft in the wizard, and what a whole listing looks like when it is typed."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import undefer

from app.config import Settings
from app.extensions import db
from app.providers.models import Provider
from app.services.models import Service
from app.wizard import answers, steps
from app.wizard.answers import Saved
from app.wizard.context import Context
from app.wizard.typed import Typed
from tests import factories

WHOLE: dict[str, Typed] = {
    "basics": {"name": ["Haircut"], "service_type": ["hair"], "summary": ["Wash, cut and blow-dry"]},
    "details": {
        "description": ["An hour for **your** hair."],
        "included": ["Wash\nCut"],
        "places": ["provider"],
        "location": ["Berlin"],
    },
    "price": {
        "price_kind": ["fixed"],
        "price_minor": ["45.00"],
        "currency": ["EUR"],
        "duration_minutes": ["60"],
        "packages-0-name": ["Long hair"],
        "packages-0-duration_minutes": ["90"],
        "packages-0-price_minor": ["70"],
    },
    "availability": {"mon-opens": ["09:00"], "mon-closes": ["12:30"], "notice_hours": ["24"], "capacity": [""]},
}

HALF: dict[str, Typed] = {
    "basics": {"name": ["Haircut"], "service_type": [""], "summary": ["x" * 300]},
    "details": {"description": ["# For **you**"], "places": ["client"], "location": [""]},
    "price": {
        "price_kind": ["fixed"],
        "price_minor": ["abc"],
        "currency": ["EUR"],
        "duration_minutes": ["-3"],
        "packages-0-name": ["Short"],
        "packages-0-duration_minutes": ["half an hour"],
        "packages-0-price_minor": [""],
    },
    "availability": {"mon-opens": ["09:00"], "mon-closes": ["08:00"], "tue-opens": ["nine"], "wed-opens": ["9:00"]},
}


@pytest.fixture
def settings(app: Flask) -> Settings:
    found: Settings = app.extensions["settings"]
    return found


@pytest.fixture
def draft(ada: Any, app: Flask) -> Service:
    """Ada's untouched draft."""
    return factories.draft(ada)


@pytest.fixture
def look(app: Flask) -> Callable[[UUID], Context]:
    """The service as the next request would read it."""

    def read(service_id: UUID) -> Context:
        db.session.commit()
        db.session.expire_all()
        service = db.session.scalars(select(Service).where(Service.id == service_id).options(undefer(Service.answers))).one()
        return Context.of(db.session.get_one(Provider, service.provider_id), service)

    return read


@pytest.fixture
def save(look: Callable[[UUID], Context], settings: Settings) -> Callable[..., Saved]:
    """Save a step as one request does: read, save, commit."""

    def keep(service_id: UUID, key: str, typed: Typed | None = None, version: int | None = None) -> Saved:
        context = look(service_id)
        if version is None:
            version = answers.of(context).get(key, answers.BLANK)["version"]
        saved = answers.save(context, steps.find(key), WHOLE[key] if typed is None else typed, version, settings)
        db.session.commit()
        return saved

    return keep


@pytest.fixture
def whole(draft: Service, save: Callable[..., Saved]) -> Service:
    """Ada's draft with every step answered."""
    for key in WHOLE:
        save(draft.id, key)
    return draft


@pytest.fixture
def half(draft: Service, save: Callable[..., Saved]) -> Service:
    """Ada's draft with one thing in every step, and some of it wrong."""
    for key, typed in HALF.items():
        save(draft.id, key, typed)
    return draft


@pytest.fixture
def path() -> Callable[..., str]:
    """The address of a step of a draft."""
    return lambda service, key: f"/drafts/{service.id}/{key}"
