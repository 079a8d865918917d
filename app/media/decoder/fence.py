"""What this process may use, set before it has read a byte of the file."""

import contextlib
import ctypes
import os
import resource
import signal
import sys
from typing import Any

NEW_USER_AND_NETWORK = 0x10000000 | 0x40000000  # CLONE_NEWUSER, CLONE_NEWNET: linux/sched.h
DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG: prctl(2)


def close(cpu: int, most: int, memory: int, disk: int, parent: int) -> None:
    """Seconds of processor time now and at most, bytes of address space, bytes of a file that is written here, and the worker's number."""
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, most + 5))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    resource.setrlimit(resource.RLIMIT_FSIZE, (disk, disk))
    if sys.platform == "linux":
        # macOS does not keep this limit, and refuses it.
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        _alone(parent)


def widen(order: dict[str, Any], pixels: int) -> None:
    """More time for a picture of so many pixels: its bytes alone don't tell what it takes."""
    seconds = min(order["most"], round(order["cpu"] + order["megapixel"] * pixels / 1e6))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, order["most"] + 5))


def _alone(parent: int) -> None:
    """Without a network, gone when the worker is, and the first to go when the machine runs out of memory.

    A container or a hardened kernel may forbid the first: then it is left out, and the other limits hold as before.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    libc.unshare(NEW_USER_AND_NETWORK)
    libc.prctl(DIE_WITH_PARENT, signal.SIGKILL)
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as score:
        score.write("1000")
    if os.getppid() != parent:
        # The worker went before it could be asked to take this process along.
        sys.exit(1)
