"""What each page weighs and how quickly it is there, told by the browser itself: `python -m bench.pages [visits]`.

Bytes (unpacked; as Shingle sends them, which is pages plain and files packed; and with a proxy that packs pages too), requests, largest
contentful paint, cumulative layout shift and interaction to next paint, from Chromium's performance entries, under the production server on this
machine. Each visit is a first one, with an empty cache, on a phone of 390 x 844. Three letters are typed into the first text field, or Tab is
pressed where there is none; then the page is scrolled to its end. Times are medians, of this machine and its load: compare within a run.
"""

import gzip
import io
import re
import statistics
import sys
import tempfile
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pyvips
from flask import Flask
from playwright.sync_api import Browser, Page, Request, sync_playwright

from app import config, create_app
from app.extensions import db, hang_up
from app.ops.schema import bring_up_to_date
from bench.cast import begin
from bench.serving import granian
from tests.servers.start import program

TYPED: dict[str, Any] = {
    "basics": {
        "name": ["Haircut and styling"],
        "service_type": ["hair"],
        "summary": ["Wash, cut and blow-dry by a master stylist"],
    },
    "details": {"description": ["What happens in the hour. " * 40], "places": ["provider"], "location": ["Berlin"]},
    "price": {"price_kind": ["fixed"], "price_minor": ["45.00"], "currency": ["EUR"], "duration_minutes": ["60"]},
    "availability": {"mon-opens": ["09:00"], "mon-closes": ["18:00"], "notice_hours": ["24"]},
}
PHOTOS = 5
# Buffered, so that nothing before the observer is missed.
OBSERVE = """window.told = {lcp: 0, cls: 0, inp: 0};
const listen = (type, note, more) => new PerformanceObserver(list => list.getEntries().forEach(note)).observe({type, buffered: true, ...more});
listen("largest-contentful-paint", each => { told.lcp = each.startTime; });
listen("layout-shift", each => { if (!each.hadRecentInput) told.cls += each.value; });
listen("event", each => { if (each.interactionId) told.inp = Math.max(told.inp, each.duration); }, {durationThreshold: 16});"""


@dataclass
class Visits:
    """What the visits to one page have told: sizes of the first, which are the same each time, and the times of all."""

    requests: int = 0
    sent: int = 0
    plain: int = 0
    packed: int = 0
    told: list[dict[str, float]] = field(default_factory=list)

    def row(self, name: str) -> str:
        lcp, inp = (statistics.median(each[key] for each in self.told) for key in ("lcp", "inp"))
        shift = max(each["cls"] for each in self.told)
        sizes = " | ".join(f"{bytes_ / 1000:.1f}" for bytes_ in (self.plain, self.sent, self.packed))
        return f"| {name} | {self.requests} | {sizes} | {lcp:.0f} | {shift:.3f} | {'under 16' if inp == 0 else f'{inp:.0f}'} |"


def main() -> None:
    visits = int(sys.argv[1]) if sys.argv[1:] else 5
    with tempfile.TemporaryDirectory() as folder:
        environment = {"VAR_DIR": folder, "SECRET_KEY": "bench", "RATE_LIMITS": "no", "LOG_LEVEL": "ERROR"}
        app = create_app(config.load(environment))
        bring_up_to_date(app)
        with app.app_context():
            paths, cookie = _cast(app)
            db.session.remove()
            hang_up()
        print(
            "| page | requests | KB unpacked | KB as sent | KB, all packed | LCP, ms | CLS | INP, ms |\n|---|--:|--:|--:|--:|--:|--:|--:|"
        )
        with granian("wsgi:app", environment) as server, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=program("browser", "chromium"))
            for name, path in paths.items():
                found = Visits()
                for _visit in range(visits):
                    _visit_once(browser, server.address, path, cookie, found)
                print(found.row(name), flush=True)
            browser.close()


def _cast(app: Flask) -> tuple[dict[str, str], str]:
    """The address of each page, and the cookie of the provider whose they are."""
    client, [draft, listed] = begin(app, 2)
    slug = _fill(app, draft, publish=False) or _fill(app, listed, publish=True)
    steps = {f"wizard: {key}": f"/drafts/{draft}/{key}" for key in [*TYPED, "media", "review"]}
    assert client.get("/drafts").status_code == 200
    cookie = client.get_cookie("session")
    assert cookie is not None
    return {"landing": "/", "directory": "/services", "listing": f"/s/{slug}", "dashboard": "/drafts", **steps}, cookie.value


def _fill(app: Flask, service_id: UUID, *, publish: bool) -> str:
    """Give a draft its answers and photos, and publish it if asked; its address then."""
    from app.media import uploads, verification
    from app.providers.models import Provider
    from app.services.models import Service
    from app.wizard import answers, publishing, steps
    from app.wizard.context import Context

    service = db.session.get_one(Service, service_id)
    context = Context.of(db.session.get_one(Provider, service.provider_id), service)
    for key, values in TYPED.items():
        answers.save(context, steps.find(key), values, 0, app.extensions["settings"])
    db.session.commit()
    for number in range(PHOTOS):
        body = _photo(number)
        row, _url = uploads.grant(service.provider_id, "service", service.id, f"{number}.jpg", "image/jpeg", len(body))
        db.session.commit()
        uploads.send(row, io.BytesIO(body))
        uploads.receive(row.id, service.provider_id)
        db.session.commit()
        verification.verify(row.id)
        db.session.commit()
    if publish:
        service = db.session.get_one(Service, service_id)
        publishing.publish(Context.of(db.session.get_one(Provider, service.provider_id), service), is_public=True)
        db.session.commit()
    return str(service.slug) if publish else ""


def _photo(number: int) -> bytes:
    """Soft shapes with some grain: about as hard to pack as a photo of a room."""
    bands = [pyvips.Image.perlin(1600, 1200, cell_size=size, seed=number * 7 + size) * 90 + 140 for size in (180, 90, 260)]
    grain = pyvips.Image.gaussnoise(1600, 1200, sigma=4, seed=number)
    saved: bytes = (bands[0].bandjoin(bands[1:]) + grain).cast("uchar").copy(interpretation="srgb").jpegsave_buffer(Q=85)
    return saved


def _visit_once(browser: Browser, address: str, path: str, cookie: str, found: Visits) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, device_scale_factor=2, is_mobile=True, has_touch=True)
    if path.startswith("/drafts"):
        context.add_cookies([{"name": "session", "value": cookie, "url": address}])
    page = context.new_page()
    page.add_init_script(OBSERVE)
    done: list[Request] = []
    page.on("requestfinished", lambda request: done.append(request))
    page.goto(address + path, wait_until="networkidle")
    _weigh(done, found)
    _interact(page)
    found.told.append(page.evaluate("told"))
    context.close()


def _weigh(done: list[Request], found: Visits) -> None:
    if found.requests:
        return
    found.requests = len(done)
    for request in done:
        response = request.response()
        assert response is not None
        assert response.status < 400, f"{request.url}: {response.status}"
        if response.status != 200:
            continue  # a private photo is redirected to where it may be read for a while
        body = response.body()
        can_be_packed = re.match(r"text/|application/(javascript|json)|image/svg", response.headers.get("content-type", ""))
        packed = len(gzip.compress(body, 6)) if can_be_packed else len(body)
        found.plain += len(body)
        found.packed += packed
        found.sent += int(response.headers.get("content-length") or len(body))


def _interact(page: Page) -> None:
    """Type, or else move on by Tab, scroll to the end, and let the browser tell what came of it."""
    text = page.locator("main :is(input[type=text], textarea, input:not([type])):visible")
    if text.count():
        text.first.press_sequentially("abc")
    else:
        page.keyboard.press("Tab")
    page.evaluate(
        "async () => { for (let y = 0; y < document.body.scrollHeight; y += 400) { scrollTo(0, y); await new Promise(requestAnimationFrame); } }"
    )
    page.wait_for_timeout(1500)


if __name__ == "__main__":
    main()
