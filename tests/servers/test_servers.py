"""The servers that the other tests lean on behave like the real ones where it counts."""

import smtplib
import urllib.error
import urllib.request
from dataclasses import replace
from email.message import EmailMessage

import psycopg
import pytest
import redis
from botocore.exceptions import ClientError

from tests.servers.faults import FaultyProxy
from tests.servers.s3 import Bucket, client
from tests.servers.smtp import MailServer


def put(url: str, body: bytes, **headers: str) -> int:
    request = urllib.request.Request(
        url, body, {name.replace("_", "-"): value for name, value in headers.items()}, method="PUT"
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def presigned(bucket: Bucket, key: str, **signed: object) -> str:
    store = client(bucket.endpoint)
    return str(store.generate_presigned_url("put_object", Params={"Bucket": bucket.bucket, "Key": key, **signed}, ExpiresIn=60))


def message() -> EmailMessage:
    email = EmailMessage()
    email["From"], email["To"], email["Subject"] = "shingle@example.com", "ada@example.com", "Grüße"
    email.set_content("Your draft is still here.")
    return email


def test_postgres_keeps_rows_and_folds_the_case_of_any_letter(postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        assert connection.execute("SELECT lower('ÄRZTE')").fetchone() == ("ärzte",)


def test_redis_is_recent_enough_for_the_queue(redis_url: str) -> None:
    with redis.from_url(redis_url) as server:
        assert int(server.info("server")["redis_version"].split(".")[0]) >= 6


def test_s3_takes_an_object_by_a_presigned_url_and_gives_it_back(s3_settings: Bucket) -> None:
    assert put(presigned(s3_settings, "ours"), b"photo", content_type="application/octet-stream") == 200
    stored = client(s3_settings.endpoint).get_object(Bucket=s3_settings.bucket, Key="ours")
    assert stored["Body"].read() == b"photo"


def test_s3_refuses_a_signature_made_with_another_secret(s3_settings: Bucket) -> None:
    with pytest.raises(ClientError, match="SignatureDoesNotMatch"):
        client(s3_settings.endpoint, secret="guessed").list_objects_v2(Bucket=s3_settings.bucket)


def test_s3_refuses_a_presigned_url_that_was_changed(s3_settings: Bucket) -> None:
    url = presigned(s3_settings, "mine").replace("/mine?", "/yours?")
    assert put(url, b"photo", content_type="application/octet-stream") == 403


def test_s3_refuses_another_type_than_was_signed(s3_settings: Bucket) -> None:
    assert put(presigned(s3_settings, "typed", ContentType="image/jpeg"), b"<script>", content_type="text/html") == 403


def test_s3_refuses_another_length_than_was_signed(s3_settings: Bucket) -> None:
    url = presigned(s3_settings, "sized", ContentLength=5)
    assert put(url, b"much longer", content_type="application/octet-stream") == 403


def test_s3_overwrites_nothing_when_told_so(s3_settings: Bucket) -> None:
    url = presigned(s3_settings, "once", IfNoneMatch="*")
    headers = {"content_type": "application/octet-stream", "if_none_match": "*"}
    assert [put(url, b"first", **headers), put(url, b"second", **headers)] == [200, 412]


def test_s3_lets_a_page_upload_and_read_the_etag(s3_settings: Bucket) -> None:
    asked = {"Origin": "http://localhost:8000", "Access-Control-Request-Method": "PUT"}
    url = presigned(s3_settings, "page")
    with urllib.request.urlopen(urllib.request.Request(url, headers=asked, method="OPTIONS"), timeout=10) as answer:
        assert answer.headers["Access-Control-Allow-Origin"] in ("*", "http://localhost:8000")
    upload = {"Origin": "http://localhost:8000", "Content-Type": "application/octet-stream"}
    with urllib.request.urlopen(urllib.request.Request(url, b"photo", upload, method="PUT"), timeout=10) as answer:
        assert "etag" in answer.headers["Access-Control-Expose-Headers"].lower()


def test_a_bad_network_cuts_an_upload_and_lets_the_next_pass(s3_settings: Bucket) -> None:
    with FaultyProxy(s3_settings.endpoint) as proxy:
        url = presigned(replace(s3_settings, endpoint=proxy.url), "cut")
        proxy.strike("cut", at=1000, times=1)
        with pytest.raises(OSError, match=r"reset|closed|Broken"):
            put(url, bytes(5000), content_type="application/octet-stream")
        assert put(url, bytes(5000), content_type="application/octet-stream") == 200
        assert proxy.struck == 1


@pytest.mark.parametrize("status", [500, 503, 403])
def test_a_bad_network_answers_for_the_store(s3_settings: Bucket, status: int) -> None:
    with FaultyProxy(s3_settings.endpoint) as proxy:
        proxy.strike(str(status), at=1000, times=1)
        url = presigned(replace(s3_settings, endpoint=proxy.url), "answered")
        assert put(url, bytes(5000), content_type="application/octet-stream") == status


def test_smtp_keeps_a_message_with_its_envelope(smtp_server: MailServer) -> None:
    smtp_server.reset()
    with smtplib.SMTP(*smtp_server.address) as sender:
        sender.send_message(message())
    (kept,) = smtp_server.received
    assert (kept.sender, kept.recipients, kept.message["Subject"]) == ("shingle@example.com", ["ada@example.com"], "Grüße")


def test_smtp_refuses_when_told_to(smtp_server: MailServer) -> None:
    smtp_server.refuse("550 No such mailbox")
    with smtplib.SMTP(*smtp_server.address) as sender, pytest.raises(smtplib.SMTPRecipientsRefused):
        sender.send_message(message())
    smtp_server.reset()
