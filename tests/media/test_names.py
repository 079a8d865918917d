"""File names come from devices and from anybody who writes a request."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.media.names import LONGEST, clean

ANYTHING = st.text(st.characters(exclude_categories=[]), max_size=400)


@given(ANYTHING)
def test_a_name_can_always_be_stored_and_shown(name: str) -> None:
    cleaned = clean(name)
    assert 0 < len(cleaned) <= LONGEST
    cleaned.encode()
    assert not {"/", "\\"} & set(cleaned)
    assert not [each for each in cleaned if unicodedata.category(each) in {"Cc", "Cs"}]
    assert cleaned not in {".", ".."}


@given(ANYTHING)
def test_a_clean_name_stays_as_it_is(name: str) -> None:
    assert clean(clean(name)) == clean(name)


@given(st.text(max_size=400), st.sampled_from(["jpg", "jpeg", "pdf", "webm"]))
def test_a_name_that_is_too_long_keeps_its_ending(stem: str, ending: str) -> None:
    assert clean(f"a{stem}".replace("/", "").replace("\\", "") + f".{ending}").endswith(f".{ending}")


@pytest.mark.parametrize(
    ("name", "cleaned"),
    [
        ("photo.jpg", "photo.jpg"),
        ("C:\\Users\\Ada\\photo.jpg", "photo.jpg"),
        ("../../etc/passwd", "passwd"),
        ("Прайс лист.pdf", "Прайс лист.pdf"),
        ("写真.png", "写真.png"),
        ("👩‍🎨.png", "👩‍🎨.png"),
        ("photo\u202egpj.exe", "photogpj.exe"),
        ("a\x00b\nc.jpg", "abc.jpg"),
        ("\ud800.jpg", "jpg"),
        ("..", "file"),
        ("", "file"),
    ],
)
def test_what_stays_of_a_name(name: str, cleaned: str) -> None:
    assert clean(name) == cleaned
