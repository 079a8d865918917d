"""Looking at a file as the verify job does, without database and store."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from app.media import inspection
from app.media.inspection import Found, Limits, Rejected
from tests.media import files

LIMITS = Limits(max_pixels=64_000_000, max_frames=150, max_pages=20, max_seconds=60)


@dataclass(frozen=True)
class Looked:
    """What was found, and what was made of it."""

    found: Found
    folder: Path

    def image(self, name: str) -> Any:
        """A variant by its name: `640.webp`."""
        return files.decoded(self.body(name))

    def body(self, name: str) -> bytes:
        return (self.folder / name).read_bytes()

    @property
    def largest(self) -> Any:
        return self.image(f"{max(each['width'] for each in self.found.variants)}.jpg")

    @property
    def bodies(self) -> dict[str, bytes]:
        """Everything that will be published."""
        return {path.name: path.read_bytes() for path in self.folder.iterdir()}


Look = Callable[..., Looked]


def looking(tmp_path: Path) -> Look:
    """Look at a file with these limits; `Rejected` if it can't be used."""
    source, target = tmp_path / "source", tmp_path / "made"

    def look(body: bytes, **limits: int) -> Looked:
        target.mkdir(exist_ok=True)
        for old in target.iterdir():
            old.unlink()
        source.write_bytes(body)
        content_type = inspection.sniff(body[: inspection.HEAD])
        assert content_type is not None
        return Looked(inspection.look(source, target, content_type, replace(LIMITS, **limits)), target)

    return look


def refusal(look: Look, body: bytes, **limits: int) -> str:
    """Why a file can't be used."""
    with pytest.raises(Rejected) as caught:
        look(body, **limits)
    return caught.value.reason
