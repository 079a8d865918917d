"""`make run`, the whole of it: what the terminal ends with, and what is left afterwards, which is nothing."""

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

# Seconds; about two on a machine that does nothing else.
SOON = 15
RUN = [sys.executable, "-I", "app/ops/run"]


class Running:
    """A run that has said that it is ready, and everything it started."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdout
        self.process = process
        self.said: list[str] = []
        for line in process.stdout:
            self.said.append(line.rstrip())
            if " is ready" in line:
                break
        self.family = _family(process.pid)

    @property
    def address(self) -> str:
        found = re.search(r"(http://\S+) is ready", self.said[-1])
        assert found, "\n".join(self.said)
        return found.group(1)

    def names(self) -> list[str]:
        return [" ".join(each.cmdline()) for each in self.family if each.is_running()]

    def left_after(self, seconds: float) -> list[psutil.Process]:
        """What still runs. A process whose parent was killed may stay on the list of process 1 for a while, ended as it is."""
        _gone, left = psutil.wait_procs(self.family, timeout=seconds)
        return [each for each in left if _runs(each)]

    def end(self) -> None:
        """Whatever a test found out, nothing stays behind it."""
        self.process.kill()
        for each in self.left_after(SOON):
            with suppress(psutil.NoSuchProcess):
                each.kill()


def _runs(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    return False


def _family(process: int) -> list[psutil.Process]:
    leader = psutil.Process(process)
    return [leader, *leader.children(recursive=True)]


def begin(var: Path, **settings: str) -> "subprocess.Popen[str]":
    # One web process is enough to be started and ended.
    environment = {**os.environ, "WEB_PROCESSES": "1", "VAR_DIR": str(var), **settings}
    return subprocess.Popen(
        RUN,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


@contextmanager
def running(var: Path) -> Iterator[Running]:
    with begin(var) as process:
        run = Running(process)
        try:
            yield run
        finally:
            run.end()


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("run") / "var") as run:
        yield run


def test_the_last_line_of_a_start_leads_to_a_page_that_answers(run: Running) -> None:
    with urllib.request.urlopen(f"{run.address}/healthz", timeout=10) as answer:
        assert answer.status == 200


def test_web_worker_scheduler_and_redis_are_started(run: Running) -> None:
    started = "\n".join(run.names())
    assert all(name in started for name in ("wsgi:app", "jobs.worker", "jobs.scheduler", "redis-server"))


def test_a_second_run_of_the_same_checkout_says_where_the_first_one_is(run: Running, tmp_path: Path) -> None:
    var = next(Path(value) for each in run.family if (value := each.environ().get("VAR_DIR")))
    with begin(var) as second:
        assert second.stdout
        assert f"already running from this checkout at {run.address}" in second.stdout.read()


def test_a_process_that_dies_is_started_again(run: Running) -> None:
    scheduler = next(each for each in run.family if "jobs.scheduler" in each.cmdline())
    scheduler.kill()
    assert run.process.stdout
    assert any("scheduler ended with code -9; it is started again" in line for line in run.process.stdout)


def test_ctrl_c_ends_everything(tmp_path: Path) -> None:
    with running(tmp_path / "var") as run:
        run.process.send_signal(signal.SIGINT)
        assert run.left_after(SOON) == []


def test_nothing_is_left_when_the_run_is_killed(tmp_path: Path) -> None:
    with running(tmp_path / "var") as run:
        run.process.kill()
        assert run.left_after(SOON) == []


def test_the_run_ends_when_what_started_it_is_killed(tmp_path: Path) -> None:
    starter = "import subprocess, sys; subprocess.run(sys.argv[1:])"
    command = [sys.executable, "-c", starter, *RUN]
    environment = {**os.environ, "VAR_DIR": str(tmp_path / "var")}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        run = Running(process)
        process.kill()
        left = run.left_after(SOON)
        run.end()
    assert left == []


def test_a_port_that_was_asked_for_and_is_taken_is_refused_in_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, begin(tmp_path / "var", PORT=str(taken.getsockname()[1])) as refused:
        assert refused.stdout
        assert refused.stdout.read().count("\n") == 1


@pytest.mark.parametrize(("name", "value"), [("DRAFT_WARN_AFTER", "soon"), ("WEB_PROCESSES", "many")])
def test_a_setting_that_can_not_be_used_stops_the_start_with_its_name(tmp_path: Path, name: str, value: str) -> None:
    with begin(tmp_path / "var", **{name: value}) as refused:
        assert refused.stdout
        said = refused.stdout.read()
    assert name in said
    assert "Traceback" not in said
