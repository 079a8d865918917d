"""The way through the wizard, computed from the answers."""

from typing import Any

from app.wizard import journey, steps
from app.wizard.journey import Mark

ALL = {"basics", "details", "price", "availability"}


def answer(complete: bool, **typed: str) -> dict[str, Any]:
    return {"typed": {name: [text] for name, text in (typed or {"name": "x"}).items()}, "version": 1, "complete": complete}


def marks(answers: dict[str, Any], filled: list[str] | None = None) -> dict[str, Mark]:
    return {stop.key: stop.mark for stop in journey.of(steps.STEPS, answers, filled or []).stops}


def test_an_untouched_step_is_missing() -> None:
    assert marks({})["basics"] == Mark.MISSING


def test_an_untouched_step_that_may_be_skipped_is_optional() -> None:
    assert marks({})["availability"] == Mark.OPTIONAL


def test_a_step_with_text_that_is_not_complete_is_started() -> None:
    assert marks({"basics": answer(False)})["basics"] == Mark.STARTED


def test_a_complete_step_is_done() -> None:
    assert marks({"basics": answer(True)})["basics"] == Mark.DONE


def test_choices_that_the_form_makes_itself_do_not_start_a_step() -> None:
    assert marks({"price": answer(False, price_kind="fixed", currency="EUR")})["price"] == Mark.MISSING


def test_the_media_step_is_done_once_a_file_is_there() -> None:
    assert marks({}, ["media"])["media"] == Mark.DONE


def test_the_media_step_without_files_stays_optional_whatever_was_typed() -> None:
    assert marks({"media": answer(True, cover="gone")})["media"] == Mark.OPTIONAL


def test_resume_leads_to_the_first_step_that_lacks_something() -> None:
    assert journey.of(steps.STEPS, {"basics": answer(True)}).resume == "details"


def test_resume_prefers_what_is_needed_over_what_is_optional() -> None:
    assert journey.of(steps.STEPS, {key: answer(True) for key in ("basics", "price", "availability")}).resume == "details"


def test_resume_offers_what_is_optional_when_nothing_else_is_missing() -> None:
    assert journey.of(steps.STEPS, {key: answer(True) for key in ALL}).resume == "media"


def test_resume_leads_to_the_review_when_everything_is_there() -> None:
    assert journey.of(steps.STEPS, {key: answer(True) for key in ALL}, ["media"]).resume == "review"


def test_progress_counts_what_is_done() -> None:
    way = journey.of(steps.STEPS, {"basics": answer(True), "details": answer(False)})
    assert (way.done, way.total) == (1, 5)


def test_the_first_step_has_nothing_before_it() -> None:
    assert journey.of(steps.STEPS, {}).before("basics") is None


def test_after_the_last_step_comes_the_review() -> None:
    assert journey.of(steps.STEPS, {}).after("media") == "review"
