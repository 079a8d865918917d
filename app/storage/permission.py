"""What a signed URL of the folder allows. The signature is the permission: no cookie, no session."""

from dataclasses import asdict, dataclass
from datetime import datetime

from itsdangerous import BadData, URLSafeSerializer

from app import clock


class Denied(Exception):
    """The URL does not allow this: changed, expired, or made for something else. The message is for the one who sent the request."""


@dataclass(frozen=True)
class Permission:
    """One key, one method, until `expires_at` (seconds since 1970). Length, type and SHA-256 are of the body that may be sent.

    With `part` (from 1) the body is that part of the multipart upload `upload_id`.
    """

    method: str
    key: str
    expires_at: int
    size: int = 0
    content_type: str = ""
    sha256: str = ""
    file_name: str = ""
    upload_id: str = ""
    part: int = 0


class Signer:
    """Makes and reads the tokens; its salt is its own, so no other signature of Shingle's opens the store."""

    def __init__(self, secret: str) -> None:
        self._serializer = URLSafeSerializer(secret, salt="storage")

    def sign(self, permission: Permission) -> str:
        return str(self._serializer.dumps({name: value for name, value in asdict(permission).items() if value}))

    def read(self, token: str, method: str) -> Permission:
        """The permission for this method, or `Denied`."""
        try:
            permission = Permission(**self._serializer.loads(token))
        except (BadData, TypeError):
            raise Denied("This address was changed.") from None
        if permission.method != method:
            raise Denied("This address was made for something else.")
        if permission.expires_at <= clock.now().timestamp():
            raise Denied("This address has expired; ask for a new one.")
        return permission


def moment(timestamp: int) -> datetime:
    return datetime.fromtimestamp(timestamp, clock.now().tzinfo)
