"""The addresses of parts are those that botocore would have signed, character for character."""

from datetime import UTC, datetime

import boto3
import pytest
from botocore import auth
from botocore.config import Config

from app.storage.s3 import part_urls

KEY, UPLOAD = "incoming/0192/a b+c", "2~x/y+z=="


@pytest.mark.parametrize("token", [None, "session/token+=="])
@pytest.mark.parametrize("endpoint", ["http://127.0.0.1:9000", "https://store.example:443", "https://x.r2.example", None])
def test_an_address_is_the_one_that_botocore_signs(
    endpoint: str | None, token: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auth, "get_current_datetime", lambda *_args: datetime(2026, 11, 22, 9, 30, tzinfo=UTC))
    session = boto3.session.Session("access/key", "secret", token, "eu-central-1")
    client = session.client("s3", endpoint_url=endpoint, config=Config(signature_version="s3v4"))

    def signed(number: int, size: int) -> str:
        asked = {"Bucket": "bucket", "Key": KEY, "UploadId": UPLOAD, "PartNumber": number, "ContentLength": size}
        return str(client.generate_presigned_url("upload_part", asked, 900))

    sizes = {1: 5 * 2**20, 2: 5 * 2**20, 10_000: 17}
    assert part_urls.alike(signed(1, sizes[1]), "secret", sizes) == {
        number: signed(number, size) for number, size in sizes.items()
    }
