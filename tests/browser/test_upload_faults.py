"""Sixty megabytes from a real browser to a bucket through a network that breaks in every way: what is stored is what was sent."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from app.media.models import Media
from tests.browser.conftest import Site
from tests.browser.uploading import MIB, draft, step, tile, use_bucket, video
from tests.servers.faults import FAULTS, FaultyProxy
from tests.servers.s3 import Bucket, client

__all__ = ["draft", "step"]

pytestmark = [
    pytest.mark.parametrize("size", ["desktop"], indirect=True),
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True, scope="session"),
]
STALL, PAUSE = 2_000, 40  # ms: a person would have more patience


@pytest.fixture
def network(site: Site, s3_settings: Bucket, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultyProxy]:
    """What lies between everybody and the bucket."""
    with FaultyProxy(s3_settings.endpoint) as proxy:
        use_bucket(site, replace(s3_settings, endpoint=proxy.url), monkeypatch)
        yield proxy


@pytest.fixture
def impatient(network: FaultyProxy, step: Page) -> Page:
    step.evaluate(f"Object.assign(document.querySelector('[data-upload]').dataset, {{ stall: {STALL}, pause: {PAUSE} }})")
    return step


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(video(tmp_path_factory.mktemp("film") / "film.mp4", 60 * MIB))


def arrives(page: Page, site: Site, bucket: Bucket, path: Path) -> None:
    """It is received, and the store has these bytes and no others, before anybody has looked at them."""
    expect(tile(page, path.name).locator("[data-part=state]")).to_have_attribute("data-state", "received", timeout=40_000)
    row = site.rows.query(Media).filter_by(file_name=path.name).one()
    stored = client(bucket.endpoint).get_object(Bucket=bucket.bucket, Key=row.incoming_key)["Body"]
    assert hashlib.sha256(stored.read()).digest() == hashlib.sha256(path.read_bytes()).digest()


@pytest.mark.parametrize("fault", FAULTS)
def test_a_large_file_arrives_unchanged(
    impatient: Page, network: FaultyProxy, site: Site, s3_settings: Bucket, film: Path, fault: str
) -> None:
    network.strike(fault, at=3 * MIB + 1, times=3)
    impatient.set_input_files("#files", film)
    arrives(impatient, site, s3_settings, film)
    assert network.struck == 3


@pytest.mark.parametrize("fault", FAULTS)
def test_a_small_file_arrives_unchanged(
    impatient: Page, network: FaultyProxy, site: Site, s3_settings: Bucket, tmp_path: Path, fault: str
) -> None:
    path = Path(video(tmp_path / "clip.mp4", 3 * MIB))
    network.strike(fault, at=MIB, times=1)
    impatient.set_input_files("#files", path)
    arrives(impatient, site, s3_settings, path)
    assert network.struck == 1


def test_a_store_that_stays_broken_is_said_and_tried_again_by_a_button(
    impatient: Page, network: FaultyProxy, site: Site, s3_settings: Bucket, tmp_path: Path
) -> None:
    path = Path(video(tmp_path / "clip.mp4", 3 * MIB))
    impatient.evaluate("document.querySelector('[data-upload]').dataset.pause = 1")
    network.strike("503", at=MIB, times=10)
    impatient.set_input_files("#files", path)
    expect(tile(impatient, path.name)).to_contain_text("The file store did not take this file.", timeout=40_000)
    tile(impatient, path.name).get_by_role("button", name="Try again").click()
    arrives(impatient, site, s3_settings, path)
