"""A listing's page: what visitors see of it, and when they see nothing."""

import json
import re
from datetime import UTC, datetime
from typing import Any
from zoneinfo import available_timezones

import pytest
from flask import Flask

from app import clock
from app.extensions import db
from app.media.models import Kind, Media, State
from app.providers.models import Provider
from app.services import texts
from app.services.models import Status
from tests import factories
from tests.strict import StrictClient


def document(page: Any) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(page.one("script", type="application/ld+json").text)
    return read


def rows(page: Any) -> list[list[str]]:
    """The cells of all tables, as they read."""
    return [[" ".join(" ".join(cell.itertext()).split()) for cell in row] for row in page.all("tr")]


def photo(service: Any, **given: Any) -> Media:
    """A verified photo in two widths, attached to the service and in its gallery."""
    values: dict[str, Any] = {"is_live": True, "width": 1600, "height": 1200}
    row = factories.media(service, **(values | given))
    if row.kind == Kind.IMAGE:
        row.variants = [
            {"key": f"media/{row.id}/{width}.{ending}", "width": width, "height": width * 3 // 4, "type": kind, "bytes": 1}
            for width in (1600, 400)
            for kind, ending in (("image/webp", "webp"), ("image/jpeg", "jpg"))
        ]
    else:
        row.original_key = f"media/{row.id}/original"
    service.gallery = [*(service.gallery or []), {"id": str(row.id), "alt": "A bright salon"}]
    db.session.commit()
    return row


def test_a_published_listing_is_shown_at_its_address(client: StrictClient, ada: Any) -> None:
    factories.published(ada, slug="haircut", name="Haircut by Ada")
    answer = client.get("/s/haircut")
    assert answer.status_code == 200
    assert answer.page.one("h1").text == "Haircut by Ada"


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"is_active": False}, 404),
        ({"status": Status.ARCHIVED, "is_active": False}, 410),
        ({"deleted_at": clock.now()}, 410),
        ({"status": Status.DRAFT, "published_at": None}, 404),
    ],
    ids=["paused", "archived", "published, then deleted", "a draft"],
)
def test_what_visitors_may_not_see_is_not_found_or_gone(client: StrictClient, ada: Any, given: Any, status: int) -> None:
    factories.published(ada, slug="haircut", name="Secret haircut", **given)
    answer = client.get("/s/haircut")
    assert answer.status_code == status
    assert "Secret haircut" not in answer.text


@pytest.mark.parametrize("slug", ["nothing", "%00", "..%2Fetc", "%F0%9F%92%88", "a" * 5000, "%D8%B3", "-", "HAIRCUT"])
def test_an_unknown_address_is_not_found(client: StrictClient, ada: Any, slug: str) -> None:
    factories.published(ada, slug="haircut")
    assert client.get(f"/s/{slug}").status_code == 404


def test_a_listing_of_a_closed_account_is_not_found(client: StrictClient, ada: Any) -> None:
    factories.published(ada, slug="haircut")
    ada.active = False
    db.session.commit()
    assert client.get("/s/haircut").status_code == 404


def test_the_owner_sees_a_paused_listing_with_a_word_on_what_to_do(as_ada: StrictClient, ada: Any) -> None:
    factories.published(ada, slug="haircut", is_active=False)
    answer = as_ada.get("/s/haircut")
    assert answer.status_code == 200
    assert "Visitors find nothing here until you resume the listing." in answer.page.words


def test_another_provider_does_not_see_a_paused_listing(as_boris: StrictClient, ada: Any) -> None:
    factories.published(ada, slug="haircut", is_active=False)
    assert as_boris.get("/s/haircut").status_code == 404


def test_visitors_see_no_buttons_of_the_owner(client: StrictClient, ada: Any) -> None:
    factories.published(ada, slug="haircut")
    assert not [form for form in client.get("/s/haircut").page.all("form") if form.get("method") == "post"]


def test_an_unlisted_listing_opens_by_its_link_and_says_noindex(client: StrictClient, ada: Any) -> None:
    factories.published(ada, slug="haircut", is_public=False)
    answer = client.get("/s/haircut")
    assert answer.status_code == 200
    assert answer.page.one("meta", name="robots").get("content") == "noindex"
    assert answer.headers["X-Robots-Tag"] == "noindex"


def test_a_public_listing_may_be_indexed(client: StrictClient, ada: Any) -> None:
    factories.published(ada, slug="haircut")
    answer = client.get("/s/haircut")
    assert not answer.page.all("meta", name="robots")
    assert "X-Robots-Tag" not in answer.headers


def test_a_photo_comes_in_both_formats_with_its_size_and_text(client: StrictClient, ada: Any) -> None:
    row = photo(factories.published(ada, slug="haircut"))
    page = client.get("/s/haircut").page
    source, image = page.one("source", type="image/webp"), page.one("img", alt="A bright salon")
    assert source.get("srcset") == f"/media/files/media/{row.id}/400.webp 400w, /media/files/media/{row.id}/1600.webp 1600w"
    assert "1600.jpg 1600w" in (image.get("srcset") or "")
    assert (image.get("width"), image.get("height")) == ("1600", "1200")
    assert image.get("sizes")


def test_the_first_photo_loads_at_once_and_the_others_when_needed(client: StrictClient, ada: Any) -> None:
    service = factories.published(ada, slug="haircut")
    for _ in range(3):
        photo(service)
    images = client.get("/s/haircut").page.all("img", alt="A bright salon")
    assert [(each.get("fetchpriority"), each.get("loading")) for each in images] == [("high", None), *[(None, "lazy")] * 2]


def test_a_file_that_is_not_verified_is_not_shown(client: StrictClient, ada: Any) -> None:
    photo(factories.published(ada, slug="haircut"), state=State.RECEIVED)
    assert not client.get("/s/haircut").page.all("img", alt="A bright salon")


def test_a_document_is_offered_to_be_opened(client: StrictClient, ada: Any) -> None:
    row = photo(factories.published(ada, slug="haircut"), kind=Kind.DOCUMENT, file_name="Price list.pdf")
    page = client.get("/s/haircut").page
    assert page.one("a", href=f"/media/files/media/{row.id}/original") is not None
    assert "Price list.pdf" in page.words


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ({"price_minor": 4500, "currency": "EUR"}, "€45.00"),
        ({"price_minor": 4500, "currency": "EUR", "price_kind": "from"}, "From €45.00"),
        ({"price_minor": 4500, "currency": "JPY"}, "¥4,500"),
        ({"price_minor": 12500, "currency": "KWD"}, "KWD 12.500"),
        ({"price_minor": 0}, "Free"),
        ({"price_minor": None, "price_kind": "on_request"}, "On request"),
    ],
)
def test_a_price_reads_in_the_currency_of_the_listing(client: StrictClient, ada: Any, given: Any, shown: str) -> None:
    factories.published(ada, slug="haircut", **given)
    assert "".join(client.get("/s/haircut").page.one("p", class_="price").itertext()).replace("\xa0", " ") == shown


def test_prices_days_and_durations_read_in_the_language_of_the_visitor(client: StrictClient, ada: Any) -> None:
    factories.published(ada, slug="haircut", duration_minutes=90, hours={"mon": [["09:00", "12:30"]]})
    page = client.get("/s/haircut", headers={"Accept-Language": "de"}).page
    assert "45,00 €" in page.words
    assert "1 Std. 30 Min." in page.words
    assert ["Montag", "09:00 – 12:30"] in rows(page)


def test_closed_days_are_named_and_the_zone_is_said(client: StrictClient, ada: Any, travel: Any) -> None:
    travel(to=datetime(2027, 1, 1, tzinfo=UTC))
    factories.published(ada, slug="haircut", hours={"mon": [["09:00", "12:30"], ["14:00", "00:00"]]})
    page = client.get("/s/haircut").page
    assert ["Monday", "09:00 – 12:30 14:00 – 00:00"] in rows(page)
    assert ["Tuesday", "Closed"] in rows(page)
    assert "Berlin time (UTC+1)" in page.words


def test_packages_show_name_duration_and_price(client: StrictClient, ada: Any) -> None:
    factories.published(ada, slug="haircut", packages=[{"name": "Long hair", "duration_minutes": 90, "price_minor": 8900}])
    assert ["Long hair", "1 hr 30 min", "€89.00"] in rows(client.get("/s/haircut").page)


def test_notice_and_capacity_are_said_in_words(client: StrictClient, ada: Any) -> None:
    factories.published(ada, slug="haircut", notice_hours=36, capacity=8)
    words = client.get("/s/haircut").page.words
    assert "Book at least 1 day 12 hours ahead" in words
    assert "Up to 8 people at once" in words


def test_a_description_is_markdown_and_never_a_script(client: StrictClient, ada: Any) -> None:
    factories.published(ada, slug="haircut", description="**Bold** <script>alert(1)</script> [x](javascript:alert(1))")
    page = client.get("/s/haircut").page
    assert page.one("strong").text == "Bold"
    assert "<script>alert" not in page.text
    assert not [each for each in page.all("a") if "javascript" in (each.get("href") or "")]


def test_the_structured_data_says_what_the_page_says(client: StrictClient, ada: Any) -> None:
    ada.slug = "ada"
    row = photo(
        factories.published(
            ada,
            slug="haircut",
            places=["client", "online"],
            hours={"fri": [["09:00", "00:00"]]},
            packages=[{"name": "Long hair", "duration_minutes": 90, "price_minor": 8900}],
        )
    )
    read = document(client.get("/s/haircut").page)
    url = "http://localhost/s/haircut"
    assert (read["@context"], read["@type"], read["url"]) == ("https://schema.org", "Service", url)
    assert read["provider"] == {"@type": "Organization", "name": "Ada's Salon", "url": "http://localhost/p/ada"}
    assert read["image"] == [f"http://localhost/media/files/media/{row.id}/1600.jpg"]
    assert (read["offers"]["price"], read["offers"]["priceCurrency"]) == ("45.00", "EUR")
    assert read["areaServed"]["name"] == "Berlin"
    assert read["availableChannel"]["serviceUrl"] == url
    assert read["hoursAvailable"] == [
        {"@type": "OpeningHoursSpecification", "dayOfWeek": "https://schema.org/Friday", "opens": "09:00", "closes": "23:59"}
    ]
    assert read["hasOfferCatalog"]["itemListElement"][0]["price"] == "89.00"


def test_a_price_from_is_a_least_price_in_the_structured_data(client: StrictClient, ada: Any) -> None:
    factories.published(ada, slug="haircut", price_kind="from")
    offer = document(client.get("/s/haircut").page)["offers"]
    assert offer["priceSpecification"]["minPrice"] == "45.00"
    assert "price" not in offer


def test_a_price_on_request_is_no_offer_in_the_structured_data(client: StrictClient, ada: Any) -> None:
    factories.published(ada, slug="haircut", price_kind="on_request", price_minor=None)
    assert "offers" not in document(client.get("/s/haircut").page)


def test_a_name_cannot_end_the_structured_data(client: StrictClient, ada: Any) -> None:
    name = "</script><script>alert(1)</script><!-- ]]>"
    factories.published(ada, slug="haircut", name=name)
    answer = client.get("/s/haircut")
    assert document(answer.page)["name"] == name
    assert "<script>alert" not in answer.text


def test_a_shared_link_shows_name_summary_and_photo(client: StrictClient, ada: Any) -> None:
    row = photo(factories.published(ada, slug="haircut"))
    page = client.get("/s/haircut").page
    said = {each.get("property"): each.get("content") for each in page.all("meta") if each.get("property")}
    assert said["og:title"] == "Haircut"
    assert said["og:description"] == "Wash, cut and blow-dry"
    assert said["og:url"] == "http://localhost/s/haircut"
    assert said["og:image"] == f"http://localhost/media/files/media/{row.id}/1600.jpg"
    assert page.one("meta", name="twitter:card").get("content") == "summary_large_image"
    assert page.one("link", rel="canonical").get("href") == "http://localhost/s/haircut"


@pytest.mark.parametrize("text", ["قص الشعر", "散髪", "💈✂️", "A\u202eB", "<b>&amp;</b>", "{{ 7*7 }}", "W" * 120])
def test_a_name_in_any_script_is_shown_as_it_is(client: StrictClient, ada: Any, text: str) -> None:
    factories.published(ada, slug="haircut", name=text)
    assert client.get("/s/haircut").page.one("h1").text == text


def test_a_listing_takes_two_statements(client: StrictClient, ada: Any, statements: list[str]) -> None:
    photo(factories.published(ada, slug="haircut"))
    client.get("/s/haircut")
    statements.clear()
    client.get("/s/haircut")
    assert len(statements) == 2, statements


def test_a_video_plays_where_it_stands_and_shows_a_frame_until_then(client: StrictClient, ada: Any) -> None:
    service = factories.published(ada, slug="haircut")
    row = photo(service, kind=Kind.VIDEO, file_name="tour.mp4", content_type="video/mp4", seconds=62)
    row.variants = [{"key": f"media/{row.id}/a-640.jpg", "width": 640, "height": 360, "type": "image/jpeg", "bytes": 1}]
    db.session.commit()
    page = client.get("/s/haircut").page
    video = page.one("video")
    assert (video.get("preload"), video.get("poster")) == ("none", f"/media/files/media/{row.id}/a-640.jpg")
    assert page.one("source", type="video/mp4").get("src") == f"/media/files/media/{row.id}/original"
    assert "1:02" in page.words
    assert page.all("ul", class_="gallery gallery-single") == []


def test_a_pdf_shows_its_first_page_and_how_many_there_are(client: StrictClient, ada: Any) -> None:
    service = factories.published(ada, slug="haircut")
    row = photo(service, kind=Kind.DOCUMENT, file_name="prices.pdf", content_type="application/pdf", pages=3)
    row.variants = [{"key": f"media/{row.id}/a-320.jpg", "width": 320, "height": 450, "type": "image/jpeg", "bytes": 1}]
    db.session.commit()
    page = client.get("/s/haircut").page
    assert page.one("a", href=f"/media/files/media/{row.id}/original") is not None
    assert page.one("img", src=f"/media/files/media/{row.id}/a-320.jpg") is not None
    assert "3 pages" in page.words


def test_an_animation_stands_still_until_it_is_asked_to_move(client: StrictClient, ada: Any) -> None:
    row = photo(factories.published(ada, slug="haircut"), frames=9)
    moving = {"key": f"media/{row.id}/a-640.moving.webp", "width": 640, "height": 480, "type": "image/webp", "bytes": 1}
    row.variants = [*(row.variants or []), moving | {"frames": 9}]
    db.session.commit()
    page = client.get("/s/haircut").page
    assert page.one("a", href=f"/media/files/media/{row.id}/a-640.moving.webp") is not None
    assert "moving" not in "".join(f"{each.get('srcset')}{each.get('src')}" for each in page.all("source") + page.all("img"))
    assert "Animation" in page.words


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("UTC", "UTC"),
        ("Etc/GMT+3", "UTC-3"),
        ("Europe/London", "London time (UTC)"),
        ("America/Argentina/Buenos_Aires", "Buenos Aires time (UTC-3)"),
        ("America/Indiana/Indianapolis", "Indianapolis time (UTC-5)"),
        ("America/Phoenix", "Phoenix time (UTC-7)"),
        ("America/St_Johns", "St. John’s time (UTC-3:30)"),
        ("Asia/Kathmandu", "Kathmandu time (UTC+5:45)"),
    ],
)
def test_a_time_zone_is_told_by_its_city_and_its_present_offset(ada: Any, travel: Any, zone: str, words: str) -> None:
    travel(to=datetime(2027, 1, 1, tzinfo=UTC))
    ada.time_zone = zone
    assert texts.time_zone(ada) == words


@pytest.mark.parametrize(("month", "words"), [(1, "Denver time (UTC-7)"), (7, "Denver time (UTC-6)")])
def test_the_offset_is_that_of_the_day(ada: Any, travel: Any, month: int, words: str) -> None:
    travel(to=datetime(2027, month, 1, tzinfo=UTC))
    ada.time_zone = "America/Denver"
    assert texts.time_zone(ada) == words


def test_no_time_zone_is_told_in_the_words_of_a_machine(app: Flask) -> None:
    said = {zone: texts.time_zone(Provider(time_zone=zone)) for zone in available_timezones()}
    offset = r"UTC([+-]\d{1,2}(:\d\d)?)?"
    assert {zone: words for zone, words in said.items() if not re.fullmatch(rf"{offset}|[^/_]+ time \({offset}\)", words)} == {}
