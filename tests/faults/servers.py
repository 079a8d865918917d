"""Servers that can be taken away and given back: a database, a queue, a mail server, and a store behind a network that fails."""

import asyncio
import os
import re
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Timer
from typing import Any

import psutil
import psycopg
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from redis import Redis

from app import clock
from tests.servers import postgres, s3
from tests.servers.faults import FaultyProxy
from tests.servers.smtp import MailServer
from tests.servers.start import Run, answers, free_port, new_folder, program

# What is committed must survive the death of the server, so a commit waits for its write; of the machine's power cut there is no question here.
HONEST = ("fsync=off", "full_page_writes=off", "max_connections=50", "unix_socket_directories=")
BREADTH = 10  # seconds; a start takes less than one


class Database:
    """A PostgreSQL of these tests alone."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._cluster = postgres.new_cluster(new_folder("faults"))
        self.start()
        self.url = postgres.new_database(self._cluster.address, "faults")

    def start(self) -> None:
        self._cluster.serve(self._run, new_folder("leash"), *HONEST)

    def kill(self) -> None:
        """SIGQUIT: PostgreSQL drops everything as it is and cleans up nothing ("immediate shutdown")."""
        pid = int((self._cluster.data / "postmaster.pid").read_text().split()[0])
        server = psutil.Process(pid)
        os.kill(pid, signal.SIGQUIT)
        _wait_for(lambda: not server.is_running() or server.status() == psutil.STATUS_ZOMBIE)
        (self._cluster.data / "postmaster.pid").unlink(missing_ok=True)

    def restart(self) -> None:
        self.kill()
        self.start()

    def cut(self) -> None:
        """Every connection but this one is ended by the server."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = 'faults'"
            )

    def bury(self, name: str) -> None:
        """Wait until the server has noticed that the clients of this name are dead, and let go of what they held."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            living = "SELECT 1 FROM pg_stat_activity WHERE application_name = %s"
            _wait_for(lambda: connection.execute(living, [name]).fetchone() is None)

    def stand_still(self, seconds: float) -> None:
        """SIGSTOP to all of it: connections stay, and nothing is answered; it goes on by itself."""
        pid = int((self._cluster.data / "postmaster.pid").read_text().split()[0])
        processes = [psutil.Process(pid), *psutil.Process(pid).children()]
        for each in processes:
            each.suspend()
        Timer(seconds, lambda: [each.resume() for each in processes]).start()

    def folder(self) -> Path:
        return self._cluster.data.parent


class Queue:
    """A Redis of these tests alone, which keeps nothing when it ends."""

    def __init__(self, run: Run) -> None:
        self._run, self._port = run, free_port()
        self.url = f"redis://127.0.0.1:{self._port}/0"
        self.start()

    def start(self) -> None:
        settings = ["--bind", "127.0.0.1", "--port", str(self._port), "--save", "", "--appendonly", "no"]
        folder = new_folder("faults-redis")
        self._run.hold([program("redis", "redis-server"), *settings], folder, lambda: answers(self._port))

    def kill(self) -> None:
        with Redis.from_url(self.url) as connection:
            os.kill(connection.info()["process_id"], signal.SIGKILL)
        _wait_for(lambda: not answers(self._port))

    def signal(self, number: int) -> None:
        """SIGSTOP: it keeps its connections, takes new ones, and says nothing; SIGCONT: it goes on."""
        if number == signal.SIGSTOP:
            with Redis.from_url(self.url) as connection:
                self._process = connection.info()["process_id"]
        os.kill(self._process, number)

    def flush(self) -> None:
        with Redis.from_url(self.url) as connection:
            connection.flushall()


@dataclass(frozen=True)
class Letter:
    """A mail that the server has taken, and what the application's clock said then."""

    message_id: str
    to: str
    subject: str
    text: str
    taken_at: datetime


class Mailbox(MailServer):
    """A mail server with bad habits: `habit` is one of "", "451 …", "550 …" (to RCPT), "hang", "hang after DATA", "drop after DATA", "554 to DATA".

    A refusal at RCPT is for addresses that begin with `only`.
    """

    def __init__(self) -> None:
        super().__init__()
        self.letters: list[Letter] = []
        self.habit = self.only = ""

    def kill(self) -> None:
        self._controller.stop()

    def start(self) -> None:
        self._controller = Controller(self, *self.address)
        self._controller.start()

    def reset(self) -> None:
        super().reset()
        self.habit = self.only = ""
        self.letters.clear()

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:
        if self.habit == "hang":
            await asyncio.sleep(BREADTH)
        if re.match(r"\d{3} (?!to DATA)", self.habit) and address.startswith(self.only):
            return self.habit
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.habit.endswith(" to DATA"):
            return f"{self.habit[:3]} Not this"
        answer = await super().handle_DATA(server, session, envelope)
        message = self.received[-1].message
        text = message.get_body(("plain",)).get_content()
        self.letters.append(Letter(message["Message-ID"], envelope.rcpt_tos[0], message["Subject"], text, clock.now()))
        if self.habit == "hang after DATA":
            await asyncio.sleep(BREADTH)
        if self.habit == "drop after DATA":
            server.transport.abort()
        return answer


class Store(FaultyProxy):
    """The way to the store. `habit` is what happens to every request whose line begins with one of `verbs`:

    "503", "500": answered so; "hang": never answered; "cut": the connection ends before the store hears of it; "cut after": it ends when the
    store has done it;
    "partial …": of several keys to delete, every second is refused with this code, inside an answer of 200.
    """

    def __init__(self, target: str) -> None:
        super().__init__(target)
        self._target_url = target
        self.reset()

    def reset(self) -> None:
        self.habit, self.verbs, self.times, self.met = "", ("",), 10**6, 0

    def behave(self, habit: str, *verbs: str, times: int = 10**6) -> None:
        self.habit, self.verbs, self.times = habit, verbs or ("",), times

    async def _request(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, upstream: asyncio.StreamWriter
    ) -> bool:
        head = await reader.readuntil(b"\r\n\r\n")
        size = int((re.search(rb"(?i)\ncontent-length: *(\d+)", head) or [b"", b"0"])[1])
        if b"100-continue" in head.lower():
            writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            head = re.sub(rb"(?i)expect: *100-continue\r\n", b"", head)
        body = await reader.readexactly(size)
        line = head.split(b"\r\n", 1)[0].decode()
        if not self.habit or not self.times or not line.startswith(self.verbs):
            upstream.write(head + body)
            await upstream.drain()
            return True
        self.met, self.times = self.met + 1, self.times - 1
        return await self._misbehave(head, body, line, writer)

    async def _misbehave(self, head: bytes, body: bytes, line: str, writer: asyncio.StreamWriter) -> bool:
        if self.habit == "hang":
            await asyncio.Event().wait()  # until whoever asks has lost patience, or the proxy ends
        if self.habit == "cut after":
            await self._again(head + body)
        if self.habit.startswith("cut"):
            return False
        if self.habit.startswith("partial"):
            answer = await asyncio.to_thread(self._partial, line.split()[1].split("?")[0].strip("/"), body)
            writer.write(_answer("200 OK", answer))
        else:
            reason = "SlowDown" if self.habit == "503" else "InternalError"
            writer.write(
                _answer(f"{self.habit} Fault", f"<Error><Code>{reason}</Code><Message>Try again</Message></Error>".encode())
            )
        await writer.drain()
        return True

    def _partial(self, bucket: str, body: bytes) -> bytes:
        """Delete the first, third, … key behind the application's back, and refuse the others."""
        keys = re.findall(r"<Key>([^<]+)</Key>", body.decode())
        client = s3.client(self._target_url)
        for key in keys[::2]:
            client.delete_object(Bucket=bucket, Key=key)
        refused = "".join(
            f"<Error><Key>{key}</Key><Code>{self.habit.split()[1]}</Code><Message>Not now</Message></Error>"
            for key in keys[1::2]
        )
        return f'<?xml version="1.0"?><DeleteResult>{refused}</DeleteResult>'.encode()


def _answer(status: str, body: bytes) -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Type: application/xml\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def _wait_for(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + BREADTH
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.01)
