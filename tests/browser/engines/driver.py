"""Firefox and WebKit, driven by the commands of W3C WebDriver. WebKit's driver reads them over HTTP, and Firefox by itself over the socket that
geckodriver would speak to (Marionette): so nothing stands between, and what only Firefox can be asked for, such as opening a closed tab again,
goes the same way.

    engine.open("/drafts")                  # paths are relative to `engine.site`
    engine.type("Name of the service", "Haircut")
    engine.press("Continue")
    engine.sees("Details")                  # waits; so does each of these
"""

import json
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol, TypeVar

import urllib3

PATIENCE = 20  # s
#: What WebDriver calls a reference to an element (W3C WebDriver, 12.2).
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
#: Firefox knows the commands by name, WebKit's driver by method and address.
COMMANDS = {
    "NewSession": ("POST", ""),
    "DeleteSession": ("DELETE", "/{session}"),
    "Navigate": ("POST", "/{session}/url"),
    "GetCurrentURL": ("GET", "/{session}/url"),
    "Back": ("POST", "/{session}/back"),
    "Refresh": ("POST", "/{session}/refresh"),
    "SetWindowRect": ("POST", "/{session}/window/rect"),
    "GetWindowHandle": ("GET", "/{session}/window"),
    "GetWindowHandles": ("GET", "/{session}/window/handles"),
    "NewWindow": ("POST", "/{session}/window/new"),
    "SwitchToWindow": ("POST", "/{session}/window"),
    "CloseWindow": ("DELETE", "/{session}/window"),
    "ExecuteScript": ("POST", "/{session}/execute/sync"),
    "ElementClick": ("POST", "/{session}/element/{id}/click"),
    "ElementClear": ("POST", "/{session}/element/{id}/clear"),
    "ElementSendKeys": ("POST", "/{session}/element/{id}/value"),
    "AddCookie": ("POST", "/{session}/cookie"),
    "DeleteAllCookies": ("DELETE", "/{session}/cookie"),
}
# What a person would look for: something visible with this name.
FIND = """
const [kind, name] = arguments;
const words = (element) => {
  const copy = element.cloneNode(true);
  for (const hidden of copy.querySelectorAll("[aria-hidden=true]")) hidden.remove();
  return (element.getAttribute("aria-label") ?? copy.textContent).replace(/\\s+/g, " ").replace(" (optional)", "").trim();
};
const isSeen = (element) => element.getClientRects().length > 0 && getComputedStyle(element).visibility === "visible";
const isNamed = (element) => words(element) === name && !element.closest("[aria-hidden=true]");
const named = (selector) => [...document.querySelectorAll(selector)].filter(isNamed);
if (kind === "field") return named("label").map((label) => label.control).find((field) => field) ?? null;
const shown = named("button, a[href], summary, label").filter(isSeen);
return shown.find((element) => element.closest("dialog[open]")) ?? shown[0] ?? null;
"""

Found = TypeVar("Found")


class CommandFailed(Exception):
    """A command that the browser could not do, in its own words."""


class Wire(Protocol):
    def send(self, command: str, params: dict[str, Any]) -> Any:
        """The value of the command's answer. Raises `CommandFailed`."""

    def close(self) -> None: ...


class Marionette:
    """Firefox's own socket: each message is its length, a colon, and JSON (firefox-source-docs.mozilla.org, Marionette, Protocol)."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self._stream = self._socket.makefile("rwb")
        self._number = 0
        self._read()  # the greeting

    def send(self, command: str, params: dict[str, Any]) -> Any:
        self._number += 1
        name = command if ":" in command else f"WebDriver:{command}"
        message = json.dumps([0, self._number, name, params]).encode()
        self._stream.write(b"%d:%b" % (len(message), message))
        self._stream.flush()
        _kind, _number, error, result = self._read()
        if error:
            raise CommandFailed(f"{name}: {error['error']}: {error['message']}")
        return result["value"] if isinstance(result, dict) and set(result) == {"value"} else result

    def close(self) -> None:
        self._stream.close()
        self._socket.close()

    def _read(self) -> Any:
        length = b""
        while not length.endswith(b":"):
            piece = self._stream.read(1)
            if not piece:
                raise CommandFailed("Firefox has ended")
            length += piece
        return json.loads(self._stream.read(int(length[:-1])))


class Http:
    """A driver that is a web server, as WebKit's is."""

    def __init__(self, port: int) -> None:
        self._pool = urllib3.HTTPConnectionPool("127.0.0.1", port, timeout=60, retries=False)
        self._session = ""

    def send(self, command: str, params: dict[str, Any]) -> Any:
        method, path = COMMANDS[command]
        path = "/session" + path.format(session=self._session, id=params.get("id", ""))
        answer = self._pool.request(method, path, json=params if method == "POST" else None)
        value = answer.json()["value"]
        if answer.status != 200:
            raise CommandFailed(f"{command}: {value['error']}: {value['message']}")
        if command == "NewSession":
            self._session = value["sessionId"]
        return value

    def close(self) -> None:
        self._pool.close()


class Engine:
    """One browser with its windows. It acts in the window that `window` chose last."""

    def __init__(self, name: str, wire: Wire, capabilities: dict[str, Any]) -> None:
        self.name, self._wire, self.site = name, wire, ""
        self.do("NewSession", **capabilities)
        self.do("SetWindowRect", x=0, y=0, width=1280, height=900)

    def end(self) -> None:
        with suppress(CommandFailed):
            self.do("DeleteSession")
        self._wire.close()

    def do(self, command: str, **params: Any) -> Any:
        return self._wire.send(command, params)

    def run(self, script: str, *args: Any) -> Any:
        """What a script in the page returns."""
        return self.do("ExecuteScript", script=script, args=list(args), **({"sandbox": None} if self.name == "firefox" else {}))

    # Windows

    @property
    def window(self) -> str:
        return str(self.do("GetWindowHandle"))

    @window.setter
    def window(self, handle: str) -> None:
        self.do("SwitchToWindow", handle=handle)

    def new_window(self) -> str:
        self.window = self.do("NewWindow", type="tab")["handle"]
        return self.window

    def close_window(self, instead: str) -> None:
        self.do("CloseWindow")
        self.window = instead

    # Pages

    def open(self, path: str) -> None:
        """Until its scripts listen too; WebKit's driver calls a page there before that."""
        self.do("Navigate", url=f"{self.site}{path}")
        self.wait(lambda: self.run("return document.readyState") == "complete", path)

    def go(self, path: str) -> None:
        """Without waiting for the page to be loaded."""
        self.run("setTimeout((url) => location.assign(url), 0, arguments[0])", f"{self.site}{path}")

    def wait(self, found: Callable[[], Found], what: str) -> Found:
        """Until it is something true. A page that goes away meanwhile is asked again."""
        end, last = time.monotonic() + PATIENCE, ""
        while time.monotonic() < end:
            try:
                if value := found():
                    return value
            except CommandFailed as failure:
                last = str(failure)
            time.sleep(0.05)
        raise AssertionError(f"{self.name} waited {PATIENCE} s for {what}. {last}\n{self.words}")

    @property
    def words(self) -> str:
        """All that can be read on the page."""
        return str(self.run("return document.body.innerText"))

    def sees(self, words: str) -> None:
        self.wait(lambda: words in self.words, f"“{words}”")

    def heading(self, words: str) -> None:
        self.wait(
            lambda: self.run("return document.querySelector('h1')?.textContent.trim()") == words, f"the heading “{words}”"
        )

    def press(self, name: str) -> None:
        element = self.wait(lambda: self.run(FIND, "button", name), f"something to press called “{name}”")
        self.do("ElementClick", id=element[ELEMENT])

    def field(self, name: str) -> str:
        return str(self.wait(lambda: self.run(FIND, "field", name), f"a field called “{name}”")[ELEMENT])

    def type(self, name: str, text: str) -> None:
        """At the end of what stands in the field."""
        self.do("ElementSendKeys", id=self.field(name), text=text)

    def retype(self, name: str, text: str) -> None:
        self.do("ElementClear", id=self.field(name))
        self.type(name, text)

    def value(self, name: str) -> str:
        return str(self.run("return arguments[0].value", {ELEMENT: self.field(name)}))

    def has_value(self, name: str, text: str) -> None:
        self.wait(lambda: self.value(name) == text, f"“{text}” in “{name}”")
