"""An S3 store that verifies signatures (see `s3_process.py`), and a bucket on it for each test process."""

import ssl
import sys
import urllib.error
import urllib.request
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import xattr
from botocore.config import Config

from tests.servers.start import ROOT, Run, ServerFailed, free_port, new_folder

SCRIPT = Path(__file__).with_name("s3_process.py")
ACCESS_KEY, SECRET_KEY, REGION = "shingle:tests", "shingle-tests-secret", "us-east-1"


@dataclass(frozen=True)
class Bucket:
    """Where a test may keep objects, and with which keys."""

    endpoint: str
    bucket: str
    access_key: str = ACCESS_KEY
    secret_key: str = SECRET_KEY
    region: str = REGION

    @property
    def environment(self) -> dict[str, str]:
        """The same as the settings that an operator would give."""
        return {
            "S3_ENDPOINT_URL": self.endpoint,
            "S3_BUCKET": self.bucket,
            "S3_REGION": self.region,
            "S3_ACCESS_KEY_ID": self.access_key,
            "S3_SECRET_ACCESS_KEY": self.secret_key,
        }


def start(run: Run, origin: str = "*", certificate: Path | None = None) -> str:
    """The address of a new store whose answers pages of `origin` may read; over TLS with a certificate (see `tls.py`)."""
    port = free_port()
    folder = new_folder("s3", _place_with_attributes())
    command = [sys.executable, "-I", SCRIPT, folder / "store", str(port), origin, *([certificate] if certificate else [])]
    address = f"{'https' if certificate else 'http'}://127.0.0.1:{port}"
    run.hold(command, folder, lambda: _is_up(address, certificate))
    return address


def new_bucket(endpoint: str, name: str, certificate: Path | None = None) -> Bucket:
    bucket = Bucket(endpoint, name)
    client(endpoint, certificate=certificate).create_bucket(Bucket=name)
    return bucket


@cache
def client(endpoint: str, secret: str = SECRET_KEY, certificate: Path | None = None) -> Any:
    """A client of botocore's own making, apart from the product's, to look at the store from outside."""
    return boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=secret,
        verify=str(certificate) if certificate else None,
        config=Config(
            signature_version="s3v4",
            s3={"addressing_style": "path"},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            retries={"total_max_attempts": 1},
        ),
    )


def _is_up(address: str, certificate: Path | None) -> bool:
    """A store that is up refuses a request without a signature."""
    trusted = ssl.create_default_context(cafile=certificate) if certificate else None
    try:
        urllib.request.urlopen(address, timeout=5, context=trusted)
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def _place_with_attributes() -> Path | None:
    """A folder whose file system keeps extended attributes: the system's temporary one, else one in the checkout."""
    for place in (None, ROOT / "var"):
        if place:
            place.mkdir(exist_ok=True)
        probe = new_folder("xattr", place)
        try:
            xattr.setxattr(str(probe), "user.shingle", b"1")
            return place
        except OSError:
            continue
        finally:
            probe.rmdir()
    raise ServerFailed("no folder with extended attributes was found for the S3 server.")
