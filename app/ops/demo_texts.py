"""What the demo account's services say, as it would be typed. Used by `demo.py`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

ABOUT = (
    "I cut, colour and listen. Two chairs, one dog, good coffee, in a former bakery near the canal. "
    "Twelve years in the trade; I work with plant-based colour wherever it does the job."
)


@dataclass(frozen=True)
class Told:
    """One service: answers by step and field, a palette for its photos, and what each photo shows."""

    answers: Mapping[str, Mapping[str, str | list[str]]]
    palette: str = "clay"
    photos: Sequence[str] = field(default=())


HAIRCUT = Told(
    {
        "basics": {
            "name": "Haircut and styling",
            "service_type": "hair",
            "summary": "Wash, cut and blow-dry, with time to talk it over first",
        },
        "details": {
            "description": (
                "We start with **ten minutes in front of the mirror**: what works, what annoys you in the morning, what you would never do.\n\n"
                "Then wash, cut, and a blow-dry that you can repeat at home.\n\n"
                "- Short, long, curly, fine: everybody is welcome\n- Fringe trims between two cuts are free\n\n"
                "Please come with dry hair, worn the way you usually wear it."
            ),
            "included": "Consultation\nWash with a head massage\nCut and blow-dry\nCoffee, tea or something cold",
            "places": ["provider"],
            "location": "Berlin-Neukölln",
        },
        "price": {
            "price_kind": "from",
            "price_minor": "48.00",
            "currency": "EUR",
            "duration_minutes": "60",
            "packages-0-name": "Short hair",
            "packages-0-duration_minutes": "45",
            "packages-0-price_minor": "48.00",
            "packages-1-name": "Long hair",
            "packages-1-duration_minutes": "75",
            "packages-1-price_minor": "64.00",
            "packages-2-name": "Fringe trim",
            "packages-2-duration_minutes": "15",
            "packages-2-price_minor": "12.00",
        },
        "availability": {
            "tue-opens": "09:00",
            "tue-closes": "18:00",
            "wed-opens": "09:00",
            "wed-closes": "13:00",
            "wed-reopens": "14:00",
            "wed-recloses": "20:00",
            "thu-opens": "09:00",
            "thu-closes": "18:00",
            "fri-opens": "09:00",
            "fri-closes": "18:00",
            "sat-opens": "10:00",
            "sat-closes": "15:00",
            "notice_hours": "24",
        },
    },
    "clay",
    ["The shop front in the morning", "The arch between the two chairs", "The view over the canal"],
)

COLOUR = Told(
    {
        "basics": {
            "name": "Plant colour",
            "service_type": "hair",
            "summary": "Colour from henna, indigo and walnut, mixed for your hair",
        },
        "details": {
            "description": (
                "Plant colour goes **around** the hair and not into it. It grows out without an edge, and it takes time: bring a book.\n\n"
                "It makes hair darker or warmer, never lighter. If you want to go lighter, write to me first."
            ),
            "included": "Strand test\nColour and rest\nWash and blow-dry",
            "places": ["provider"],
            "location": "Berlin-Neukölln",
        },
        "price": {"price_kind": "from", "price_minor": "95.00", "currency": "EUR", "duration_minutes": "150"},
    },
    "meadow",
    ["Dried henna and indigo", "Colour at rest"],
)

ADVICE = Told(
    {
        "basics": {
            "name": "Hair advice by video",
            "service_type": "beauty",
            "summary": "Half an hour about what your hair could do, before you book anything",
        },
        "details": {
            "description": "Send me **three photos** in daylight: front, side and back. We talk, and you get a written plan the day after.",
            "included": "Half an hour by video\nA plan in writing",
            "places": ["online"],
        },
        "price": {"price_kind": "fixed", "price_minor": "25.00", "currency": "EUR", "duration_minutes": "30"},
    },
    "dusk",
    ["Evening light, as in the video room"],
)

BRIDAL = Told(
    {
        "basics": {"name": "Wedding hair", "service_type": "hair", "summary": "A trial, the day itself, and nerves of steel"},
        "details": {
            "description": "Two appointments: we try everything out three weeks before, and on the day I come to you.",
            "included": "Trial appointment\nPins, bands and spray\nTravel inside Berlin",
            "places": ["provider", "client"],
            "location": "Berlin and Potsdam",
        },
        "price": {"price_kind": "fixed", "price_minor": "260.00", "currency": "EUR", "duration_minutes": "180"},
    },
    "dawn",
    ["Early light on the day"],
)

BEARD = Told(
    {
        "basics": {"name": "Beard trim", "service_type": "hair", "summary": "Hot towel, scissors, oil"},
        "details": {"description": "Half an hour, no machine"},
    }
)

WORKSHOP = Told(
    {
        "basics": {
            "name": "Braiding workshop for parents",
            "service_type": "hair",
            "summary": "Three braids in two hours, children welcome",
        },
        "details": {
            "description": "Bring a child with hair and half a litre of patience. We practise three braids that hold a school day.",
            "places": ["provider"],
            "location": "",
        },
    },
    "dusk",
    ["The room on a Sunday"],
)

UPDO = Told({"basics": {"name": "Evening updo", "service_type": "hair", "summary": ""}})
