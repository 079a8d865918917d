"""Metrics for Prometheus at `/metrics`, for whoever has the token (`METRICS_TOKEN`); without one there is no such page."""

import hmac
import time

from flask import Blueprint, Flask, Response, current_app, g, request
from flask.globals import request_ctx
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, Histogram, generate_latest
from sqlalchemy import func, select

from app import clock
from app.config import Settings
from app.errors import NotFound
from app.extensions import db
from app.insights import standing
from app.media import reconcile
from app.media.models import Media
from app.services.models import Service, Status
from app.storage.models import LedgerEntry

metrics = Blueprint("metrics", __name__)
BUCKETS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)


def init_app(app: Flask) -> None:
    app.register_blueprint(metrics, url_prefix="")
    registry = CollectorRegistry()
    # Per process: with several web processes, scrape each, or read the load balancer's numbers.
    app.extensions["requests"] = Histogram(
        "shingle_request_seconds", "Time to answer, by route", ["method", "route", "status"], registry=registry, buckets=BUCKETS
    )
    app.extensions["registry"] = registry
    app.after_request(_observe)


def _observe(response: Response) -> Response:
    asked, began = request_ctx.request, g.get("began")
    if asked.url_rule is not None and began is not None:
        labels = (asked.method, asked.url_rule.rule, str(response.status_code))
        current_app.extensions["requests"].labels(*labels).observe(time.perf_counter() - began)
    return response


@metrics.get("/metrics")
def show() -> Response:
    """What the process answered, and what waits in the database."""
    settings: Settings = current_app.extensions["settings"]
    given = request.headers.get("Authorization", "")
    if settings.metrics_token is None or not hmac.compare_digest(given.encode(), f"Bearer {settings.metrics_token}".encode()):
        raise NotFound()
    text = generate_latest(current_app.extensions["registry"]) + generate_latest(_counted())
    return Response(text, content_type=CONTENT_TYPE_LATEST)


def _counted() -> CollectorRegistry:
    """What is there right now, asked when it is scraped."""
    registry = CollectorRegistry()
    now = clock.now()
    waiting = (Service.status == Status.DRAFT) & Service.deleted_at.is_(None)
    questions = {
        "shingle_drafts": ("Drafts that are being written", select(func.count()).select_from(Service).where(waiting)),
        "shingle_drafts_overdue": (
            "Drafts past their expiry",
            select(func.count()).select_from(Service).where(waiting, Service.expires_at <= now),
        ),
        "shingle_services_published": (
            "Published services",
            select(func.count()).select_from(Service).where(Service.status == Status.PUBLISHED),
        ),
        "shingle_media_unverified": (
            "Files that wait for verification",
            select(func.count()).select_from(Media).where(Media.state == "received"),
        ),
        "shingle_ledger_entries": ("Objects still to be deleted", select(func.count()).select_from(LedgerEntry)),
    }
    for name, (about, question) in questions.items():
        Gauge(name, about, registry=registry).set(db.session.scalar(question) or 0)
    _swept(registry)
    _reconciled(registry)
    return registry


def _swept(registry: CollectorRegistry) -> None:
    """How the sweeps fare, whichever process ran them."""
    succeeded = Gauge("shingle_sweep_success_timestamp_seconds", "When it last succeeded", ["sweep"], registry=registry)
    failures = Gauge("shingle_sweep_failures", "Failed runs since the last success", ["sweep"], registry=registry)
    late = Gauge("shingle_sweep_late", "Whether the schedule came by twice without a run", ["sweep"], registry=registry)
    done = Gauge("shingle_sweep_done", "What the latest run that ended did", ["sweep", "what"], registry=registry)
    for each in standing.sweeps():
        name = each.run.name
        succeeded.labels(name).set(each.run.succeeded_at.timestamp() if each.run.succeeded_at else 0)
        failures.labels(name).set(each.run.failures + each.was_killed)
        late.labels(name).set(each.is_late)
        for what, number in (each.run.counts or {}).items():
            done.labels(name, what).set(number)


def _reconciled(registry: CollectorRegistry) -> None:
    """The numbers of the latest reconciliation, whichever process made it."""
    if not (last := reconcile.last()):
        return
    found = Gauge("shingle_reconcile_found", "What the latest reconciliation found", ["what"], registry=registry)
    for what in ("objects", "uploads", "orphans", "missing", "orphan_uploads", "foreign"):
        found.labels(what).set(last[what])
    Gauge("shingle_reconcile_finished", "Whether it got to the end", registry=registry).set(last["finished"])
    Gauge("shingle_reconcile_timestamp_seconds", "When it ended", registry=registry).set(last["at"])
