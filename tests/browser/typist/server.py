"""The site in a process of its own, to be killed and started again at once: `python -m tests.browser.typist.server`, and on stdin a line of settings
(JSON), then `start` as often as it should be served anew. Each answer is a line: the process that serves.

The application is made once, and each server is a fork of it: one that is started again costs no second. All end when stdin ends.
"""

import json
import os
import signal
import socket
import sys
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from app import clock, config, create_app

TEMPLATES = ("wizard/", "drafts/", "services/", "security/", "errors/", "media/")


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, *_args: object) -> None:
        pass


def main() -> None:
    settings = json.loads(sys.stdin.readline())
    _let_time_jump(Path(settings["ahead"]))
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    app = create_app(config.load(settings["environment"]))
    for name in app.jinja_env.list_templates(filter_func=lambda name: name.startswith(TEMPLATES)):
        app.jinja_env.get_template(name)
    serving = 0
    for _start in iter(sys.stdin.readline, ""):
        serving = os.fork()
        if not serving:
            _serve(app, settings["port"])
        print(serving, flush=True)
    if serving:
        os.kill(serving, signal.SIGKILL)


def _let_time_jump(ahead: Path) -> None:
    """The product's clock is as many seconds ahead as the file says."""
    machine = clock.read
    clock.read = lambda: machine() + timedelta(seconds=float(ahead.read_text()))


def _serve(app: Flask, port: int) -> None:
    while not _is_free(port):  # the server before this one is still being ended
        time.sleep(0.01)
    server = make_server("127.0.0.1", port, app, threaded=True, request_handler=_Quiet)
    server.daemon_threads = True  # type: ignore[attr-defined]
    server.serve_forever()


def _is_free(port: int) -> bool:
    with socket.socket() as trial, suppress(OSError):
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        trial.bind(("127.0.0.1", port))
        return True
    return False


if __name__ == "__main__":
    main()
