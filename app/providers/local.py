"""What a browser may keep of an account, and with which key.

Text that has not reached the server is kept in the browser, encrypted (`static/js/copies.js`). Only a signed-in page of the account is told
the key, so whoever signs in next in the same browser can't read a word of it, not even with the browser's own tools. Nothing is stored here:
both values follow from `SECRET_KEY` and the account (HKDF-SHA-256, RFC 5869), and a new `SECRET_KEY` makes old copies unreadable.
"""

import hashlib
import hmac
from base64 import b64encode
from uuid import UUID


def key(secret: str, provider_id: UUID) -> str:
    """256 bits for AES-GCM, in base64."""
    return b64encode(_derived(secret, b"local copy", provider_id)).decode()


def tag(secret: str, provider_id: UUID) -> str:
    """A name for the account that tells nobody which it is: it says whose a copy is, and for whom a page was made."""
    return _derived(secret, b"local tag", provider_id).hex()[:24]


def _derived(secret: str, purpose: bytes, provider_id: UUID) -> bytes:
    extracted = hmac.digest(b"shingle", secret.encode(), hashlib.sha256)
    return hmac.digest(extracted, purpose + provider_id.bytes + b"\x01", hashlib.sha256)
