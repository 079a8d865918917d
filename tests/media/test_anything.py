"""Whatever bytes arrive: they are used or rejected, in time, and nothing else happens."""

import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.media import inspection
from app.media.inspection import Rejected
from app.media.reasons import SENTENCES
from tests.media import files
from tests.media.looking import LIMITS

GOOD = {
    "image/jpeg": lambda: files.jpeg(48, 32),
    "image/png": lambda: files.picture(48, 32).pngsave_buffer(),
    "image/webp": lambda: files.picture(48, 32).webpsave_buffer(),
    "image/gif": lambda: files.animated_gif(),
    "image/avif": lambda: files.picture(48, 32).heifsave_buffer(compression="av1", effort=0),
    "image/heic": lambda: files.heic(64, 64),
    "application/pdf": lambda: files.pdf(pages=2),
    "video/mp4": lambda: files.film("mp4", "libx264", "aac", frames=5),
    "video/webm": lambda: files.film("webm", "libvpx-vp9", frames=5),
}


@st.composite
def broken(draw: st.DrawFn, body: bytes) -> bytes:
    """A good file of which pieces were lost, doubled, swapped or overwritten."""
    changed = bytearray(body)
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, max(0, len(changed) - 1)))
        what = draw(st.sampled_from(("cut", "lose", "double", "write", "large")))
        if what == "cut":
            del changed[max(at, 24) :]
        elif what == "lose":
            del changed[at : at + draw(st.integers(1, 64))]
        elif what == "double":
            changed[at:at] = changed[at : at + draw(st.integers(1, 64))]
        elif what == "write":
            new = draw(st.binary(min_size=1, max_size=8))
            changed[at : at + len(new)] = new
        else:
            changed[at : at + 4] = b"\xff" * 4
    return bytes(changed)


@pytest.mark.parametrize("content_type", GOOD)
@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_broken_files_are_used_or_rejected_and_nothing_else(
    content_type: str, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder: Path = tmp_path_factory.mktemp("broken")
    (folder / "made").mkdir()
    (folder / "source").write_bytes(data.draw(broken(GOOD[content_type]())))
    begun = time.monotonic()
    reason, variants = outcome(folder, content_type)
    assert variants if reason is None else reason in SENTENCES
    assert all((folder / "made" / each["file"]).stat().st_size for each in variants)
    assert time.monotonic() - begun < 30


def outcome(folder: Path, content_type: str) -> tuple[str | None, list[dict[str, Any]]]:
    """Why it was rejected, or what was made of it."""
    try:
        return None, inspection.look(folder / "source", folder / "made", content_type, LIMITS).variants
    except Rejected as rejected:
        return rejected.reason, []
