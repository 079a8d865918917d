"""Addresses of many parts from the address of one: botocore takes 0.5 ms to sign a URL, and a large file needs sixteen.

Signature version 4 in the query string, as "Authenticating requests: using query parameters" in the S3 reference has it. Of two parts of one upload
only the number and the length differ, so everything else is taken from what botocore signed.
"""

import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import parse_qsl, quote, urlsplit

SAFE = "-_.~"
DEFAULT_PORTS = {"http": 80, "https": 443}


def alike(url: str, secret: str, sizes: Mapping[int, int]) -> dict[int, str]:
    """URLs that are signed like `url`, which must sign the length and the host, for these parts: size in bytes by number."""
    found = urlsplit(url)
    fields = dict(parse_qsl(found.query, keep_blank_values=True))
    del fields["X-Amz-Signature"]
    scope = "/".join(fields["X-Amz-Credential"].split("/")[-4:])
    key = _key(secret, scope)
    host = str(found.hostname) + f":{found.port}" * (found.port not in (None, DEFAULT_PORTS[found.scheme]))
    urls = {}
    for number, size in sizes.items():
        query = [f"{name}={quote(value, safe=SAFE)}" for name, value in (fields | {"partNumber": str(number)}).items()]
        request = f"PUT\n{found.path}\n{'&'.join(sorted(query))}\ncontent-length:{size}\nhost:{host}\n\ncontent-length;host\nUNSIGNED-PAYLOAD"
        digest = hashlib.sha256(request.encode()).hexdigest()
        signature = _sign(key, f"{fields['X-Amz-Algorithm']}\n{fields['X-Amz-Date']}\n{scope}\n{digest}").hex()
        urls[number] = f"{found.scheme}://{found.netloc}{found.path}?{'&'.join(query)}&X-Amz-Signature={signature}"
    return urls


def _key(secret: str, scope: str) -> bytes:
    key = f"AWS4{secret}".encode()
    for each in scope.split("/"):
        key = _sign(key, each)
    return key


def _sign(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")
