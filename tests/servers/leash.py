"""`python leash.py OWNER FOLDER USER COMMAND…`: run a server only as long as the process OWNER lives, then remove FOLDER.

The server may have been started by one of several test processes and must outlive it, so it is bound to the run and not to its parent.
A killed test run leaves nothing behind.
"""

import os
import shutil
import signal
import subprocess
import sys
import time

import psutil


def lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def stop(child: subprocess.Popen[bytes]) -> None:
    """SIGINT is what PostgreSQL, Redis and Python all understand as "end now, in order"."""
    child.send_signal(signal.SIGINT)
    try:
        child.wait(3)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)


def main(owner: int, folder: str, user: str, *command: str) -> None:
    run = psutil.Process(owner)
    child = subprocess.Popen(command, cwd=folder, start_new_session=True, user=int(user) if user else None)
    while lives(run) and child.poll() is None:
        time.sleep(0.2)
    if child.poll() is None:
        stop(child)
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
