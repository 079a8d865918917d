"""A sweep runs once at a time, for its time only, and leaves a trace."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import pytest
from flask import Flask

from app import clock
from app.config import Settings
from app.drafts import sweeps
from app.extensions import db
from app.insights import runs, standing
from app.insights.models import SweepRun
from app.insights.runs import AlreadyRuns, Turn
from app.services.models import Service
from tests import factories, queues

Travel = Callable[..., datetime]


@dataclass
class Count:
    drafts: int = 0


def row(name: str = "drafts.expire") -> SweepRun:
    return db.session.get_one(SweepRun, name, populate_existing=True)


def stand(name: str = "drafts.expire") -> standing.Standing:
    db.session.commit()
    return next(each for each in standing.sweeps() if each.run.name == name)


def succeed(drafts: int = 0) -> None:
    runs.run("drafts.expire", lambda _turn: Count(drafts))


def fail() -> None:
    def broken(_turn: Turn) -> Count:
        raise RuntimeError("no disk")

    with pytest.raises(RuntimeError):
        runs.run("drafts.expire", broken)


def killed() -> None:
    """What a worker leaves behind that was killed in the middle of its sweep."""
    assert runs._take(Turn("drafts.expire"))


def test_what_a_run_counted_is_kept(app: Flask, travel: Travel) -> None:
    now = travel()
    succeed(drafts=3)
    assert (row().ended, row().counts, row().succeeded_at, row().holder) == ("done", {"drafts": 3}, now, None)


def test_a_sweep_that_runs_is_not_started_twice(app: Flask) -> None:
    began: list[str] = []

    def sweep(_turn: Turn) -> Count:
        with pytest.raises(AlreadyRuns):
            runs.run("drafts.expire", lambda _turn: Count(began.append("second") or 0))
        return Count()

    runs.run("drafts.expire", sweep)
    assert began == []


def test_a_job_that_finds_its_sweep_running_has_nothing_to_do(app: Flask) -> None:
    killed()
    runs.scheduled("drafts.expire", lambda _turn: pytest.fail("was started twice"))


def test_another_sweep_may_run_at_the_same_time(app: Flask) -> None:
    killed()
    runs.run("drafts.warn", lambda _turn: Count(1))
    assert row("drafts.warn").counts == {"drafts": 1}


def test_the_lease_of_a_killed_worker_ends_by_itself(app: Flask, travel: Travel) -> None:
    travel()
    killed()
    travel(minutes=2, seconds=59)
    with pytest.raises(AlreadyRuns):
        succeed()
    travel(seconds=1)
    succeed()
    assert row().ended == "done"


def test_a_lease_from_before_the_clock_was_set_back_holds_nobody_up(app: Flask, travel: Travel) -> None:
    travel()
    killed()
    travel(hours=-1)
    succeed()
    assert row().ended == "done"


def test_a_run_that_works_on_keeps_its_lease(app: Flask, travel: Travel, monkeypatch: pytest.MonkeyPatch) -> None:
    travel()
    monkeypatch.setattr(runs, "RENEW", 0)

    def sweep(turn: Turn) -> Count:
        for _each in range(3):
            travel(minutes=2)
            assert turn.goes_on()
            with pytest.raises(AlreadyRuns):
                succeed()
        return Count(1)

    runs.run("drafts.expire", sweep)
    assert row().counts == {"drafts": 1}


def test_a_run_whose_lease_went_to_another_stops_and_says_nothing(
    app: Flask, travel: Travel, monkeypatch: pytest.MonkeyPatch
) -> None:
    travel()
    monkeypatch.setattr(runs, "RENEW", 0)

    def sweep(turn: Turn) -> Count:
        travel(minutes=4)
        succeed(drafts=7)
        assert not turn.goes_on()
        return Count(1)

    runs.run("drafts.expire", sweep)
    assert row().counts == {"drafts": 7}


def test_a_failed_run_is_recorded_with_its_reason(app: Flask) -> None:
    succeed(drafts=3)
    fail()
    fail()
    assert (row().ended, row().error, row().failures) == ("failed", "RuntimeError: no disk", 2)
    assert stand().is_failing


def test_a_failed_run_takes_back_what_it_had_not_committed(app: Flask) -> None:
    def broken(_turn: Turn) -> Count:
        db.session.add(SweepRun(name="half", failures=0))
        db.session.flush()
        raise RuntimeError

    with pytest.raises(RuntimeError):
        runs.run("drafts.expire", broken)
    assert db.session.get(SweepRun, "half") is None


def test_a_success_ends_the_failing(app: Flask) -> None:
    fail()
    succeed()
    assert (row().failures, row().error, stand().is_failing) == (0, None, False)


def test_a_killed_run_counts_as_failed(app: Flask, travel: Travel) -> None:
    travel()
    killed()
    travel(minutes=3)
    assert (stand().was_killed, stand().is_failing) == (True, True)
    fail()
    assert row().failures == 2


def test_what_is_left_when_the_time_is_up_goes_to_a_follow_up(app: Flask, travel: Travel, settings: Settings) -> None:
    travel()
    draft = factories.draft(factories.provider())
    travel(hours=48)
    runs.run("drafts.expire", partial(sweeps.expire, settings), longest=0)
    assert db.session.get_one(Service, draft.id, populate_existing=True).deleted_at is None
    [job] = queues.waiting(app)
    assert (row().ended, job.func_name, job.timeout) == ("handed over", "jobs.drafts.expire", runs.TIMEOUT)


def test_a_sweep_that_is_through_asks_for_no_follow_up(app: Flask) -> None:
    succeed()
    assert queues.waiting(app) == []


def test_a_run_ends_when_its_time_is_up_though_the_clock_was_set_back(app: Flask, travel: Travel) -> None:
    travel()
    turn = Turn(longest=0)
    travel(hours=-1)
    assert not turn.goes_on()


def test_a_sweep_that_nobody_runs_is_late_when_the_schedule_came_by_twice(app: Flask, travel: Travel) -> None:
    travel()  # 9:30 UTC
    runs.announce({"drafts.expire": "*/15 * * * *"})
    travel(minutes=39)
    assert not stand().is_late
    travel(minutes=2)
    assert stand().is_late
    succeed()
    assert not stand().is_late


def test_a_sweep_that_runs_is_not_late(app: Flask, travel: Travel, monkeypatch: pytest.MonkeyPatch) -> None:
    travel()
    runs.announce({"drafts.expire": "*/15 * * * *"})
    travel(hours=1)
    killed()
    assert not stand().is_late


def test_announcing_the_same_line_again_does_not_make_a_late_sweep_punctual(app: Flask, travel: Travel) -> None:
    travel()
    runs.announce({"drafts.expire": "*/15 * * * *"})
    travel(hours=2)
    runs.announce({"drafts.expire": "*/15 * * * *"})
    assert stand().is_late


def test_a_line_that_was_taken_off_the_schedule_is_never_late(app: Flask, travel: Travel) -> None:
    travel()
    runs.announce({"drafts.expire": "*/15 * * * *"})
    runs.announce({"drafts.warn": "*/15 * * * *"})
    travel(days=1)
    assert (stand().next_at, stand().is_late) == (None, False)


@pytest.mark.usefixtures("present")  # RQ has a clock of its own
def test_the_next_run_is_what_rq_makes_of_the_line(app: Flask) -> None:
    from rq.cron import CronJob

    moment = clock.now()
    job = CronJob("default", func=succeed, cron="5-59/15 * * * *")
    assert standing.following("5-59/15 * * * *", moment) == job.next_enqueue_time


def test_the_schedule_is_announced_by_the_scheduler(app: Flask) -> None:
    from jobs.schedule import SCHEDULE
    from jobs.scheduler import _announce

    _announce()
    db.session.commit()
    assert {each.run.name: each.run.cron for each in standing.sweeps()} == SCHEDULE


def test_status_tells_what_ran_and_what_is_overdue(app: Flask, travel: Travel) -> None:
    travel()
    runs.announce({"drafts.expire": "*/15 * * * *", "drafts.warn": "*/10 * * * *"})
    succeed(drafts=3)
    factories.draft(factories.provider(), has_content=True)
    travel(hours=50)
    said = app.test_cli_runner().invoke(args=["sweep", "status"]).output
    assert "drafts.expire    done 2026-11-22 09:30:00 UTC; drafts 3; next 2026-11-24 11:45:00 UTC; LATE" in said
    assert "drafts.warn      never ran; next 2026-11-24 11:40:00 UTC; LATE" in said
    assert "overdue drafts: 1, the oldest since 2026-11-24 09:30:00 UTC" in said


def test_status_says_that_there_is_no_scheduler(app: Flask) -> None:
    said = app.test_cli_runner().invoke(args=["sweep", "status"]).output
    assert said == "No scheduler has been started yet: nothing runs by itself.\noverdue drafts: none\n"


def test_by_hand_a_sweep_that_runs_is_refused_with_a_sentence(app: Flask) -> None:
    killed()
    done = app.test_cli_runner().invoke(args=["sweep", "expire"])
    assert (done.exit_code, "drafts.expire runs already" in done.output) == (1, True)


@pytest.fixture
def settings(app: Flask) -> Settings:
    return app.extensions["settings"]
