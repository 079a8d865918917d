"""What a load balancer and an operator ask."""

from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask

from app.drafts.sweeps import Count
from app.insights import runs
from app.insights.runs import Turn
from tests.strict import StrictClient

MakeApp = Callable[..., Flask]
Travel = Callable[..., datetime]


def test_a_process_that_answers_is_alive(client: StrictClient) -> None:
    assert client.get("/healthz").json == {"status": "ok"}


def test_with_everything_there_it_is_ready(client: StrictClient) -> None:
    assert client.get("/readyz").json == {
        "status": "ok",
        "database": True,
        "queue": True,
        "sweeps": {"failing": [], "late": []},
    }


def test_without_redis_it_is_degraded_and_stays_in_service(make_app: MakeApp) -> None:
    response = make_app(REDIS_URL="redis://127.0.0.1:1/0").test_client().get("/readyz")
    assert (response.status_code, response.json["status"], response.json["queue"]) == (200, "degraded", False)


def test_without_a_database_it_is_not_ready(make_app: MakeApp) -> None:
    lonely = make_app(DATABASE_URL="postgresql://nobody@127.0.0.1:1/none?connect_timeout=1")
    assert lonely.test_client().get("/readyz").status_code == 503


def test_without_a_token_there_are_no_metrics(client: StrictClient) -> None:
    assert client.get("/metrics").status_code == 404


def test_metrics_need_the_token(make_app: MakeApp) -> None:
    guarded = make_app(METRICS_TOKEN="sesame").test_client()
    assert guarded.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 404


def test_metrics_count_what_waits(make_app: MakeApp) -> None:
    guarded = make_app(METRICS_TOKEN="sesame").test_client()
    assert "shingle_drafts 0.0" in guarded.get("/metrics", headers={"Authorization": "Bearer sesame"}).text


def test_a_failed_sweep_is_told_and_does_not_take_the_web_out_of_service(client: StrictClient) -> None:
    def broken(_turn: Turn) -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        runs.run("drafts.purge", broken)
    response = client.get("/readyz")
    assert (response.status_code, response.json["status"]) == (200, "degraded")
    assert response.json["sweeps"] == {"failing": ["drafts.purge"], "late": []}


def test_a_sweep_that_is_long_overdue_is_told(client: StrictClient, travel: Travel) -> None:
    travel()
    runs.announce({"drafts.purge": "*/5 * * * *"})
    travel(hours=1)
    assert client.get("/readyz").json["sweeps"] == {"failing": [], "late": ["drafts.purge"]}


def test_metrics_tell_how_the_sweeps_fare(make_app: MakeApp, travel: Travel) -> None:
    travel()
    runs.run("drafts.purge", lambda _turn: Count(drafts=4))
    text = make_app(METRICS_TOKEN="sesame").test_client().get("/metrics", headers={"Authorization": "Bearer sesame"}).text
    assert 'shingle_sweep_success_timestamp_seconds{sweep="drafts.purge"} 1.7953398e+09' in text
    assert 'shingle_sweep_done{sweep="drafts.purge",what="drafts"} 4.0' in text
