"""When the run may say that it is up: the web answers, and worker and scheduler have signed in at Redis."""

import urllib.error
import urllib.request
from collections.abc import Callable

from redis import Redis
from redis.exceptions import RedisError


def web_answers(address: str) -> Callable[[], bool]:
    def answers() -> bool:
        try:
            with urllib.request.urlopen(f"{address}/healthz", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    return answers


def signed_in(redis_url: str, processes: set[int]) -> Callable[[], bool]:
    """RQ writes one key for each worker and each scheduler, and in it the process."""
    redis = Redis.from_url(redis_url, socket_timeout=2)

    def are_there() -> bool:
        try:
            keys = [key for pattern in ("rq:worker:*", "rq:cron_scheduler:*") for key in redis.scan_iter(pattern, _type="HASH")]
            return processes <= {int(found) for key in keys if (found := redis.hget(key, "pid"))}
        except RedisError:
            return False

    return are_there
