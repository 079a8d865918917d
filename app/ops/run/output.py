"""What the terminal shows: our own sentences, and behind its name what each process says once everything has started."""

import subprocess
import sys
import threading
from collections import deque


class Output:
    def __init__(self) -> None:
        self._quiet = True
        self._muted: set[str] = set()
        self._held: deque[str] = deque(maxlen=200)
        self._said_last: dict[str, str] = {}
        self._readers: dict[str, threading.Thread] = {}

    def say(self, sentence: str) -> None:
        print(f"shingle: {sentence}", flush=True)

    def follow(self, name: str, process: "subprocess.Popen[bytes]") -> None:
        """Pass on what a process prints."""
        self._readers[name] = threading.Thread(target=self._read, args=(name, process), daemon=True)
        self._readers[name].start()

    def last_line(self, name: str) -> str:
        """The last thing that a process said, once it has ended."""
        self._readers[name].join(2)
        return self._said_last.get(name, "")

    def be_loud(self) -> None:
        """From here on pass every line on; what was said during a start that went well interests nobody."""
        self._held.clear()
        self._quiet = False

    def mute(self, name: str) -> None:
        """Hold back what this process says, unless things go wrong."""
        self._muted.add(name)

    def be_quiet(self) -> None:
        """From here on pass nothing on: the run is over, and what is said now is said by what was asked to end."""
        self._quiet = True

    def show_held(self) -> None:
        """Show what the processes said so far, because the start did not go well."""
        for reader in self._readers.values():
            reader.join(0.2)
        self._quiet = False
        while self._held:
            print(self._held.popleft(), file=sys.stderr, flush=True)

    def _read(self, name: str, process: "subprocess.Popen[bytes]") -> None:
        assert process.stdout
        for raw in process.stdout:
            line = raw.decode(errors="replace").rstrip()
            self._said_last[name] = line or self._said_last.get(name, "")
            if self._quiet or name in self._muted:
                self._held.append(f"{name:10}| {line}")
            else:
                print(f"{name:10}| {line}", flush=True)
