"""What a load balancer and an operator ask."""

from collections.abc import Callable

from flask import Flask

from tests.strict import StrictClient

MakeApp = Callable[..., Flask]


def test_a_process_that_answers_is_alive(client: StrictClient) -> None:
    assert client.get("/healthz").json == {"status": "ok"}


def test_with_everything_there_it_is_ready(client: StrictClient) -> None:
    assert client.get("/readyz").json == {"status": "ok", "database": True, "queue": True}


def test_without_redis_it_is_degraded_and_stays_in_service(make_app: MakeApp) -> None:
    response = make_app(REDIS_URL="redis://127.0.0.1:1/0").test_client().get("/readyz")
    assert (response.status_code, response.json) == (200, {"status": "degraded", "database": True, "queue": False})


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
