"""What uploads build on: how each promise of a store is tried out, and what to change where it is not kept."""

import hashlib
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from app.storage.check import MINUTES, Answer, Failed, Trial, expect, said
from app.storage.protocol import SMALLEST_PART, ChangedObject, StoredPart

BODY = b"some bytes of a photo"
NO_CONDITIONS = (
    "This store can't keep uploads from being overwritten: use one that knows If-None-Match on PutObject (S3, R2, MinIO)."
)


def usable(trial: Trial) -> None:
    key = trial.write("usable")
    expect(trial.read(key) == b"body", "The store gives other bytes than were written.")
    expect(trial.store.delete([key]) == {}, "Allow s3:DeleteObject.")
    expect(trial.store.head(key) is None, "A deleted object is still there: switch object lock off.")


def listing(trial: Trial) -> None:
    names = [trial.write(name) for name in ("list/b", "list/a-b", "list/a/b")]
    listed = [each.key for each in trial.store.list(f"incoming/{trial.id}/list/")]
    expect(
        listed == sorted(names),
        "The store does not list in the order of the keys, and reconciling needs that: use another bucket type.",
    )


def signed_put(trial: Trial) -> None:
    key = trial.key("put")
    answer = trial.put(trial.sign(key, len(BODY)), BODY)
    found = trial.store.head(key)
    expect(
        answer.status == 200,
        f"A signed PUT was answered {said(answer)}. Compare S3_ENDPOINT_URL and S3_REGION with the store's.",
    )
    expect(
        found and (found.size, found.content_type) == (len(BODY), "image/jpeg"),
        "The object has another size or type than was sent.",
    )
    expect(found and answer.etag in ("", found.etag), "The ETag in the answer is not the object's.")


def other_length(trial: Trial) -> None:
    key = trial.key("length")
    answer = trial.put(trial.sign(key, len(BODY)), BODY + b"!")
    _refused(trial, key, answer, "The store takes another length than the signed one: quotas could be passed by.")


def other_type(trial: Trial) -> None:
    key = trial.key("type")
    answer = trial.put(trial.sign(key, len(BODY)), BODY, **{"Content-Type": "text/html"})
    _refused(trial, key, answer, "The store takes another Content-Type than the signed one.")


def other_bytes(trial: Trial) -> None:
    key = trial.key("bytes")
    answer = trial.put(trial.sign(key, len(BODY), sha256=hashlib.sha256(BODY).hexdigest()), BODY[::-1])
    _refused(trial, key, answer, "The store does not compare x-amz-checksum-sha256 with the bytes.")


def overwriting(trial: Trial) -> None:
    key = trial.key("once")
    upload = trial.sign(key, len(BODY))
    trial.put(upload, BODY)
    answer = trial.put(upload, BODY[::-1])
    expect(answer.status >= 400 and trial.read(key) == BODY, NO_CONDITIONS)
    without = {name: value for name, value in upload.headers.items() if name != "If-None-Match"}
    answer = trial.put(replace(upload, headers=without), BODY[::-1])
    expect(answer.status >= 400 and trial.read(key) == BODY, NO_CONDITIONS)


def expiry(trial: Trial) -> None:
    key = trial.key("late")
    upload = trial.sign(key, len(BODY), lifetime=timedelta(seconds=1))
    time.sleep(2.5)
    answer = trial.put(upload, BODY)
    _refused(trial, key, answer, "The store takes a URL that has expired: is its clock right?")


def parts(trial: Trial) -> None:
    key = trial.key("parts")
    bodies = {1: bytes(SMALLEST_PART), 2: BODY}
    upload_id = trial.begin(key)
    urls = trial.store.presign_parts(key, upload_id, {n: len(body) for n, body in bodies.items()}, lifetime=MINUTES)
    expect(trial.put(urls[2], BODY + b"!").status >= 400, "The store takes a part of another length than the signed one.")
    answers = [trial.put(urls[number], body) for number, body in bodies.items()]
    expect(all(answer.status == 200 for answer in answers), f"A part was answered {said(answers[-1])}.")
    stored = trial.store.parts(key, upload_id)
    expect(
        [(part.number, part.size) for part in stored] == [(1, SMALLEST_PART), (2, len(BODY))],
        "Parts are not listed as they were sent.",
    )
    _refused_to_complete(trial, key, upload_id, [replace(stored[0], etag="0" * 32), stored[1]])
    trial.store.complete(key, upload_id, stored)
    done = trial.store.head(key)
    expect(done is not None and done.size == SMALLEST_PART + len(BODY), "The parts were not put together.")
    trial.store.complete(key, upload_id, stored)
    expect(trial.store.head(key) == done, "Completing again makes another object.")


def _refused_to_complete(trial: Trial, key: str, upload_id: str, changed: Sequence[StoredPart]) -> None:
    try:
        trial.store.complete(key, upload_id, changed)
    except ChangedObject:
        return
    raise Failed("The store puts parts together that are not those which were sent: it must compare their ETags.")


def aborting(trial: Trial) -> None:
    key = trial.key("aborted")
    upload_id = trial.begin(key)
    url = trial.store.presign_parts(key, upload_id, {1: len(BODY)}, lifetime=MINUTES)[1]
    expect([each.upload_id for each in trial.store.uploads(key)] == [upload_id], "Allow s3:ListBucketMultipartUploads.")
    trial.store.abort(key, upload_id)
    expect(trial.put(url, BODY).status >= 400, "The store takes parts of an upload that was aborted.")
    expect(not list(trial.store.uploads(key)), "An aborted upload stays: allow s3:AbortMultipartUpload.")


def copying(trial: Trial) -> None:
    source = trial.write("source", BODY)
    found = trial.store.head(source)
    expect(found, "An object that was written is not there.")
    etag = found.etag if found else ""
    target = trial.key("copy", "media")
    copied = trial.store.copy(source, target, etag=etag, content_type="application/pdf")
    expect(copied.size == len(BODY) and copied.content_type == "application/pdf", "A copy is not what was asked for.")
    refused = trial.key("copied-other", "media")
    try:
        trial.store.copy(source, refused, etag="0" * 32, content_type="application/pdf")
    except ChangedObject:
        expect(trial.store.head(refused) is None, "A refused copy is there all the same: allow s3:DeleteObject on media/.")
    else:
        raise Failed("The store copies bytes that are not the verified ones: it must know x-amz-copy-source-if-match.")


def _refused(trial: Trial, key: str, answer: Answer, advice: str) -> None:
    expect(answer.status >= 400 and trial.store.head(key) is None, f"{advice} It was answered {said(answer)}.")
