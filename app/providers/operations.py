"""Making a provider."""

from typing import Any
from uuid import uuid4

from flask_security import hash_password
from flask_security.proxies import _security
from slugify import slugify
from sqlalchemy import select

from app import clock
from app.errors import Refused
from app.extensions import db
from app.providers.models import Provider


def add(**columns: Any) -> Provider:
    """A provider with these columns; the page's slug is made from the display name once, and stays when the name changes. Flushed."""
    columns = {"fs_uniquifier": uuid4().hex, "slug": free_slug(columns.get("display_name") or "")} | columns
    provider = Provider(**columns)
    db.session.add(provider)
    db.session.flush()
    return provider


def create(email: str, password: str, *, display_name: str, locale: str, time_zone: str, currency: str) -> Provider:
    """A confirmed provider, for the command line and for demo data. `Refused` when the address has an account already."""
    email = email.strip().lower()
    if db.session.scalar(select(Provider.id).where(Provider.email == email)):
        raise Refused(f"{email} has an account already.")
    return add(
        email=email,
        password=hash_password(_security.password_util.normalize(password)),
        confirmed_at=clock.now(),
        display_name=display_name,
        locale=locale,
        time_zone=time_zone,
        currency=currency,
    )


def free_slug(display_name: str) -> str:
    """An address for a public page that nobody has: the name in ASCII, with a few random characters if it is taken."""
    slug = slugify(display_name, max_length=60, word_boundary=True) or "provider"
    if db.session.scalar(select(Provider.id).where(Provider.slug == slug)) is None:
        return slug
    return f"{slug}-{uuid4().hex[:6]}"
