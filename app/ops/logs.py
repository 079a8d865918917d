"""Logs: one line of JSON an event on standard output; on a terminal, the same in words. Nothing that was typed is logged, and no secret.

What Shingle logs by itself holds none. What an error of a library says may: so the last thing that happens to every line is that addresses and tokens
are taken out of it.
"""

import logging
import re
import sys
import time
from collections.abc import MutableMapping
from typing import Any

import structlog
from flask import Flask, Response, g
from flask.globals import request_ctx

from app.browser import FILES
from app.config import Settings

log = structlog.get_logger()
QUIET = {*FILES, "health.healthz", "health.readyz", "metrics.metrics"}
#: A mail address; what stands before the @ may be quoted.
ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~\-\"]+(?:@|%40)[\w\-.\[\]:]+")
#: A run that nobody reads: a token (signed ones have dots in them), a key, a signature. The ids of rows, which have the shape of a UUID, stay.
TOKEN = re.compile(
    r"(?<![\w.\-])(?![0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![\w.\-]))(?=[\w.\-]*\d)(?=[\w.\-]*[A-Za-z])[\w\-]{8,}[\w.\-]{16,}"
)


def init_app(app: Flask) -> None:
    settings: Settings = app.extensions["settings"]
    configure(settings.log_level)
    app.before_request(_begin)
    app.after_request(_line)


def configure(level: str) -> None:
    """Set up structlog once for the process, and send what libraries log the same way."""
    renderer = structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _without_secrets,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=max(logging.WARNING, logging.getLevelNamesMapping()[level]), handlers=[handler(sys.stderr)])


def handler(stream: Any) -> logging.Handler:
    """Writes what libraries log."""
    made = logging.StreamHandler(stream)
    made.setFormatter(Lines("%(levelname)s %(name)s %(message)s"))
    return made


class Lines(logging.Formatter):
    """Lines, and the stack of an error, without addresses and tokens."""

    def format(self, record: logging.LogRecord) -> str:
        return redacted(super().format(record))


def redacted(text: str) -> str:
    """The text without mail addresses and tokens."""
    return TOKEN.sub("<token>", ADDRESS.sub("<address>", text))


def _without_secrets(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for name, value in event.items():
        if isinstance(value, str) and name != "timestamp":
            event[name] = redacted(value)
        elif isinstance(value, (list, tuple)):
            event[name] = [redacted(each) if isinstance(each, str) else each for each in value]
    return event


def _begin() -> None:
    g.began = time.perf_counter()


def _line(response: Response) -> Response:
    """One line a request: route, not the address, because links in mails carry signed tokens."""
    asked, began = request_ctx.request, g.get("began")
    if asked.endpoint not in QUIET and began is not None:
        duration = round((time.perf_counter() - began) * 1000, 1)
        route = asked.url_rule.rule if asked.url_rule else None
        log.info("request", method=asked.method, route=route, status=response.status_code, ms=duration)
    return response
