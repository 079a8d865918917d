"""A line for each fault at the end of the run: what was done, what was seen. It knows nothing of the tests but the properties they record."""

from typing import Any

FAULT, SEEN = "fault", "seen"


def pytest_terminal_summary(terminalreporter: Any) -> None:
    lines = []
    for outcome in ("passed", "failed", "error"):
        for report in terminalreporter.stats.get(outcome, []):
            said = dict(getattr(report, "user_properties", ()))
            if FAULT in said and (report.when == "call" or outcome == "error"):
                verdict = "holds" if outcome == "passed" else "BROKEN"
                lines.append(f"{said[FAULT]:<58} {verdict:<7} {said.get(SEEN, '')} ({report.duration:.1f} s)")
    if lines:
        terminalreporter.section("faults: what held once each had lifted and one round of sweeps had run")
        for line in sorted(lines):
            terminalreporter.write_line(line)
