"""What somebody gets who asks for uploads in a loop: `python -m bench.grants [TIMES]` (10,000 unless said), over HTTP, from eight clients at once.

What is granted stays within the quotas of the settings as they are shipped, everything else is refused in words, and nothing is left in the store.
First with the rate limit that is shipped too, then without it, so that every request meets the quotas. Linux only (CPU of the web process).
"""

import collections
import http.client
import json
import os
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from sqlalchemy import create_engine, text

from app import config
from bench.serving import Server, granian
from bench.uploads import MB, Browser
from tests.servers import redis, s3
from tests.servers.start import Run

CLIENTS = 8
DRAFTS = 100  # with the most files that each may have, more than a provider may have


def main() -> None:
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory() as name, ExitStack() as open_servers:
        folder = Path(name)
        run = Run(owner=os.getpid(), notes=folder, number=0)
        bucket = s3.new_bucket(s3.start(run), "bench")
        shared = {"SECRET_KEY": "bench", "REDIS_URL": redis.start(run), "LOG_LEVEL": "ERROR"} | bucket.environment
        for limits in ("yes", "no"):
            (folder / limits).mkdir()
            given = shared | {"RATE_LIMITS": limits, "VAR_DIR": str(folder / limits)}
            server = open_servers.enter_context(granian("wsgi:app", given))
            print(f"{times} times asked for 1 MB, rate limit: {limits}")
            _ask(server, Browser(given, DRAFTS), times)
            _judge(given)
        assert not s3.client(bucket.endpoint).list_objects_v2(Bucket=bucket.bucket).get("Contents"), "something is in the store"


def _ask(server: Server, browser: Browser, times: int) -> None:
    wanted = {"entity_type": "service", "file_name": "a.mp4", "content_type": "video/mp4", "size": MB}
    headers = browser.cookie | {"X-CSRFToken": browser.token, "Content-Type": "application/json", "Accept": "application/json"}
    told: collections.Counter[str] = collections.Counter()

    def send(connection: http.client.HTTPConnection, turn: int) -> int:
        asked = json.dumps(wanted | {"entity_id": browser.drafts[turn % DRAFTS]})
        try:
            connection.request("POST", "/media", asked, headers)
            answer = connection.getresponse()
        except ConnectionError:
            connection.close()  # the next request opens it again
            told["nobody answered"] += 1
            return 0
        body = json.loads(answer.read())
        told[f"{answer.status} {body.get('message', 'granted')}"] += 1
        return answer.status if answer.status != 429 else 200

    served = server.busy(CLIENTS, times, send)
    for what, count in told.most_common():
        print(f"  {count:6} {what}")
    print(f" {served.row()}")


def _judge(environment: dict[str, str]) -> None:
    settings = config.load(environment)
    engine = create_engine(settings.database)
    with engine.connect() as connection:
        rows, size = connection.execute(text("SELECT count(*), sum(declared_bytes) FROM media")).one()
        each = connection.scalars(text("SELECT count(*) FROM media GROUP BY entity_id"))
        most = max(each)
    engine.dispose()
    assert most <= settings.media_per_service, most
    assert rows <= settings.provider_max_files, rows
    assert size <= settings.provider_max_bytes, size
    print(f"  rows: {rows} of {settings.provider_max_files}, {size / MB:.0f} MB of {settings.provider_max_bytes / MB:.0f}")
    print(f"  in one draft: {most} of {settings.media_per_service}")


if __name__ == "__main__":
    main()
