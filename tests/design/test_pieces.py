"""The pieces say in words what they show in colour, keep their place, and never let typed text become markup."""

from types import SimpleNamespace

import pytest

from tests.design.conftest import Draw

EVIL = '"><script>alert(1)</script>'


def _step(state: str, is_current: bool = False) -> SimpleNamespace:
    return SimpleNamespace(key="basics", number=1, title="Basics", url="/basics", state=state, is_current=is_current)


def _media(**given: object) -> SimpleNamespace:
    shown = {
        "id": "m1",
        "name": "window.jpg",
        "size_text": "2 MB",
        "kind": "photo",
        "state": "ready",
        "thumb_url": "",
        "alt": "",
    }
    return SimpleNamespace(**(shown | {"status_text": "Ready", "percent": 0} | given))


def _photo(name: str) -> SimpleNamespace:
    return SimpleNamespace(
        url=f"/{name}", src=f"/{name}-800.jpg", srcset="", srcset_webp=f"/{name}.webp 800w", width=800, height=600, alt=""
    )


@pytest.mark.parametrize(
    ("state", "words"),
    [("done", "Done"), ("started", "Started"), ("missing", "Something missing"), ("untouched", "Not started")],
)
def test_a_step_says_its_state_in_words(draw: Draw, state: str, words: str) -> None:
    assert words in draw("{{ wizard.step_nav(steps) }}", steps=[_step(state)]).words


def test_the_current_step_is_marked_for_a_screen_reader(draw: Draw) -> None:
    page = draw("{{ wizard.step_nav(steps) }}", steps=[_step("done"), _step("started", is_current=True)])
    assert [link.get("aria-current") for link in page.all("a")] == [None, "step"]


def test_a_failed_save_is_an_alert_and_a_good_one_is_not(draw: Draw) -> None:
    assert draw("{{ wizard.save_status('failed', 'Not saved') }}").one("p", role="alert")
    assert not draw("{{ wizard.save_status('saved', 'Saved 14:02') }}").all("p", role="alert")


def test_a_missing_answer_offers_to_add_it_and_says_which(draw: Draw) -> None:
    page = draw(
        '{% call ui.summary_list() %}{{ ui.summary_row("Price", change_url="/price", missing="No price yet") }}{% endcall %}'
    )
    assert " ".join("".join(page.one("a").itertext()).split()) == "Add Price"


def test_pictures_of_a_gallery_say_their_size_so_that_nothing_moves(draw: Draw) -> None:
    page = draw("{{ media.gallery(photos) }}", photos=[_photo("one"), _photo("two")])
    assert [(img.get("width"), img.get("height")) for img in page.all("img")] == [("800", "600")] * 2


def test_only_the_first_picture_of_a_gallery_is_fetched_at_once(draw: Draw) -> None:
    page = draw("{{ media.gallery(photos) }}", photos=[_photo("one"), _photo("two")])
    assert [img.get("loading") for img in page.all("img")] == [None, "lazy"]


def test_a_picture_without_description_is_still_named(draw: Draw) -> None:
    assert draw("{{ media.gallery(photos) }}", photos=[_photo("one")]).one("img").get("alt") == "Photo 1"


@pytest.mark.parametrize(
    "source",
    [
        "{{ ui.card(m.name, '/x') }}{{ ui.badge(m.name) }}{{ ui.avatar(m.name) }}{{ ui.progress(1, 2, m.name) }}",
        "{% call ui.notice('info', m.name) %}{{ m.name }}{% endcall %}{{ ui.summary_row(m.name, m.name, '/x') }}",
        "{% call ui.dialog('d', m.name) %}x{% endcall %}{{ ui.empty_state(m.name, m.name) }}{{ wizard.save_status('saved', m.name) }}",
    ],
)
def test_names_never_become_markup(draw: Draw, source: str) -> None:
    page = draw(source, m=_media(name=EVIL, alt=EVIL, status_text=EVIL))
    assert not page.all("script")
    assert "alert(1)" in page.text


def test_pagination_leaves_out_the_way_that_does_not_exist(draw: Draw) -> None:
    assert [link.get("rel") for link in draw("{{ ui.pagination(older_url='/2') }}").all("a")] == ["next"]


def test_a_dialog_is_named_by_its_title_and_can_be_closed(draw: Draw) -> None:
    page = draw("{% call ui.dialog('ask', 'Delete it?') %}<p>For good.</p>{% endcall %}")
    title = page.by_id(page.one("dialog").get("aria-labelledby") or "")
    assert title is not None
    assert title.text == "Delete it?"
    assert page.one("form", method="dialog") is not None
