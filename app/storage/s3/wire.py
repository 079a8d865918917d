"""The few requests that every upload needs, without what botocore does around each: signed by `signing.py`, sent over urllib3 as botocore sends its
own, with the same time limits, certificates and proxies, and tried as often. Where the bucket is, the settings say, or else botocore once.
"""

import random
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import cached_property
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

from botocore import auth
from botocore.endpoint import EndpointCreator
from botocore.exceptions import ClientError, HTTPClientError, NoCredentialsError
from botocore.httpsession import ProxyConfiguration, get_cert_path
from botocore.utils import get_environ_proxies
from urllib3 import BaseHTTPResponse, PoolManager, ProxyManager, Timeout
from urllib3.exceptions import HTTPError

from app.storage.s3 import signing

TRIES = 3
TRANSIENT = {429, 500, 502, 503, 504}
NOTHING = ElementTree.Element("Nothing")


def delay(tries: int) -> float:
    """Seconds before another try: up to 1, then up to 2, not the same for all who wait."""
    return random.random() * 2 ** (tries - 1)  # noqa: S311  (nobody gains by guessing it)


class Wire:
    """Addresses of a bucket's objects, and requests for them. Raises botocore's errors, which `bucket.errors` puts into the protocol's words.

    The client is made (0.8 s, 15 MiB) only where no endpoint is given: where AWS keeps a bucket is botocore's knowledge.
    """

    def __init__(
        self, session: Any, client: Callable[[], Any], bucket: str, endpoint: str | None = None, region: str = "", **limits: Any
    ) -> None:
        self._session, self._client, self._bucket = session, client, bucket
        self._endpoint, self._region, self._limits = endpoint, region, limits
        told = session._session.get_config_variable("ca_bundle")
        self._certificates = get_cert_path(EndpointCreator(None)._get_verify_value(told))

    def address(self, method: str, key: str, lifetime: timedelta, **signed: Mapping[str, str]) -> str:
        """A signed URL (`signing.address`)."""
        seconds = int(lifetime.total_seconds())
        return signing.address(self._place, self._keys, auth.get_current_datetime(), method, key, seconds, **signed)

    def ask(
        self,
        method: str,
        key: str,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> tuple[Mapping[str, str], ElementTree.Element]:
        """The headers of the answer and the document in it. What may be a mishap is tried again, as botocore's "standard" retries are."""
        for tries in range(1, TRIES + 1):
            try:
                return self._asked(method, key, query, headers, body)
            except HTTPClientError:
                if tries == TRIES:
                    raise
            except ClientError as error:
                if tries == TRIES or error.response["ResponseMetadata"]["HTTPStatusCode"] not in TRANSIENT:
                    raise
            time.sleep(delay(tries))
        raise AssertionError

    def _asked(
        self, method: str, key: str, query: Mapping[str, str] | None, headers: Mapping[str, str] | None, body: bytes
    ) -> tuple[Mapping[str, str], ElementTree.Element]:
        # The store compares the time with its own: it is the machine's, also where a test travels.
        moment = auth.get_current_datetime()
        url, sent = signing.authorized(self._place, self._keys, moment, method, key, body, headers, query)
        sent["user-agent"] = "Shingle"
        try:
            answer = self._send(method, url, body=body, headers=sent, retries=False, redirect=False)
        except HTTPError as error:
            raise HTTPClientError(error=error) from error
        document = _document(answer.data)
        # S3 answers 200 before it has put parts together, and says below what went wrong.
        is_error = document.tag.endswith("Error")
        if is_error or not 200 <= answer.status < 300:
            raise _refusal(method, answer.status if not (is_error and answer.status == 200) else 500, document)
        return answer.headers, document

    @cached_property
    def _place(self) -> signing.Place:
        """What botocore makes of endpoint, region, addressing style and name, read from an address that it signs."""
        if self._endpoint:
            return signing.Place.of(f"{self._endpoint.rstrip('/')}/{self._bucket}", self._region)
        url = self._client().generate_presigned_url("get_object", {"Bucket": self._bucket, "Key": "k"}, 60)
        root, _mark, query = url.partition("/k?")
        region, service = parse_qs(query)["X-Amz-Credential"][0].split("/")[-3:-1]
        return signing.Place.of(root, region, service)

    @property
    def _keys(self) -> signing.Keys:
        """Those of this moment: they may be lent, and change from hour to hour."""
        found = self._session.get_credentials()
        if found is None:
            raise NoCredentialsError()
        return signing.Keys(*found.get_frozen_credentials()[:3])

    @cached_property
    def _send(self) -> Callable[..., BaseHTTPResponse]:
        """Every request goes to one place, whose connections are looked up once; only a proxy has to be told each time which that is."""
        manager = self._connections
        if isinstance(manager, ProxyManager):
            return manager.urlopen
        root = urlsplit(self._place.root)
        origin = len(f"{root.scheme}://{root.netloc}")
        send = manager.connection_from_url(self._place.root).urlopen
        return lambda method, url, **more: send(method, url[origin:], **more)

    @cached_property
    def _connections(self) -> PoolManager:
        """With the certificates and proxies that botocore's client takes from the environment and ~/.aws/config."""
        connect, read = self._limits["timeout"]
        given: dict[str, Any] = {
            "maxsize": self._limits["max_pool_connections"],
            "timeout": Timeout(connect=connect, read=read),
            "ca_certs": self._certificates,
        }
        proxies = ProxyConfiguration(get_environ_proxies(self._place.root))
        if proxy := proxies.proxy_url_for(self._place.root):
            return ProxyManager(proxy, proxy_headers=proxies.proxy_headers_for(proxy), **given)
        return PoolManager(**given)


def text(document: ElementTree.Element, name: str) -> str:
    """What an element of this name says, in whichever namespace a store puts it; nothing when there is none."""
    return next((each.text or "" for each in document if each.tag.rpartition("}")[2] == name), "")


def _document(content: bytes) -> ElementTree.Element:
    try:
        return ElementTree.fromstring(content) if content.strip() else NOTHING  # noqa: S314  (the store is ours)
    except ElementTree.ParseError:
        return NOTHING


def _refusal(method: str, status: int, document: ElementTree.Element) -> ClientError:
    """As botocore would raise it: the answer to a HEAD has no words, and its status stands for the code."""
    error = {"Code": text(document, "Code") or str(status), "Message": text(document, "Message")}
    return ClientError({"Error": error, "ResponseMetadata": {"HTTPStatusCode": status}}, method)
