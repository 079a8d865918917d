"""`python -I app/ops/run`: Shingle on one machine, from nothing to a page that answers, and nothing left when it ends.

Stands outside the `app` package, so that it is small, starts at once, and survives what goes wrong inside the product.
"""

import signal
import sys
from collections.abc import Mapping

from children import Child, Children, Orphaned
from output import Output
from place import BIN, Place, Refusal, choose_port, settings, web_processes
from preparation import Preparation
from readiness import signed_in, web_answers
from redis_server import start_redis

# More threads than processors: some of them wait for an upload or for the store.
QUEUES = ("mail", "sweeps", "files")  # each with a worker of its own: a flood of files holds up no mail (app/queue.py)
WEB = ["--interface", "wsgi", "--blocking-threads", "8", "--backpressure", "64", "--no-ws", "--workers-kill-timeout", "4"]


def main() -> None:
    for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, signal.default_int_handler)
    output = Output()
    try:
        given = settings()
        place = Place(given)
        if address := place.taken_by():
            return output.say(f"already running from this checkout at {address}")
        children = Children(place, output)
    except Refusal as refusal:
        sys.exit(f"shingle: {refusal}")
    try:
        start(given, place, children, output)
        children.watch()
    except KeyboardInterrupt:
        output.be_quiet()
        output.say("stopping")
        children.stop(patience=5)
    except Orphaned:
        children.stop(patience=1)
    except Refusal as refusal:
        output.show_held()
        children.stop(patience=1)
        sys.exit(f"shingle: {refusal}")


def start(given: Mapping[str, str], place: Place, children: Children, output: Output) -> None:
    """Start everything, and say where it is and how to sign in once all of it is ready."""
    host, web_count = given.get("HOST") or "127.0.0.1", web_processes(given)
    port, _reserved = choose_port(given, host, output.say)
    address = f"http://{'127.0.0.1' if host in ('0.0.0.0', '::') else host}:{port}"  # noqa: S104
    place.announce(address)
    # Lines about what goes well would carry the last line, with the address and the login, off the screen.
    defaults = {"FLASK_APP": "wsgi", "PYTHONUNBUFFERED": "1", "BASE_URL": address, "LOG_LEVEL": "WARNING"}
    environment = {**defaults, **given, "PORT": str(port)}
    if not given.get("REDIS_URL"):
        environment["REDIS_URL"] = start_redis(place, children)
    preparation = Preparation(place, environment, children, output)
    preparation.before_everything()
    python = str(BIN / "python")
    web = [*WEB, "--workers", str(web_count), "--host", host, "--port", str(port), "wsgi:app"]
    children.start(Child("web", [str(BIN / "granian"), *web], environment))
    for queue in QUEUES:
        children.start(Child(f"worker {queue}", [python, "-m", "jobs.worker", queue], environment))
    children.start(Child("scheduler", [python, "-m", "jobs.scheduler"], environment))
    children.wait_until(web_answers(address), 60, "the web process did not answer within a minute.")
    processes = {children.process(name) for name in ("scheduler", *(f"worker {queue}" for queue in QUEUES))}
    children.wait_until(
        signed_in(environment["REDIS_URL"], processes), 60, "workers and scheduler did not start within a minute."
    )
    output.be_loud()
    preparation.after_everything()
    output.say(f"{address} is ready, Ctrl-C stops it" + (f"; sign in as {preparation.login}" if preparation.login else ""))


if __name__ == "__main__":
    main()
