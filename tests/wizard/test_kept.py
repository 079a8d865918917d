"""Text that a browser kept: only its own account can read it, and putting it back loses neither side."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest

from app.providers import local
from app.services.models import Service
from app.wizard import answers, kept, steps
from app.wizard.context import Context
from app.wizard.kept import CopyOrigin
from app.wizard.typed import LONGEST, Typed
from tests import factories
from tests.strict import StrictClient

BASICS = {"name": ["Haircut"], "service_type": ["hair"], "summary": ["Wash and cut"]}


def answer(typed: Typed, version: int = 1) -> dict[str, Any]:
    """A step's text as it is saved."""
    return answers.BLANK | {"typed": typed, "version": version, "saved_at": "2026-11-24T14:00:00+00:00"}


def sent(typed: Typed) -> str:
    return urlencode([(name, text) for name, texts in typed.items() for text in texts])


def test_two_accounts_have_different_keys(ada: Any, boris: Any) -> None:
    assert local.key("secret", ada.id) != local.key("secret", boris.id)


def test_another_secret_makes_another_key(ada: Any) -> None:
    assert local.key("secret", ada.id) != local.key("other", ada.id)


def test_the_name_of_a_copy_is_not_the_key(ada: Any) -> None:
    assert local.tag("secret", ada.id) not in local.key("secret", ada.id)


def test_what_a_browser_sent_is_read_like_a_save() -> None:
    assert kept.words(sent({"name": ["ä & b", "\x00"], "csrf_token": ["x"], "version": ["3"]})) == {"name": ["ä & b", "\x00"]}


@pytest.fixture
def parts(draft: Service, look: Callable[..., Context]) -> Callable[..., list[str]]:
    """The names of what differs in a step."""

    def find(key: str, saved: Typed, mine: Typed, base: Typed | None = None) -> list[str]:
        found = kept.differences(look(draft.id), steps.find(key), answer(saved), mine, CopyOrigin(base))
        return [each.part for each in found]

    return find


def test_only_what_differs_is_to_be_decided(parts: Callable[..., list[str]]) -> None:
    assert parts("basics", BASICS, BASICS | {"summary": ["Wash only"]}) == ["summary"]


def test_nothing_and_an_empty_text_are_the_same(parts: Callable[..., list[str]]) -> None:
    assert parts("basics", {}, {"name": [""]}) == []


def test_the_ends_of_lines_are_no_difference(parts: Callable[..., list[str]]) -> None:
    assert parts("details", {"description": ["a\r\nb"]}, {"description": ["a\nb"]}) == []


def test_a_blank_line_is_a_difference(parts: Callable[..., list[str]]) -> None:
    assert parts("details", {"description": ["a\nb"]}, {"description": ["a\n\nb"]}) == ["description"]


def test_what_the_browser_did_not_touch_is_not_asked(parts: Callable[..., list[str]]) -> None:
    base = BASICS
    saved = BASICS | {"name": ["Changed elsewhere"]}
    mine = BASICS | {"summary": ["Typed here"]}
    assert parts("basics", saved, mine, base) == ["summary"]


def test_all_packages_are_one_decision(parts: Callable[..., list[str]]) -> None:
    rows = {"packages-0-name": ["Long"], "packages-1-name": ["Short"]}
    assert parts("price", {}, rows) == ["packages"]


def test_a_day_is_one_decision(parts: Callable[..., list[str]]) -> None:
    assert parts("availability", {}, {"mon-opens": ["09:00"], "mon-closes": ["12:00"]}) == ["mon"]


def test_a_day_is_shown_as_hours(draft: Service, look: Callable[..., Context]) -> None:
    typed = {"mon-opens": ["09:00"], "mon-closes": ["12:00"], "mon-reopens": ["13:00"], "mon-recloses": [""]}
    found = kept.differences(look(draft.id), steps.find("availability"), answer({}), typed)
    assert (str(found[0].label), found[0].kept) == ("Monday", ("09:00–12:00", "13:00–"))


def test_text_of_a_field_that_is_gone_is_not_dropped_silently(draft: Service, look: Callable[..., Context]) -> None:
    found = kept.differences(look(draft.id), steps.find("basics"), answer({}), {"parking": ["Behind the house"]})
    assert [(each.part, each.kept) for each in found] == [("parking", ("Behind the house",))]


def test_putting_back_takes_the_chosen_parts_alone() -> None:
    saved = {"packages-0-name": ["Old"], "packages-1-name": ["Older"], "price_minor": ["5"]}
    mine = {"packages-0-name": ["New"], "price_minor": ["6"]}
    assert kept.put_back(steps.find("price"), saved, mine, {"packages"}) == {"packages-0-name": ["New"], "price_minor": ["5"]}


KEPT = BASICS | {"name": ["Kept"]}
OTHERS = BASICS | {"name": ["Newer"]}


@pytest.mark.parametrize(
    ("saved", "origin", "is_newer"),
    [
        (answer(BASICS, 3), CopyOrigin(BASICS, 3), True),
        # Another part was saved since, and this one is as it was.
        (answer(BASICS | {"summary": ["Newer"]}, 4), CopyOrigin(BASICS, 3), True),
        (answer(OTHERS, 4), CopyOrigin(BASICS, 3), False),
        # A version that was used twice.
        (answer(OTHERS, 3), CopyOrigin(BASICS, 3), False),
        # A browser that doesn't know the words tells by the version alone.
        (answer(BASICS, 3), CopyOrigin(None, 3), True),
        (answer(BASICS, 4), CopyOrigin(None, 3), False),
        # A page from before it sent the version tells by the words alone.
        (answer(BASICS, 3), CopyOrigin(BASICS, None), True),
        (answer(OTHERS, 3), CopyOrigin(BASICS, None), False),
        (answer(BASICS, 3), CopyOrigin(None, None), False),
        # Nothing was ever saved.
        (answers.BLANK, CopyOrigin(None, None), True),
        # Both texts were being compared when the page went.
        (answer(OTHERS, 4), CopyOrigin(OTHERS, 4, ["name"]), False),
    ],
)
def test_the_kept_text_is_newer_where_nothing_was_saved_since(
    draft: Service, look: Callable[..., Context], saved: dict[str, Any], origin: CopyOrigin, is_newer: bool
) -> None:
    found = kept.differences(look(draft.id), steps.find("basics"), saved, KEPT, origin)
    assert [each.is_newer for each in found if each.part == "name"] == [is_newer]


@pytest.fixture
def keep(as_ada: StrictClient, draft: Service, path: Callable[..., str]) -> Callable[..., Any]:
    """Show the server what the browser kept of the first step."""
    factories.service_type()

    def post(typed: Typed, **more: str) -> Any:
        return as_ada.post(f"{path(draft, 'basics')}/kept", data={"kept": sent(typed)} | more)

    return post


def test_the_comparison_shows_both(keep: Callable[..., Any], draft: Service, save: Callable[..., Any]) -> None:
    save(draft.id, "basics", BASICS)
    page = keep(BASICS | {"name": ["Kept on the train"]}).page
    assert "Haircut" in page.words
    assert "Kept on the train" in page.words


def test_what_is_saved_by_now_needs_no_comparison(keep: Callable[..., Any], draft: Service, save: Callable[..., Any]) -> None:
    save(draft.id, "basics", BASICS)
    assert keep(BASICS).status_code == 204


def test_restoring_saves_what_was_chosen(
    keep: Callable[..., Any], draft: Service, save: Callable[..., Any], look: Callable[..., Context]
) -> None:
    save(draft.id, "basics", BASICS)
    mine = {"name": ["Kept"], "service_type": ["hair"], "summary": ["Not wanted"]}
    given = {"action": "restore", "version": "1", "choice-name": "kept", "choice-summary": "saved"}
    assert keep(mine, **given).status_code == 204
    answer = answers.of(look(draft.id))["basics"]
    assert (answer["typed"], answer["version"]) == (BASICS | {"name": ["Kept"]}, 2)


def checked(page: Any) -> list[str]:
    return [each.get("value", "") for each in page.all("input", type="radio") if each.get("checked") is not None]


def test_text_that_is_newer_than_what_is_saved_is_chosen_beforehand(
    keep: Callable[..., Any], draft: Service, save: Callable[..., Any]
) -> None:
    save(draft.id, "basics", BASICS)
    assert checked(keep(KEPT, base=sent(BASICS), version="1").page) == ["kept"]


@pytest.mark.parametrize("at", ["1", "4102444800000"])
def test_nothing_is_chosen_beforehand_where_something_was_saved_since_whatever_the_clock_says(
    keep: Callable[..., Any], draft: Service, save: Callable[..., Any], at: str
) -> None:
    save(draft.id, "basics", BASICS)
    save(draft.id, "basics", OTHERS)
    assert checked(keep(KEPT, base=sent(BASICS), version="1", at=at).page) == []


@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 30, "²"])
def test_a_version_that_is_none_does_no_harm(
    keep: Callable[..., Any], draft: Service, save: Callable[..., Any], version: str
) -> None:
    save(draft.id, "basics", BASICS)
    assert checked(keep(KEPT, version=version).page) == []


@pytest.fixture
def undecided(keep: Callable[..., Any], draft: Service, save: Callable[..., Any]) -> Any:
    """The answer to a choice that left out one of two parts."""
    save(draft.id, "basics", BASICS)
    save(draft.id, "basics", OTHERS)
    given = {"action": "restore", "version": "2", "typed_on": "1", "base": sent(BASICS), "choice-summary": "kept"}
    return keep(KEPT | {"summary": ["Kept too"]}, **given)


def test_a_part_without_a_choice_is_asked_in_words(undecided: Any) -> None:
    assert undecided.status_code == 409
    assert "Choose one of the two texts." in "".join(undecided.page.by_id("choice-name-error").itertext())
    assert undecided.page.by_id("choice-summary-error") is None


def test_a_choice_that_leaves_a_part_out_saves_nothing(undecided: Any, draft: Service, look: Callable[..., Context]) -> None:
    assert answers.of(look(draft.id))["basics"]["typed"] == OTHERS


def test_what_was_chosen_stays_chosen(undecided: Any) -> None:
    assert checked(undecided.page) == ["kept"]


def test_the_question_keeps_what_the_text_grew_out_of(undecided: Any) -> None:
    hidden = {each.get("name"): each.get("value") for each in undecided.page.all("input", type="hidden")}
    assert (hidden["typed_on"], hidden["version"], hidden["base"]) == ("1", "2", sent(BASICS))


@pytest.fixture
def overlong(keep: Callable[..., Any], draft: Service, save: Callable[..., Any]) -> Any:
    """The answer to a choice of two kept texts, one of which is too long to be saved."""
    save(draft.id, "basics", BASICS)
    given = {"action": "restore", "version": "1", "choice-name": "kept", "choice-summary": "kept"}
    return keep(KEPT | {"summary": ["x" * (LONGEST + 1)]}, **given)


def test_a_kept_text_that_is_too_long_is_told_so_beside_it(overlong: Any) -> None:
    assert overlong.status_code == 422
    assert "This text is too long to be saved." in "".join(overlong.page.by_id("choice-summary-error").itertext())
    assert overlong.page.by_id("choice-name-error") is None


def test_a_kept_text_that_is_too_long_is_shown_with_what_was_chosen(overlong: Any) -> None:
    assert checked(overlong.page) == ["kept", "kept"]


def test_a_kept_text_that_is_too_long_saves_nothing(overlong: Any, draft: Service, look: Callable[..., Context]) -> None:
    assert answers.of(look(draft.id))["basics"]["typed"] == BASICS


def test_restoring_onto_something_newer_compares_again(
    keep: Callable[..., Any], draft: Service, save: Callable[..., Any], look: Callable[..., Context]
) -> None:
    save(draft.id, "basics", BASICS)
    save(draft.id, "basics", BASICS | {"name": ["Newer"]})
    response = keep({"name": ["Kept"]}, action="restore", version="1", **{"choice-name": "kept"})
    assert response.status_code == 409
    assert "Newer" in response.page.words
    assert answers.of(look(draft.id))["basics"]["typed"]["name"] == ["Newer"]


@pytest.mark.parametrize("moment", ["", "x", "-1", "9" * 14, "9" * 30, "²"])
def test_a_moment_that_is_none_does_no_harm(keep: Callable[..., Any], moment: str) -> None:
    assert keep(BASICS, at=moment).status_code == 200


def test_another_account_cannot_compare(as_boris: StrictClient, draft: Service, path: Callable[..., str]) -> None:
    assert as_boris.post(f"{path(draft, 'basics')}/kept", data={"kept": "name=x"}).status_code == 404


def test_a_page_of_another_account_is_told_so(
    as_boris: StrictClient, ada: Any, draft: Service, path: Callable[..., str], look: Callable[..., Context]
) -> None:
    headers = {"X-Account": local.tag("only-for-tests", ada.id), "X-CSRFToken": as_boris.token(), "HX-Request": "true"}
    response = as_boris.put(path(draft, "basics"), data={"name": "Ada's words", "version": "0"}, headers=headers)
    assert response.status_code == 403
    assert answers.of(look(draft.id)) == {}


def test_a_draft_that_is_gone_is_gone_for_its_own_account(as_ada: StrictClient, ada: Any, boris: Any) -> None:
    others = factories.draft(boris)
    headers = {"X-Account": local.tag("only-for-tests", ada.id), "X-CSRFToken": as_ada.token()}
    assert as_ada.put(f"/drafts/{others.id}/basics", data={"version": "0"}, headers=headers).status_code == 404
