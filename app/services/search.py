"""Finding listings by their words, the same on every database: both sides are folded in Python, so no collation or extension is needed."""

import unicodedata

from sqlalchemy import ColumnElement, and_, or_

from app import folding
from app.services.models import Service

#: A longer query is cut: nobody types more to find a hairdresser.
LONGEST = 100
MOST_WORDS = 8
APOSTROPHES = {"'", "’", "ʼ", "`", "´"}


def fold(text: str) -> str:
    """The words of a text as they are compared: no case, accents or punctuation, one space between. "Café «Zoë's»" is "cafe zoes".

    Folding keeps letters, digits and symbols such as emoji alone, so a folded word never holds a wildcard of LIKE, a NUL or a lone surrogate.
    """
    return " ".join("".join(map(_kept, folding.letters(text))).split())


def _kept(character: str) -> str:
    """The character; nothing for what only adorns or joins its neighbours; a space for what separates them."""
    category = unicodedata.category(character)
    if category == "Cf" or character in APOSTROPHES:
        return ""
    return character if category[0] in "LNM" or category == "So" else " "


def typed(query: str) -> str:
    """What a visitor typed, without what can't be typed: cut to `LONGEST` characters, and nothing that no text may hold (U+0000, U+FFFF)."""
    return "".join(" " if unicodedata.category(each) in {"Cc", "Cs", "Cn"} else each for each in query[:LONGEST])


def words(query: str) -> list[list[str]]:
    """What to look for, of whatever was typed: for each word the ways to write it."""
    found = [list(dict.fromkeys([fold(each), fold(folding.spelled_out(each))])) for each in query[:LONGEST].split()]
    return [each for ways in found for each in _split(ways)][:MOST_WORDS]


def _split(ways: list[str]) -> list[list[str]]:
    """Punctuation inside of what was typed as one word parts it into several."""
    return [list(dict.fromkeys(each)) for each in zip(*(way.split() for way in ways), strict=False)]


def text_of(service: Service, provider_name: str, type_names: str) -> str:
    """What a listing is found by. Written to `search_text` when it is published, and when its provider or type is renamed."""
    text = " ".join((service.name or "", service.summary or "", service.location or "", type_names, provider_name))
    plain, spelled = fold(text), fold(folding.spelled_out(text))
    known = set(plain.split())
    return " ".join([plain, *dict.fromkeys(each for each in spelled.split() if each not in known)])


def matches(query: str) -> ColumnElement[bool]:
    """The condition that every word occurs in the listing, in any order, and "Muenchen" where it says "München" or the other way round."""
    return and_(True, *(or_(*(Service.search_text.contains(way, autoescape=True) for way in ways)) for ways in words(query)))
