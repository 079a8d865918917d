"""Starting Firefox and WebKit without a screen; each lives no longer than the test run (tests/servers/start.py)."""

import json
from pathlib import Path

from tests.browser.engines.driver import Engine, Http, Marionette
from tests.servers.start import Run, answers, free_port, new_folder, program

# A person who opens Firefox is asked and told more than a test can answer.
QUIET = {
    "app.update.disabledForTesting": True,
    "browser.aboutwelcome.enabled": False,
    "browser.sessionstore.interval": 200,  # ms: what it would put back is recorded soon
    "browser.sessionstore.resume_from_crash": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.homepage_override.mstone": "ignore",
    "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.getAddons.cache.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,#remote-settings-dummy/v1",
    "toolkit.telemetry.server": "",
    "ui.prefersReducedMotion": 1,
}


def firefox(run: Run) -> Engine:
    folder = new_folder("firefox")
    settings = QUIET | {"marionette.port": 0}  # a free one, which it writes down
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in settings.items()]
    (folder / "user.js").write_text("\n".join(lines))
    port = folder / "MarionetteActivePort"
    command = [program("firefox", "firefox-esr"), "--headless", "--no-remote", "--profile", str(folder)]
    marionette = ["--marionette", "--remote-allow-system-access"]
    run.hold([*command, *marionette], folder, lambda: port.exists() and bool(port.read_text()), {"HOME": str(folder)})
    return Engine("firefox", Marionette(int(port.read_text())), {})


def webkit(run: Run) -> Engine:
    port, folder = free_port(), new_folder("webkit")
    (folder / "gtk-3.0").mkdir()
    (folder / "gtk-3.0" / "settings.ini").write_text("[Settings]\ngtk-enable-animations=0\n")  # prefers-reduced-motion
    command = [program("webkit", "WebKitWebDriver"), f"--port={port}", "--host=127.0.0.1"]
    own = {name: str(folder) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME")}
    run.hold(command, folder, lambda: answers(port), {"DISPLAY": _screen(run), **own})
    return Engine("webkit", Http(port), {"capabilities": {}})


def _screen(run: Run) -> str:
    """A screen that nobody sees. The server of it finds a free number and prints it, after what it says of those that are taken."""
    folder = new_folder("xvfb")
    said = Path(f"{folder}.log")
    number = ""

    def is_ready() -> bool:
        nonlocal number
        number = said.read_text().strip().rpartition("\n")[2]
        return number.isdigit()

    run.hold([program("xvfb", "Xvfb"), "-displayfd", "1", "-screen", "0", "1400x1000x24", "-nolisten", "tcp"], folder, is_ready)
    return f":{number}"


START = {"firefox": firefox, "webkit": webkit}
