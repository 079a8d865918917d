"""Other providers of the demo, so that the directory and their pages look like a place where several people work. Used by `demo.py`."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.ops.demo_texts import Told


@dataclass(frozen=True)
class Neighbour:
    """A provider with published services. Nobody knows the account's password."""

    email: str
    display_name: str
    about: str
    services: Sequence[Told]
    time_zone: str = "Europe/Berlin"
    currency: str = "EUR"


YUSUF = Neighbour(
    "yusuf@shingle.example",
    "Yusuf Adeyemi Massage",
    "Trained physiotherapist, ten years in a hospital, four in my own practice. I work slowly and explain what I do.",
    [
        Told(
            {
                "basics": {
                    "name": "Deep tissue massage",
                    "service_type": "massage",
                    "summary": "An hour for shoulders, neck and back that have sat too long",
                },
                "details": {
                    "description": (
                        "We begin with five questions and a look at how you stand. Then I work **where it is needed**, and tell you why.\n\n"
                        "Please don't come within an hour after a meal."
                    ),
                    "included": "Talk before and after\nWarm oil, without scent if you like\nTwo exercises for home",
                    "places": ["provider", "client"],
                    "location": "Berlin-Kreuzberg",
                },
                "price": {
                    "price_kind": "fixed",
                    "price_minor": "72.00",
                    "currency": "EUR",
                    "duration_minutes": "60",
                    "packages-0-name": "Half an hour, neck and shoulders",
                    "packages-0-duration_minutes": "30",
                    "packages-0-price_minor": "42.00",
                    "packages-1-name": "Ninety minutes",
                    "packages-1-duration_minutes": "90",
                    "packages-1-price_minor": "98.00",
                },
                "availability": {"mon-opens": "12:00", "mon-closes": "20:00", "thu-opens": "12:00", "thu-closes": "20:00"},
            },
            "linen",
            ["The treatment room in the afternoon"],
        )
    ],
)

KLARA = Neighbour(
    "klara@shingle.example",
    "Klara Ott, piano",
    "Pianist and teacher. My oldest pupil began at seventy-one and now plays Satie.",
    [
        Told(
            {
                "basics": {
                    "name": "Piano for beginners of any age",
                    "service_type": "music",
                    "summary": "A first piece after a month, from a keyboard at home or my grand",
                },
                "details": {
                    "description": (
                        "You choose the music, I choose the steps. We read notes from the second lesson on, and **nobody has to sing**.\n\n"
                        "The first lesson is a trial: pay it only if you come again."
                    ),
                    "included": "Sheet music\nA recording of each week's piece",
                    "places": ["provider", "online"],
                    "location": "Leipzig-Südvorstadt",
                },
                "price": {"price_kind": "fixed", "price_minor": "38.00", "currency": "EUR", "duration_minutes": "45"},
            },
            "dusk",
            ["The grand piano by the window"],
        )
    ],
)

LENA = Neighbour(
    "lena@shingle.example",
    "Lena Brandt Photography",
    "Portraits and small weddings in the light that is there. I bring no flash and few words.",
    [
        Told(
            {
                "basics": {
                    "name": "Portraits in daylight",
                    "service_type": "photography",
                    "summary": "An hour outdoors, fifteen finished pictures within a week",
                },
                "details": {
                    "description": (
                        "We meet an hour before sunset and take a walk. You forget the camera, I don't.\n\n"
                        "For *applications, book jackets and grandparents*."
                    ),
                    "included": "Fifteen pictures, finished\nAll of them for print and web",
                    "places": ["client"],
                    "location": "Hamburg and around",
                },
                "price": {"price_kind": "from", "price_minor": "180.00", "currency": "EUR", "duration_minutes": "60"},
            },
            "dawn",
            ["The harbour an hour before sunset", "The arcades at noon"],
        ),
    ],
)

TOM = Neighbour(
    "tom@shingle.example",
    "Spoke & Chain, Tom Whitaker",
    "I mend bicycles where they stand: in your yard, your cellar or outside the office.",
    [
        Told(
            {
                "basics": {
                    "name": "Bicycle service at your door",
                    "service_type": "repairs",
                    "summary": "Brakes, gears and bearings set in an hour, while you work",
                },
                "details": {
                    "description": (
                        "I bring stand, tools and the usual parts. What I can't mend on the spot I say so, **before** it costs anything.\n\n"
                        "1. You tell me what it does\n2. I look, and name a price\n3. You decide"
                    ),
                    "included": "Travel inside the city\nChain oil\nSmall parts up to 10 pounds",
                    "places": ["client"],
                    "location": "Bristol",
                },
                "price": {"price_kind": "fixed", "price_minor": "55.00", "currency": "GBP", "duration_minutes": "60"},
            },
            "sea",
            ["The river path in the morning"],
        )
    ],
    time_zone="Europe/London",
    currency="GBP",
)

NEIGHBOURS = (YUSUF, KLARA, LENA, TOM)
