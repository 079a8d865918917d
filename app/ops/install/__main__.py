"""`python3 -I app/ops/install run|check|test`: installs what that command needs into the checkout.

Runs before anything is installed, so this folder uses the standard library alone and stands outside the `app` package.
Nothing is done twice: the second time takes a moment and needs no network, until a lock file changes.
"""

import sys

from node_packages import install_front_end
from python_packages import install_dev, install_runtime, make_environment
from servers import find_browser, find_other_browsers, find_redis
from steps import Stop, alone, stop_with_parent

RUN = (make_environment, install_runtime, install_front_end, find_redis)
DEV = (make_environment, install_dev, install_front_end, find_redis)
TEST = (*DEV, find_browser, find_other_browsers)
PURPOSES = {"run": RUN, "check": DEV, "test": TEST}


def main(purpose: str) -> None:
    stop_with_parent()
    with alone():
        for step in PURPOSES[purpose]:
            step()


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except Stop as stop:
        sys.exit(f"shingle: {stop}")
