"""A mail server to warn by, and drafts that have something in them."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from flask import Flask

from app.config import Settings
from app.drafts import sweeps
from app.extensions import db
from app.services.models import Service
from tests import factories


@pytest.fixture
def settings(app: Flask) -> Settings:
    """The defaults: warned after 24 h, deleted after 48 h, restorable for 7 days."""
    found: Settings = app.extensions["settings"]
    return found


@pytest.fixture
def draft(travel: Callable[..., datetime], ada: Any) -> Service:
    """Ada's draft of a haircut, begun on a Sunday morning."""
    travel()
    return factories.draft(ada, name="Haircut", has_content=True)


@pytest.fixture
def warn(settings: Settings) -> Callable[[], sweeps.Count]:
    return lambda: sweeps.warn(settings)


@pytest.fixture
def expire(settings: Settings) -> Callable[[], sweeps.Count]:
    return lambda: sweeps.expire(settings)


def fresh(service: Service) -> Service:
    """The row as it is now."""
    db.session.refresh(service)
    return service
