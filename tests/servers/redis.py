"""Redis: one server for the run, one numbered database for each test process."""

from tests.servers.start import Run, answers, free_port, new_folder, program


def start(run: Run) -> str:
    port = free_port()
    folder = new_folder("redis")
    settings = ["--bind", "127.0.0.1", "--port", str(port), "--databases", "128", "--save", "", "--appendonly", "no"]
    run.hold([program("redis", "redis-server"), *settings], folder, lambda: answers(port))
    return f"redis://127.0.0.1:{port}"
