"""Who reaches the store, and when: clocks, what is public and what is private, and the pages of this site (CORS)."""

from datetime import timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from app import clock
from app.storage import documents
from app.storage.check import MINUTES, Answer, Trial, expect, said

BODY = b"some bytes of a photo"
SKEW = timedelta(minutes=1)  # S3 refuses requests beyond 15 minutes; URLs of minutes suffer much earlier


def clocks(trial: Trial) -> None:
    answer = trial.send("GET", trial.store.presign_get(trial.write("clock"), lifetime=MINUTES))
    expect(answer.status == 200, f"A signed GET was answered {said(answer)}.")
    skew = abs(parsedate_to_datetime(answer.headers["date"]) - clock.now()) if "date" in answer.headers else timedelta(0)
    expect(skew <= SKEW, f"The clocks differ by {skew.total_seconds():.0f} s: set this machine's by NTP.")


def privacy(trial: Trial) -> None:
    """What has arrived and was not looked at is nobody's to see, whatever is public."""
    key = trial.write("private")
    plain = urlsplit(trial.store.presign_get(key, lifetime=MINUTES))._replace(query="").geturl()
    base = trial.settings.media_base_url
    # The folder's addresses hold their signature in the path: without it there is no address.
    addresses = [f"/storage/{key}" if trial.settings.embedded_storage else plain, *([f"{base}/{key}"] if base else [])]
    for address in addresses:
        answer = trial.send("GET", address)
        expect(
            answer.status >= 300,
            f"Anybody can read {address}: make only media/ public, by a bucket policy or a rule of the CDN.",
        )


def publicity(trial: Trial) -> None:
    key = trial.write("public", BODY, room="media")
    base = trial.settings.media_base_url
    if base and not trial.settings.embedded_storage:
        answer = trial.send("GET", f"{base}/{key}")
        expect(
            answer.body == BODY, f"MEDIA_BASE_URL: {base}/{key} was answered {said(answer)}. Let it read media/ of the bucket."
        )


def preflight(trial: Trial) -> None:
    upload = trial.sign(trial.key("cors"), len(BODY))
    if not urlsplit(upload.url).netloc:
        return  # the folder's addresses are the site's own
    origin = documents.origin(trial.settings)
    asked = {"Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": ",".join(documents.UPLOAD_HEADERS)}
    answer = trial.send("OPTIONS", upload.url, headers={"Origin": origin, **asked})
    expect(answer.status < 300, f"Pages of {origin} may not upload ({said(answer)}): apply the CORS document below.")
    expect(_allows(answer, "origin", origin), f"Pages of {origin} may not upload: put it among AllowedOrigins.")
    expect(_allows(answer, "methods", "put"), "Put PUT among AllowedMethods.")
    for header in documents.UPLOAD_HEADERS:
        expect(_allows(answer, "headers", header), f"Put {header} among AllowedHeaders.")


def exposed(trial: Trial) -> None:
    upload = trial.sign(trial.key("exposed"), len(BODY))
    if not urlsplit(upload.url).netloc:
        return
    answer = trial.put(upload, BODY, Origin=documents.origin(trial.settings))
    expect(
        _allows(answer, "origin", documents.origin(trial.settings)),
        "The answer to a PUT does not let the page read it: apply the CORS document below.",
    )
    shown = answer.headers.get("access-control-expose-headers", "").lower()
    expect("etag" in shown or shown == "*", "Put ETag among ExposeHeaders.")


def _allows(answer: Answer, what: str, value: str) -> bool:
    allowed = answer.headers.get(f"access-control-allow-{what}", "").lower()
    return value.lower() in {each.strip() for each in allowed.split(",")} or allowed == "*"
