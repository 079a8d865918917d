"""Logs: one line of JSON an event on standard output; on a terminal, the same in words. Nothing that was typed is logged, and no secret."""

import logging
import sys
import time

import structlog
from flask import Flask, Response, g
from flask.globals import request_ctx

from app.browser import FILES
from app.config import Settings

log = structlog.get_logger()
QUIET = {*FILES, "health.healthz", "health.readyz", "metrics.metrics"}


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
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(
        level=max(logging.WARNING, logging.getLevelNamesMapping()[level]), format="%(levelname)s %(name)s %(message)s"
    )


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
