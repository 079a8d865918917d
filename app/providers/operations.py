"""Making a provider."""

from typing import Any
from uuid import uuid4

from flask_security import hash_password
from flask_security.proxies import _security
from slugify import slugify
from sqlalchemy import select

from app import clock, folding
from app.errors import Refused
from app.extensions import db
from app.providers.models import Provider


def add(**columns: Any) -> Provider:
    """A provider with these columns; the page's slug is made from the display name once, and stays when the name changes. Flushed."""
    columns = {"fs_uniquifier": uuid4().hex} | columns
    if "slug" not in columns:
        columns["slug"] = free_slug(columns.get("display_name") or "")
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


def add_guest(*, locale: str, time_zone: str, currency: str, network: str | None = None) -> Provider:
    """Somebody without an account. The address can be nobody's (RFC 2606 keeps `.invalid` free), so no mail, sign-in or sign-up ever finds it."""
    return add(
        email=f"{uuid4().hex}@guest.invalid",
        guest_since=clock.now(),
        network=network,
        slug=None,
        has_public_page=False,
        locale=locale,
        time_zone=time_zone,
        currency=currency,
    )


def open_account(email: str, password: str, **columns: Any) -> Provider:
    """The account of somebody who has just proved that the address is theirs. One that was waiting for its confirmation is theirs too, with what
    is given here: who began it may have been somebody else, and their password and sessions open nothing any more."""
    columns |= {
        "password": hash_password(_security.password_util.normalize(password)),
        "confirmed_at": clock.now(),
        "fs_uniquifier": uuid4().hex,
    }
    waiting = db.session.scalar(select(Provider).where(Provider.email == email, Provider.confirmed_at.is_(None)))
    if waiting is None:
        return add(email=email, **columns)
    for name, value in columns.items():
        setattr(waiting, name, value)
    db.session.flush()
    return waiting


def free_slug(display_name: str) -> str:
    """An address for a public page that nobody has: the name in ASCII, with a few random characters if it is taken."""
    slug = slugify(folding.in_ascii(display_name), max_length=60, word_boundary=True) or "provider"
    if db.session.scalar(select(Provider.id).where(Provider.slug == slug)) is None:
        return slug
    return f"{slug}-{uuid4().hex[:6]}"
