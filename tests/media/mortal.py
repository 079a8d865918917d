"""A web process and a worker that can be killed at any moment, and people who go on uploading meanwhile."""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil

from tests.servers.start import ROOT, answers, free_port

PATIENCE = 30  # seconds; a start takes two
BIN = Path(sys.executable).parent


class Machine:
    """The processes of one machine. `kill` takes them as a power failure does, whatever they are in the middle of."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.port = free_port()
        self._environment = os.environ | environment
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, *names: str) -> None:
        """Start what does not run, or only these of `web` and `worker`; return when the site answers."""
        web = [
            BIN / "granian",
            "--interface",
            "wsgi",
            "--host",
            "127.0.0.1",
            "--port",
            str(self.port),
            "--blocking-threads",
            "4",
        ]
        commands = {"web": [*web, "--no-ws", "wsgi:app"], "worker": [sys.executable, "-m", "jobs.worker"]}
        for name, command in commands.items():
            if name not in self._running and (not names or name in names):
                quiet = subprocess.DEVNULL
                self._running[name] = subprocess.Popen(
                    [*map(str, command)], cwd=ROOT, env=self._environment, stdout=quiet, stderr=quiet, start_new_session=True
                )
        until = time.monotonic() + PATIENCE
        while not answers(self.port):
            assert time.monotonic() < until, "the site did not come up"

    def kill(self, *names: str) -> None:
        for name in names:
            process = self._running.pop(name)
            family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
            for each in family:
                with contextlib.suppress(psutil.NoSuchProcess):
                    each.send_signal(signal.SIGKILL)
            process.wait()

    def end(self) -> None:
        self.kill(*self._running)


@dataclass(frozen=True)
class File:
    """What somebody uploads."""

    name: str
    content_type: str
    body: bytes


class People:
    """Several browsers of one provider that upload, remove, give up in the middle and begin again, until they are told to stop.

    `happened` counts what they sent; `after` waits for the next so many, so that a test can do something in the middle of it all.
    """

    def __init__(self, machine: Machine, draft: str, headers: Mapping[str, str], files: list[File], seed: int) -> None:
        self._machine, self._draft, self._headers, self._files = machine, draft, dict(headers), files
        self._stop = threading.Event()
        self._step = threading.Condition()
        self.happened = 0
        self.arrived = 0
        self._threads = [threading.Thread(target=self._live, args=(random.Random(seed + each),)) for each in range(3)]
        for thread in self._threads:
            thread.start()

    def after(self, steps: int) -> None:
        with self._step:
            goal = self.happened + steps
            assert self._step.wait_for(lambda: self.happened >= goal, PATIENCE), "nobody could do anything any more"

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(PATIENCE)

    def _live(self, chance: random.Random) -> None:
        while not self._stop.is_set():
            with contextlib.suppress(_Interrupted):
                self._upload(chance, chance.choice(self._files))

    def _upload(self, chance: random.Random, file: File) -> None:
        asked = {"entity_type": "service", "entity_id": self._draft, "file_name": file.name, "content_type": file.content_type}
        granted = self._post("/media", asked | {"size": len(file.body)})
        path = f"/media/{granted['id']}"
        if "url" in granted:
            self._put(granted, file.body)
        else:
            self._parts(chance, path, file.body, granted)
        if chance.random() < 0.1:
            raise _Interrupted  # the tab was closed
        self._post(f"{path}/received")
        self.arrived += 1
        if chance.random() < 0.3:
            self._post(f"{path}/remove")

    def _parts(self, chance: random.Random, path: str, body: bytes, granted: dict[str, Any]) -> None:
        numbers = list(range(1, granted["parts"] + 1))
        signed = granted.get("urls") or self._post(f"{path}/parts", {"numbers": numbers})["parts"]
        for number in numbers:
            if chance.random() < 0.1:
                raise _Interrupted
            start = granted["part_bytes"] * (number - 1)
            self._put(signed[str(number)], body[start : start + granted["part_bytes"]])

    def _post(self, path: str, values: Mapping[str, Any] | None = None) -> dict[str, Any]:
        address = f"http://127.0.0.1:{self._machine.port}{path}"
        answer: dict[str, Any] = json.loads(self._send("POST", address, json.dumps(values or {}).encode(), self._headers))
        return answer

    def _put(self, to: Mapping[str, Any], body: bytes) -> None:
        address = to["url"] if "://" in to["url"] else f"http://127.0.0.1:{self._machine.port}{to['url']}"
        self._send("PUT", address, body, to["headers"])

    def _send(self, method: str, address: str, body: bytes, headers: Mapping[str, str]) -> bytes:
        parts = urlsplit(address)
        connection = HTTPConnection(parts.netloc, timeout=PATIENCE)
        try:
            connection.request(method, f"{parts.path}?{parts.query}" if parts.query else parts.path, body, dict(headers))
            self._note()
            response = connection.getresponse()
            answer = response.read()
        except (OSError, HTTPException):
            raise _Interrupted from None
        finally:
            connection.close()
        if response.status >= 300:
            raise _Interrupted
        return answer

    def _note(self) -> None:
        with self._step:
            self.happened += 1
            self._step.notify_all()


class _Interrupted(Exception):
    """Something on the way is gone; whoever was at it begins anew."""
